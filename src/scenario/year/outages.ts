import type { Attempt } from './group-clients.ts';
import { type Interval, merged } from './intervals.ts';
import type { Timeline } from './timeline.ts';

/** From each operation that failed or took too long to the next that did not, in the time of the year. */
export function outagesIn(attempts: readonly Attempt[], slowMs: number, timeline: Timeline): Interval[] {
  const outages: Interval[] = [];
  let sinceMs: number | null = null;
  for (const { fromMs, toMs, answered } of attempts.toSorted((a, b) => a.toMs - b.toMs)) {
    const isBad = !answered || toMs - fromMs > slowMs;
    if (isBad) sinceMs = Math.min(sinceMs ?? fromMs, fromMs);
    if (!answered || sinceMs === null) continue;
    outages.push({ fromMs: timeline.inYear(sinceMs), toMs: timeline.inYear(toMs) });
    sinceMs = null;
  }
  if (sinceMs !== null) {
    outages.push({ fromMs: timeline.inYear(sinceMs), toMs: timeline.inYear(timeline.lengthMs) });
  }
  return merged(outages);
}
