import { equal } from '../../kernel/index.ts';
import type { Operation } from './history.ts';
import type { SearchResult } from './search.ts';

/** A model's verdict on an operation that cannot have answered so in that state. */
export const ILLEGAL: unique symbol = Symbol('illegal');

/** Stands for the output of an operation whose outcome is unknown: anything goes. */
export const UNKNOWN: unique symbol = Symbol('unknown');

/** Stands for a value that cannot be told. */
export const ANY: unique symbol = Symbol('any');

/** What an operation proves about an object that holds one value at a time. */
export interface Effect {
  /** The value that the object held when it took effect. */
  readonly sees?: unknown;
  /** The value that the object held after; of an operation of unknown outcome, if it had any effect. */
  readonly writes?: unknown;
}

/**
 * How an object behaves when its operations come one after the other: what a concurrent history is compared with.
 *
 * States are immutable: an operation makes a new one, or returns the one it was given.
 */
export interface SequentialModel<S, I, O> {
  readonly name: string;
  init(): S;
  /** The state after the operation, or ILLEGAL if it cannot answer so in this state. */
  apply(state: S, input: I, output: O | typeof UNKNOWN): S | typeof ILLEGAL;
  /**
   * Whether the operation, having answered so, changed nothing, whatever the state was: a read, or a condition that
   * failed. The search never has to try those in more than one place. Default false.
   */
  changesNothing?(input: I, output: O | typeof UNKNOWN): boolean;
  /**
   * Whether an operation can help another to be legal: false if, of any operations that lead from a state in which the
   * other is illegal to one in which it is legal, it cannot be the one that is needed for that. Default true.
   */
  mightEnable?(input: I, other: I, otherOutput: O): boolean;
  /**
   * For objects whose state is one value: what the operation proves about it. With it, contradictions are found that
   * a search would take too long for.
   */
  effect?(input: I, output: O | typeof UNKNOWN): Effect;
  /**
   * Decides a whole history of one part, its operations in the order in which they began, for what a search would take
   * too long for; null if it cannot tell.
   */
  decide?(operations: readonly Operation<I, O>[]): SearchResult<S> | null;
  /** Names the part of the object that an operation touches; parts are independent, and checked one by one. */
  partition?(input: I): string;
  /** Default: the kernel's, for any plain data. */
  equal?(a: S, b: S): boolean;
  /** A whole number; equal states have equal ones. Default: from the kernel's. */
  hash?(state: S): number;
  /** How a report shows an operation. */
  describe?(operation: Operation<I, O>): string;
}

/** A model of an object whose state and input decide the output. */
export function deterministic<S, I, O>(
  model: Omit<SequentialModel<S, I, O>, 'apply'> & {
    /** The state after the operation, and its answer; an answer of `undefined` says nothing that could be wrong. */
    run(state: S, input: I): readonly [state: S, output: O | undefined];
  },
): SequentialModel<S, I, O> {
  const { run, ...rest } = model;
  return {
    ...rest,
    apply(state, input, output) {
      const [next, expected] = run(state, input);
      return output === UNKNOWN || expected === undefined || equal(expected, output) ? next : ILLEGAL;
    },
  };
}

/** A model that tells no more than it must: what the search has to manage with of a model that nobody tuned. */
export function withoutHints<S, I, O>({ name, init, apply }: SequentialModel<S, I, O>): SequentialModel<S, I, O> {
  return { name, init, apply };
}
