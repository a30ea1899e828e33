import type { Failure } from '../trial.ts';
import type { GroupYear } from './group-year.ts';
import { overlapMs, totalMs } from './intervals.ts';
import { FAILURE_KINDS, type FailureKind } from './scenario.ts';
import type { Outage, Year } from './year.ts';

/** What became of one group, by its number. */
export interface GroupSummary {
  readonly group: number;
  readonly year: GroupYear;
  readonly outages: readonly Outage[];
  readonly downMs: number;
  readonly availability: number;
}

export interface KindSummary {
  readonly kind: FailureKind;
  readonly incidents: number;
  readonly groupsHit: number;
  readonly outages: number;
  readonly downMs: number;
  readonly longestMs: number;
}

/** What a year, or the part of it that was simulated, came to. */
export interface YearSummary {
  readonly groups: readonly GroupSummary[];
  /** Null if everything holds. */
  readonly failure: { readonly group: number; readonly failure: Failure } | null;
  readonly operations: number;
  readonly answered: number;
  readonly acknowledgedWrites: number;
  readonly lostWrites: number;
  readonly replacedReplicas: number;
  readonly elections: number;
  readonly simulatedMs: number;
  readonly steps: number;
  readonly availability: { readonly mean: number; readonly median: number; readonly least: number };
  readonly downMs: number;
  /** Of that, while no majority of the group was up. */
  readonly downWithoutMajorityMs: number;
  readonly longest: (Outage & { readonly group: number }) | null;
  readonly kinds: readonly KindSummary[];
}

export function summarise(year: Year, groups: ReadonlyMap<number, GroupYear>): YearSummary {
  const told = [...groups].map(([group, outcome]) => summariseGroup(year, group, outcome));
  const sum = (of: (group: GroupYear) => number): number => told.reduce((total, { year: each }) => total + of(each), 0);
  const availabilities = told.map(({ availability }) => availability).sort((a, b) => a - b);
  const failing = told.find(({ year: { failure } }) => failure !== null);
  return {
    groups: told,
    failure: failing?.year.failure ? { group: failing.group, failure: failing.year.failure } : null,
    operations: sum(({ operations }) => operations),
    answered: sum(({ answered }) => answered),
    acknowledgedWrites: sum(({ acknowledgedWrites }) => acknowledgedWrites),
    lostWrites: sum(({ lostWrites }) => lostWrites),
    replacedReplicas: sum(({ replacedReplicas }) => replacedReplicas),
    elections: sum(({ elections }) => elections),
    simulatedMs: sum(({ simulatedMs }) => simulatedMs),
    steps: sum(({ steps }) => steps),
    availability: {
      mean: availabilities.reduce((total, each) => total + each, 0) / Math.max(1, availabilities.length),
      median: availabilities[Math.floor(availabilities.length / 2)] ?? 1,
      least: availabilities[0] ?? 1,
    },
    downMs: told.reduce((total, { downMs }) => total + downMs, 0),
    downWithoutMajorityMs: told.reduce((total, { year: { withoutMajority }, outages }) => {
      return total + outages.reduce((within, outage) => within + overlapMs(outage, withoutMajority), 0);
    }, 0),
    longest: longestOf(told),
    kinds: FAILURE_KINDS.map((kind) => summariseKind(year, kind, told)),
  };
}

function summariseGroup(year: Year, group: number, outcome: GroupYear): GroupSummary {
  const downMs = totalMs(outcome.outages);
  const outages = year.outagesOf(group, outcome);
  return { group, year: outcome, outages, downMs, availability: 1 - downMs / year.endMs };
}

function longestOf(groups: readonly GroupSummary[]): YearSummary['longest'] {
  let longest: YearSummary['longest'] = null;
  for (const { group, outages } of groups) {
    for (const outage of outages) {
      if (longest === null || lengthMs(outage) > lengthMs(longest)) longest = { ...outage, group };
    }
  }
  return longest;
}

function summariseKind(year: Year, kind: FailureKind, groups: readonly GroupSummary[]): KindSummary {
  const outages = groups.flatMap((group) => group.outages.filter(({ cause }) => cause === kind));
  return {
    kind,
    incidents: year.incidents.filter((incident) => incident.kind === kind).length,
    groupsHit: groups.filter(({ group }) => year.incidentsOf(group).some((incident) => incident.kind === kind)).length,
    outages: outages.length,
    downMs: totalMs(outages),
    longestMs: outages.reduce((longest, outage) => Math.max(longest, lengthMs(outage)), 0),
  };
}

function lengthMs({ fromMs, toMs }: Outage): number {
  return toMs - fromMs;
}
