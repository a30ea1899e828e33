import { type Bar, type BarMark, type Lane, lanesOf, type PlacedBar } from './lanes.ts';
import { SCRIPT, STYLE } from './style.ts';
import { TimeAxis } from './time-axis.ts';

export type { Bar, BarMark } from './lanes.ts';

export interface Page {
  /** What was checked: the name of a file. */
  readonly title: string;
  readonly verdict: 'holds' | 'violated' | 'unknown';
  /** The verdict, told: lines of plain text. */
  readonly text: string;
  readonly bars: readonly Bar[];
}

const ROW_PX = 22;
const LISTED_MAX = 50;

/** A page that shows a history, and needs nothing but itself: a bar for each operation, on a time axis, by client. */
export function historyPage({ title, verdict, text, bars }: Page): string {
  const axis = new TimeAxis(bars);
  const lanes = lanesOf(bars, axis);
  const names = lanes.map(({ client, rows }) => `<div style="height:${heightOf(rows)}px">${escaped(client)}</div>`);
  const ticks = axis.ticks.map(
    ({ at, time }) => `<i style="left:${px(at)}px">${Number.isInteger(time) ? time : time.toFixed(2)}</i>`,
  );
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escaped(title)}: ${verdict}</title>
<style>${STYLE}</style>
<header>
<h1><b class="${verdict}">${verdict}</b> ${escaped(title)}</h1>
<p>${bars.length} operations of ${lanes.length} clients. Point at one to read it; drag, or click the overview, to move.</p>
<pre>${linked(escaped(text))}</pre>
${listOf(bars)}</header>
<p class="legend"><b class="read">reads</b> <b class="write">writes</b> <b class="aborted">aborted</b> <b class="unknown">outcome unknown</b>
<b class="read offending">in question</b> <b class="read concurrent">concurrent with it</b> <b class="read last">the last that fit</b></p>
${overviewOf(lanes, axis)}
<main>
<nav><div class="corner">client</div>${names.join('')}</nav>
<section>
<div class="field" style="width:${px(axis.width)}px">
<div class="axis">${ticks.join('')}</div>
${lanes.map(laneOf).join('\n')}
</div>
</section>
</main>
<script>${SCRIPT}</script>
</html>
`;
}

function laneOf({ rows }: Lane): string {
  return `<div class="lane">${rows.map((row) => `<div class="row">${row.map(barOf).join('')}</div>`).join('')}</div>`;
}

function barOf({ bar, left, width }: PlacedBar): string {
  const { id, client, invokeAt, completeAt, label, kind, mark } = bar;
  const classes = [kind, completeAt === null ? 'unknown' : '', mark ?? ''].filter((name) => name !== '').join(' ');
  const title = escaped(`${label}\nclient ${client}, ${invokeAt} to ${completeAt ?? '?'}`);
  const place = `left:${px(left)}px;width:${px(width)}px`;
  // What is too narrow for a letter has no text.
  const text = width < 12 ? '' : escaped(label);
  return `<a id="${escaped(id)}" class="${classes}" style="${place}" title="${title}">${text}</a>`;
}

/** Links to what the verdict is about. */
function listOf(bars: readonly Bar[]): string {
  const list = (mark: BarMark, heading: string): string => {
    const marked = bars.filter((bar) => bar.mark === mark);
    if (marked.length === 0) return '';
    const items = marked
      .slice(0, LISTED_MAX)
      .map(
        ({ id, client, label }) => `<a href="#${escaped(id)}">${escaped(shortened(`client ${client}: ${label}`))}</a>`,
      );
    const more = marked.length > LISTED_MAX ? ` and ${marked.length - LISTED_MAX} more` : '';
    return `<p class="links">${heading} ${items.join(' ')}${more}</p>\n`;
  };
  return `${list('offending', 'In question:')}${list('concurrent', 'Concurrent with it:')}`;
}

/** The whole history on one strip: what is in question, as it would not be seen among the rest, in its full height. */
function overviewOf(lanes: readonly Lane[], axis: TimeAxis): string {
  const rows = lanes.flatMap((lane) => lane.rows);
  const strokes = rows.map((row, index) =>
    row.map(({ left, width }) => `M${px(left)} ${index + 0.5}h${px(width)}`).join(''),
  );
  const offending = rows.flat().filter(({ bar }) => bar.mark === 'offending');
  const posts = offending.map(({ left, width }) => `M${px(left + width / 2)} 0v${rows.length}`);
  return `<svg class="overview" viewBox="0 0 ${px(axis.width)} ${rows.length}" preserveAspectRatio="none">
<path class="all" d="${strokes.join('')}"/><path class="posts" d="${posts.join('')}"/><rect class="window" height="${rows.length}"/>
</svg>`;
}

function heightOf(rows: readonly unknown[]): number {
  return rows.length * ROW_PX;
}

/** Transactions are named in the text as their bars are. */
function linked(text: string): string {
  return text.replaceAll(/\bT\d+\b/g, (name) => `<a href="#${name}">${name}</a>`);
}

function shortened(text: string): string {
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

function px(length: number): string {
  return String(Math.round(length * 10) / 10);
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
