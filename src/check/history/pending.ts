import type { Operation } from './history.ts';

const NONE = -1;

/**
 * The operations that have no place in the order yet: those in the order in which they began, and, of those that
 * ended, the order in which they did. Two doubly linked lists in typed arrays, from which an operation is lifted when
 * it is placed and put back when the search takes that back, in reverse order (Lowe's linked list of events).
 */
export class Pending {
  readonly #nextCall: Int32Array;
  readonly #previousCall: Int32Array;
  readonly #nextReturn: Int32Array;
  readonly #previousReturn: Int32Array;
  readonly #callRank: Float64Array;
  readonly #returnRank: Float64Array;
  readonly #end: number;
  #completed = 0;

  /** Operations in the order in which they began. */
  constructor(operations: readonly Operation[]) {
    const count = operations.length;
    this.#end = count;
    this.#nextCall = new Int32Array(count + 1);
    this.#previousCall = new Int32Array(count + 1);
    this.#nextReturn = new Int32Array(count + 1).fill(NONE);
    this.#previousReturn = new Int32Array(count + 1).fill(NONE);
    this.#callRank = new Float64Array(count);
    this.#returnRank = new Float64Array(count);
    link(this.#nextCall, this.#previousCall, [...operations.keys()], count);
    this.#rank(operations);
  }

  /** How many of them have ended: only these have to be placed. */
  get completed(): number {
    return this.#completed;
  }

  /** The one that ended first: nothing that began after its end may come before it. None if none has ended. */
  get urgent(): number {
    return this.#nextReturn[this.#end] as number;
  }

  /** The first of those that may come next, which began before any of them ended; `end` if there is none. */
  get first(): number {
    return this.#candidate(this.#nextCall[this.#end] as number);
  }

  after(operation: number): number {
    return this.#candidate(this.#nextCall[operation] as number);
  }

  get end(): number {
    return this.#end;
  }

  lift(operation: number): void {
    unlink(this.#nextCall, this.#previousCall, operation);
    if (this.#returnRank[operation] === Number.POSITIVE_INFINITY) return;
    unlink(this.#nextReturn, this.#previousReturn, operation);
    this.#completed -= 1;
  }

  /** Takes back the last `lift`. */
  putBack(operation: number): void {
    relink(this.#nextCall, this.#previousCall, operation);
    if (this.#returnRank[operation] === Number.POSITIVE_INFINITY) return;
    relink(this.#nextReturn, this.#previousReturn, operation);
    this.#completed += 1;
  }

  #candidate(operation: number): number {
    if (operation === this.#end) return operation;
    const { urgent } = this;
    if (urgent === this.#end) return operation;
    return (this.#callRank[operation] as number) < (this.#returnRank[urgent] as number) ? operation : this.#end;
  }

  /** Puts all beginnings and ends in one order. At the same instant beginnings come first: then both orders count. */
  #rank(operations: readonly Operation[]): void {
    const returns = [...operations.keys()].filter((index) => operations[index]?.completeAt !== null);
    const endOf = (index: number): number => operations[index]?.completeAt ?? Number.POSITIVE_INFINITY;
    returns.sort((a, b) => endOf(a) - endOf(b));
    link(this.#nextReturn, this.#previousReturn, returns, this.#end);
    this.#completed = returns.length;
    this.#returnRank.fill(Number.POSITIVE_INFINITY);
    let rank = 0;
    let ended = 0;
    operations.forEach(({ invokeAt }, index) => {
      for (; ended < returns.length && endOf(returns[ended] as number) < invokeAt; ended += 1) {
        this.#returnRank[returns[ended] as number] = rank++;
      }
      this.#callRank[index] = rank++;
    });
    for (; ended < returns.length; ended += 1) this.#returnRank[returns[ended] as number] = rank++;
  }
}

/** Links the items in a ring, through an end that is none of them. */
function link(next: Int32Array, previous: Int32Array, items: readonly number[], end: number): void {
  let last = end;
  for (const item of items) {
    next[last] = item;
    previous[item] = last;
    last = item;
  }
  next[last] = end;
  previous[end] = last;
}

function unlink(next: Int32Array, previous: Int32Array, item: number): void {
  const after = next[item] as number;
  const before = previous[item] as number;
  next[before] = after;
  previous[after] = before;
}

/** An unlinked item still knows its neighbours. */
function relink(next: Int32Array, previous: Int32Array, item: number): void {
  next[previous[item] as number] = item;
  previous[next[item] as number] = item;
}
