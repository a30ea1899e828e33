import { equal } from '../../kernel/index.ts';
import type { Operation } from './history.ts';
import { Pending } from './pending.ts';
import { ILLEGAL, type SequentialModel, UNKNOWN } from './sequential-model.ts';
import { Visited } from './visited.ts';

/** When a search gives up. */
export interface SearchLimits {
  /** Configurations (operations placed, and the state they lead to) to remember. Default 2,000,000. */
  readonly configurations?: number;
  /** Asked every thousand configurations or so; true stops the search. */
  readonly shouldStop?: () => boolean;
}

export type SearchResult<S> =
  | { readonly type: 'found'; readonly order: readonly number[] }
  | {
      readonly type: 'none';
      /** The most operations that could be put in an order, in that order, and the state they lead to. */
      readonly longest: readonly number[];
      readonly state: S;
      /** The operation that then had to be placed, and could not. */
      readonly stuck: number;
    }
  | { readonly type: 'cut' };

interface Frame<S> {
  /** The operation placed to come here, and the state before. */
  readonly operation: number;
  readonly before: S;
  /** What may be tried instead; null if this choice could not be wrong. */
  alternatives: readonly Choice<S>[] | null;
  next: number;
}

interface Choice<S> {
  readonly operation: number;
  readonly state: S;
}

const DEFAULT_CONFIGURATIONS = 2_000_000;

/**
 * Looks for an order of the operations that a sequential object could have executed and that respects time: Wing and
 * Gong's search ("Testing and Verifying Concurrent Objects", 1993) with Lowe's memoisation ("Testing for
 * linearizability", 2017), and two refinements.
 *
 * - What never changes anything, and is legal now, is placed now: were it placed later in some order, moving it here
 *   would leave that order as good. So reads never branch.
 * - Of what may come next, the operation that ended first is tried first, then those after which it would be legal:
 *   an operation is placed when the history forces it, which is near where it took place (Lowe's just-in-time idea).
 */
export class Search<S, I, O> {
  readonly #model: SequentialModel<S, I, O>;
  readonly #operations: readonly Operation<I, O>[];
  readonly #pending: Pending;
  readonly #placed: Uint32Array;
  /** By operation: 1 if it changes nothing, in whatever state. */
  readonly #changesNothing: Uint8Array;
  readonly #visited: Visited<S>;
  readonly #limits: SearchLimits;
  readonly #frames: Frame<S>[] = [];
  #state: S;
  #longest: number[] = [];
  #longestState: S;
  #stuck = 0;
  #isStale = false;
  #placedCount = 0;

