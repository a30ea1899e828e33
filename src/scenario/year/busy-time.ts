import type { GroupFate } from './group-fate.ts';
import { type Interval, merged } from './intervals.ts';

/** A cut that is shorter than this is simulated from its beginning to its end. */
const SHORT_MS = 600_000;

/** When something happens to a group, or has just happened and may have consequences still. */
export function busyTime(fate: GroupFate, settleMs: number, endMs: number): Interval[] {
  const after = (atMs: number): Interval => ({ fromMs: atMs, toMs: atMs + settleMs });
  const bothEnds = ({ fromMs, toMs }: Interval): Interval[] => [after(fromMs), after(toMs)];
  const all = ({ fromMs, toMs }: Interval): Interval[] => [{ fromMs, toMs: toMs + settleMs }];
  const parts = [
    after(0),
    after(endMs - settleMs),
    ...fate.down.flatMap((intervals) => intervals.flatMap(bothEnds)),
    ...fate.cuts.flatMap((cut) => (cut.toMs - cut.fromMs < SHORT_MS ? all(cut) : bothEnds(cut))),
    ...fate.lossy.flatMap(all),
    ...fate.disks.flatMap(({ atMs, replacedAtMs }) => [after(atMs), after(replacedAtMs)]),
  ];
  const withinYear = parts.map(({ fromMs, toMs }) => ({ fromMs: Math.max(0, fromMs), toMs: Math.min(toMs, endMs) }));
  return merged(withinYear);
}
