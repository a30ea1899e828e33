import { concludeAll } from './conclude.ts';
import type { Facts } from './facts.ts';
import type { Edge, Precedence } from './precedence.ts';
import { schedule } from './schedule.ts';

export type SerialOrder =
  | { readonly type: 'found'; readonly order: readonly number[] }
  /** No order explains what was seen; `cycle` is the contradiction that was found first. */
  | { readonly type: 'none'; readonly cycle: readonly Edge[] }
  | { readonly type: 'cut' };

/**
 * Looks for an order of all events in which each reads what was written last: first by what has to be, then by
 * supposing an order of two writes wherever that leaves it open, and the other if that leads to a contradiction.
 *
 * After Gibbons and Korach, "Testing shared memories" (1997), and Biswas and Enea, "On the complexity of checking
 * transactional consistency" (2019). The question is NP-complete, but of what systems do little is left open.
 */
export function findSerialOrder(
  known: Precedence,
  facts: Facts,
  preference: readonly number[],
  shouldStop?: () => boolean,
): SerialOrder {
  /** What else to suppose, and in which round. */
  const untried: { readonly round: number; readonly from: number; readonly to: number }[] = [];
  let first: readonly Edge[] | null = null;
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
    const cycle = known.cycle() ?? [];
    first ??= cycle;
    const other = untried.pop();
    if (other === undefined) return { type: 'none', cycle: first };
    known.forgetFrom(other.round);
    known.add(other.from, other.to, { type: 'assumed' });
  }
}
