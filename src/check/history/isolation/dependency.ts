import type { Arrow } from '../order/cycles.ts';
import type { Anomaly } from './anomaly.ts';

/** Why one transaction comes before another. */
export type Dependency = Arrow &
  (
    | {
        /**
         * - `ww`: the latter replaced the version that the former wrote.
         * - `wr`: the latter read the version that the former wrote.
         * - `rw`: the former read a version that the latter replaced.
         */
        readonly type: 'ww' | 'wr' | 'rw';
        readonly key: string;
        /** The version that was written first, or read; null for what was there in the beginning. */
        readonly version: unknown;
        /** The one that replaced it; undefined for `wr`. */
        readonly next: unknown;
      }
    /** One client executed them in this order; or one had ended when the other began. */
    | { readonly type: 'process' | 'realTime' }
  );

export type DependencyType = Dependency['type'];

/** What reads tell of the order of versions, as dependencies between transactions, and what is wrong regardless. */
export interface Observed {
  readonly dependencies: readonly Dependency[];
  readonly anomalies: readonly Anomaly[];
}
