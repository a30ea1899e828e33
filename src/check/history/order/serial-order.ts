import { concludeAll } from './conclude.ts';
import type { Facts } from './facts.ts';
import type { Edge, Precedence } from './precedence.ts';
import { schedule } from './schedule.ts';

export type SerialOrder<T> =
  | { readonly type: 'found'; readonly order: readonly number[] }
  /** No order explains what was seen; the story is that of the contradiction that was found first. */
  | { readonly type: 'none'; readonly story: T }
  | { readonly type: 'cut' };

/**
 * Looks for an order of all events in which each reads what was written last: first by what has to be, then by
 * supposing an order of two writes wherever that leaves it open, and the other if that leads to a contradiction.
 *
 * After Gibbons and Korach, "Testing shared memories" (1997), and Biswas and Enea, "On the complexity of checking
 * transactional consistency" (2019). The question is NP-complete, but of what systems do little is left open.
 */
export function findSerialOrder<T>(
  known: Precedence,
  facts: Facts,
  {
    preference,
    tell,
    shouldStop,
  }: {
    /** Of two events that may both come next, the one whose number is lower here is tried first. */
    readonly preference: readonly number[];
    /** Called with a contradiction while everything that led to it is still known. */
    readonly tell: (cycle: readonly Edge[]) => T;
    readonly shouldStop?: (() => boolean) | undefined;
  },
): SerialOrder<T> {
  /** What else to suppose, and in which round. */
  const untried: { readonly round: number; readonly from: number; readonly to: number }[] = [];
  let first: { readonly story: T } | null = null;
  for (;;) {
    const isConsistent = concludeAll(known, facts, shouldStop);
    if (isConsistent === null || shouldStop?.() === true) return { type: 'cut' };
    if (isConsistent) {
      const result = schedule(known, facts, preference);
      if (result.type === 'complete') return { type: 'found', order: result.order };
      const { version, blocked } = result;
      known.round += 1;
      untried.push({ round: known.round, from: version, to: blocked });
      known.add(blocked, version, { type: 'assumed' });
      continue;
    }
    first ??= { story: tell(known.cycle() ?? []) };
    const other = untried.pop();
    if (other === undefined) return { type: 'none', story: first.story };
    known.forgetFrom(other.round);
    known.add(other.from, other.to, { type: 'assumed' });
  }
}