  /** Operations of one part of an object, in the order in which they began. */
  constructor(model: SequentialModel<S, I, O>, operations: readonly Operation<I, O>[], limits: SearchLimits = {}) {
    this.#model = model;
    this.#operations = operations;
    this.#limits = limits;
    this.#pending = new Pending(operations);
    this.#placed = new Uint32Array((operations.length + 31) >> 5);
    this.#changesNothing = Uint8Array.from(operations, ({ input, output, completeAt }) =>
      model.changesNothing?.(input, completeAt === null ? UNKNOWN : (output as O)) ? 1 : 0,
    );
    this.#visited = new Visited<S>(model.equal ?? equal, model.hash);
    this.#state = model.init();
    this.#longestState = this.#state;
    this.#stuck = this.#pending.urgent;
  }

  run(): SearchResult<S> {
    const { configurations = DEFAULT_CONFIGURATIONS, shouldStop } = this.#limits;
    let turn = 0;
    this.#placeWhatChangesNothing();
    while (this.#pending.completed > 0) {
      if (this.#visited.size > configurations) return { type: 'cut' };
      turn += 1;
      if ((turn & 1023) === 0 && shouldStop?.()) return { type: 'cut' };
      const choices = this.#choices();
      this.#frames.push({ operation: NOTHING, before: this.#state, alternatives: choices, next: 0 });
      if (!this.#advance()) {
        return { type: 'none', longest: this.#longest, state: this.#longestState, stuck: this.#stuck };
      }
    }
    return { type: 'found', order: this.#order() };
  }

  /** Takes the next untried choice, going back as far as it must; false when none is left anywhere. */
  #advance(): boolean {
    for (;;) {
      const frame = this.#frames.at(-1);
      if (frame === undefined) return false;
      const choice = frame.alternatives?.[frame.next];
      if (choice === undefined) {
        this.#noteStuck();
        this.#frames.pop();
        if (frame.operation !== NOTHING) this.#takeBack(frame);
        continue;
      }
      frame.next += 1;
      this.#place(choice.operation);
      if (!this.#visited.add(this.#placed, choice.state)) {
        this.#unplace(choice.operation);
        continue;
      }
      this.#frames.push({ operation: choice.operation, before: this.#state, alternatives: null, next: 0 });
      this.#state = choice.state;
      this.#isStale = true;
      this.#placeWhatChangesNothing();
      return true;
    }
  }

  /** What may come next and is legal: the most urgent first, then what makes the most urgent legal, then the rest. */
  #choices(): Choice<S>[] {
    const pending = this.#pending;
    const { urgent } = pending;
    const urging: Choice<S>[] = [];
    const rest: Choice<S>[] = [];
    const direct = this.#apply(this.#state, urgent);
    if (direct !== ILLEGAL) urging.push({ operation: urgent, state: direct });
    for (let operation = pending.first; operation !== pending.end; operation = pending.after(operation)) {
      if (operation === urgent) continue;
      const state = this.#apply(this.#state, operation);
      // One that need not be placed at all is of no use where it changes nothing.
      if (state === ILLEGAL || (state === this.#state && this.#isUnknown(operation))) continue;
      const enables = direct === ILLEGAL && this.#apply(state, urgent) !== ILLEGAL;
      (enables ? urging : rest).push({ operation, state });
    }
    return rest.length === 0 ? urging : urging.concat(rest);
  }

  #placeWhatChangesNothing(): void {
    const pending = this.#pending;
    let operation = pending.first;
    while (operation !== pending.end) {
      if (this.#changesNothing[operation] === 1 && this.#apply(this.#state, operation) !== ILLEGAL) {
        const wasUrgent = operation === pending.urgent;
        this.#frames.push({ operation, before: this.#state, alternatives: null, next: 0 });
        this.#place(operation);
        this.#isStale = true;
        // Its end no longer bounds what may come next.
        operation = wasUrgent ? pending.first : pending.after(operation);
      } else {
        operation = pending.after(operation);
      }
    }
  }

  #isUnknown(operation: number): boolean {
    return this.#operations[operation]?.completeAt === null;
  }

  #apply(state: S, operation: number): S | typeof ILLEGAL {
    const { input, output, completeAt } = this.#operations[operation] as Operation<I, O>;
    return this.#model.apply(state, input, completeAt === null ? UNKNOWN : (output as O));
  }

  #place(operation: number): void {
    this.#pending.lift(operation);
    this.#placedCount += 1;
    const word = operation >>> 5;
    this.#placed[word] = ((this.#placed[word] as number) | (1 << (operation & 31))) >>> 0;
  }

  #unplace(operation: number): void {
    this.#pending.putBack(operation);
    this.#placedCount -= 1;
    const word = operation >>> 5;
    this.#placed[word] = ((this.#placed[word] as number) & ~(1 << (operation & 31))) >>> 0;
  }

  #takeBack(frame: Frame<S>): void {
    this.#unplace(frame.operation);
    this.#state = frame.before;
  }

  /** Going back for the first time since something was placed: that was as far as it went. */
  #noteStuck(): void {
    if (!this.#isStale) return;
    this.#isStale = false;
    if (this.#placedCount <= this.#longest.length) return;
    this.#longest = this.#order();
    this.#longestState = this.#state;
    this.#stuck = this.#pending.urgent;
  }

  #order(): number[] {
    return this.#frames.filter(({ operation }) => operation !== NOTHING).map(({ operation }) => operation);
  }
}

const NOTHING = -1;
