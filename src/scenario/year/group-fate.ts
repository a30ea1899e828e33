import type { Cluster } from './cluster.ts';
import type { Incident } from './failures.ts';
import { atLeast, type Interval, merged } from './intervals.ts';

/** What the year has in store for one group: replicas are numbered from 0, as they are placed. */
export interface GroupFate {
  /** When each replica's machine is down. */
  readonly down: readonly (readonly Interval[])[];
  /** When the replicas named cannot talk to the others. */
  readonly cuts: readonly (Interval & { readonly replicas: readonly number[] })[];
  readonly lossy: readonly (Interval & { readonly replicas: readonly number[]; readonly loss: number })[];
  /** When a replica's disk fails, and from when on a new one can take its place. */
  readonly disks: readonly { readonly replica: number; readonly atMs: number; readonly replacedAtMs: number }[];
}

export function fateOf(
  machines: readonly number[],
  cluster: Cluster,
  incidents: readonly Incident[],
  endMs: number,
): GroupFate {
  const inYear = incidents.map((incident) => ({ ...incident, toMs: Math.min(incident.toMs, endMs) }));
  const inRacks = (racks: ReadonlySet<number>): number[] =>
    replicasWhere((machine) => racks.has(cluster.rackOf(machine)));
  const replicasWhere = (is: (machine: number) => boolean): number[] =>
    machines.flatMap((machine, replica) => (is(machine) ? [replica] : []));
  const down = machines.map((machine) =>
    merged(inYear.filter((incident) => incident.type === 'down' && incident.machines.includes(machine))),
  );
  const cuts: GroupFate['cuts'][number][] = [];
  const lossy: GroupFate['lossy'][number][] = [];
  const disks: GroupFate['disks'][number][] = [];
  for (const incident of inYear) {
    const { fromMs, toMs } = incident;
    if (incident.type === 'cut') {
      const replicas = inRacks(incident.racks);
      if (replicas.length > 0 && replicas.length < machines.length) cuts.push({ fromMs, toMs, replicas });
    } else if (incident.type === 'lossy') {
      const replicas = inRacks(incident.racks);
      if (replicas.length > 0) lossy.push({ fromMs, toMs, replicas, loss: incident.loss });
    } else if (incident.type === 'disk') {
      for (const replica of replicasWhere((machine) => incident.machines.includes(machine))) {
        disks.push({ replica, atMs: fromMs, replacedAtMs: whenUp(toMs, down[replica] ?? []) });
      }
    }
  }
  return { down, cuts, lossy, disks: withoutOverlaps(disks) };
}

/** A machine that is down gets its new replica when it is up again. */
function whenUp(atMs: number, down: readonly Interval[]): number {
  const within = down.find(({ fromMs, toMs }) => fromMs <= atMs && atMs < toMs);
  return within === undefined ? atMs : within.toMs + 1;
}

/** A disk that fails again before it was replaced is replaced once. */
function withoutOverlaps(disks: GroupFate['disks']): GroupFate['disks'] {
  return disks.filter((disk, index) =>
    disks.slice(0, index).every((other) => other.replica !== disk.replica || other.replacedAtMs < disk.atMs),
  );
}

/**
 * When no majority of the group can take part: machines are down, and disks are gone. Who takes the place of a disk
 * that is gone can vote only when a majority of the others has agreed to it.
 */
export function withoutMajority({ down, disks }: GroupFate): Interval[] {
  const replicas = down.length;
  const quorum = Math.floor(replicas / 2) + 1;
  const away = down.map((intervals) => [...intervals]);
  for (const { replica, atMs, replacedAtMs } of disks) {
    const others = away.filter((_, other) => other !== replica).map(merged);
    const stuck = atLeast(replicas - quorum, others);
    const until = stuck.find(({ fromMs, toMs }) => fromMs <= replacedAtMs && replacedAtMs < toMs);
    away[replica]?.push({ fromMs: atMs, toMs: until?.toMs ?? replacedAtMs });
  }
  return atLeast(replicas - quorum + 1, away.map(merged));
}
