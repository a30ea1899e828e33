import type { Run, Step } from './model.ts';

/** A search that was cut never says that something holds. */
export type Verdict = 'holds' | 'violated' | 'cut';

/** Something that must hold and does not, with a run that shows it. */
export type Violation<S, A> =
  | { readonly type: 'invariant' | 'step'; readonly property: string; readonly reason: string; readonly run: Run<S, A> }
  /** The action throws, or a property throws where the run ends. */
  | { readonly type: 'error'; readonly reason: string; readonly run: Run<S, A>; readonly attempted: A | null }
  /** No reachable state is one. */
  | { readonly type: 'goal'; readonly property: string }
  /** After the run, the cycle can repeat for ever, fairly; if it is empty, the run can simply end there. */
  | {
      readonly type: 'eventually';
      readonly property: string;
      readonly run: Run<S, A>;
      readonly cycle: readonly Step<S, A>[];
    };

/** Why the search did not see everything, and how many states it left without searching on from them. */
export interface Cut {
  readonly by: 'prune' | 'depth' | 'states' | 'time' | 'caller' | 'sampling' | 'bound';
  readonly states: number;
}

export interface Counts {
  /** Distinct states found, without pruned ones. */
  readonly states: number;
  /** Initial states and results of steps, equal ones counted each time. */
  readonly generated: number;
  /** Steps that would have changed nothing, and so were none. */
  readonly unchanged: number;
  /** States in which nothing can happen any more. */
  readonly terminal: number;
  /** Steps on the longest of the runs by which states were first reached: the diameter, if breadth first. */
  readonly depth: number;
}

export interface Progress extends Counts {
  /** States found and not yet searched on from. */
  readonly waiting: number;
}

export interface Result<S, A> extends Counts {
  readonly verdict: Verdict;
  readonly violations: readonly Violation<S, A>[];
  /** Each goal's first run to it; shortest if breadth first. Null: not reached. */
  readonly goals: Readonly<Record<string, Run<S, A> | null>>;
  /** Each observation's values at the ends of runs, each with the first run to it. */
  readonly outcomes: Readonly<Record<string, ReadonlyMap<string, Run<S, A>>>>;
  readonly cuts: readonly Cut[];
  /** That two states shared a fingerprint and one was overlooked. */
  readonly collisionProbability: number;
  /** Of the visited set. */
  readonly bytes: number;
}
