/** States that were found and not yet searched on from, with their number in the visited set and their depth. */
export interface Frontier<S> {
  readonly size: number;
  push(state: S, number: number, depth: number): void;
  /** Takes the next state; false if there is none. It is then in `state`, `number` and `depth`. */
  take(): boolean;
  readonly state: S;
  readonly number: number;
  readonly depth: number;
}

interface Block<S> {
  readonly states: S[];
  readonly numbers: number[];
  readonly depths: number[];
}

/** States in a block of a queue. */
export const BLOCK = 4096;

function emptyBlock<S>(): Block<S> {
  return { states: [], numbers: [], depths: [] };
}

/** Hands out one state at a time. */
export abstract class Taken<S> {
  #state: S | undefined;
  number = -1;
  depth = 0;

  /** The state taken last. */
  get state(): S {
    return this.#state as S;
  }

  protected hand(state: S | undefined, number: number | undefined, depth: number | undefined): void {
    this.#state = state;
    this.number = number ?? -1;
    this.depth = depth ?? 0;
  }
}

/** First in, first out, hence breadth first: in blocks, so that what was searched can be let go. */
export class Queue<S> extends Taken<S> implements Frontier<S> {
  readonly #blocks: Block<S>[] = [emptyBlock()];
  #head = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  push(state: S, number: number, depth: number): void {
    let block = this.#blocks[this.#blocks.length - 1] as Block<S>;
    if (block.states.length === BLOCK) {
      block = emptyBlock();
      this.#blocks.push(block);
    }
    block.states.push(state);
    block.numbers.push(number);
    block.depths.push(depth);
    this.#size += 1;
  }

  take(): boolean {
    if (this.#size === 0) return false;
    const block = this.#blocks[0] as Block<S>;
    this.hand(block.states[this.#head], block.numbers[this.#head], block.depths[this.#head]);
    this.#head += 1;
    this.#size -= 1;
    if (this.#head === block.states.length) {
      this.#head = 0;
      this.#blocks.shift();
      if (this.#blocks.length === 0) this.#blocks.push(emptyBlock());
    }
    return true;
  }
}

/** Last in, first out, hence depth first. */
export class Stack<S> extends Taken<S> implements Frontier<S> {
  readonly #states: S[] = [];
  readonly #numbers: number[] = [];
  readonly #depths: number[] = [];

  get size(): number {
    return this.#states.length;
  }

  push(state: S, number: number, depth: number): void {
    this.#states.push(state);
    this.#numbers.push(number);
    this.#depths.push(depth);
  }

  take(): boolean {
    if (this.#states.length === 0) return false;
    this.hand(this.#states.pop(), this.#numbers.pop(), this.#depths.pop());
    return true;
  }
}

interface Scored<S> {
  readonly state: S;
  readonly number: number;
  readonly depth: number;
  readonly score: number;
}

/** Highest score first; among equals the older, so that the order is the same in every run. */
export class BestFirst<S> extends Taken<S> implements Frontier<S> {
  readonly #heap: Scored<S>[] = [];
  readonly #score: (state: S) => number;

  constructor(score: (state: S) => number) {
    super();
    this.#score = score;
  }

  get size(): number {
    return this.#heap.length;
  }

  push(state: S, number: number, depth: number): void {
    const entry = { state, number, depth, score: this.#score(state) };
    const heap = this.#heap;
    let at = heap.length;
    heap.push(entry);
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above] as Scored<S>;
      if (!goesBefore(entry, parent)) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = entry;
  }

  take(): boolean {
    const top = this.#heap[0];
    const last = this.#heap.pop();
    if (top === undefined || last === undefined) return false;
    if (this.#heap.length > 0) this.#sink(last);
    this.hand(top.state, top.number, top.depth);
    return true;
  }

  #sink(entry: Scored<S>): void {
    const heap = this.#heap;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      let child = heap[below];
      if (child === undefined) break;
      const right = heap[below + 1];
      if (right !== undefined && goesBefore(right, child)) {
        child = right;
        below += 1;
      }
      if (!goesBefore(child, entry)) break;
      heap[at] = child;
      at = below;
    }
    heap[at] = entry;
  }
}

function goesBefore<S>(one: Scored<S>, other: Scored<S>): boolean {
  return one.score > other.score || (one.score === other.score && one.number < other.number);
}
