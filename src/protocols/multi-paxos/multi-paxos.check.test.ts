import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Journal } from '../../../test/simulation/group.ts';
import { explore, type Input, processModel, type Result } from '../../check/index.ts';
import { type Address, type AnyProcess, address, type NodeDefinition } from '../../kernel/index.ts';
import { type Ballot, compareBallots, NO_BALLOT } from './ballot.ts';
import { membershipOf } from './membership.ts';
import type { PaxosMessage, Promised, ReplicaTimer } from './messages.ts';
import { DEFAULT_LIMITS, DEFAULT_TIMING } from './options.ts';
import { Replica } from './replica.ts';
import type { Candidate, Proposal } from './roles.ts';
import { multiPaxosSpec } from './spec.ts';

const NODES = ['a', 'b', 'c'];

/**
 * The two phases alone. Heartbeats, leases and retries only carry time, which the checker leaves out; the simulator
 * has them. Batches are proposed at once, so that no timer is needed.
 */
class Synod extends Replica {
  protected override onHeartbeatTimer(): void {}
  protected override awaitLeader(): void {}
  /** The specification has to find what is wrong, not the replica itself. */
  protected override assertSame(): void {}
  protected override setTimer(timer: ReplicaTimer): void {
    if (timer === 'propose') this.propose();
  }
}

function nodesOf(replica: typeof Synod): Map<string, NodeDefinition> {
  const timing = { ...DEFAULT_TIMING, leaseMs: 0 };
  const define: NodeDefinition = ({ node, storage }) => {
    const rows = storage('replica');
    const process = new replica(node, timing, DEFAULT_LIMITS, membershipOf(NODES), rows, new Journal(rows));
    return new Map<string, AnyProcess>([['replica', process]]);
  };
  return new Map(NODES.map((node) => [node, define]));
}

function to(node: string, message: PaxosMessage): Input {
  return { to: address(node, 'replica'), message };
}

/** Two nodes stand for the leadership, and each is asked to have a value chosen. */
const DUEL: readonly Input[] = ['a', 'c'].flatMap((node) => [
  to(node, { type: 'takeOver', released: NO_BALLOT }),
  to(node, { type: 'request', command: { type: 'open', client: address('client'), nonce: node } }),
]);

function check(replica: typeof Synod, crashes: number): Result<unknown, unknown> {
  const model = processModel({
    ...multiPaxosSpec,
    nodes: nodesOf(replica),
    inputs: DUEL,
    inputOrder: 'listed',
    network: 'fifo',
    budgets: { crashes },
    crashing: ['b'],
  });
  return explore(model, { limits: { states: 3_000_000 } });
}

describe('every run of two proposers and three acceptors', () => {
  test('chooses one value a slot: 86,947 states', () => {
    const result = check(Synod, 0);
    assert.equal(result.verdict, 'holds');
    assert.equal(result.states, 86_947);
    for (const [goal, witness] of Object.entries(result.goals)) assert.ok(witness !== null, `never: ${goal}`);
  });
});

describe('the checker finds what is wrong with', () => {
  const mutants: Readonly<Record<string, typeof Synod>> = {
    'an acceptor that forgets its promise in a crash': class extends Synod {
      protected override promise(ballot: Ballot): void {
        if (compareBallots(ballot, this.promised) > 0) this.promised = ballot;
      }
    },
    'a candidate that one promise elects': class extends Synod {
      protected override isElected(role: Candidate): boolean {
        return role.promises.size > 0;
      }
    },
    'a candidate that ignores the votes reported to it': class extends Synod {
      protected override onPromised(from: Address, promised: Promised): void {
        super.onPromised(from, { ...promised, votes: [] });
      }
    },
    'a leader that one vote satisfies': class extends Synod {
      protected override isChosen({ votes }: Proposal): boolean {
        return votes.size > 0;
      }
    },
  };

  for (const [name, replica] of Object.entries(mutants)) {
    test(name, (t) => {
      const result = check(replica, name.endsWith('crash') ? 1 : 0);
      assert.equal(result.verdict, 'violated');
      const [violation] = result.violations;
      assert.equal(violation?.type, 'invariant');
      t.diagnostic(`${violation.reason}: after ${violation.run.steps.length} steps, ${result.states} states`);
    });
  }
});
