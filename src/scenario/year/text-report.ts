import type { YearSummary } from './summary.ts';
import { grouped, KIND_NAMES, lengthOf, percent } from './words.ts';
import type { Year } from './year.ts';

const DAY_MS = 86_400_000;
const COLUMNS = 73;
const HEIGHTS = ' ▁▂▃▄▅▆▇█';

/** A year as text: the sums, a table by kind of failure, and a picture of when what happened. */
export function textReport(year: Year, summary: YearSummary): string {
  return `${sums(year, summary)}\n${table(summary)}\n${picture(year, summary)}`;
}

function sums({ scenario, endMs }: Year, summary: YearSummary): string {
  const { groups, availability, longest, downMs, downWithoutMajorityMs } = summary;
  const share = downMs === 0 ? 0 : downWithoutMajorityMs / downMs;
  const rows: [string, string][] = [
    ['cluster', `${grouped(scenario.machines)} machines, ${scenario.racks} racks, ${endMs / DAY_MS} days`],
    ['groups', `${groups.length} of ${scenario.replicas} replicas`],
    ['writes acknowledged', grouped(summary.acknowledgedWrites)],
    ['acknowledged and lost', grouped(summary.lostWrites)],
    ['operations', `${grouped(summary.operations)}, ${grouped(summary.answered)} of them answered`],
    [
      'availability of a group',
      `${percent(availability.mean)} mean, ${percent(availability.median)} median, ${percent(availability.least)} least`,
    ],
    ['outages, all groups', `${lengthOf(downMs)}, ${(100 * share).toFixed(1)}% of it without a majority up`],
    ['longest outage', longest === null ? 'none' : tellLongest(longest)],
    ['leaderships', `${grouped(summary.elections)} begun; ${grouped(summary.replacedReplicas)} replicas replaced`],
  ];
  return rows.map(([name, value]) => `  ${name.padEnd(24)} ${value}\n`).join('');
}

function tellLongest({ group, fromMs, toMs, cause }: NonNullable<YearSummary['longest']>): string {
  const why = cause === null ? '' : `, after: ${KIND_NAMES[cause]}`;
  return `${lengthOf(toMs - fromMs)}, group ${group}, on day ${Math.floor(fromMs / DAY_MS) + 1}${why}`;
}

function table({ kinds }: YearSummary): string {
  const head = ['FAILURE', 'TIMES', 'GROUPS HIT', 'OUTAGES', 'ALL TOGETHER', 'LONGEST'];
  const rows = kinds.map(({ kind, incidents, groupsHit, outages, downMs, longestMs }) => {
    const numbers = [incidents, groupsHit, outages].map(grouped);
    return [KIND_NAMES[kind], ...numbers, lengthOf(downMs), lengthOf(longestMs)];
  });
  const widths = head.map((name, column) => Math.max(name.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `  ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  ')}\n`;
  return [head, ...rows].map(line).join('');
}

/** A column for each few days: the failures that began in it, and the groups that had an outage. */
function picture({ incidents, endMs }: Year, { groups, kinds }: YearSummary): string {
  const columnMs = endMs / COLUMNS;
  const columnOf = (atMs: number): number => Math.min(COLUMNS - 1, Math.floor(atMs / columnMs));
  const width = Math.max(...kinds.map(({ kind }) => KIND_NAMES[kind].length));
  const lanes = kinds
    .filter((each) => each.incidents > 0)
    .map(({ kind }) => {
      const counts = new Array<number>(COLUMNS).fill(0);
      for (const { fromMs } of incidents.filter((each) => each.kind === kind)) bump(counts, columnOf(fromMs));
      return `  ${KIND_NAMES[kind].padEnd(width)} ${bars(counts, Math.max(...counts))}\n`;
    });
  const hit = new Array<number>(COLUMNS).fill(0);
  for (const { outages } of groups) {
    for (const column of new Set(outages.map(({ fromMs }) => columnOf(fromMs)))) bump(hit, column);
  }
  const outages = `  ${'groups with an outage'.padEnd(width)} ${bars(hit, groups.length)}\n`;
  return `${lanes.join('')}${outages}  ${''.padEnd(width)} ${'─'.repeat(COLUMNS)}\n`;
}

function bump(counts: number[], index: number): void {
  counts[index] = (counts[index] ?? 0) + 1;
}

function bars(counts: readonly number[], most: number): string {
  return counts.map((count) => HEIGHTS[most === 0 ? 0 : Math.ceil((8 * count) / most)] ?? ' ').join('');
}
