import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { explore } from './explore.ts';
import type { Model } from './model.ts';
import { allocator } from './models/allocator.ts';
import { alternatingBit } from './models/alternating-bit.ts';
import { clockMutex } from './models/clock-mutex.ts';
import { paxos } from './models/paxos.ts';
import { peterson } from './models/peterson.ts';
import { ringElection } from './models/ring-election.ts';
import { stabilizingRing } from './models/stabilizing-ring.ts';
import { terminationDetection } from './models/termination-detection.ts';
import { transactionCommit } from './models/transaction-commit.ts';
import { twoPhase } from './models/two-phase.ts';

/**
 * Distinct states, generated states and depth as TLC reports them, from the manifests in github.com/tlaplus/Examples at
 * commit 32a32c7 (2026-05-14). TLC's depth counts the states of a run, ours its steps. Where a state constraint bounds the
 * search, TLC does not count the states beyond it as distinct, nor do we.
 */
function counts<S, A>(model: Model<S, A>): readonly [states: number, generated: number, depth: number] {
  const { violations, states, generated, depth } = explore(model);
  assert.deepEqual(violations, []);
  return [states, generated, depth + 1];
}

describe('published specifications have as many states as published:', () => {
  test('transaction commit (transaction_commit/TCommit.cfg, 3 resource managers)', () => {
    assert.deepEqual(counts(transactionCommit(3)), [34, 94, 7]);
  });
  test('two-phase commit (transaction_commit/TwoPhase.cfg, 3 resource managers)', () => {
    assert.deepEqual(counts(twoPhase(3)), [288, 1146, 11]);
  });
  test('Paxos (PaxosHowToWinATuringAward/MCPaxosTiny.cfg, 3 acceptors, 2 ballots, 2 values)', () => {
    assert.deepEqual(counts(paxos()), [3921, 23563, 17]);
  });
  test('the alternating bit (SpecifyingSystems/TLC/MCAlternatingBit.cfg, 2 messages a channel)', () => {
    assert.deepEqual(counts(alternatingBit()), [240, 1392, 10]);
  });
  test('a ring that stabilizes itself (ewd426/TokenRing.cfg, 6 nodes)', () => {
    assert.deepEqual(counts(stabilizingRing(6)), [46656, 248832, 1]);
  });
  test('an allocator (allocator/SimpleAllocator.cfg, 3 clients, 2 resources)', () => {
    assert.deepEqual(counts(allocator(3, 2)), [400, 1633, 6]);
  });
  test('election in a ring (chang_roberts/MCChangRoberts.cfg, 3 nodes)', () => {
    assert.deepEqual(counts(ringElection(3)), [137, 227, 10]);
  });
  test('termination detection (ewd840/EWD840.cfg, 3 nodes)', () => {
    // The manifest's depth is 10, one more than breadth first finds: TLC with several workers is not strictly that.
    assert.deepEqual(counts(terminationDetection(3)), [302, 2001, 9]);
  });
  test("Peterson's mutual exclusion (locks_auxiliary_vars/Peterson.cfg)", () => {
    assert.deepEqual(counts(peterson()), [42, 77, 11]);
  });
  test('mutual exclusion by logical clocks (lamport_mutex/MCLamportMutex.cfg, 3 processes, clocks up to 6)', () => {
    assert.deepEqual(counts(clockMutex(3, 6)), [724274, 2729079, 61]);
  });
});

// Two-phase commit with more resource managers: the counts that the literature and other checkers report.
test('two-phase commit has 8,832 states with 5 resource managers and 296,448 with 7', () => {
  assert.deepEqual(counts(twoPhase(5)), [8832, 58146, 17]);
  assert.deepEqual(counts(twoPhase(7)), [296448, 2744706, 23]);
});

test('depth first and best first find the same states as breadth first', () => {
  for (const search of ['dfs', { type: 'best', score: (state: number) => state & 0xff }] as const) {
    const found = explore(twoPhase(5), { search });
    assert.deepEqual([found.verdict, found.states, found.generated], ['holds', 8832, 58146]);
  }
});
