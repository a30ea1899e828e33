import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { describe, test } from 'node:test';
import { answer } from './answer.ts';
import { answerCalls } from './calls/answer.ts';
import { CountingServer } from './calls/counting-server.ts';
import { KeyValueServer } from './calls/key-value-server.ts';
import { serverOptions } from './calls/model.ts';
import { REPORTS } from './question.ts';
import { answered, changed, possible, shipped, shippedCalls } from './shipped.fixture.ts';
import { tellAnswer } from './telling/tell.ts';

function numbers(from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, index) => String(from + index));
}

describe('the answers to the questions are those that one reasons out', () => {
  test('1: at most once, both PUTs succeed: 1', () => {
    // Success means executed once, before the report. PUT(k, 1) is sent after PUT(k, 100) has reported, so it is executed
    // after it; a copy of PUT(k, 100) that comes later is filtered. So 1 is what was written last.
    assert.deepEqual(possible(shippedCalls('1-both-succeed')), ['1']);
  });

  test('2: at most once, both PUTs time out: no key, 100 or 1', () => {
    // Each was executed once or not at all, until now or at any time later. Neither: no key. Only the first: 100; only
    // the second: 1. Both, in either order, add nothing: 100, as a late first one can come after the second, or 1.
    assert.deepEqual(possible(shippedCalls('2-both-time-out')), ['no key', '100', '1']);
  });

  test('3: ten increments, at most once, that time out: 0 to 10', () => {
    // Each counts once or not at all, whatever the others do: any number of ten.
    assert.deepEqual(possible(shippedCalls('3-counter-at-most-once')), numbers(0, 10));
  });

  test('4: ten increments, at least once, that succeed, with two deliveries at most: 10 to 20', () => {
    // Each counts once, as it succeeded, and may count once more, before or after its report: 10 and any number of ten.
    assert.deepEqual(possible(shippedCalls('4-counter-at-least-once')), numbers(10, 20));
  });

  test('5: PUTs executed on every retry, that both succeed: 100 or 1', () => {
    // 1 if no copy of PUT(k, 100) is late; 100 if one comes after PUT(k, 1). Never no key: both were executed.
    assert.deepEqual(possible(shippedCalls('5-no-filter')), ['100', '1']);
  });

  test('5, with messages that do not overtake one another: 1', () => {
    // All copies of PUT(k, 100) were sent before PUT(k, 1), so they are executed before it too.
    const question = shippedCalls('5-no-filter');
    assert.deepEqual(possible(changed(question, { network: { order: 'fifo' } })), ['1']);
  });

  test('5, never sent again: 1', () => {
    // The one copy of PUT(k, 100) was executed before it succeeded.
    assert.deepEqual(possible(changed(shippedCalls('5-no-filter'), { retries: 0 })), ['1']);
  });

  test('6: at most twice, both PUTs succeed: 10 or 20', () => {
    // The first execution of PUT(k, 10) comes before PUT(k, 20), its second may come after it.
    assert.deepEqual(possible(shippedCalls('6-at-most-twice')), ['10', '20']);
  });

  test('7: a tester may complain of a PUT that finds no key, and of a GET that does after a PUT succeeded', () => {
    // A PUT needs no key to be there, so it cannot report that none is. A PUT that succeeded was executed before, and
    // nothing removes the key. A timeout says nothing; a failure may have done it or not; and both can always happen.
    const found = answered(shippedCalls('7-may-a-tester-complain'));
    const wrong = (found.excluded ?? []).map(({ observed }) => observed.join(', '));
    assert.deepEqual(wrong, ['success, noKey', ...REPORTS.map((report) => `noKey, ${report}`)]);
    assert.equal(found.possible.length, 16 - wrong.length);
  });

  test('7, of a server that never fails: of every failure as well', () => {
    const found = answered(changed(shippedCalls('7-may-a-tester-complain'), { server: { fails: false } }));
    assert.deepEqual(
      found.possible.map(({ observed }) => observed.join(', ')),
      ['success, success', 'success, timeout', 'timeout, success', 'timeout, noKey', 'timeout, timeout'],
    );
  });

  test('8: no protocol for the two generals', () => {
    // Gray (1978): in the shortest run after which both attack, the last message did not matter to its sender.
    const found = answer(shipped('8-two-generals'), { statesMax: 1 });
    assert.ok(found.type === 'generals');
    assert.deepEqual([found.isPossible, found.useful, found.agreeing], [false, 0n, 2n * 16n]);
  });

  test('9: a server that forgets in a crash whom it answered may execute once in each life: 1 or 2', () => {
    // At least once, as it succeeded. Again only if a copy comes after the crash, and only once, as it is cached anew.
    const question = shippedCalls('9-crash');
    assert.deepEqual(possible(question), ['1', '2']);
    assert.deepEqual(possible(changed(question, { server: { cache: 'disk' } })), ['1']);
    assert.deepEqual(possible(changed(question, { server: { incarnations: true } })), ['1']);
    assert.deepEqual(possible(changed(question, { semantics: 'exactlyOnce', server: { cache: 'disk' } })), ['1']);
  });

  test('9, with a store in memory: the key may be gone, or counted from 0 again', () => {
    // Executed before the crash: gone (no key). Executed after it, or again: 1. Never 2: the first one is lost.
    const question = changed(shippedCalls('9-crash'), { server: { store: 'memory' } });
    assert.deepEqual(possible(question), ['no key', '1']);
  });

  test('10: a PUT that timed out may come after later ones that succeeded: 100 or 2', () => {
    // 2 is the last that is sure. PUT(k, 100) may be executed at any time, so also after it. PUT(k, 1) came before 2.
    assert.deepEqual(possible(shippedCalls('10-late-write')), ['100', '2']);
  });

  test('10, if requests say which calls are over: 2', () => {
    // PUT(k, 2) tells the server that PUT(k, 100) is over, as soon as it arrives.
    assert.deepEqual(possible(changed(shippedCalls('10-late-write'), { acknowledges: true })), ['2']);
  });

  test('11: what was read once does not vanish, and what was not there may still come', () => {
    assert.deepEqual(possible(shippedCalls('11-two-reads')), ['no key, no key', 'no key, 1', '1, 1']);
  });

  test('12: generals who cannot lose all of three messages have a protocol', () => {
    const found = answer(shipped('12-generals-bounded'), { statesMax: 1 });
    assert.ok(found.type === 'generals');
    assert.deepEqual(found.example, { schedule: ['A', 'A', 'A'], exceptions: [] });
  });

  test('13: a REMOVE that finds nothing after a PUT that succeeded: no key, or 1', () => {
    // A copy of the REMOVE was executed before, so nothing was left for this one. A late copy of the PUT puts 1 back.
    const question = shippedCalls('13-remove-finds-nothing');
    assert.deepEqual(possible(question), ['no key', '1']);
  });

  test('13, at most once: no execution, as the one REMOVE that is executed finds what was put', () => {
    const question = changed(shippedCalls('13-remove-finds-nothing'), {
      semantics: 'atMostOnce',
      server: { cache: 'memory' },
    });
    const { possible, contradictions } = answerCalls(question, { statesMax: 500_000 });
    assert.deepEqual(possible, []);
    const faults = contradictions.map(({ name, instead }) => [name, instead.map(({ report }) => report).join(' or ')]);
    assert.deepEqual(faults, [['REMOVE(k)', 'success or timeout']]);
  });

  test('14: an increment that is tried again by who called it is a new call: 1 or 2', () => {
    // The second succeeded, and counts once. The first counts once or not at all: the filter knows copies of one call.
    assert.deepEqual(possible(shippedCalls('14-tried-again')), ['1', '2']);
  });

  test('15: exactly once, until the caller gives up: 0 or 1, and never 2, also across a crash', () => {
    // It was executed once, or not at all, and may still be. What was counted and that it was are on disk as one.
    const question = shippedCalls('15-exactly-once-deadline');
    assert.deepEqual(possible(question), ['0', '1']);
    // Had it succeeded, it would be 1: that is what exactly once says.
    const [first, ...rest] = question.program;
    assert.ok(first !== undefined);
    assert.deepEqual(possible(changed(question, { program: [{ ...first, reported: ['success'] }, ...rest] })), ['1']);
  });

  test('16: at least once, two reads behind two PUTs can return any of both values, in any order', () => {
    // A late copy of either PUT may come before each read.
    const question = shippedCalls('16-overwritten');
    assert.deepEqual(possible(question), ['1, 1', '1, 2', '2, 1', '2, 2']);
    assert.deepEqual(possible(changed(question, { semantics: 'atMostOnce', server: { cache: 'memory' } })), ['2, 2']);
    assert.deepEqual(possible(changed(question, { network: { order: 'fifo' } })), ['2, 2']); // none is late
  });

  test('17: order and no loss do not keep an impatient client from sending a copy: 1 or 2', () => {
    // All copies of the increment arrive before the GET, and each that was sent counts.
    const question = shippedCalls('17-in-order');
    assert.deepEqual(possible(question), ['1', '2']);
    assert.deepEqual(possible(changed(question, { retries: 0 })), ['1']);
    assert.deepEqual(possible(changed(question, { semantics: 'atMostOnce', server: { cache: 'memory' } })), ['1']);
  });

  test('18: with incarnations a server may forget whom it answered: two increments that succeed are 2', () => {
    // Copies of both are meant for the life in which they were executed; without incarnations either counts again.
    const question = shippedCalls('18-incarnations');
    assert.deepEqual(possible(question), ['2']);
    assert.deepEqual(possible(changed(question, { server: { incarnations: false } })), ['2', '3', '4']);
  });

  test('each shipped question is one of these', () => {
    const files = readdirSync(new URL('../../questions', import.meta.url));
    const names = files.map((file) => Number.parseInt(file, 10)).sort((a, b) => a - b);
    assert.deepEqual(names, numbers(1, 18).map(Number));
  });
});

