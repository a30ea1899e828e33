import { toJson } from '../../../kernel/index.ts';
import type { Operation } from '../history.ts';
import type { QueueInput, Value } from '../models.ts';

/** What is known of one value: who put it in, and who took it out. Operations are numbers; times are theirs. */
export interface Item {
  enqueue: number;
  enqueueBegin: number;
  enqueueEnd: number;
  /** Undefined if nobody is known to have taken it. */
  dequeue: number | undefined;
  /** At the earliest; if nobody is known to, when the first that may have begins. */
  dequeueBegin: number;
  dequeueEnd: number;
  /** The same as `dequeueBegin`, or else a guess: infinite if it was left in, for all that is known. */
  likelyDequeueBegin: number;
}

export interface QueueFacts {
  readonly items: ReadonlyMap<string, Item>;
  /** By operation: the value that it put in or took out; null for a `dequeue` of nothing, or of nobody knows what. */
  readonly names: readonly (string | null)[];
  /** A value was taken that nobody put in, or twice. */
  readonly isTorn: boolean;
}

/** Null if a value is put in twice, so that it cannot be told who took which. */
export function queueFacts(operations: readonly Operation<QueueInput, Value>[]): QueueFacts | null {
  const items = new Map<string, Item>();
  const unknown: number[] = [];
  for (const [enqueue, { input, invokeAt, completeAt }] of operations.entries()) {
    if (input.type === 'dequeue') {
      if (completeAt === null) unknown.push(invokeAt);
      continue;
    }
    const name = nameOf(input.value);
    if (items.has(name)) return null;
    const end = Number.POSITIVE_INFINITY;
    items.set(name, {
      enqueue,
      enqueueBegin: invokeAt,
      enqueueEnd: completeAt ?? end,
      dequeue: undefined,
      dequeueBegin: end,
      dequeueEnd: end,
      likelyDequeueBegin: end,
    });
  }
  for (const item of items.values()) item.dequeueBegin = unknown[0] ?? Number.POSITIVE_INFINITY;
  let isTorn = false;
  const names = operations.map(({ input, output, invokeAt, completeAt }, dequeue) => {
    if (input.type === 'enqueue') return nameOf(input.value);
    if (completeAt === null || output === null) return null;
    const name = nameOf(output);
    const item = items.get(name);
    if (item === undefined || item.dequeue !== undefined) isTorn = true;
    else Object.assign(item, { dequeue, dequeueBegin: invokeAt, dequeueEnd: completeAt, likelyDequeueBegin: invokeAt });
    return name;
  });
  guessTakers([...items.values()], unknown);
  return { items, names, isTorn };
}

/**
 * What nobody is known to have taken, though something put in after it was, was taken by one of unknown outcome that
 * began before: of those the earliest, for what is needed first. Beginnings are in order.
 */
function guessTakers(items: readonly Item[], unknown: readonly number[]): void {
  const taken = items.filter(({ dequeue }) => dequeue !== undefined).sort((a, b) => b.enqueueBegin - a.enqueueBegin);
  const missing = items.filter(({ dequeue }) => dequeue === undefined).sort((a, b) => b.enqueueEnd - a.enqueueEnd);
  const needs: { readonly item: Item; readonly by: number }[] = [];
  let by = Number.POSITIVE_INFINITY;
  let index = 0;
  for (const item of missing) {
    for (; (taken[index]?.enqueueBegin ?? Number.NEGATIVE_INFINITY) > item.enqueueEnd; index += 1) {
      by = Math.min(by, (taken[index] as Item).dequeueEnd);
    }
    if (by < Number.POSITIVE_INFINITY) needs.push({ item, by });
  }
  needs.sort((a, b) => a.by - b.by || a.item.enqueueEnd - b.item.enqueueEnd);
  needs.forEach(({ item }, place) => {
    item.likelyDequeueBegin = unknown[place] ?? Number.POSITIVE_INFINITY;
  });
}

function nameOf(value: Value): string {
  return JSON.stringify(toJson(value));
}
