import type { TimeAxis } from './time-axis.ts';

/** An operation, as it is drawn. */
export interface Bar {
  /** Unique in the page. */
  readonly id: string;
  readonly client: string;
  readonly invokeAt: number;
  /** Null if the outcome is unknown. */
  readonly completeAt: number | null;
  readonly label: string;
  readonly kind: 'read' | 'write' | 'aborted';
  readonly mark: BarMark | null;
}

/**
 * - `offending`: what the verdict is about.
 * - `concurrent`: what might have helped, and did not.
 * - `last`: the last ones that could be put in an order.
 * - `aside`: not what the verdict is about.
 */
export type BarMark = 'offending' | 'concurrent' | 'last' | 'aside';

export interface PlacedBar {
  readonly bar: Bar;
  readonly left: number;
  readonly width: number;
}

/** The bars of one client; in several rows where they overlap. */
export interface Lane {
  readonly client: string;
  readonly rows: readonly (readonly PlacedBar[])[];
}

const WIDTH_PX_MIN = 4;

/** A lane for each client, in the order of their names; numbers in names count as such. */
export function lanesOf(bars: readonly Bar[], axis: TimeAxis): Lane[] {
  return [...Map.groupBy(bars, ({ client }) => client)]
    .sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }))
    .map(([client, own]) => ({ client, rows: rowsOf(own, axis) }));
}

function rowsOf(own: readonly Bar[], axis: TimeAxis): PlacedBar[][] {
  const inOrder = [...own].sort((a, b) => a.invokeAt - b.invokeAt);
  const rows: PlacedBar[][] = [];
  inOrder.forEach((bar, index) => {
    const left = axis.placeOf(bar.invokeAt);
    const next = inOrder[index + 1];
    // One of unknown outcome never ends: it is drawn until its client begins something else.
    const end = bar.completeAt ?? next?.invokeAt ?? null;
    const right = end === null ? axis.width : axis.placeOf(end);
    const placed = { bar, left, width: Math.max(right - left, WIDTH_PX_MIN) };
    const row = rows.find((others) => {
      const last = others.at(-1);
      return last === undefined || last.left + last.width <= left + WIDTH_PX_MIN;
    });
    if (row === undefined) rows.push([placed]);
    else row.push(placed);
  });
  return rows;
}