describe('the answers depend on the semantics of what is searched', () => {
  test('a server that filters nothing changes the first answer', () => {
    const question = shippedCalls('1-both-succeed');
    const open = possible(question, (asked) => () => {
      const { initially } = asked;
      const server = new KeyValueServer(
        { ...serverOptions(asked), filter: false },
        { initially, fails: false, disk: null },
      );
      return new Map([['', server]]);
    });
    assert.deepEqual(open, ['100', '1']);
  });

  test('a server that counts to three instead of two changes an answer at-most-twice', () => {
    const question = changed(shippedCalls('9-crash'), { semantics: 'atMostTwice', server: { crashes: 0 } });
    const counting = (executionsMax: number) =>
      possible(question, ({ initially }) => () => {
        const rules = { initially, fails: false, isCountOnDisk: false, isStoreOnDisk: false };
        return new Map([['', new CountingServer({ executionsMax, ...rules })]]);
      });
    assert.deepEqual(counting(2), ['1', '2']);
    assert.deepEqual(counting(3), ['1', '2', '3']);
  });
});

describe('reasons are computed', () => {
  test('an excluded value becomes possible with what is named as its reason', () => {
    const { excluded } = answerCalls(shippedCalls('1-both-succeed'), { statesMax: 500_000 });
    const reasons = excluded?.map(({ observed, reasons }) => [observed.join(), reasons.map((reason) => reason.if)]);
    assert.deepEqual(reasons, [
      [
        'no key',
        ['PUT(k, 100) reported timeout, and PUT(k, 1) reported timeout', 'the server crashed and lost its store'],
      ],
      [
        '"100"',
        [
          'PUT(k, 1) reported timeout',
          'the server executed every copy that arrives, for want of a filter',
          'the server crashed and lost its reply cache',
        ],
      ],
    ]);
  });

  test('two assumptions at once are relaxed where one is not enough', () => {
    // A patient client reports nothing but success, unless it may give up; and without a timeout it was executed.
    const question = changed(shippedCalls('9-crash'), { semantics: 'exactlyOnce', server: { cache: 'disk' } });
    const { excluded } = answerCalls(question, { statesMax: 500_000 });
    const zero = excluded?.find(({ observed }) => observed.join() === '"0"');
    assert.deepEqual(
      zero?.reasons.map((reason) => reason.if),
      [
        'the caller gave up at a deadline, and INCREMENT(n) reported timeout',
        'the server could report failures, and INCREMENT(n) reported failure',
      ],
    );
  });

  test('nothing makes a PUT report that there is no key', () => {
    const { excluded } = answerCalls(shippedCalls('7-may-a-tester-complain'), { statesMax: 500_000 });
    const inexplicable = excluded?.filter(({ reasons }) => reasons.length === 0).map(({ observed }) => observed[0]);
    assert.deepEqual(inexplicable, ['noKey', 'noKey', 'noKey', 'noKey']);
  });
});

test('where no reason was found, and not all was searched for one, that is said', () => {
  const told = (statesMax: number): string =>
    tellAnswer(answerCalls(shippedCalls('7-may-a-tester-complain'), { statesMax }), { why: false });
  assert.match(told(500_000), /Nothing makes it possible/);
  assert.match(told(200), /Nothing was found that makes it possible, but not all was searched/);
});

test('a search that was cut calls nothing impossible', () => {
  const found = answerCalls(shippedCalls('2-both-time-out'), { statesMax: 20 });
  assert.equal(found.excluded, null);
  assert.deepEqual(
    found.cuts.map(({ by }) => by),
    ['states'],
  );
  const told = tellAnswer(found, { why: false });
  assert.match(told, /FOUND SO FAR|NO ANSWER/);
  assert.doesNotMatch(told, /Nothing else|NOT POSSIBLE/);
});
