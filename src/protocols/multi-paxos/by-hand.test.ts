import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { address, encode, nodeOf } from '../../kernel/index.ts';
import { HandGroup, type Parcel, run } from './by-hand.fixture.ts';

const is =
  (type: string, to?: string) =>
  (parcel: Parcel): boolean =>
    parcel.message.type === type && (to === undefined || nodeOf(parcel.to) === to);

/** Each of these runs once ended in what its name rules out. A review of the code found them, no seed ever did. */
describe('a run that nobody would draw', () => {
  // A snapshot carried no ballot, so c knew what ballot 2 had chosen, and told it as if ballot 1 had.
  test('makes no vote of an earlier ballot chosen by what a snapshot of a later one says', () => {
    const group = new HandGroup('abcde', { retainedBytes: 0 });
    group.begin('a');
    group.give('a', run(1, 'lost'));
    group.settle('a'); // proposed for slot 2, and nobody else hears of it
    group.elect('b', 'bde');
    group.give('b', run(2, 'kept'));
    group.settle('bde');
    group.heartbeat('b', 'bde');
    assert.deepEqual(group.journal('d'), ['kept']);
    group.flush('d'); // and d drops its log
    group.fire('c', 'election');
    group.settle('cd'); // c, which has missed all that, gets d's snapshot
    group.finishFlush('c');
    assert.deepEqual(group.journal('c'), ['kept']);
    group.crash('a');
    group.boot('a');
    group.nowMs += 5_000;
    group.fire('a', 'election');
    group.settle('ac'); // c tells a what is chosen
    assert.notDeepEqual(group.journal('a'), ['lost']);
  });

  // A leader learned what a later ballot had chosen, stayed leader, and said so in a heartbeat of its own ballot.
  test('lets no leader tell under its own ballot what a later one chose', () => {
    const group = new HandGroup('abcde');
    group.nowMs += 5_000;
    group.fire('a', 'election');
    group.settle('abcde', is('preVote', 'd'));
    const [slow] = group.take(is('preVote'));
    assert.ok(slow !== undefined);
    group.begin('a');
    group.give('a', run(1, 'lost'));
    group.settle('ae'); // reaches e alone
    group.elect('b', 'bcd');
    group.give('b', run(2, 'kept'));
    group.settle('bcd');
    group.heartbeat('b', 'bcd');
    group.deliver(slow); // d refuses it, which is lost, and tells what is chosen
    group.take(is('rejected'));
    group.settle('ad');
    assert.deepEqual(group.journal('a'), ['kept']);
    group.heartbeat('a', 'ae');
    assert.notDeepEqual(group.journal('e'), ['lost']);
  });

  // What is pinned was labelled with the last flush that was noted, and held one that was written since.
  test('passes no snapshot off as an older one', () => {
    const group = new HandGroup('abc', { retainedBytes: 0, batchBytesMax: 1 });
    group.begin('a');
    for (let n = 1; n <= 5; n += 1) group.give('a', run(n, `lost ${n}`));
    group.settle('a');
    group.elect('b', 'bc');
    for (let n = 11; n <= 12; n += 1) group.give('b', run(n, `kept ${n}`));
    group.settle('bc');
    group.heartbeat('b', 'bc');
    group.flush('b');
    for (let n = 13; n <= 17; n += 1) group.give('b', run(n, `kept ${n}`));
    group.settle('bc');
    group.fire('b', 'flush');
    group.settle('b');
    const flushed = group.writeFlush('b');
    group.heartbeat('b', 'ab'); // a asks for what it misses before b hears that its flush is written
    for (const done of flushed) group.give('b', done, 'replica', address('b', 'replica'));
    group.finishFlush('a');
    const kept = group.journal('b');
    assert.deepEqual(group.journal('a'), kept);
    group.crash('b');
    assert.ok(group.replica('c').chosen < group.replica('a').chosen);
    group.elect('a', 'ac'); // and what a hands on is what was chosen
    group.heartbeat('a', 'ac');
    assert.deepEqual(group.journal('c'), kept);
  });

  // Questions were numbered from 1 in each life, so a late answer to the last life was taken for one to this.
  test('answers no read by an answer to a question of an earlier life', () => {
    const group = new HandGroup('abc');
    group.begin('a');
    group.give('b', { type: 'read', id: 1, query: null, consistency: 'linearizable' });
    group.settle('abc', is('readIndexReply'));
    const [slow] = group.take(is('readIndexReply'));
    assert.ok(slow !== undefined);
    group.crash('b');
    group.boot('b');
    group.heartbeat('a', 'abc');
    group.give('a', run(1, 'written'));
    group.settle('ac');
    assert.deepEqual(group.journal('a'), ['written']);
    group.give('b', { type: 'read', id: 2, query: null, consistency: 'linearizable' });
    group.settle('b');
    group.deliver(slow);
    assert.deepEqual(group.take(is('readReply')), []);
  });

  // After a crash the lease was thought to be that of the highest ballot promised, which may be a candidate's.
  test('keeps the lease that a crashed acceptor had granted, whatever it had learned from a candidate', () => {
    const group = new HandGroup('abc');
    group.begin('a');
    group.give('a', run(1, 'first'));
    group.settle('ac'); // chosen, and b misses it
    group.heartbeat('a', 'ac');
    group.nowMs += 1_500; // longer than the lease
    group.fire('c', 'election');
    group.settle('bc', is('prepare', 'b')); // b would promise, but does not hear the question
    group.take(is('prepare'));
    group.fire('b', 'election');
    group.settle('bc', is('learn')); // b asks as well; that c tells it what is chosen is slow
    const [slow] = group.take(is('learn'));
    assert.ok(slow !== undefined);
    group.nowMs += 100;
    group.fire('a', 'heartbeat'); // a is back, and b grants it the lease
    group.settle('ab', is('fetch'));
    group.take(is('fetch'));
    group.nowMs += 250;
    group.fire('b', 'fetch');
    assert.ok(group.replica('a').holdsLease(group.nowMs));
    group.deliver(slow); // b learns slot 2 from c, at c's ballot
    group.settle('bc');
    group.crash('b');
    group.boot('b');
    group.nowMs += 300;
    group.fire('c', 'retry');
    group.settle('bc');
    group.give('c', run(2, 'second'));
    group.settle('bc');
    assert.ok(group.replica('a').holdsLease(group.nowMs));
    assert.deepEqual(group.journal('c'), ['first']);
  });

  // The network made two copies of a request; that one was refused was taken to mean that it was not executed.
  test('calls nothing unexecuted because one of two copies was refused', () => {
    const group = new HandGroup('abc');
    group.elect('a', 'abc');
    group.heartbeat('a', 'abc');
    group.give('b', { type: 'call', id: 1, body: encode('first'), timeoutMs: 10_000 }, 'gateway');
    group.settle('abc');
    group.heartbeat('a', 'abc');
    group.give('b', { type: 'call', id: 2, body: encode('second'), timeoutMs: 200 }, 'gateway');
    group.settle('b', is('request', 'a'));
    const [copy] = group.take(is('request', 'a'));
    assert.ok(copy !== undefined);
    group.deliver(copy);
    group.settle('abc', is('reply'));
    group.take(is('reply'));
    assert.deepEqual(group.journal('a'), ['first', 'second']);
    group.give('a', { type: 'abdicate' });
    group.deliver(copy);
    group.settle('ab', ({ message }) => message.type !== 'refused');
    group.nowMs += 300;
    group.fire('b', 'retry', 'gateway');
    assert.deepEqual(group.outcomes.at(-1), { type: 'unknownOutcome', id: 2 });
  });

  test('does not set the replicated clock back to that of a slower leader', () => {
    const group = new HandGroup('abc');
    group.begin('a');
    const moments: number[] = [];
    const { machine } = group.replica('c');
    const apply = machine.apply.bind(machine);
    machine.apply = (command, at) => {
      moments.push(at.timeMs);
      return apply(command, at);
    };
    group.setClockAhead('a', 30_000);
    group.give('a', run(1, 'x'));
    group.settle('ab', is('accepted'));
    group.crash('a');
    group.network = [];
    group.nowMs += 5_000;
    group.fire('b', 'election'); // b finds it, and proposes behind it before it is chosen
    group.settle('bc', is('accepted'));
    group.give('b', run(2, 'y'));
    group.settle('bc', is('accepted'));
    group.settle('bc');
    group.heartbeat('b', 'bc');
    assert.deepEqual(group.journal('c'), ['x', 'y']);
    assert.deepEqual(
      moments,
      moments.toSorted((a, b) => a - b),
    );
  });

  // A change that was found in phase 1 was made, and answered to whoever had asked for another one meanwhile.
  test('reports no membership change as made that was not', () => {
    const group = new HandGroup('abc', { pipelineSlotsMax: 1 });
    group.begin('a');
    group.give('a', run(1, 'x'));
    group.settle('ab'); // chosen by a and b; of this and the change c knows nothing
    const change = { type: 'addLearner', node: 'x' };
    group.give('a', { type: 'changeMembership', client: address('outside', 'one'), id: 1, change });
    group.settle('ab', is('accepted'));
    group.crash('a');
    group.network = [];
    group.nowMs += 5_000;
    group.fire('c', 'election');
    group.settle('bc', ({ message }) => message.type === 'accepted' || message.type === 'learn');
    group.take(is('learn'));
    assert.equal(group.replica('c').role.type, 'leader');
    const other = { type: 'addLearner', node: 'y' };
    group.give('c', { type: 'changeMembership', client: address('c', 'asker'), id: 7, change: other });
    for (let beat = 0; beat < 5; beat += 1) {
      group.settle('bc', is('membershipChanged'));
      group.nowMs += 300;
      group.fire('c', 'heartbeat');
    }
    group.settle('bc', is('membershipChanged'));
    const isMade =
      group.take(({ message }) => message.type === 'membershipChanged' && message.refused === null).length > 0;
    assert.equal(isMade, group.replica('c').membership.learners.includes('y'));
  });
});
