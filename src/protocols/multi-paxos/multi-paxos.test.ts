import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Group } from '../../../test/simulation/group.ts';
import { address } from '../../kernel/index.ts';
import { InvariantViolation, linksBetween, oneWay } from '../../sim/index.ts';
import { slotAfter } from './log.ts';
import { membershipOf } from './membership.ts';
import { Replica } from './replica.ts';

/** So small that logs are cut and snapshots travel after a few commands. */
const SMALL = { flushBytes: 2_000, flushMs: 300, retainedBytes: 1_000, pageBytesMax: 400, batchBytesMax: 300 };

function write(group: Group, node: string, count: number): void {
  for (let index = 0; index < count; index += 1) group.execute(node, `command ${index}`);
}

describe('a Multi-Paxos group', () => {
  test('executes the commands of all clients in one order', () => {
    const group = new Group('abc');
    const calls = ['a', 'b', 'c', 'a', 'b', 'c'].map((node, index) => group.command(node, index));
    for (const call of calls) assert.equal(group.outcome(call).type, 'answered');
    group.run(1_000);
    const [first, ...others] = ['a', 'b', 'c'].map((node) => group.journal(node));
    assert.deepEqual([...(first ?? [])].sort(), [0, 1, 2, 3, 4, 5]);
    for (const other of others) assert.deepEqual(other, first);
  });

  test('of one node needs nobody else', () => {
    const group = new Group('a');
    assert.equal(group.execute('a', 'alone'), 1);
    assert.ok(group.sim.nowMs < 300, `it waited for ${group.sim.nowMs} ms`);
  });

  test('without a quorum says that a command was not executed, if it certainly was not', () => {
    const group = new Group('abc');
    group.run(1);
    group.sim.crash('b');
    group.sim.crash('c');
    assert.deepEqual(group.outcome(group.command('a', 1, 2_000)), { type: 'unavailable', id: 1, reason: 'noLeader' });
  });

  test('says that the outcome is unknown when a command was proposed and its leader cut off', () => {
    const group = new Group('abc');
    const leader = group.lead();
    group.execute(leader, 'before');
    group.sim.partition(linksBetween([leader], group.others(leader)));
    const call = group.command(leader, 'lost?', 2_000);
    group.run(10);
    assert.equal(group.outcome(call).type, 'unknownOutcome');
  });

  test('gives a retried command its first reply, after the leader that executed it is gone', () => {
    const group = new Group('abc');
    const leader = group.lead();
    const [client = ''] = group.others(leader);
    group.execute(client, 'first');
    // The answers are lost, and the leader with them; the client asks the next leader again.
    const cut = group.sim.partition([[leader, client]]);
    const call = group.command(client, 'second', 20_000);
    group.run(500);
    group.sim.crash(leader);
    group.sim.heal(cut);
    assert.deepEqual(group.outcome(call), { type: 'answered', id: call, reply: 2 });
    group.run(1_000);
    assert.deepEqual(group.journal(client), ['first', 'second']);
  });
});

