/** A stretch of time, its end left out. */
export interface Interval {
  readonly fromMs: number;
  readonly toMs: number;
}

/** The same time, in stretches that neither overlap nor touch, in order. */
export function merged(intervals: readonly Interval[]): Interval[] {
  const result: { fromMs: number; toMs: number }[] = [];
  for (const { fromMs, toMs } of intervals.toSorted((a, b) => a.fromMs - b.fromMs)) {
    const last = result.at(-1);
    if (last !== undefined && fromMs <= last.toMs) last.toMs = Math.max(last.toMs, toMs);
    else if (toMs > fromMs) result.push({ fromMs, toMs });
  }
  return result;
}

export function totalMs(intervals: readonly Interval[]): number {
  return intervals.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
}

/** The time in which at least so many of the given sets of stretches, each of them merged, hold at once. */
export function atLeast(count: number, sets: readonly (readonly Interval[])[]): Interval[] {
  const edges = sets.flatMap((set) =>
    set.flatMap(({ fromMs, toMs }) => [
      { at: fromMs, by: 1 },
      { at: toMs, by: -1 },
    ]),
  );
  edges.sort((a, b) => a.at - b.at || a.by - b.by);
  const result: Interval[] = [];
  let holding = 0;
  let since = 0;
  for (const { at, by } of edges) {
    if (holding === count - 1 && by === 1) since = at;
    if (holding === count && by === -1) result.push({ fromMs: since, toMs: at });
    holding += by;
  }
  return merged(result);
}

export function overlapMs(interval: Interval, others: readonly Interval[]): number {
  let sum = 0;
  for (const { fromMs, toMs } of others) {
    sum += Math.max(0, Math.min(interval.toMs, toMs) - Math.max(interval.fromMs, fromMs));
  }
  return sum;
}
