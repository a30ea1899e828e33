import type { Incident } from './failures.ts';
import type { YearSummary } from './summary.ts';
import { grouped, KIND_NAMES, lengthOf, percent } from './words.ts';
import type { Outage, Year } from './year.ts';

const DAY_MS = 86_400_000;
const LEFT = 190;
const WIDTH = 1095;
const LANE = 16;
const ROW = 2;
const TOP = 24;

/** Outages by their length, the shortest first, each drawn in its colour. */
const LENGTHS = [
  { name: 'up to 10 s', maxMs: 10_000, color: '#9bb7d4' },
  { name: 'up to a minute', maxMs: 60_000, color: '#e0a23b' },
  { name: 'up to an hour', maxMs: 3_600_000, color: '#d9622b' },
  { name: 'longer', maxMs: Number.POSITIVE_INFINITY, color: '#a3123f' },
] as const;

/** A year as a page of its own, which needs nothing else. */
export function htmlReport(year: Year, summary: YearSummary): string {
  const { scenario, seed } = year;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escaped(scenario.about)}</title>
<style>
:root { color-scheme: light dark; --ink: #1d2330; --soft: #667085; --line: #d5d9e0; --paper: #fff; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ef; --soft: #98a2b3; --line: #38404f; --paper: #12161d; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 1320px; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } p { max-width: 70ch; color: var(--soft); }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(190px, 1fr)); gap: 1rem; }
dt { color: var(--soft); font-size: .85rem; } dd { margin: 0; font-size: 1.25rem; font-variant-numeric: tabular-nums; }
table { border-collapse: collapse; margin: 1.5rem 0; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .9rem; border-bottom: 1px solid var(--line); text-align: right; }
th:first-child, td:first-child { text-align: left; } th { font-weight: 600; color: var(--soft); }
svg { width: 100%; height: auto; } svg text { font: 12px system-ui, sans-serif; fill: var(--soft); }
</style>
<h1>${escaped(scenario.about)}</h1>
<p>Seed ${seed}: ${grouped(scenario.machines)} machines in ${scenario.racks} racks on ${scenario.powerUnits} power units,
${summary.groups.length} groups of ${scenario.replicas} replicas, ${scenario.days} days. An outage lasts from an operation that
fails, or takes longer than ${scenario.clients.slowMs} ms, to the next one that does not.</p>
${figures(summary)}
${picture(year, summary)}
${table(summary)}
</html>
`;
}

function figures({ availability, longest, ...summary }: YearSummary): string {
  const facts: [string, string][] = [
    ['writes acknowledged', grouped(summary.acknowledgedWrites)],
    ['of those lost', grouped(summary.lostWrites)],
    ['histories', summary.failure === null ? 'linearizable' : `group ${summary.failure.group} is not right`],
    ['availability, mean', percent(availability.mean)],
    ['availability, median', percent(availability.median)],
    ['availability, least', percent(availability.least)],
    ['longest outage', longest === null ? 'none' : lengthOf(longest.toMs - longest.fromMs)],
    ['replicas replaced', grouped(summary.replacedReplicas)],
  ];
  return `<dl>${facts.map(([name, value]) => `<div><dt>${name}</dt><dd>${value}</dd></div>`).join('')}</dl>`;
}

function table({ kinds }: YearSummary): string {
  const head = ['failure', 'times', 'groups hit', 'outages', 'all together', 'longest'];
  const rows = kinds.map(({ kind, incidents, groupsHit, outages, downMs, longestMs }) => [
    KIND_NAMES[kind],
    ...[incidents, groupsHit, outages].map(grouped),
    lengthOf(downMs),
    lengthOf(longestMs),
  ]);
  const cells = (tag: string, row: readonly string[]): string =>
    `<tr>${row.map((cell) => `<${tag}>${cell}</${tag}>`).join('')}</tr>`;
  return `<table>${cells('th', head)}${rows.map((row) => cells('td', row)).join('\n')}</table>`;
}

/** Time from left to right: above, a lane for each kind of failure; below, a row for each group, with its outages. */
function picture(year: Year, { groups, kinds }: YearSummary): string {
  const x = (atMs: number): number => LEFT + (WIDTH * atMs) / year.endMs;
  const shown = kinds.filter(({ incidents }) => incidents > 0);
  const below = TOP + shown.length * LANE + LANE;
  const height = below + groups.length * ROW + 2 * LANE;
  const lanes = shown.map(({ kind }, lane) => {
    const y = TOP + lane * LANE;
    const label = `<text x="${LEFT - 8}" y="${y + 12}" text-anchor="end">${KIND_NAMES[kind]}</text>`;
    return (
      label +
      marks(
        year.incidents.filter((incident) => incident.kind === kind),
        x,
        y,
      )
    );
  });
  const legend = LENGTHS.map(({ name, color }, index) => {
    const at = LEFT + index * 150;
    return `<rect x="${at}" y="${height - 14}" width="12" height="12" fill="${color}"/><text x="${at + 18}" y="${height - 4}">${name}</text>`;
  });
  const outages = groups.flatMap((group, row) => group.outages.map((outage) => ({ outage, y: below + row * ROW + 1 })));
  return `<svg viewBox="0 0 ${LEFT + WIDTH + 10} ${height}" role="img" aria-label="failures and outages over the year">
${months(year, x, height - 2 * LANE)}
${lanes.join('\n')}
<text x="${LEFT - 8}" y="${below + 10}" text-anchor="end">outages, a row a group</text>
${LENGTHS.map((_, index) => path(outages, index, x)).join('\n')}
${legend.join('')}<text x="${LEFT - 8}" y="${height - 4}" text-anchor="end">length of an outage</text>
</svg>`;
}

function marks(incidents: readonly Incident[], x: (atMs: number) => number, y: number): string {
  const d = incidents.map(
    ({ fromMs, toMs }) => `M${round(x(fromMs))} ${y + 8}h${round(Math.max(1, x(toMs) - x(fromMs)))}`,
  );
  const opacity = incidents.length > 200 ? 0.35 : 1;
  return `<path d="${d.join('')}" stroke="var(--ink)" stroke-opacity="${opacity}" stroke-width="9"/>`;
}

function path(
  outages: readonly { readonly outage: Outage; readonly y: number }[],
  length: number,
  x: (atMs: number) => number,
): string {
  const minMs = LENGTHS[length - 1]?.maxMs ?? 0;
  const { maxMs, color } = LENGTHS[length] ?? LENGTHS[0];
  const d = outages.flatMap(({ outage: { fromMs, toMs }, y }) => {
    if (toMs - fromMs <= minMs || toMs - fromMs > maxMs) return [];
    return [`M${round(x(fromMs))} ${y}h${round(Math.max(1.5, x(toMs) - x(fromMs)))}`];
  });
  return `<path d="${d.join('')}" stroke="${color}" stroke-width="${ROW}"/>`;
}

function months({ endMs }: Year, x: (atMs: number) => number, bottom: number): string {
  const every = endMs > 60 * DAY_MS ? 30 : Math.max(1, Math.round(endMs / DAY_MS / 10));
  const lines: string[] = [];
  for (let day = 0; day * DAY_MS <= endMs; day += every) {
    const at = round(x(day * DAY_MS));
    lines.push(`<path d="M${at} ${TOP - 6}V${bottom}" stroke="var(--line)"/><text x="${at}" y="12">day ${day}</text>`);
  }
  return lines.join('');
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