describe('a leader', () => {
  test('reads without a message while it holds the lease, and not after', () => {
    const group = new Group('abc');
    const leader = group.lead();
    group.execute(leader, 'before');
    group.run(200);
    group.sim.partition(linksBetween([leader], group.others(leader)));
    const within = group.query(leader);
    group.run(5);
    assert.equal(group.outcomes.get(within)?.type, 'answered');
    group.run(1_500);
    assert.equal(group.outcome(group.query(leader, 'linearizable', 1_000)).type, 'unavailable');
  });

  test('without leases reads after a quorum acknowledged a heartbeat', () => {
    const group = new Group('abc', { timing: { leaseMs: 0 } });
    const leader = group.lead();
    group.execute(leader, 'before');
    assert.deepEqual(group.outcome(group.query(leader)), { type: 'answered', id: 2, reply: ['before'] });
    group.sim.partition(linksBetween([leader], group.others(leader)));
    assert.equal(group.outcome(group.query(leader, 'linearizable', 1_000)).type, 'unavailable');
  });

  test('that goes hands over at once', () => {
    const group = new Group('abc');
    const leader = group.lead();
    group.run(500);
    group.toReplica(leader, { type: 'abdicate' });
    group.run(100);
    const [heir = ''] = group.leaders();
    assert.notEqual(heir, leader);
    assert.ok(group.replica(heir).holdsLease(group.sim.clockMs(heir)));
  });

  test('goes on proposing after it learned from another that its proposals are chosen', () => {
    const group = new Group('abc', { limits: { pipelineSlotsMax: 1 } });
    const leader = group.lead();
    const [other = ''] = group.others(leader);
    group.execute(leader, 'first');
    const deaf = group.sim.partition(oneWay({ from: group.others(leader), to: [leader] }));
    const call = group.command(leader, 'second');
    group.run(20);
    const vote = group.replica(other).log.get(slotAfter(group.replica(leader).chosen));
    assert.ok(vote !== undefined);
    const { ballot, slot, value } = vote;
    group.toReplica(leader, { type: 'learn', ballot, from: slot, values: [value], chosen: slot });
    group.run(5);
    group.sim.heal(deaf);
    assert.deepEqual(group.outcome(call), { type: 'answered', id: call, reply: 2 });
    assert.equal(group.execute(leader, 'third'), 3);
    assert.equal(group.replica(leader).promised.round, ballot.round);
  });

  test('goes when it is heard and hears nobody, so that another is elected', () => {
    const group = new Group('abc');
    const leader = group.lead();
    group.execute(leader, 'before');
    group.sim.partition(group.others(leader).map((other) => [other, leader] as const));
    group.run(5_000);
    const next = group.lead();
    assert.notEqual(next, leader);
    assert.equal(group.execute(next, 'after'), 2);
  });

  test('refuses commands beyond its queue, and they are not executed', () => {
    const group = new Group('abc', { limits: { queueBytesMax: 1_000, pipelineSlotsMax: 1 } });
    const leader = group.lead();
    group.execute(leader, 'open the session');
    group.sim.partition(linksBetween([leader], group.others(leader)));
    const calls = Array.from({ length: 50 }, (_, index) => group.command(leader, index, 500));
    group.run(50);
    group.sim.heal();
    const outcomes = calls.map((call) => group.outcome(call));
    const refused = outcomes.filter((outcome) => outcome.type === 'unavailable' && outcome.reason === 'overloaded');
    assert.ok(refused.length > 20, `${refused.length} were refused`);
    group.run(2_000);
    assert.ok(group.journal(leader).length <= 1 + calls.length - refused.length);
  });
});

describe('a follower', () => {
  test('answers a linearizable read by itself once it has executed what the leader had', () => {
    const group = new Group('abc');
    const leader = group.lead();
    const [follower = ''] = group.others(leader);
    group.execute(leader, 'first');
    assert.deepEqual(group.outcome(group.query(follower)), { type: 'answered', id: 2, reply: ['first'] });
  });

  test('answers a stale read without anybody', () => {
    const group = new Group('abc');
    const leader = group.lead();
    const [follower = '', other = ''] = group.others(leader);
    group.execute(leader, 'first');
    group.run(500);
    group.sim.crash(leader);
    group.sim.crash(other);
    assert.deepEqual(group.outcome(group.query(follower, 'stale')), { type: 'answered', id: 2, reply: ['first'] });
  });

  test('stops when another value is proposed for what it has executed: somebody lost acknowledged data', () => {
    const group = new Group('abc');
    const leader = group.lead();
    const [follower = ''] = group.others(leader);
    group.execute(leader, 'acknowledged');
    group.run(1_000);
    const { chosen } = group.replica(follower);
    const { value } = group.replica(follower).log.get(chosen) ?? {};
    const propose = (proposed: unknown, round: number): void => {
      const ballot = { round, node: leader };
      const accept = { type: 'accept', ballot, slot: chosen, value: proposed, chosen };
      group.sim.deliver(follower, 'replica', accept, address(leader, 'replica'));
      group.run(10);
    };
    propose(value, 98); // as the next leader would, who does not know that it is chosen
    assert.throws(() => propose({ type: 'noop' }, 99), /a member has lost acknowledged data/);
  });

  test('that comes back from a partition disturbs nobody (pre-vote)', () => {
    const group = new Group('abc');
    const leader = group.lead();
    const [follower = ''] = group.others(leader);
    const { promised } = group.replica(leader);
    const cut = group.sim.partition(linksBetween([follower], group.others(follower)));
    group.run(20_000);
    group.sim.heal(cut);
    group.run(5_000);
    assert.deepEqual(group.leaders(), [leader]);
    assert.deepEqual(group.replica(follower).promised, promised);
  });

  test('that lags a little catches up from the log', () => {
    const group = new Group('abc');
    const leader = group.lead();
    const [follower = ''] = group.others(leader);
    group.sim.crash(follower);
    write(group, leader, 20);
    group.sim.restart(follower);
    group.run(3_000);
    assert.equal(group.journal(follower).length, 20);
    assert.equal(group.replica(leader).offer, null);
  });

  test('that lags behind the log receives a snapshot in chunks, also when most of them are lost', () => {
    const group = new Group('abc', { limits: SMALL });
    const leader = group.lead();
    const [follower = ''] = group.others(leader);
    group.sim.crash(follower);
    write(group, leader, 60);
    assert.ok(group.replica(leader).log.base > 0);
    group.sim.restart(follower);
    group.sim.degrade([[leader, follower]], { loss: 0.6, extraMs: 0 });
    group.run(20_000, () => group.journal(follower).length === 60);
    assert.deepEqual(group.journal(follower), group.journal(leader));
    assert.notEqual(group.replica(leader).offer, null);
  });

  test('keeps an adopted snapshot through a crash at any time', () => {
    for (let afterMs = 0; afterMs < 60; afterMs += 4) {
      const group = new Group('abc', { limits: SMALL });
      const leader = group.lead();
      const [follower = ''] = group.others(leader);
      group.sim.crash(follower);
      write(group, leader, 40);
      group.sim.restart(follower);
      group.run(3_000, () => group.replica(follower).adopting);
      group.run(afterMs);
      group.sim.crash(follower);
      write(group, leader, 5);
      group.sim.restart(follower);
      group.run(5_000, () => group.journal(follower).length === 45);
      assert.deepEqual(group.journal(follower), group.journal(leader));
    }
  });
});

