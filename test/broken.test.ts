import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  explore,
  type Model,
  type ProcessModelOptions,
  processModel,
  runOfTrace,
  tellViolation,
  traceOfRun,
  type Violation,
} from '../src/check/index.ts';
import { formatTrace, parseTrace, Random, replayTrace, type Trace } from '../src/kernel/index.ts';
import { type Fault, fewerFaults, InvariantViolation, minimise, Simulation, swarm } from '../src/sim/index.ts';
import { alternatingBit } from './broken/alternating-bit.ts';
import { atomicRegister } from './broken/atomic-register.ts';
import { bakery } from './broken/bakery.ts';
import { causalOrder } from './broken/causal-order.ts';
import { chain } from './broken/chain.ts';
import { clockMutex } from './broken/clock-mutex.ts';
import { failureDetector } from './broken/failure-detector.ts';
import { fencing } from './broken/fencing.ts';
import { gossipCounter } from './broken/gossip-counter.ts';
import { lease } from './broken/lease.ts';
import { lostUpdate } from './broken/lost-update.ts';
import { paxos } from './broken/paxos.ts';
import { philosophers } from './broken/philosophers.ts';
import { primaryBackup } from './broken/primary-backup.ts';
import { quorumRegister } from './broken/quorum-register.ts';
import { replyCache } from './broken/reply-cache.ts';
import { retries } from './broken/retries.ts';
import { ricartAgrawala } from './broken/ricart-agrawala.ts';
import { ringElection } from './broken/ring-election.ts';
import { snapshot } from './broken/snapshot.ts';
import { termination } from './broken/termination.ts';
import { ticketNumbers } from './broken/ticket-numbers.ts';
import { tokenRing } from './broken/token-ring.ts';
import { totalOrder } from './broken/total-order.ts';
import { twoPhaseCommit } from './broken/two-phase-commit.ts';

/** That a protocol holds, and the same one broken does not; how that goes wrong, told. */
interface Told {
  readonly steps: number;
  readonly text: string;
}

function checked<H>(protocol: (isBroken: boolean) => ProcessModelOptions<H>): Told {
  holds(processModel(protocol(false)));
  holdsOrIsLarge(processModel({ ...protocol(false), reduce: false }));
  const options = protocol(true);
  const model = processModel(options);
  const violation = violationOf(model);
  assert.equal(violationOf(processModel({ ...options, reduce: false })).run.steps.length, violation.run.steps.length);
  const trace = parseTrace(formatTrace(traceOfRun(model, violation.run, { subject: 'broken' })));
  assert.equal(replayTrace(trace, options.nodes).type, 'same');
  assert.equal(runOfTrace(processModel(options), trace).steps.length, violation.run.steps.length);
  return { steps: violation.run.steps.length, text: tellViolation(model, violation) };
}

/** A search without reductions agrees, as far as it gets. */
function holdsOrIsLarge<S, A>(model: Model<S, A>): void {
  const { verdict, cuts } = explore(model, { limits: { states: 50_000 } });
  assert.equal(verdict, cuts.length === 0 ? 'holds' : 'cut');
}

function violationOf<S, A>(model: Model<S, A>): Exclude<Violation<S, A>, { readonly type: 'goal' }> {
  const [violation] = explore(model).violations;
  assert.ok(violation !== undefined && violation.type !== 'goal');
  return violation;
}

function holds<S, A>(model: Model<S, A>): void {
  const { violations, cuts } = explore(model);
  const beyondBudgets = cuts.filter(({ by }) => by !== 'bound');
  assert.deepEqual({ violations, beyondBudgets }, { violations: [], beyondBudgets: [] });
}

function checkedByHand<S, A>(make: (isBroken: boolean) => Model<S, A>): Told {
  holds(make(false));
  const model = make(true);
  const violation = violationOf(model);
  return { steps: violation.run.steps.length, text: tellViolation(model, violation) };
}

