import type { Run } from './model.ts';
import type { Progress } from './result.ts';

export interface Limits {
  /** Distinct states. */
  readonly states?: number;
  /** Steps from the start. */
  readonly depth?: number;
  /** By the `clock` of the options. */
  readonly ms?: number;
}

/** Best first goes on where the score is highest. */
export interface BestFirstSearch<S> {
  readonly type: 'best';
  readonly score: (state: S) => number;
}

/** Takes steps at random from the start until a run ends or is as long as the limit of depth, then starts again. */
export interface WalkSearch {
  readonly type: 'walk';
  readonly seed: number | string;
  readonly walks: number;
}

export interface Options<S, A> {
  /** Breadth first finds shortest runs; depth first goes deep at once. By default `bfs`. */
  readonly search?: 'bfs' | 'dfs' | BestFirstSearch<S> | WalkSearch;
  /** Searches on from where a run ends; what is found is told from the run's start. */
  readonly from?: Run<S, A>;
  readonly limits?: Limits;
  /** Milliseconds; needed by the limit of time. The checker itself knows no clock. */
  readonly clock?: () => number;
  /** Stop at the first violation, or go on and report every property that is violated. By default `first`. */
  readonly violations?: 'first' | 'all';
  /** Called now and then; the search stops if it returns false. */
  readonly onProgress?: (progress: Progress) => boolean;
}