describe('a membership', () => {
  test('grows by a learner that catches up first and votes then', () => {
    const group = new Group('abc', { limits: SMALL });
    const leader = group.lead();
    write(group, leader, 40);
    group.join('d');
    assert.equal(group.change(leader, { type: 'addLearner', node: 'd' }), null);
    assert.match(String(group.change(leader, { type: 'promote', node: 'd' })), /behind|^null$/);
    group.run(5_000, () => group.journal('d').length === 40);
    group.run(300);
    group.change(leader, { type: 'promote', node: 'd' });
    assert.deepEqual(group.replica('d').membership.voters, ['a', 'b', 'c', 'd']);
    // Four voters need three: with one down it goes on, with two it does not.
    const [first = '', second = ''] = group.others(leader, 'd');
    group.sim.crash(first);
    assert.equal(group.execute(leader, 'with three'), 41);
    group.sim.crash(second);
    assert.notEqual(group.outcome(group.command(leader, 'with two', 1_000)).type, 'answered');
  });

  test('changes one at a time', () => {
    const group = new Group('abc');
    const leader = group.lead();
    group.execute(leader, 'first');
    group.sim.partition(linksBetween([leader], group.others(leader)));
    group.toReplica(leader, {
      type: 'changeMembership',
      client: address(leader, 'nobody'),
      id: 1,
      change: { type: 'addLearner', node: 'd' },
    });
    group.run(10);
    assert.match(String(group.change(leader, { type: 'addLearner', node: 'e' })), /another change is under way/);
  });

  test('without its leader elects another at once', () => {
    const group = new Group('abc');
    const leader = group.lead();
    group.execute(leader, 'first');
    group.run(200);
    const beforeMs = group.sim.nowMs;
    const [other = ''] = group.others(leader);
    assert.equal(group.change(other, { type: 'remove', node: leader }), null);
    group.run(5_000, () => group.leaders().length === 1 && !group.leaders().includes(leader));
    assert.ok(group.sim.nowMs - beforeMs < 500, `it took ${group.sim.nowMs - beforeMs} ms`);
    assert.equal(group.execute(other, 'second'), 2);
    group.run(10_000);
    assert.notEqual(group.replica(leader).role.type, 'leader');
    assert.ok(!group.replica(other).membership.voters.includes(leader));
  });

  test('goes on without a member that is switched off as soon as its removal is answered', () => {
    const group = new Group('ab');
    const leader = group.lead();
    const [other = ''] = group.others(leader);
    group.run(200);
    assert.equal(group.change(other, { type: 'remove', node: leader }), null);
    group.sim.crash(leader);
    assert.equal(group.execute(other, 'alone'), 1);
  });

  test('lets a voter that missed its removal of all others learn of it from them', () => {
    const group = new Group('ab', { limits: SMALL });
    const leader = group.lead();
    const [other = ''] = group.others(leader);
    // The leader's word that the change is chosen is lost; the leader forgets its leadership in a crash.
    group.toReplica(leader, {
      type: 'changeMembership',
      client: address(leader, 'nobody'),
      id: 1,
      change: { type: 'remove', node: leader },
    });
    group.run(5_000, () => !group.replica(leader).membership.voters.includes(leader));
    group.sim.crash(leader);
    group.sim.restart(leader);
    assert.equal(group.execute(other, 'alone'), 1);
  });

  test('refuses what makes no sense, and says why', () => {
    const group = new Group('a');
    const leader = group.lead();
    assert.match(String(group.change(leader, { type: 'remove', node: 'a' })), /last voter/);
    assert.match(String(group.change(leader, { type: 'promote', node: 'x' })), /not a learner/);
    assert.match(String(group.change(leader, { type: 'addLearner', node: 'a' })), /member already/);
  });

  test('survives a restart of every node, and the flushes between', () => {
    const group = new Group('abc', { limits: SMALL });
    const leader = group.lead();
    const [first = '', second = ''] = group.others(leader);
    assert.equal(group.change(leader, { type: 'remove', node: first }), null);
    write(group, leader, 30);
    for (const node of ['a', 'b', 'c']) group.sim.crash(node);
    for (const node of [leader, second]) group.sim.restart(node);
    assert.equal(group.execute(second, 'after'), 31);
    assert.deepEqual(
      group.replica(second).membership.voters,
      ['a', 'b', 'c'].filter((node) => node !== first),
    );
  });

  test('with flexible quorums writes with a small quorum, and elects with a large one', () => {
    const group = new Group('abcde', { initial: membershipOf([...'abcde'], { prepare: 4, accept: 2 }) });
    const leader = group.lead();
    group.execute(leader, 'first');
    const [first = '', second = '', third = ''] = group.others(leader);
    for (const node of [first, second, third]) group.sim.crash(node);
    assert.equal(group.execute(leader, 'with two of five'), 2);
    group.sim.crash(leader);
    group.sim.restart(first);
    group.run(10_000);
    assert.deepEqual(group.leaders(), []);
    group.sim.restart(second);
    group.sim.restart(third);
    group.run(10_000);
    assert.equal(group.leaders().length, 1);
    assert.equal(group.journal(first).length, 2);
  });

  test('whose quorums need not intersect is refused', () => {
    assert.throws(() => {
      const group = new Group('abcde', { initial: membershipOf([...'abcde'], { prepare: 3, accept: 2 }) });
      group.run(1);
    }, /quorum/);
  });
});

