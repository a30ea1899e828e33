import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { answerCalls } from './calls/answer.ts';
import type { CallsQuestion } from './question.ts';
import { readQuestion } from './reading/read-question.ts';
import { possible } from './shipped.fixture.ts';
import { tellAnswer } from './telling/tell.ts';

function question(written: object): CallsQuestion {
  const read = readQuestion(JSON.stringify(written));
  assert.ok(read.type === 'calls');
  return read;
}

/** What the reads, or the calls, of a question can show. */
function shown(written: object): string[] {
  return possible(question(written));
}

function told(written: object, why = false): string {
  return tellAnswer(answerCalls(question(written), { statesMax: 500_000 }), { why });
}

function put(value: unknown, reported?: string | readonly string[]): object {
  return { put: 'k', value, ...(reported !== undefined && { reported }) };
}

function increment(reported?: string): object {
  return { increment: 'n', ...(reported !== undefined && { reported }) };
}

const GET = { get: 'k' };
const COUNT = { get: 'n' };

describe('a caller with a deadline, whose client would wait for ever', () => {
  const twice = [{ ...increment('timeout'), times: 2 }, COUNT];

  test('knows of no call that it gave up whether it is executed: exactly once is at most once to it', () => {
    // Each increment counts once or not at all: no copy of it need arrive, and those that do are filtered.
    const asked = { semantics: 'exactlyOnce', initially: { n: 0 }, deadline: true, program: twice };
    assert.deepEqual(shown(asked), ['0', '1', '2']);
  });

  test('can be asked whether it reports a timeout, which without it no call does', () => {
    const asked = { semantics: 'exactlyOnce', asks: 'outcomes', program: [put(1)] };
    assert.deepEqual(shown(asked), ['success']);
    assert.deepEqual(shown({ ...asked, deadline: true }), ['success', 'timeout']);
  });

  test('may find what it gave up executed after what came later, unless requests say what is over', () => {
    const program = [put(1, 'timeout'), put(2, 'success'), GET];
    const asked = { semantics: 'exactlyOnce', deadline: true, program };
    assert.deepEqual(shown(asked), ['1', '2']);
    // PUT(k, 2) says that PUT(k, 1) is over: from then on no copy of it is executed.
    assert.deepEqual(shown({ ...asked, acknowledges: true }), ['2']);
  });
});

describe('a server that crashes with its cache on disk', () => {
  test('answers that nobody knows, of what it had begun: a timeout, executed once or not at all', () => {
    // Whatever it remembers to have begun it never begins again. The crash came before the execution, or after it.
    const server = { cache: 'disk', crashes: 1 };
    const program = [increment('timeout'), COUNT];
    const asked = { semantics: 'atMostOnce', initially: { n: 0 }, program, server, network: { order: 'fifo' } };
    assert.deepEqual(shown(asked), ['0', '1']);
  });

  test('reports no failure for that: nothing is said to have gone wrong', () => {
    const asked = { semantics: 'atMostOnce', asks: 'outcomes', server: { cache: 'disk', crashes: 1 } };
    assert.deepEqual(shown({ ...asked, program: [increment()] }), ['success', 'timeout']);
  });
});

test('at most twice, if requests say which calls are over: a second execution does not come after a later call', () => {
  // PUT(k, 20) says that PUT(k, 10) is over as soon as it arrives; before that, PUT(k, 10) may have come twice.
  const program = [put(10, 'success'), put(20, 'success'), GET];
  const asked = { semantics: 'atMostTwice', retries: 2, program };
  assert.deepEqual(shown({ ...asked, acknowledges: true }), ['20']);
  assert.match(told({ ...asked, acknowledges: true }), /- requests did not say which calls are over\n/);
});

test('an increment of what is no whole number fails and changes nothing', () => {
  for (const text of ['abc', '', ' 5', '5.5', '1e3', '0x10', '9223372036854775807']) {
    const asked = { semantics: 'atMostOnce', initially: { n: text } };
    assert.deepEqual(shown({ ...asked, asks: 'outcomes', program: [increment()] }), ['timeout', 'failure'], text);
    const { possible: found } = answerCalls(question({ ...asked, program: [increment('failure'), COUNT] }), {
      statesMax: 9_999,
    });
    assert.deepEqual(
      found.map(({ observed }) => observed),
      [[JSON.stringify(text)]],
    );
  }
  // Numbers count beyond what a double holds exactly.
  const large = { semantics: 'atMostOnce', initially: { n: '9007199254740992' } };
  assert.deepEqual(shown({ ...large, program: [increment('success'), COUNT] }), ['9007199254740993']);
});

