import { address, type NodeDefinition, type NodeId, print, Random } from '../../src/kernel/index.ts';
import {
  type CallOutcome,
  ChosenValues,
  type Limits,
  membershipOf,
  multiPaxosSpec,
  oneLeaseholder,
  type Replica,
  type ReplicaOutput,
} from '../../src/protocols/index.ts';
import {
  InvariantViolation,
  lastFaultEndsAtMs,
  Simulation,
  type SimulationOptions,
  swarm,
} from '../../src/sim/index.ts';
import { REPLICA, type StoreNodeOptions, storeNode } from '../../src/store/node.ts';
import { type ClientOperation, Workload } from './workload.ts';

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
  readonly operations: readonly ClientOperation[];
  readonly counts: Workload['counts'];
  readonly slots: number;
  readonly simulatedMs: number;
  readonly statistics: Simulation['statistics'];
  readonly reached: ReadonlySet<string>;
  readonly snapshots: number;
}

/**
 * The whole store under everything that goes wrong in one seed's world, with clients at work; then everything heals,
 * and it must answer again. Throws at the first thing that must not be.
 */
export function runStore(seed: number, { node = storeNode, repro, simulation, trace }: StoreRunOptions): StoreRun {
  const random = new Random(seed).fork('store run');
  const names = ['a', 'b', 'c', 'd', 'e'].slice(0, random.pick([1, 3, 3, 3, 5]));
  const faultsMs = 20_000;
  const world = swarm(random.fork('swarm'), { nodes: names, faultsUntilMs: faultsMs, driftPpm: DRIFT_MAX * 1e6 });
  const chosen = new ChosenValues();
  const definition = node({ initial: membershipOf(names), limits: LIMITS, timing: { driftMax: DRIFT_MAX } });
  let workload: Workload | null = null;
  const sim: Simulation = new Simulation({
    seed,
    nodes: new Map(names.map((name) => [name, definition])),
    ...world,
    spec: multiPaxosSpec,
    invariants: { oneLeaseholder },
    checkEverySteps: 25,
    repro,
    onOutput: (output, { from, atMs }) => {
      const told = output as CallOutcome | ReplicaOutput;
      trace?.(`${atMs.toFixed(3)} ${from} ${print(told).slice(0, 300)}`);
      if (told.type === 'chosen') {
        const wrong = chosen.note(from, told.slot, told.value);
        if (wrong === null) return;
        const finding = { seed, atMs, step: sim.statistics.steps, repro: repro(seed) };
        throw new InvariantViolation('chosenValuesNeverChange', wrong, finding);
      }
      if (told.type === 'leading' || told.type === 'following') return;
      workload?.settle(told);
    },
    ...simulation,
  });
  workload = new Workload(sim, random.fork('workload'), {
    clients: 3 + random.integer(6),
    keys: 1 + random.integer(4),
    accounts: 4,
    thinkMs: random.pick([20, 100, 400]),
    timeoutMs: 3_000,
    untilMs: faultsMs,
  });
  sim.run({ untilMs: Math.max(faultsMs, lastFaultEndsAtMs(world.faults)) });
  mustAnswer(sim, workload, names);
  return {
    operations: workload.operations,
    counts: workload.counts,
    slots: chosen.slots,
    simulatedMs: sim.nowMs,
    statistics: sim.statistics,
    reached: sim.reached,
    snapshots: 0,
  };
}

/** Healed, every node executes all that is chosen, and answers, within a bound. */
function mustAnswer(sim: Simulation, workload: Workload, names: readonly NodeId[]): void {
  sim.heal();
  const deadlineMs = sim.nowMs + 20_000;
  const waiting = new Set(names.map((name) => workload.probe(name)));
  const replicas = () => names.map((name) => sim.process(address(name, REPLICA)) as Replica);
  sim.run({
    untilMs: deadlineMs,
    until: () => workload.areAnswered(waiting) && new Set(replicas().map((replica) => replica?.chosen)).size === 1,
  });
  if (sim.nowMs < deadlineMs) return;
  const states = replicas().map((r) => `${r.node}: ${r.role.type}, leader ${r.leader}, chosen ${r.chosen}`);
  throw new InvariantViolation('answersWhenHealed', `20 s after the last fault: ${states.join('; ')}`, {
    seed: sim.seed,
    atMs: sim.nowMs,
    step: sim.statistics.steps,
    repro: '',
  });
}