describe('the lease', () => {
  /** A follower that hears nothing of its leader asks the third node to vote for it. */
  function cutOneLink(replica: typeof Replica): Group {
    const group = new Group('abc', { replica });
    const leader = group.lead();
    group.execute(leader, 'first');
    const [deaf = ''] = group.others(leader);
    group.sim.partition(linksBetween([leader], [deaf]));
    group.run(10_000);
    return group;
  }

  test('keeps a third node from electing another leader while it hears of the first', () => {
    assert.equal(cutOneLink(Replica).leaders().length, 1);
  });

  test('has two holders if acceptors do not honour it, and the specification says so', () => {
    class Faithless extends Replica {
      protected override isLeasedToOther(): boolean {
        return false;
      }
    }
    assert.throws(() => cutOneLink(Faithless), InvariantViolation);
  });

  test('is honoured after a crash that forgot it', () => {
    /** The voter on which the lease depends restarts just when the deaf node asks for its vote. */
    function restartVoter(replica: typeof Replica): void {
      const group = new Group('abc', { replica });
      const leader = group.lead();
      group.execute(leader, 'first');
      const [deaf = '', voter = ''] = group.others(leader);
      group.sim.partition(linksBetween([leader], [deaf]));
      for (let time = 0; time < 40; time += 1) {
        group.run(200);
        group.sim.crash(voter);
        group.sim.restart(voter);
      }
    }
    class Amnesiac extends Replica {
      protected override renewGrantAfterCrash(): void {}
    }
    restartVoter(Replica);
    assert.throws(() => restartVoter(Amnesiac), InvariantViolation);
  });
});