describe('reports of more than two calls', () => {
  const asked = { semantics: 'atMostOnce', asks: 'outcomes' };

  test('are listed where they can be: too many cannot be', () => {
    const text = told({ ...asked, program: [put(1), { remove: 'k' }, GET, GET] });
    assert.match(
      text,
      /ANSWER: these can be reported; if anything else is, .*:\n\n {2}success, success, no key, no key\n/,
    );
    assert.match(text, /There are too many values to list those that are\s+not possible/);
    assert.doesNotMatch(text, /\n {2}success, no key, /); // of two calls: the key was put, and nobody else removes it
  });

  test('are told as far as they were found, if the search was cut', () => {
    const cut = answerCalls(question({ ...asked, program: [put(1), GET, GET] }), { statesMax: 60 });
    assert.match(
      tellAnswer(cut, { why: false }),
      /FOUND SO FAR: these can be reported\. There may be more\.\n\n {2}\w+/,
    );
  });
});

test('a value that looks like something else is told in quotes', () => {
  const program = [put('no key', ['success', 'timeout']), GET];
  assert.match(
    told({ semantics: 'atMostOnce', program }),
    /ANSWER: GET\(k\) returns no key or "no key"\. Nothing else/,
  );
  assert.deepEqual(shown({ semantics: 'atMostOnce', program: [put('', 'success'), GET] }), ['""']);
});

test('a read that is known to have found the key is not said to be unable to find none', () => {
  const program = [put(1, 'timeout'), { ...GET, reported: 'success' }, GET];
  const { possible: found, excluded } = answerCalls(question({ semantics: 'atMostOnce', program }), {
    statesMax: 9_999,
  });
  assert.deepEqual(
    found.map(({ observed }) => observed.join()),
    ['"1","1"'],
  );
  assert.deepEqual(
    excluded?.map(({ observed }) => observed.join()),
    ['"1",no key'],
  );
});

describe('if no execution agrees with the reports, those at fault are found', () => {
  function faults(written: object): unknown[] {
    const { contradictions } = answerCalls(question(written), { statesMax: 100_000 });
    return contradictions.map(({ call, name, instead, isAlone, reasons }) => {
      const can = instead.map(({ report }) => report).join(' or ');
      return [call, name, can, isAlone ? 'alone' : 'with others', ...reasons.map((reason) => reason.if)];
    });
  }

  test('a PUT cannot report no key, whatever else is so', () => {
    const asked = { semantics: 'atMostOnce', program: [put(1, 'noKey'), GET] };
    assert.deepEqual(faults(asked), [[1, 'PUT(k, 1)', 'success or timeout', 'alone']]);
    const text = told(asked);
    assert.match(text, /^ANSWER: none, for no execution agrees with what is said to be reported\.$/m);
    assert.match(text, /^AT FAULT: PUT\(k, 1\), call 1, cannot report no key\. It can report success or timeout\.$/m);
    assert.match(text, /^ {2}Nothing lets it report no key: no assumption relaxed alone\.$/m);
    assert.doesNotMatch(text, /NOT POSSIBLE|candidates/);
  });

  test('an increment of a text cannot succeed, but if the text is lost', () => {
    const program = [increment('success'), COUNT];
    const asked = { semantics: 'atMostOnce', initially: { n: 'abc' }, program };
    const expected = [1, 'INCREMENT(n)', 'timeout or failure', 'alone', 'the server crashed and lost its store'];
    assert.deepEqual(faults(asked), [expected]);
    assert.match(told(asked, true), /the server rejects it: not a whole number/);
  });

  test('a report that goes with no report of an earlier call: either may be wrong', () => {
    // Nothing removes what was put: either the PUT was not executed in time, or the GET found it.
    const asked = { semantics: 'atMostOnce', program: [put(1, 'success'), { ...GET, reported: 'noKey' }, GET] };
    const reasons = ['PUT(k, 1) reported timeout', 'the server crashed and lost its store'];
    assert.deepEqual(faults(asked), [[2, 'GET(k) number 1', 'success or timeout', 'with others', ...reasons]]);
    assert.match(
      told(asked),
      /GET\(k\) number 1, call 2, cannot report no key after what the calls before it reported/,
    );
    assert.match(
      told(asked, true),
      /It could report no key if PUT\(k, 1\) reported timeout:\n\n {6}1\. The client sends PUT/,
    );
  });

  test('each of several', () => {
    const program = [{ remove: 'k', reported: 'success' }, put(1, 'success'), put(2, 'failure'), GET];
    const found = faults({ semantics: 'exactlyOnce', program });
    assert.deepEqual(found, [
      [1, 'REMOVE(k)', 'noKey', 'alone'],
      [3, 'PUT(k, 2)', 'success', 'alone', 'the server could report failures'],
    ]);
  });

  test('and no call is blamed where some execution agrees', () => {
    assert.deepEqual(faults({ semantics: 'atMostOnce', program: [put(1, ['success', 'noKey']), GET] }), []);
  });
});

