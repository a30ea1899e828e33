import { BitMatrix } from './bits.ts';
import { type Arrow, components, type Graph, shortestCycle, shortestPath } from './cycles.ts';

/** Why one event comes before another. */
export type Reason =
  /** The same client did one after the other. */
  | { readonly type: 'session' }
  /** One ended before the other began. */
  | { readonly type: 'realTime' }
  /** The latter read what the former wrote. */
  | { readonly type: 'readsFrom'; readonly key: number }
  /** The former wrote what the reader, before which it comes, did not see; so what the reader saw was written later. */
  | { readonly type: 'overwritten'; readonly key: number; readonly reader: number }
  /** The reader saw a version that the latter replaced; so the reader came before. */
  | { readonly type: 'replaces'; readonly key: number; readonly version: number }
  /** One of two orders has to be, and this one is tried. */
  | { readonly type: 'assumed' };

export interface Edge extends Arrow {
  readonly why: Reason;
  /** Edges are concluded from edges of earlier rounds only. */
  readonly round: number;
}

/**
 * What is known of the order of events: a directed graph, and, while it has no cycle, everything that comes before
 * each event, as bits: 12 MB for 10,000 events.
 */
export class Precedence implements Graph<Edge> {
  readonly size: number;
  #leaving: Edge[][];
  #entering: Edge[][];
  readonly #past: BitMatrix;
  /** The events in an order that respects all edges, as of the last `close`. */
  order: number[] = [];
  readonly rank: Int32Array;
  round = 0;

  constructor(size: number) {
    this.size = size;
    this.#leaving = Array.from({ length: size }, () => []);
    this.#entering = Array.from({ length: size }, () => []);
    this.#past = new BitMatrix(size, size);
    this.rank = new Int32Array(size);
  }

  leaving(node: number): readonly Edge[] {
    return this.#leaving[node] as Edge[];
  }

  entering(node: number): readonly Edge[] {
    return this.#entering[node] as Edge[];
  }

  add(from: number, to: number, why: Reason): void {
    const edge = { from, to, why, round: this.round };
    (this.#leaving[from] as Edge[]).push(edge);
    (this.#entering[to] as Edge[]).push(edge);
  }

  /** Forgets the edges of this round and of later ones. */
  forgetFrom(round: number): void {
    const isKept = (edge: Edge): boolean => edge.round < round;
    this.#leaving = this.#leaving.map((edges) => edges.filter(isKept));
    this.#entering = this.#entering.map((edges) => edges.filter(isKept));
    this.round = round;
  }

  /** Brings `precedes` up to date; false if there is a cycle, and then it is not. */
  close(): boolean {
    if (!this.#sort()) return false;
    this.#past.clear();
    for (const node of this.order) {
      for (const { from } of this.entering(node)) {
        if (this.#past.has(node, from)) continue;
        this.#past.include(node, from);
        this.#past.set(node, from);
      }
    }
    return true;
  }

  /** Whether the one comes before the other, as of the last `close`. */
  precedes(earlier: number, later: number): boolean {
    return this.#past.has(later, earlier);
  }

  /** A short cycle; null if there is none. */
  cycle(): Edge[] | null {
    let best: Edge[] | null = null;
    for (const component of components(this)) {
      const cycle = shortestCycle(this, component);
      if (best === null || cycle.length < best.length) best = cycle;
    }
    return best;
  }

  /** The shortest chain of edges of earlier rounds from one event to another. */
  path(from: number, to: number, beforeRound: number): Edge[] | null {
    return shortestPath(this, { from, to }, ({ round }) => round < beforeRound);
  }

  /** Kahn's algorithm. */
  #sort(): boolean {
    const missing = Int32Array.from({ length: this.size }, (_, node) => this.entering(node).length);
    const order: number[] = [];
    for (let node = 0; node < this.size; node += 1) {
      if (missing[node] === 0) order.push(node);
    }
    for (const node of order) {
      for (const { to } of this.leaving(node)) {
        missing[to] = (missing[to] as number) - 1;
        if (missing[to] === 0) order.push(to);
      }
    }
    if (order.length < this.size) return false;
    this.order = order;
    order.forEach((node, rank) => {
      this.rank[node] = rank;
    });
    return true;
  }
}
