import { equal } from '../../kernel/index.ts';
import { DeadEnds } from './dead-ends.ts';
import type { Operation } from './history.ts';
import { Placement } from './placement.ts';
import { ILLEGAL, type SequentialModel } from './sequential-model.ts';

/** When a search gives up. */
export interface SearchLimits {
  /** How often an operation may be placed somewhere. Default 1,000,000. */
  readonly placements?: number;
  /** Asked every thousand placements or so, and told how far the search is; true stops it. */
  readonly shouldStop?: (progress: SearchProgress) => boolean;
}

export interface SearchProgress {
  /** How many operations are in an order now, and how many there are. */
  readonly placed: number;
  readonly operations: number;
}

export type SearchResult<S> =
  | { readonly type: 'found'; readonly order: readonly number[]; readonly state: S }
  | {
      readonly type: 'none';
      /** As many operations as could be put in an order, in that order, and the state they lead to. */
      readonly order: readonly number[];
      readonly state: S;
      /** The operation that then had to be placed, and could not. */
      readonly stuck: number;
    }
  | { readonly type: 'cut' };

/** A point at which one of several operations had to be placed. */
interface Fork<S> {
  /** How many operations were placed before. */
  readonly depth: number;
  choices: readonly Choice<S>[];
  /** The next choice to try. */
  next: number;
}

interface Choice<S> {
  readonly operation: number;
  readonly state: S;
}

const DEFAULT_PLACEMENTS = 1_000_000;

/**
 * Looks for an order of the operations that a sequential object could have executed and that respects time: Wing and
 * Gong's search ("Testing and Verifying Concurrent Objects", 1993) with Lowe's memoisation ("Testing for
 * linearizability", 2017), and these refinements.
 *
 * - What never changes anything, and is legal now, is placed now: were it placed later in some order, moving it here
 *   would leave that order as good. So reads never branch.
 * - Of what may come next, the operation that ended first is tried first, then those after which it would be legal:
 *   an operation is placed when the history forces it, which is near where it took place (Lowe's just-in-time idea).
 * - Of operations that asked the same and were answered the same, only the one that ends first is tried: where another
 *   comes first in some order, the two can be swapped in it.
 * - When an operation comes too late, the search goes back not to the last fork but to the one that decided it: if a
 *   read is stuck because a write came after the write that it saw, that write is tried before it. Each such pair
 *   is learnt once; beyond that the search goes back step by step, and so misses nothing.
 */
export class Search<S, I, O> {
  readonly #placement: Placement<S, I, O>;
  readonly #deadEnds: DeadEnds<S>;
  readonly #limits: SearchLimits;
  readonly #forks: Fork<S>[] = [];
  /** By operation: those that were once found to belong before it. */
  readonly #learnt = new Map<number, Set<number>>();
  #placements = 0;
  #longest: { readonly order: readonly number[]; readonly state: S; readonly stuck: number };

  /** Operations of one part of an object, in the order in which they began. */
  constructor(model: SequentialModel<S, I, O>, operations: readonly Operation<I, O>[], limits: SearchLimits = {}) {
    this.#limits = limits;
    this.#placement = new Placement(model, operations);
    this.#deadEnds = new DeadEnds<S>(model.equal ?? equal, model.hash);
    this.#longest = { order: [], state: this.#placement.state, stuck: this.#placement.pending.urgent };
  }

