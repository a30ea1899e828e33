import type { NodeId, Random } from '../kernel/index.ts';
import {
  type ClockOptions,
  type DiskOptions,
  type Fault,
  type NetworkOptions,
  nodesOfDomains,
  swarm,
} from '../sim/index.ts';
import type { RepeatedFault, Setting } from './scenario.ts';

/** The world of one run: what a scenario says of it and, where it leaves that to the seed, what the seed draws. */
export interface DrawnWorld {
  readonly network: NetworkOptions;
  readonly disk: Partial<DiskOptions>;
  readonly clocks: Partial<ClockOptions>;
  readonly faults: readonly Fault[];
}

/** @param driftPpm by how much the system allows two clocks to drift apart */
export function drawWorld(setting: Setting, nodes: readonly NodeId[], driftPpm: number, random: Random): DrawnWorld {
  const { swarm: bounds, durationMs, network, disk, clocks } = setting;
  const faults = setting.faults.flatMap((fault) => repeated(fault, durationMs));
  if (bounds === null) return { network, disk, clocks, faults };
  const domains = nodesOfDomains(setting.domains, nodes);
  const drawn = swarm(random, { driftPpm, ...bounds, nodes, domains, faultsUntilMs: durationMs });
  return {
    network: { ...drawn.network, ...network },
    disk: { ...drawn.disk, ...disk },
    clocks: { ...drawn.clocks, ...clocks },
    faults: [...drawn.faults, ...faults],
  };
}

function repeated({ fault, everyMs }: RepeatedFault, untilMs: number): Fault[] {
  if (everyMs === null) return [fault];
  const faults: Fault[] = [];
  for (let { atMs } = fault; atMs < untilMs; atMs += everyMs) faults.push({ ...fault, atMs });
  return faults;
}
