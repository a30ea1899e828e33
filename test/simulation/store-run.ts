import { checkLinearizability, describeLinearizability, keyValue } from '../../src/check/history/index.ts';
import { address, type NodeDefinition, type NodeId, print, Random } from '../../src/kernel/index.ts';
import {
  type CallOutcome,
  ChosenValues,
  type Limits,
  membershipOf,
  multiPaxosSpec,
  oneLeaseholder,
  Replica,
  type ReplicaOutput,
} from '../../src/protocols/index.ts';
import type { PaxosMessage } from '../../src/protocols/multi-paxos/messages.ts';
import {
  InvariantViolation,
  lastFaultEndsAtMs,
  type Observed,
  Simulation,
  type SimulationOptions,
  swarm,
} from '../../src/sim/index.ts';
import { REPLICA, type StoreNodeOptions, storeNode } from '../../src/store/node.ts';
import { Workload, WrongAnswer } from './workload.ts';

/** Small enough that batches split, logs are cut, pages turn and snapshots travel within seconds. */
const LIMITS: Limits = {
  batchBytesMax: 600,
  pipelineSlotsMax: 4,
  queueBytesMax: 20_000,
  pageBytesMax: 700,
  flushBytes: 8_000,
  flushMs: 700,
  retainedBytes: 4_000,
  sessionTtlMs: 15_000,
};

const DRIFT_MAX = 0.01;

export interface StoreRunOptions {
  /** Makes the nodes; the store's own by default, broken ones in tests of these tests. */
  readonly node?: (options: StoreNodeOptions) => NodeDefinition;
  readonly repro: (seed: number) => string;
  /** Is told what the nodes put out, line by line. */
  readonly trace?: (line: string) => void;
  /** Changes the simulation, for tests that break something. */
  readonly simulation?: Partial<SimulationOptions>;
}

export interface StoreRun {
  readonly operations: number;
  readonly counts: Workload['counts'];
  readonly slots: number;
  readonly simulatedMs: number;
  readonly statistics: Simulation['statistics'];
  /** What happened at all: a test sees to it that everything does in some seed. */
  readonly reached: ReadonlySet<Happening>;
}

export type Happening = 'election' | 'snapshot adopted' | 'log dropped' | 'session reopened' | 'membership changed';

const FAULTS_MS = 20_000;
const HEALED_MS = 20_000;
/** Joins in runs in which the membership changes. */
const SPARE = 'z';

/**
 * The whole store under everything that goes wrong in one seed's world, with clients at work; then everything heals,
 * and it must answer again. Throws at the first thing that must not be.
 */
export function runStore(seed: number, options: StoreRunOptions): StoreRun {
  const run = new Run(seed, options);
  run.sufferFaults();
  run.mustAnswer();
  run.mustBeLinearizable();
  return run.report();
}

class Run {
  readonly #seed: number;
  readonly #repro: string;
  readonly #sim: Simulation;
  readonly #workload: Workload;
  readonly #chosen = new ChosenValues();
  readonly #reached = new Set<Happening>();
  readonly #trace: (line: string) => void;
  readonly #untilMs: number;

