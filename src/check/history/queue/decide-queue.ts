import type { Operation } from '../history.ts';
import type { QueueInput, Value } from '../models.ts';
import { Pending } from '../pending.ts';
import type { SearchResult } from '../search.ts';
import { type Item, type QueueFacts, queueFacts } from './facts.ts';
import { isNoQueue } from './patterns.ts';

/**
 * Decides a queue of distinct values without a search, which would learn too late in which order it should have put in
 * what was put in at the same time. Null if it cannot tell.
 */
export function decideQueue(
  operations: readonly Operation<QueueInput, Value>[],
): SearchResult<readonly Value[]> | null {
  const facts = queueFacts(operations);
  if (facts === null) return null;
  const result = new QueueOrder(operations, facts).run();
  return result.type === 'found' || isNoQueue(operations, facts) ? result : null;
}

/**
 * Puts the operations in an order: takes out as early as it can, which never harms; puts in as late as it must, and
 * before it what was certainly taken out before.
 */
class QueueOrder {
  readonly #operations: readonly Operation<QueueInput, Value>[];
  readonly #facts: QueueFacts;
  readonly #pending: Pending;
  readonly #order: number[] = [];
  readonly #queue: string[] = [];
  readonly #placed: Uint8Array;
  #head = 0;

  constructor(operations: readonly Operation<QueueInput, Value>[], facts: QueueFacts) {
    this.#operations = operations;
    this.#facts = facts;
    this.#pending = new Pending(operations);
    this.#placed = new Uint8Array(operations.length);
  }

  run(): SearchResult<readonly Value[]> {
    const pending = this.#pending;
    for (;;) {
      while (this.#takeOut()) {
        // As long as something can be.
      }
      if (pending.completed === 0) return { type: 'found', order: this.#order, state: this.#state };
      const { urgent } = pending;
      const next = this.#nextFor(urgent);
      if (next === null) return { type: 'none', order: this.#order, state: this.#state, stuck: urgent };
      this.#place(next);
    }
  }

  get #state(): Value[] {
    return this.#queue.slice(this.#head).map((name) => this.#valueOf(name));
  }

  get #front(): string | undefined {
    return this.#queue[this.#head];
  }

  /** Whether something was taken out, or found to be empty. */
  #takeOut(): boolean {
    const front = this.#front;
    for (const candidate of this.#candidates()) {
      const { input, completeAt } = this.#operations[candidate] as Operation<QueueInput, Value>;
      if (input.type === 'enqueue' || completeAt === null) continue;
      if (this.#facts.names[candidate] !== (front ?? null)) continue;
      this.#place(candidate);
      return true;
    }
    return false;
  }

  /** What has to come now so that the urgent operation can come soon; null if nothing helps. */
  #nextFor(urgent: number): number | null {
    const name = this.#facts.names[urgent] ?? null;
    const item = name === null ? undefined : this.#facts.items.get(name);
    if (item !== undefined && this.#placed[item.enqueue] === 0) return this.#putIn(item);
    // It has to be taken out, or found to be empty, and something else is in front.
    const front = this.#front;
    if (front === undefined || this.#facts.items.get(front)?.dequeue !== undefined) return null;
    return this.#candidates().find((candidate) => this.#mayHaveTaken(candidate)) ?? null;
  }

  #mayHaveTaken(candidate: number): boolean {
    const { input, completeAt } = this.#operations[candidate] as Operation<QueueInput, Value>;
    return input.type === 'dequeue' && completeAt === null;
  }

  /** The value itself, or what was taken out before it, and so was put in before it. */
  #putIn(target: Item): number | null {
    const candidates = this.#candidates();
    if (!candidates.includes(target.enqueue)) return null;
    const before = target.likelyDequeueBegin;
    let first = target;
    for (const candidate of candidates) {
      if (this.#operations[candidate]?.input.type !== 'enqueue') continue;
      const item = this.#facts.items.get(this.#facts.names[candidate] ?? '');
      if (item?.dequeue === undefined || item.dequeueEnd >= before) continue;
      if (item.dequeueEnd < first.dequeueEnd) first = item;
    }
    return first.enqueue;
  }

  #candidates(): number[] {
    const pending = this.#pending;
    const candidates: number[] = [];
    for (let at = pending.first; at !== pending.end; at = pending.after(at)) candidates.push(at);
    return candidates;
  }

  #place(operation: number): void {
    this.#pending.lift(operation);
    this.#placed[operation] = 1;
    this.#order.push(operation);
    const { input } = this.#operations[operation] as Operation<QueueInput, Value>;
    if (input.type === 'enqueue') this.#queue.push(this.#facts.names[operation] ?? '');
    else if (this.#front !== undefined) this.#head += 1;
  }

  #valueOf(name: string): Value {
    const { input } = this.#operations[this.#facts.items.get(name)?.enqueue ?? -1] ?? {};
    return input?.type === 'enqueue' ? input.value : null;
  }
}