  run(): SearchResult<S> {
    const placement = this.#placement;
    placement.placeWhatChangesNothing();
    while (placement.pending.completed > 0) {
      if (this.#isAtLimit()) return { type: 'cut' };
      // First, as it may go back.
      const choices = this.#choices();
      this.#forks.push({ depth: placement.order.length, choices, next: 0 });
      if (!this.#advance()) return { type: 'none', ...this.#longest };
    }
    return { type: 'found', order: this.#order(), state: placement.state };
  }

  /** Takes the next untried choice, going back as far as it must; false when none is left anywhere. */
  #advance(): boolean {
    for (let fork = this.#forks.at(-1); fork !== undefined; fork = this.#forks.at(-1)) {
      const choice = fork.choices[fork.next];
      if (choice === undefined) this.#giveUp();
      else {
        fork.next += 1;
        if (this.#place(choice)) return true;
      }
    }
    return false;
  }

  /** False if what follows is known to lead nowhere. */
  #place({ operation, state }: Choice<S>): boolean {
    const placement = this.#placement;
    this.#placements += 1;
    placement.place(operation, state);
    if (this.#deadEnds.has(placement.ended, placement.optional, state)) {
      placement.takeBack();
      return false;
    }
    placement.placeWhatChangesNothing();
    return true;
  }

  /** Every choice of the last fork failed, and so did the one that led to it. */
  #giveUp(): void {
    const placement = this.#placement;
    this.#forks.pop();
    const before = this.#forks.at(-1);
    if (before === undefined) return;
    this.#backTo(before.depth + 1);
    this.#deadEnds.add(placement.ended, placement.optional, placement.state);
    placement.takeBack();
  }

  #backTo(depth: number): void {
    while (this.#placement.order.length > depth) this.#placement.takeBack();
  }

  /** What may come next and is legal: the most urgent first, then what makes the most urgent legal, then the rest. */
  #choices(): Choice<S>[] {
    const placement = this.#placement;
    const { pending, state: now } = placement;
    const { urgent } = pending;
    const urging: Choice<S>[] = [];
    const rest: Choice<S>[] = [];
    const firstOfKind = this.#firstOfEachKind();
    const direct = placement.apply(now, urgent);
    let isHopeless = direct === ILLEGAL;
    if (direct !== ILLEGAL) urging.push({ operation: urgent, state: direct });
    for (let operation = pending.first; operation !== pending.end; operation = pending.after(operation)) {
      if (operation === urgent) continue;
      if (isHopeless && placement.mightEnable(operation, urgent)) isHopeless = false;
      if (firstOfKind.get(placement.kindOf(operation)) !== operation) continue;
      const state = placement.apply(now, operation);
      // One that need not be placed at all is of no use where it changes nothing.
      if (state === ILLEGAL || (state === now && placement.isOptional(operation))) continue;
      const enables = direct === ILLEGAL && placement.isLegal(state, urgent);
      (enables ? urging : rest).push({ operation, state });
    }
    if (urging.length === 0) {
      this.#noteStuck(urgent);
      const earlier = this.#learnFrom(urgent);
      if (earlier !== null) return earlier;
    }
    return isHopeless ? [] : this.#inLearntOrder(urging, rest);
  }

  /** Of those that may come next: the one of each kind that ends first. */
  #firstOfEachKind(): Map<number, number> {
    const placement = this.#placement;
    const { pending } = placement;
    const first = new Map<number, number>();
    for (let operation = pending.first; operation !== pending.end; operation = pending.after(operation)) {
      const kind = placement.kindOf(operation);
      const other = first.get(kind);
      if (other === undefined || placement.endOf(operation) < placement.endOf(other)) first.set(kind, operation);
    }
    return first;
  }

  /**
   * The urgent operation was legal once, until something came between. Goes back to where the operation that made it
   * legal was placed, and has the one that came between tried before it; null if there is nothing new to learn.
   */
  #learnFrom(urgent: number): Choice<S>[] | null {
    const placement = this.#placement;
    const { order } = placement;
    let spoilt = order.length - 1;
    while (spoilt >= 0 && !placement.isLegal((order[spoilt] as (typeof order)[number]).before, urgent)) spoilt -= 1;
    let made = spoilt - 1;
    while (made >= 0 && placement.isLegal((order[made] as (typeof order)[number]).before, urgent)) made -= 1;
    if (made < 0) return null;
    const spoiler = (order[spoilt] as (typeof order)[number]).operation;
    const maker = (order[made] as (typeof order)[number]).operation;
    if (!this.#learn(spoiler, maker)) return null;
    return this.#retryFrom(made);
  }

  #learn(earlier: number, later: number): boolean {
    const known = this.#learnt.get(later);
    if (known?.has(earlier)) return false;
    if (known === undefined) this.#learnt.set(later, new Set([earlier]));
    else known.add(earlier);
    return true;
  }

  /** Goes back to the fork at which the operation at this place of the order was chosen, and chooses anew. */
  #retryFrom(place: number): Choice<S>[] | null {
    const at = this.#forks.findLastIndex(({ depth }) => depth <= place);
    if (at === -1) return null;
    const { depth } = this.#forks[at] as Fork<S>;
    this.#forks.length = at;
    this.#backTo(depth);
    return this.#choices();
  }

  /** Puts before the first choice what was learnt to belong before it. */
  #inLearntOrder(urging: Choice<S>[], rest: Choice<S>[]): Choice<S>[] {
    const [first] = urging;
    const earlier = first === undefined ? undefined : this.#learnt.get(first.operation);
    if (earlier === undefined) return urging.concat(rest);
    const isEarlier = ({ operation }: Choice<S>): boolean => earlier.has(operation);
    return [...rest.filter(isEarlier), ...urging, ...rest.filter((choice) => !isEarlier(choice))];
  }

  #isAtLimit(): boolean {
    const { placements = DEFAULT_PLACEMENTS, shouldStop } = this.#limits;
    if (this.#placements > placements) return true;
    if ((this.#placements & 1023) !== 0) return false;
    return shouldStop?.({ placed: this.#placement.order.length, operations: this.#placement.count }) === true;
  }

  #noteStuck(stuck: number): void {
    if (this.#placement.order.length <= this.#longest.order.length) return;
    this.#longest = { order: this.#order(), state: this.#placement.state, stuck };
  }

  #order(): number[] {
    return this.#placement.order.map(({ operation }) => operation);
  }
}
