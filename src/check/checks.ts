import { AsymmetryError } from './asymmetry-error.ts';
import type { Properties } from './model.ts';

/** What a check found wrong. */
export type Finding =
  | { readonly type: 'invariant' | 'step'; readonly property: string; readonly reason: string }
  | { readonly type: 'error'; readonly reason: string };

type StateCheck<S> = readonly [name: string, check: (state: S) => string | null];
type StepCheck<S, A> = readonly [name: string, check: (before: S, action: A, after: S) => string | null];

/** The properties that are still to be looked for: each is reported once, then left alone. */
export class Checks<S, A> {
  #invariants: readonly StateCheck<S>[];
  #steps: readonly StepCheck<S, A>[];
  #goals: readonly (readonly [name: string, reached: (state: S) => boolean])[];

  constructor({ invariants = {}, steps = {}, goals = {} }: Properties<S, A>) {
    this.#invariants = Object.entries(invariants);
    this.#steps = Object.entries(steps);
    this.#goals = Object.entries(goals);
  }

  get hasSteps(): boolean {
    return this.#steps.length > 0;
  }

  get openGoals(): readonly string[] {
    return this.#goals.map(([name]) => name);
  }

  state(state: S): Finding | null {
    for (const [property, check] of this.#invariants) {
      let finding: Finding;
      try {
        const reason = check(state);
        if (reason === null) continue;
        finding = { type: 'invariant', property, reason };
      } catch (error) {
        finding = thrown(property, error);
      }
      this.#invariants = this.#invariants.filter(([name]) => name !== property);
      return finding;
    }
    return null;
  }

  step(before: S, action: A, after: S): Finding | null {
    for (const [property, check] of this.#steps) {
      let finding: Finding;
      try {
        const reason = check(before, action, after);
        if (reason === null) continue;
        finding = { type: 'step', property, reason };
      } catch (error) {
        finding = thrown(property, error);
      }
      this.#steps = this.#steps.filter(([name]) => name !== property);
      return finding;
    }
    return null;
  }

  /** The goals that this state is the first to reach. */
  reached(state: S): readonly string[] {
    if (this.#goals.length === 0) return NONE;
    const names = this.#goals.filter(([, reached]) => reached(state)).map(([name]) => name);
    if (names.length > 0) this.#goals = this.#goals.filter(([name]) => !names.includes(name));
    return names;
  }
}

const NONE: readonly string[] = [];

function thrown(property: string, error: unknown): Finding {
  if (error instanceof AsymmetryError) throw error;
  return { type: 'error', reason: `'${property}' throws: ${messageOf(error)}` };
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
