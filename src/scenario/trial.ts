import type { Spec, Trace } from '../kernel/index.ts';
import type { Fault, Simulation } from '../sim/index.ts';

/**
 * All that a seed makes of a scenario: plain data, from which the run follows. So it can be printed and saved, and cut
 * down while the run goes on failing.
 */
export interface Plan {
  readonly seed: number;
  readonly faults: readonly Fault[];
  /** What clients ask, each not before its time. */
  readonly operations: readonly { readonly atMs: number }[];
  /** The world goes on for so long; then everything heals, and what must come again is waited for. */
  readonly durationMs: number;
}

/** Why a run failed. */
export interface Failure {
  /** The name of what does not hold. */
  readonly property: string;
  readonly what: string;
  readonly atMs: number;
}

/** What became of a run. */
export interface Outcome {
  readonly failure: Failure | null;
  /** What the run led to, of that which the scenario is for. */
  readonly reached: ReadonlySet<string>;
  /** Operations that clients asked, and those of them that were answered. */
  readonly operations: number;
  readonly answered: number;
  readonly simulatedMs: number;
  readonly statistics: Simulation['statistics'];
  /** Of a run that was recorded. */
  readonly trace: Trace | null;
}

/** A scenario made ready: seeds in, outcomes out. The same plan gives the same outcome, byte for byte. */
export interface Trial<P extends Plan = Plan> {
  readonly name: string;
  /** What some seed should lead to. */
  readonly reaches: readonly string[];
  plan(seed: number): P;
  run(plan: P, options?: { readonly record?: boolean }): Outcome;
}

/** The names of everything that a specification wants to be reached, by some run or by every one. */
export function goalsOf({ goals, eventually }: Spec): string[] {
  return [...Object.keys(goals ?? {}), ...Object.keys(eventually ?? {})];
}

/** A trace that says why it was kept. */
export function keptFor(trace: Trace, failure: Failure | null): Trace {
  if (failure === null) return trace;
  return { ...trace, header: { ...trace.header, reason: `${failure.property}: ${failure.what}` } };
}
