import type { SimulationOptions } from './options.ts';
import type { SimulatedWorld, WorldBefore } from './world.ts';

/** What must hold of the world, what must hold of each step, and what is worth reaching. */
export class Checks {
  /** The goals that were reached so far. */
  readonly reached: Set<string> = new Set();
  readonly #invariants: readonly (readonly [name: string, check: (world: SimulatedWorld) => string | null])[];
  readonly #steps: readonly (readonly [
    name: string,
    check: (before: WorldBefore, after: SimulatedWorld) => string | null,
  ])[];
  #goals: readonly (readonly [name: string, isReached: (world: SimulatedWorld) => boolean])[];

  constructor({ spec = {}, invariants = {} }: SimulationOptions) {
    this.#invariants = [...Object.entries(spec.invariants ?? {}), ...Object.entries(invariants)];
    this.#steps = Object.entries(spec.steps ?? {});
    this.#goals = Object.entries(spec.goals ?? {});
  }

  get hasSteps(): boolean {
    return this.#steps.length > 0;
  }

  /** Calls `violated` with what does not hold, in the order in which it was given. */
  onWorld(world: SimulatedWorld, violated: (invariant: string, what: string) => void): void {
    for (const [name, check] of this.#invariants) {
      const what = check(world);
      if (what !== null) violated(name, what);
    }
    if (this.#goals.length > 0) this.#noteGoals(world);
  }

  onStep(before: WorldBefore, after: SimulatedWorld, violated: (invariant: string, what: string) => void): void {
    for (const [name, check] of this.#steps) {
      const what = check(before, after);
      if (what !== null) violated(name, what);
    }
  }

  #noteGoals(world: SimulatedWorld): void {
    this.#goals = this.#goals.filter(([name, isReached]) => {
      if (!isReached(world)) return true;
      this.reached.add(name);
      return false;
    });
  }
}
