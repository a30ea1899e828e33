import { type Graph, UNFAIR } from './graph.ts';

/** A run that never meets a property, by the numbers of its states: to a state, and from there round and round. */
export interface Lasso {
  readonly stem: readonly number[];
  /** Ends in the state in which the stem does. Empty: the run stays there, since nothing has to happen. */
  readonly cycle: readonly LassoStep[];
}

/** A step to a state, by an action that is fair in this. */
export interface LassoStep {
  readonly number: number;
  readonly kind: number;
}

/**
 * Finds a weakly fair run on which a property is never met, with the shortest way into its cycle.
 *
 * Such a run ends up going round in a strongly connected part of the states that do not meet the property. A part allows a
 * fair run if, of every kind of step that is possible in all of its states, it holds one. If the largest part around
 * a state does not, no smaller one within it does: the kind that is missing stays possible there, and stays missing.
 */
export function findLasso<S, A>(graph: Graph<S, A>, property: string): Lasso | null {
  return new LassoSearch(graph, property).find();
}

const NONE = -1;

class LassoSearch<S, A> {
  readonly #graph: Graph<S, A>;
  readonly #property: string;
  /** The state from which each was first reached without meeting the property; itself for those that start. */
  readonly #parents: Int32Array;
  readonly #depths: Int32Array;
  /** Which strongly connected part each state is in. */
  readonly #parts: Int32Array;

  constructor(graph: Graph<S, A>, property: string) {
    this.#graph = graph;
    this.#property = property;
    this.#parents = new Int32Array(graph.size).fill(NONE);
    this.#depths = new Int32Array(graph.size);
    this.#parts = new Int32Array(graph.size).fill(NONE);
  }

  find(): Lasso | null {
    const order = this.#reach();
    const parts = this.#connect(order);
    let best: readonly number[] | null = null;
    let depth = Number.POSITIVE_INFINITY;
    for (const [part, states] of parts.entries()) {
      const entry = this.#shallowest(states);
      if (entry >= depth || !this.#isFair(states, part)) continue;
      best = states;
      depth = entry;
    }
    return best === null ? null : this.#lasso(best);
  }

  #shallowest(states: readonly number[]): number {
    let depth = Number.POSITIVE_INFINITY;
    for (const state of states) depth = Math.min(depth, this.#depths[state] as number);
    return depth;
  }

  /** Whether a state is one that a run that never meets the property can stay among. */
  #counts(state: number): boolean {
    return this.#graph.isSearched(state) && !this.#graph.meets(state, this.#property);
  }

