import { Random } from '../../kernel/index.ts';
import type { Cluster } from './cluster.ts';
import type { Interval } from './intervals.ts';
import type { FailureField, FailureKind, YearScenario } from './scenario.ts';

/** Something that happens to machines or racks in the year. */
export type Incident = Interval & { readonly kind: FailureKind } & (
    | { readonly type: 'down'; readonly machines: readonly number[] }
    | { readonly type: 'cut'; readonly racks: ReadonlySet<number> }
    | { readonly type: 'lossy'; readonly racks: ReadonlySet<number>; readonly loss: number }
    | { readonly type: 'disk'; readonly machines: readonly number[] }
  );

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** All that goes wrong in the cluster, in the order in which it begins. */
export function drawIncidents(scenario: YearScenario, cluster: Cluster, seed: number): Incident[] {
  const random = new Random(seed).fork('failures');
  const incidents: Incident[] = [];
  for (const kind of Object.keys(scenario.failures) as FailureKind[]) {
    const own = random.fork(kind);
    const field = scenario.failures[kind];
    for (let count = drawCount(field.count, scenario.days, own); count > 0; count -= 1) {
      const fromMs = own.between(0, scenario.days * DAY_MS);
      const toMs = fromMs + own.between(...field.minutes) * MINUTE_MS;
      incidents.push(...incidentsOf(kind, field, { fromMs, toMs }, cluster, own));
    }
  }
  return incidents.sort((a, b) => a.fromMs - b.fromMs);
}

/** Of part of a year, as much of what is to come in all of it. */
function drawCount(perYear: number, days: number, random: Random): number {
  const expected = (perYear * days) / 365;
  return Math.floor(expected) + (random.chance(expected % 1) ? 1 : 0);
}

function incidentsOf(
  kind: FailureKind,
  { share, loss, minutes }: FailureField,
  interval: Interval,
  cluster: Cluster,
  random: Random,
): Incident[] {
  switch (kind) {
    case 'overheating':
      // Each rack comes back at a time of its own.
      return [...racksFor(share, cluster, random)].map((rack) => {
        const toMs = interval.fromMs + random.between(...minutes) * MINUTE_MS;
        return { kind, type: 'down', fromMs: interval.fromMs, toMs, machines: machinesIn(cluster, rack) };
      });
    case 'powerUnit':
    case 'rackMove': {
      const unit = random.integer(cluster.powerUnits);
      const racks = allRacks(cluster).filter((rack) => cluster.powerUnitOf(rack) === unit);
      return [{ kind, type: 'down', ...interval, machines: racks.flatMap((rack) => machinesIn(cluster, rack)) }];
    }
    case 'rewiring':
      return rolling(interval, share, cluster, random);
    case 'rackFailure':
      return [{ kind, type: 'down', ...interval, machines: machinesIn(cluster, random.integer(cluster.racks)) }];
    case 'lossyRack':
      return [{ kind, type: 'lossy', ...interval, racks: new Set([random.integer(cluster.racks)]), loss }];
    case 'connectivityLoss':
      return minutesOf(interval).map((minute) => {
        return { kind, type: 'cut', ...minute, racks: racksFor(share, cluster, random) };
      });
    case 'routerReload':
    case 'routerFailure':
    case 'blip':
      return [{ kind, type: 'cut', ...interval, racks: racksFor(share, cluster, random) }];
    case 'machineFailure':
      return [{ kind, type: 'down', ...interval, machines: [random.integer(cluster.machines)] }];
    case 'diskFailure':
      return [{ kind, type: 'disk', ...interval, machines: [random.integer(cluster.machines)] }];
    default:
      return kind satisfies never;
  }
}

const REWIRED_FOR_MS = 60 * MINUTE_MS;

/** One machine after the other, each for an hour. */
function rolling({ fromMs, toMs }: Interval, share: number, cluster: Cluster, random: Random): Incident[] {
  const all = random.shuffle(Array.from({ length: cluster.machines }, (_, index) => index));
  const machines = all.slice(0, Math.round(share * cluster.machines));
  return machines.map((machine, index) => {
    const at = fromMs + (index * (toMs - fromMs - REWIRED_FOR_MS)) / machines.length;
    return { kind: 'rewiring', type: 'down', fromMs: at, toMs: at + REWIRED_FOR_MS, machines: [machine] };
  });
}

function minutesOf({ fromMs, toMs }: Interval): Interval[] {
  const minutes: Interval[] = [];
  for (let at = fromMs; at < toMs; at += MINUTE_MS) minutes.push({ fromMs: at, toMs: Math.min(at + MINUTE_MS, toMs) });
  return minutes;
}

function racksFor(share: number, cluster: Cluster, random: Random): Set<number> {
  return new Set(random.shuffle(allRacks(cluster)).slice(0, Math.max(1, Math.round(share * cluster.racks))));
}

function allRacks({ racks }: Cluster): number[] {
  return Array.from({ length: racks }, (_, index) => index);
}

function machinesIn({ racks, machines }: Cluster, rack: number): number[] {
  const found: number[] = [];
  for (let machine = rack; machine < machines; machine += racks) found.push(machine);
  return found;
}
