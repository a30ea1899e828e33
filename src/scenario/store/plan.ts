import { type NodeId, Random } from '../../kernel/index.ts';
import { DEFAULT_TIMING, type Limits, type MembershipChange, type Timing } from '../../protocols/index.ts';
import { type Domains, lastFaultEndsAtMs } from '../../sim/index.ts';
import { type DrawnWorld, drawWorld } from '../draw-world.ts';
import type { Plan } from '../trial.ts';
import { drawOperations, type PlannedOperation } from './operations.ts';
import type { MembershipField, Property, StoreScenario } from './scenario.ts';

/** All that a seed makes of a scenario of the store. */
export interface StorePlan extends Plan, DrawnWorld {
  /** Who votes at the beginning, and who is there to join. */
  readonly nodes: readonly NodeId[];
  readonly spares: readonly NodeId[];
  readonly domains: Domains;
  readonly timing: Partial<Timing>;
  readonly limits: Partial<Limits>;
  readonly operations: readonly PlannedOperation[];
  readonly changes: readonly PlannedChange[];
  readonly accounts: number;
  readonly timeoutMs: number;
  readonly healsWithinMs: number;
  readonly holds: readonly Property[];
}

/** A membership change, asked of a node. */
export interface PlannedChange {
  readonly atMs: number;
  readonly asked: NodeId;
  readonly change: MembershipChange;
}

export function planStore({ setting, ...scenario }: StoreScenario, seed: number): StorePlan {
  const random = new Random(seed).fork('plan');
  const { workload, timing, limits, holds } = scenario;
  const { durationMs, domains, healsWithinMs } = setting;
  const nodes = random.pick(scenario.nodes);
  const membership = random.chance(scenario.membership?.chance ?? 0) ? scenario.membership : null;
  const spares = membership?.spares ?? [];
  // No two clocks drift apart by more than each of them may.
  const driftPpm = 2e6 * (timing.driftMax ?? DEFAULT_TIMING.driftMax);
  const world = drawWorld(setting, [...nodes, ...spares], driftPpm, random.fork('swarm'));
  return {
    seed,
    ...{ nodes, spares, domains, timing, limits, healsWithinMs, holds },
    ...world,
    operations: drawOperations(workload, [...nodes, ...spares], durationMs, random.fork('operations')),
    changes: membership === null ? [] : drawChanges(membership, nodes, durationMs, random.fork('membership')),
    accounts: workload.accounts,
    timeoutMs: workload.timeoutMs,
    durationMs: Math.max(durationMs, lastFaultEndsAtMs(world.faults)),
  };
}

/** Changes that mostly make no sense; those that do happen in the middle of everything else. */
function drawChanges(
  { spares, meanGapMs }: MembershipField,
  nodes: readonly NodeId[],
  untilMs: number,
  random: Random,
): PlannedChange[] {
  const changes: PlannedChange[] = [];
  for (let atMs = random.exponential(meanGapMs); atMs < untilMs; atMs += random.exponential(meanGapMs)) {
    const node = random.pick([...nodes, ...spares]);
    const type = random.pick(['addLearner', 'promote', 'remove'] as const);
    changes.push({ atMs, asked: random.pick(nodes), change: { type, node } });
  }
  return changes;
}