  /** Breadth first from where runs start, through states that do not meet the property. */
  #reach(): number[] {
    const order: number[] = [];
    for (const start of this.#graph.starts) {
      if (!this.#counts(start) || this.#parents[start] !== NONE) continue;
      this.#parents[start] = start;
      order.push(start);
    }
    for (let at = 0; at < order.length; at += 1) {
      const state = order[at] as number;
      for (const next of this.#nexts(state)) {
        if (this.#parents[next] !== NONE) continue;
        this.#parents[next] = state;
        this.#depths[next] = (this.#depths[state] as number) + 1;
        order.push(next);
      }
    }
    return order;
  }

  *#nexts(state: number): Iterable<number> {
    for (let edge = this.#graph.begin(state); edge < this.#graph.end(state); edge += 1) {
      const next = this.#graph.target(edge);
      if (this.#counts(next)) yield next;
    }
  }

  /** Tarjan's algorithm (1972), with its recursion on a stack of its own. */
  #connect(order: readonly number[]): number[][] {
    const graph = this.#graph;
    const indices = new Int32Array(graph.size).fill(NONE);
    const lows = new Int32Array(graph.size);
    const parts: number[][] = [];
    const open: number[] = [];
    const path: number[] = [];
    const edges: number[] = [];
    let count = 0;
    const enter = (state: number): void => {
      indices[state] = count;
      lows[state] = count;
      count += 1;
      open.push(state);
      path.push(state);
      edges.push(graph.begin(state));
    };
    const lower = (state: number, to: number): void => {
      if (to < (lows[state] as number)) lows[state] = to;
    };
    for (const root of order) {
      if (indices[root] !== NONE) continue;
      enter(root);
      while (path.length > 0) {
        const state = path[path.length - 1] as number;
        const edge = edges[edges.length - 1] as number;
        if (edge < graph.end(state)) {
          edges[edges.length - 1] = edge + 1;
          const next = graph.target(edge);
          if (!this.#counts(next)) continue;
          if (indices[next] === NONE) enter(next);
          else if (this.#parts[next] === NONE) lower(state, indices[next] as number);
          continue;
        }
        path.pop();
        edges.pop();
        if (path.length > 0) lower(path[path.length - 1] as number, lows[state] as number);
        if (lows[state] === indices[state]) parts.push(this.#part(open, state, parts.length));
      }
    }
    return parts;
  }

  #part(open: number[], root: number, part: number): number[] {
    const states: number[] = [];
    for (;;) {
      const state = open.pop() as number;
      this.#parts[state] = part;
      states.push(state);
      if (state === root) return states;
    }
  }

  #isFair(states: readonly number[], part: number): boolean {
    const taken = new Set<number>();
    const everywhere = new Map<number, number>();
    for (const state of states) {
      for (const kind of this.#kindsFrom(state)) everywhere.set(kind, (everywhere.get(kind) ?? 0) + 1);
      for (const edge of this.#edgesWithin(state, part)) taken.add(this.#graph.kind(edge));
    }
    for (const [kind, count] of everywhere) if (count === states.length && !taken.has(kind)) return false;
    return true;
  }

  /** What is possible in a state, by what it is fair in. */
  #kindsFrom(state: number): Set<number> {
    const kinds = new Set<number>();
    for (let edge = this.#graph.begin(state); edge < this.#graph.end(state); edge += 1) {
      const kind = this.#graph.kind(edge);
      if (kind !== UNFAIR) kinds.add(kind);
    }
    return kinds;
  }

  *#edgesWithin(state: number, part: number): Iterable<number> {
    for (let edge = this.#graph.begin(state); edge < this.#graph.end(state); edge += 1) {
      if (this.#parts[this.#graph.target(edge)] === part) yield edge;
    }
  }

  #lasso(states: readonly number[]): Lasso {
    const depth = this.#shallowest(states);
    const entry = states.find((state) => this.#depths[state] === depth) as number;
    return { stem: this.#stem(entry), cycle: states.length === 1 ? [] : this.#cycle(entry, states) };
  }

  #stem(entry: number): number[] {
    const stem = [entry];
    for (let state = entry; this.#parents[state] !== state; ) {
      state = this.#parents[state] as number;
      stem.push(state);
    }
    return stem.reverse();
  }

  /** Goes on to the nearest step or state that some kind still needs for the cycle to be fair, until none does; then back. */
  #cycle(entry: number, states: readonly number[]): LassoStep[] {
    const part = this.#parts[entry] as number;
    const needed = new Set(states.flatMap((state) => [...this.#kindsFrom(state)]));
    const satisfy = (edge: number): void => {
      needed.delete(this.#graph.kind(edge));
      const here = this.#kindsFrom(this.#graph.target(edge));
      for (const kind of needed) if (!here.has(kind)) needed.delete(kind);
    };
    const cycle: LassoStep[] = [];
    let at = entry;
    const goTo = (accepts: (edge: number) => boolean): void => {
      for (const edge of this.#pathTo(at, part, accepts)) {
        satisfy(edge);
        at = this.#graph.target(edge);
        cycle.push({ number: at, kind: this.#graph.kind(edge) });
      }
    };
    while (needed.size > 0) {
      const before = needed.size;
      goTo(
        (edge) => needed.has(this.#graph.kind(edge)) || lacksSome(this.#kindsFrom(this.#graph.target(edge)), needed),
      );
      if (needed.size === before) throw new Error('a fair part of the graph has no fair cycle: a bug of the checker');
    }
    if (at !== entry || cycle.length === 0) goTo((edge) => this.#graph.target(edge) === entry);
    return cycle;
  }

  /** The shortest path within a part whose last step is accepted. */
  #pathTo(from: number, part: number, accepts: (edge: number) => boolean): number[] {
    const cameBy = new Map<number, { readonly edge: number; readonly from: number }>();
    const queue = [from];
    for (let at = 0; at < queue.length; at += 1) {
      const state = queue[at] as number;
      for (const edge of this.#edgesWithin(state, part)) {
        const next = this.#graph.target(edge);
        if (accepts(edge)) return [...pathBack(cameBy, from, state), edge];
        if (next === from || cameBy.has(next)) continue;
        cameBy.set(next, { edge, from: state });
        queue.push(next);
      }
    }
    return [];
  }
}

function pathBack(
  cameBy: ReadonlyMap<number, { readonly edge: number; readonly from: number }>,
  from: number,
  to: number,
): number[] {
  const path: number[] = [];
  for (let state = to; state !== from; ) {
    const came = cameBy.get(state);
    if (came === undefined) throw new Error('a path has a gap: a bug of the checker');
    path.push(came.edge);
    state = came.from;
  }
  return path.reverse();
}

function lacksSome(kinds: ReadonlySet<number>, needed: ReadonlySet<number>): boolean {
  for (const kind of needed) if (!kinds.has(kind)) return true;
  return false;
}
