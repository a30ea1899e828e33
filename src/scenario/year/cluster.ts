import { Random } from '../../kernel/index.ts';
import type { YearScenario } from './scenario.ts';

/** Machines stand in racks, racks hang on power units; all are numbered from 0. */
export interface Cluster {
  readonly racks: number;
  readonly machines: number;
  readonly powerUnits: number;
  rackOf(machine: number): number;
  powerUnitOf(rack: number): number;
  /** The machines of each group. */
  readonly groups: readonly (readonly number[])[];
}

/** Places each group in as many racks as it has replicas, and no majority of them on one power unit. */
export function clusterOf(scenario: YearScenario, seed: number): Cluster {
  const { racks, machines, powerUnits, groups, replicas } = scenario;
  const rackOf = (machine: number): number => machine % racks;
  const powerUnitOf = (rack: number): number => rack % powerUnits;
  const random = new Random(seed).fork('placement');
  const load = new Array<number>(machines).fill(0);
  const carried = new Array<number>(racks).fill(0);
  const perUnitMax = powerUnits === 1 ? replicas : Math.ceil(replicas / 2) - (replicas % 2 === 1 ? 1 : 0);
  const placed = Array.from({ length: groups }, () => {
    const chosen: number[] = [];
    const units = new Array<number>(powerUnits).fill(0);
    // The racks that carry least first, in random order where they carry the same.
    const order = random.shuffle(Array.from({ length: racks }, (_, index) => index));
    for (const rack of order.sort((a, b) => (carried[a] ?? 0) - (carried[b] ?? 0))) {
      const unit = powerUnitOf(rack);
      if (chosen.length === replicas) break;
      if ((units[unit] ?? 0) >= Math.max(1, perUnitMax)) continue;
      const machine = leastLoaded(rack, { racks, machines, load });
      load[machine] = (load[machine] ?? 0) + 1;
      carried[rack] = (carried[rack] ?? 0) + 1;
      units[unit] = (units[unit] ?? 0) + 1;
      chosen.push(machine);
    }
    return chosen;
  });
  return { racks, machines, powerUnits, rackOf, powerUnitOf, groups: placed };
}

function leastLoaded(
  rack: number,
  { racks, machines, load }: { racks: number; machines: number; load: readonly number[] },
): number {
  let best = rack;
  for (let machine = rack; machine < machines; machine += racks) {
    if ((load[machine] ?? 0) < (load[best] ?? 0)) best = machine;
  }
  return best;
}
