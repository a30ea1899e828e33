import { InvariantViolation, ProcessFailure } from '../sim/index.ts';
import type { Failure } from './trial.ts';

/** What a run violates, whether it says so or throws it; null if nothing. */
export function failureOf(run: () => Failure | null): Failure | null {
  try {
    return run();
  } catch (error) {
    if (error instanceof InvariantViolation) {
      return { property: error.invariant, what: error.what, atMs: error.finding.atMs };
    }
    if (error instanceof ProcessFailure) {
      return { property: 'noProcessThrows', what: error.what, atMs: error.finding.atMs };
    }
    throw error;
  }
}
