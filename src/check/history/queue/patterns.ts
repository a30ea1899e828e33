import type { Operation } from '../history.ts';
import type { Item, QueueFacts } from './facts.ts';

/**
 * Whether a queue cannot have behaved so, by the patterns of which a history of distinct values has one if it is not
 * linearizable (Henzinger, Sezgin and Vafeiadis, "Aspect-oriented linearizability proofs", 2013). What these find is
 * certain; where outcomes are unknown they may miss something.
 */
export function isNoQueue(operations: readonly Operation[], facts: QueueFacts): boolean {
  const items = [...facts.items.values()];
  return facts.isTorn || items.some(isTakenBeforePut) || isOvertaken(items) || isFoundEmpty(operations, facts, items);
}

function isTakenBeforePut({ dequeue, dequeueEnd, enqueueBegin }: Item): boolean {
  return dequeue !== undefined && dequeueEnd < enqueueBegin;
}

/** One value was in before another, and was still in when that had been taken out. */
function isOvertaken(items: readonly Item[]): boolean {
  const byBegin = items.filter(({ dequeue }) => dequeue !== undefined).sort((a, b) => a.enqueueBegin - b.enqueueBegin);
  const byEnd = [...items].sort((a, b) => a.enqueueEnd - b.enqueueEnd);
  let inBefore = 0;
  let latest = Number.NEGATIVE_INFINITY;
  return byBegin.some(({ enqueueBegin, dequeueEnd }) => {
    for (; (byEnd[inBefore]?.enqueueEnd ?? Number.POSITIVE_INFINITY) < enqueueBegin; inBefore += 1) {
      latest = Math.max(latest, (byEnd[inBefore] as Item).dequeueBegin);
    }
    return latest > dequeueEnd;
  });
}

/** Something was in the queue all the time while it was said to be empty. */
function isFoundEmpty(operations: readonly Operation[], { names }: QueueFacts, items: readonly Item[]): boolean {
  const filled: { from: number; to: number }[] = [];
  for (const { enqueueEnd: from, dequeueBegin: to } of [...items].sort((a, b) => a.enqueueEnd - b.enqueueEnd)) {
    if (from >= to) continue;
    const last = filled.at(-1);
    if (last !== undefined && from < last.to) last.to = Math.max(last.to, to);
    else filled.push({ from, to });
  }
  return operations.some(({ invokeAt, completeAt }, index) => {
    if (names[index] !== null || completeAt === null) return false;
    const at = filled.findLastIndex(({ from }) => from < invokeAt);
    return (filled[at]?.to ?? Number.NEGATIVE_INFINITY) > completeAt;
  });
}