const PROTOCOLS: readonly (readonly [what: string, steps: number, told: () => Told])[] = [
  ['a Paxos acceptor forgets its promise', 18, () => checked(paxos('forgets promise'))],
  ['a Paxos acceptor votes below its promise', 16, () => checked(paxos('breaks promise'))],
  ['a Paxos proposer ignores the votes that promises tell of', 16, () => checked(paxos('ignores votes'))],
  ['a quorum is two of five', 8, () => checked(quorumRegister)],
  ['a reader does not write back what it has read', 9, () => checked(atomicRegister)],
  ['a chain is read at its head', 5, () => checked(chain)],
  ['a participant of two-phase commit does not log its vote', 8, () => checked(twoPhaseCommit)],
  ['a primary answers before its backup', 2, () => checked(primaryBackup)],
  ['a backup takes a silent primary for dead', 2, () => checked(failureDetector)],
  ['a number is given out before the disk holds it', 4, () => checked(ticketNumbers)],
  ['a server executes again what it is sent again', 3, () => checked(retries)],
  ['a server forgets a reply too early', 3, () => checked(replyCache)],
  ['an update does not compare', 8, () => checked(lostUpdate)],
  ['a storage does not look at fencing tokens', 7, () => checked(fencing)],
  ['a token that is only late is made again', 1, () => checked(tokenRing)],
  ['who waits for a critical section lets everyone else go first', 8, () => checked(ricartAgrawala)],
  ["messages of Lamport's mutual exclusion overtake each other", 4, () => checked(clockMutex)],
  ['nobody waits for who is choosing a number', 6, () => checkedByHand(bakery)],
  ['every philosopher takes the left fork first', 9, () => checked(philosophers)],
  ['an election in a ring passes everything on', 6, () => checked(ringElection)],
  ['a member shows posts as they come, and not as they are numbered', 4, () => checked(totalOrder)],
  ['a reader shows an answer before the question', 2, () => checked(causalOrder)],
  ['a marker of a snapshot overtakes what was sent before it', 4, () => checked(snapshot)],
  ['a machine that is woken stays white', 8, () => checked(termination)],
  ['the bit alternates on a network that reorders', 5, () => checked(alternatingBit)],
  ['a counter adds what it hears', 2, () => checked(gossipCounter)],
];

const NODES = ['grantor', 'ann', 'bob'];

/** The run up to where it fails; null if it does not. */
function leaseRun(isBroken: boolean, faults: readonly Fault[]): Trace | null {
  const simulation = new Simulation(lease(isBroken, faults));
  try {
    simulation.run({ untilMs: 60_000 });
    return null;
  } catch (error) {
    assert.ok(error instanceof InvariantViolation);
    return simulation.trace;
  }
}

/** Far more than it takes. */
function leaseFaults(): readonly Fault[] {
  const bounds = { nodes: NODES, faultsUntilMs: 50_000, driftPpm: 0 };
  const drifts = NODES.map((node, index): Fault => {
    return { type: 'driftClock', atMs: 0, nodes: [node], driftPpm: index === 0 ? 100_000 : -100_000 };
  });
  return [...swarm(new Random(5), bounds).faults, ...drifts];
}

describe('it is caught, and the same without the mistake holds, that', () => {
  const pages: string[] = [];

  for (const [what, steps, told] of PROTOCOLS) {
    test(`${what}, in ${steps} ${steps === 1 ? 'step' : 'steps'}`, () => {
      const { steps: found, text } = told();
      pages.push(`${what}: ${text}`);
      assert.equal(found, steps);
    });
  }

  test('a lease is counted by a clock that drifts, when the fault that it takes is one', () => {
    const faults = leaseFaults();
    assert.ok(faults.length > 5);
    assert.equal(leaseRun(false, faults), null);
    const fewest = minimise(fewerFaults(faults), (some) => leaseRun(true, some) !== null);
    const trace = leaseRun(true, fewest);
    assert.ok(trace !== null);
    assert.deepEqual(fewest, [{ type: 'driftClock', atMs: 0, nodes: ['bob'], driftPpm: -100_000 }]);
    assert.equal(replayTrace(trace, lease(true, []).nodes).type, 'same');
  });

  test('in words that a person can follow', (t) => {
    t.assert.fileSnapshot(pages.join('\n\n'), 'test/broken/told.txt', { serializers: [(text: string) => `${text}\n`] });
  });
});
