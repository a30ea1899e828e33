import { type Cluster, clusterOf } from './cluster.ts';
import { drawIncidents, type Incident } from './failures.ts';
import { fateOf } from './group-fate.ts';
import { type GroupYear, type GroupYearOptions, simulateGroup } from './group-year.ts';
import type { Interval } from './intervals.ts';
import type { FailureKind, YearScenario } from './scenario.ts';

const DAY_MS = 86_400_000;

/** An outage of a group, and the failure that had begun or ended last when it did. */
export type Outage = Interval & { readonly cause: FailureKind | null };

/** A failure is taken for the cause of what comes within so long after it. */
const CAUSES_WITHIN_MS = 60_000;

/** A year of a cluster made ready: what fails in it is drawn, and its groups can be simulated, in any order. */
export class Year {
  readonly scenario: YearScenario;
  readonly seed: number;
  readonly cluster: Cluster;
  readonly incidents: readonly Incident[];
  readonly #options: Pick<GroupYearOptions, 'node'>;

  constructor(scenario: YearScenario, seed: number, options: Pick<GroupYearOptions, 'node'> = {}) {
    this.#options = options;
    this.scenario = scenario;
    this.seed = seed;
    this.cluster = clusterOf(scenario, seed);
    this.incidents = drawIncidents(scenario, this.cluster, seed);
  }

  get endMs(): number {
    return this.scenario.days * DAY_MS;
  }

  /** Groups do not know of each other, but the same failures happen to all: so each is simulated by itself. */
  group(number: number): GroupYear {
    const fate = fateOf(this.#machinesOf(number), this.cluster, this.incidents, this.endMs);
    const seed = `${this.seed}/group ${number}`;
    return simulateGroup(this.scenario, fate, { seed, endMs: this.endMs, ...this.#options });
  }

  /** The failures that happen to a group. */
  incidentsOf(number: number): Incident[] {
    const machines = this.#machinesOf(number);
    return this.incidents.filter((incident) =>
      machines.some((machine) =>
        'racks' in incident ? incident.racks.has(this.cluster.rackOf(machine)) : incident.machines.includes(machine),
      ),
    );
  }

  outagesOf(number: number, { outages }: GroupYear): Outage[] {
    const incidents = this.incidentsOf(number);
    return outages.map((outage) => ({ ...outage, cause: causeOf(outage, incidents) }));
  }

  #machinesOf(number: number): readonly number[] {
    const machines = this.cluster.groups[number];
    if (machines === undefined) throw new RangeError(`there is no group ${number}: there are ${this.scenario.groups}`);
    return machines;
  }
}

function causeOf(outage: Interval, incidents: readonly Incident[]): FailureKind | null {
  let cause: FailureKind | null = null;
  let latestMs = Number.NEGATIVE_INFINITY;
  for (const { kind, fromMs, toMs } of incidents) {
    for (const atMs of [fromMs, toMs]) {
      if (atMs <= outage.fromMs + SLACK_MS && atMs > latestMs && isNear(outage, { fromMs, toMs })) {
        latestMs = atMs;
        cause = kind;
      }
    }
  }
  return cause;
}

/** An outage is noticed by the operation that was under way: it may have begun before the failure. */
const SLACK_MS = 5_000;

function isNear(outage: Interval, incident: Interval): boolean {
  return incident.fromMs <= outage.fromMs + SLACK_MS && outage.fromMs <= incident.toMs + CAUSES_WITHIN_MS;
}
