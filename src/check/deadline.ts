import type { Options } from './options.ts';

/** When, by the clock of the options, the search is to stop. */
export function deadlineOf<S, A>({ limits, clock }: Options<S, A>): number {
  if (limits?.ms === undefined) return Number.POSITIVE_INFINITY;
  if (clock === undefined) throw new Error('a limit of time needs a clock: pass clock: () => performance.now()');
  return clock() + limits.ms;
}
