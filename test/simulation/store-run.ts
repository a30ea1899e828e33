import { address, type NodeId, Random } from '../../src/kernel/index.ts';
import {
  type CallOutcome,
  ChosenValues,
  type Limits,
  membershipOf,
  multiPaxosSpec,
  oneLeaseholder,
  Replica,
  type ReplicaOutput,
  type Timing,
} from '../../src/protocols/index.ts';
import {
  type Fault,
  InvariantViolation,
  lastFaultEndsAtMs,
  Simulation,
  type SimulationOptions,
} from '../../src/sim/index.ts';
import { REPLICA, storeNode } from '../../src/store/node.ts';
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
  readonly timing?: Partial<Timing>;
  readonly repro: (seed: number) => string;
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
export function runStore(seed: number, { timing, repro, simulation }: StoreRunOptions): StoreRun {
  const random = new Random(seed).fork('store run');
  const names = ['a', 'b', 'c', 'd', 'e'].slice(0, random.pick([1, 3, 3, 3, 5]));
  const faultsMs = 20_000;
  const faults = drawFaults(random.fork('faults'), names, faultsMs);
  const chosen = new ChosenValues();
  const definition = storeNode({ initial: membershipOf(names), limits: LIMITS, timing: { ...timing, driftMax: DRIFT_MAX } });
  let workload: Workload | null = null;
  const sim: Simulation = new Simulation({
    seed,
    nodes: new Map(names.map((name) => [name, definition])),
    network: { loss: random.pick([0, 0.01, 0.1]), duplication: random.pick([0, 0.05]) },
    clocks: { skewMs: 5_000, driftPpm: DRIFT_MAX * 1e6, epochMs: 1_000_000 },
    faults,
    spec: multiPaxosSpec,
    invariants: { oneLeaseholder },
    checkEverySteps: 25,
    repro,
    onOutput: (output, { from, atMs }) => {
      const told = output as CallOutcome | ReplicaOutput;
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
  sim.run({ untilMs: Math.max(faultsMs, lastFaultEndsAtMs(faults)) });
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

function drawFaults(random: Random, names: readonly NodeId[], untilMs: number): Fault[] {
  const faults: Fault[] = [];
  const count = random.integer(12);
  for (let index = 0; index < count; index += 1) {
    const atMs = random.between(500, untilMs);
    const forMs = random.between(10, 5_000);
    const nodes = random.shuffle([...names]).slice(0, 1 + random.integer(names.length));
    const others = names.filter((name) => !nodes.includes(name));
    switch (random.integer(6)) {
      case 0:
      case 1:
        faults.push({ type: 'crash', atMs, forMs, nodes });
        break;
      case 2:
        faults.push({ type: 'pause', atMs, forMs, nodes });
        break;
      case 3:
        faults.push({ type: 'slowDisk', atMs, forMs, nodes, factor: random.between(2, 200) });
        break;
      case 4:
        faults.push({ type: 'partition', atMs, forMs, links: nodes.flatMap((from) => others.map((to) => [from, to] as const)) });
        break;
      default:
        faults.push({
          type: 'partition',
          atMs,
          forMs,
          links: nodes.flatMap((from) => others.flatMap((to) => [[from, to] as const, [to, from] as const])),
        });
    }
  }
  return faults;
}