describe('variants of the worked questions, reasoned out', () => {
  const both = { semantics: 'atMostOnce', retries: 2, program: [put(100, 'success'), put(1, 'success'), GET] };
  const late = { ...both, program: [put(100, 'timeout'), put(1, 'timeout'), GET] };

  test('1: what the server forgets in a crash, and what it keeps', () => {
    const crashed = (server: object): string[] => shown({ ...both, server: { crashes: 1, ...server } });
    // The crash may come after both, and a copy of PUT(k, 100) after it, which is new to a server that forgot.
    assert.deepEqual(crashed({ cache: 'memory' }), ['100', '1']);
    // That is what the cache on disk is for, and incarnations: the copy was meant for the life before.
    assert.deepEqual(crashed({ cache: 'disk' }), ['1']);
    assert.deepEqual(crashed({ incarnations: true }), ['1']);
    // With the store both PUTs are gone, and no copy is executed again unless the cache is gone too.
    assert.deepEqual(crashed({ cache: 'disk', store: 'memory' }), ['no key', '1']);
    assert.deepEqual(crashed({ incarnations: true, store: 'memory' }), ['no key', '1']);
    assert.deepEqual(crashed({ cache: 'memory', store: 'memory' }), ['no key', '100', '1']);
  });

  test('1, executed at least once, or as often as copies come: 100 too, unless there is one copy, or order', () => {
    assert.deepEqual(shown({ ...both, semantics: 'atLeastOnce' }), ['100', '1']);
    assert.deepEqual(shown({ ...both, semantics: 'maybe', retries: 0 }), ['100', '1']); // the network duplicates
    const single = { duplicates: false };
    assert.deepEqual(shown({ ...both, semantics: 'maybe', retries: 0, network: single }), ['1']);
    assert.deepEqual(shown({ ...both, server: { cache: 'none' }, retries: 0, network: single }), ['1']);
    assert.deepEqual(shown({ ...both, server: { cache: 'none' }, network: { order: 'fifo' } }), ['1']);
  });

  test('2: how often a call is sent makes no difference to what a timeout says, which is nothing', () => {
    for (const retries of [0, 1, 2, 3]) {
      for (const duplicates of [false, true]) {
        assert.deepEqual(shown({ ...late, retries, network: { duplicates } }), ['no key', '100', '1']);
      }
    }
    // In order and without loss, GET comes behind both: a timeout was no more than impatience.
    assert.deepEqual(shown({ ...late, network: { order: 'fifo', loses: false } }), ['1']);
    assert.deepEqual(shown({ ...late, network: { order: 'fifo' } }), ['no key', '100', '1']);
  });

  test('2: one success rules out less than one thinks', () => {
    // A PUT that succeeded was executed, so the key is there. The other may have come before it, after it or never.
    assert.deepEqual(shown({ ...late, program: [put(100, 'success'), put(1, 'timeout'), GET] }), ['100', '1']);
    const overtaken = { ...late, program: [put(100, 'timeout'), put(1, 'success'), GET] };
    assert.deepEqual(shown(overtaken), ['100', '1']);
    assert.deepEqual(shown({ ...overtaken, network: { order: 'fifo' } }), ['1']); // only before it
  });

  test('3: without a filter each copy counts, and with order and no loss each does for sure', () => {
    const program = [{ ...increment('timeout'), times: 3 }, COUNT];
    const asked = { semantics: 'atMostOnce', retries: 1, initially: { n: 0 }, program };
    const open = { ...asked, server: { cache: 'none' } };
    assert.deepEqual(shown({ ...open, network: { duplicates: false } }), ['0', '1', '2', '3', '4', '5', '6']);
    const sure = { order: 'fifo', loses: false, duplicates: false };
    assert.deepEqual(shown({ ...open, network: sure }), ['6']); // both copies of each were sent before it timed out
    assert.deepEqual(shown({ ...asked, network: sure }), ['3']);
    // A server that forgets once may count each once more; one that goes by incarnations counts none twice.
    assert.deepEqual(shown({ ...asked, server: { crashes: 1 } }), ['0', '1', '2', '3', '4', '5', '6']);
  });

  test('6: only one copy cannot be executed twice, and copies in order not after a later call', () => {
    const twice = { semantics: 'atMostTwice', program: [put(10, 'success'), put(20, 'success'), GET] };
    assert.deepEqual(shown({ ...twice, retries: 0, network: { duplicates: false } }), ['20']);
    assert.deepEqual(shown({ ...twice, retries: 1, network: { duplicates: false } }), ['10', '20']);
    assert.deepEqual(shown({ ...twice, network: { order: 'fifo' } }), ['20']);
  });

  test('9: once in each life of a server that forgets, if copies come in each', () => {
    const asked = { semantics: 'atMostOnce', initially: { n: 0 }, program: [increment('success'), COUNT] };
    assert.deepEqual(shown({ ...asked, server: { crashes: 2 } }), ['1', '2', '3']);
    const single = { ...asked, server: { crashes: 2 }, network: { duplicates: false } };
    assert.deepEqual(shown({ ...single, retries: 1 }), ['1', '2']);
    assert.deepEqual(shown({ ...single, retries: 0 }), ['1']);
  });
});