  constructor(seed: number, { node = storeNode, repro, simulation, trace = () => {} }: StoreRunOptions) {
    const random = new Random(seed).fork('store run');
    const names = ['a', 'b', 'c', 'd', 'e'].slice(0, random.pick([1, 3, 3, 3, 5]));
    const changesMembership = random.chance(0.3);
    const all = changesMembership ? [...names, SPARE] : names;
    const world = swarm(random.fork('swarm'), { nodes: all, faultsUntilMs: FAULTS_MS, driftPpm: 2 * DRIFT_MAX * 1e6 });
    const common = { limits: LIMITS, timing: { driftMax: DRIFT_MAX } };
    const definition = node({ ...common, initial: membershipOf(names) });
    this.#seed = seed;
    this.#repro = repro(seed);
    this.#trace = trace;
    this.#untilMs = Math.max(FAULTS_MS, lastFaultEndsAtMs(world.faults));
    this.#sim = new Simulation({
      seed,
      nodes: new Map(names.map((name) => [name, definition])),
      ...world,
      invariants: { oneLeaseholder },
      checkEverySteps: 25,
      repro,
      onOutput: (output, observed) => this.#onOutput(output as CallOutcome | ReplicaOutput, observed),
      ...simulation,
    });
    if (changesMembership) {
      this.#sim.add(SPARE, node({ ...common, initial: null }));
      this.#changeMembership(random.fork('membership'), all);
    }
    this.#workload = new Workload(this.#sim, random.fork('workload'), {
      clients: 3 + random.integer(6),
      keys: 1 + random.integer(4),
      accounts: 4,
      thinkMs: random.pick([20, 100, 400]),
      timeoutMs: 3_000,
      untilMs: FAULTS_MS,
    });
  }

  sufferFaults(): void {
    this.#sim.run({ untilMs: this.#untilMs });
  }

  /** Asks for changes that mostly make no sense; those that do happen in the middle of everything else. */
  #changeMembership(random: Random, names: readonly NodeId[]): void {
    for (let atMs = random.exponential(1_000); atMs < FAULTS_MS; atMs += random.exponential(1_000)) {
      const node = random.pick([...names, SPARE]);
      const type = random.pick(['addLearner', 'promote', 'remove'] as const);
      const client = address('nobody');
      const message: PaxosMessage = { type: 'changeMembership', client, id: 0, change: { type, node } };
      const asked = random.pick(names);
      this.#sim.at(atMs, () => this.#sim.deliver(asked, REPLICA, message));
    }
  }

  #onOutput(output: CallOutcome | ReplicaOutput, { from, atMs }: Observed): void {
    this.#trace(`${atMs.toFixed(3)} ${from} ${print(output)}`);
    switch (output.type) {
      case 'chosen': {
        if (output.value.type === 'membership') this.#reached.add('membership changed');
        const wrong = this.#chosen.note(from, output.slot, output.value);
        if (wrong !== null) throw this.#violation('chosenValuesNeverChange', wrong);
        return;
      }
      case 'leading':
        if (output.ballot.round > 1) this.#reached.add('election');
        return;
      case 'following':
        return;
      default:
        this.#workload.settle(output);
    }
  }

  /** Healed, every member executes all that is chosen, and answers, within a bound. */
  mustAnswer(): void {
    this.#sim.heal();
    const probes = new Map<NodeId, number>();
    const end = this.#sim.run({ untilMs: this.#sim.nowMs + HEALED_MS, until: () => this.#allAnswer(probes) });
    if (end !== 'condition') throw this.#violation('answersWhenHealed', this.#states());
    for (const [name, invariant] of Object.entries(multiPaxosSpec.invariants ?? {})) {
      const wrong = invariant(this.#sim);
      if (wrong !== null) throw this.#violation(name, wrong);
    }
  }

  /** Whom the leader counts as voters now have executed the same, and answered a write asked of them since. */
  #allAnswer(probes: Map<NodeId, number>): boolean {
    const leader = this.#leader();
    if (leader === null) return false;
    const { voters } = leader.membership;
    for (const voter of voters) if (!probes.has(voter)) probes.set(voter, this.#workload.probe(voter));
    const asked = new Set(voters.map((voter) => probes.get(voter) ?? 0));
    return this.#workload.areAnswered(asked) && voters.every((name) => this.#replica(name)?.chosen === leader.chosen);
  }

  mustBeLinearizable(): void {
    const { operations } = this.#workload.history;
    const result = checkLinearizability(operations, keyValue);
    if (result.linearizable === true) return;
    throw new WrongAnswer(`${describeLinearizability(result)}\n${this.#repro}`);
  }

  report(): StoreRun {
    for (const replica of this.#replicas()) this.#note(replica);
    return {
      operations: this.#workload.history.operations.length,
      counts: this.#workload.counts,
      slots: this.#chosen.slots,
      simulatedMs: this.#sim.nowMs,
      statistics: this.#sim.statistics,
      reached: this.#reached,
    };
  }

  #note(replica: Replica): void {
    if (replica.log.base > 0) this.#reached.add('log dropped');
    if (replica.offer !== null) this.#reached.add('snapshot adopted');
    if (replica.sessions.next > 2 * this.#sim.nodes.length) this.#reached.add('session reopened');
  }

  #replica(name: NodeId): Replica | null {
    const process = this.#sim.process(address(name, REPLICA));
    return process instanceof Replica ? process : null;
  }

  #replicas(): Replica[] {
    return this.#sim.nodes.map((name) => this.#replica(name)).filter((replica) => replica !== null);
  }

  #leader(): Replica | null {
    return this.#replicas().find((replica) => replica.holdsLease(this.#sim.clockMs(replica.node))) ?? null;
  }

  #states(): string {
    const told = this.#replicas().map((r) => `${r.node}: ${r.role.type}, leader ${r.leader}, chosen ${r.chosen}`);
    return `${told.join('; ')} after ${this.#sim.nowMs} ms`;
  }

  #violation(invariant: string, what: string): InvariantViolation {
    const { nowMs: atMs, statistics } = this.#sim;
    return new InvariantViolation(invariant, what, {
      seed: this.#seed,
      atMs,
      step: statistics.steps,
      repro: this.#repro,
    });
  }
}
