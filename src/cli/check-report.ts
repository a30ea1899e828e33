import { type Model, type Result, tellResult, toldSteps, type Violation } from '../check/index.ts';

/** What a search came to, and how long it took. */
export interface Searched<S, A> {
  readonly file: string;
  readonly model: Model<S, A>;
  readonly result: Result<S, A>;
  readonly seconds: number;
}

export function tellSearched<S, A>({ file, model, result, seconds }: Searched<S, A>): string {
  return `${file}: ${tellResult(model, result)}\n\n${tellEffort(result, seconds)}${tellOutcomes(result)}\n`;
}

function tellEffort({ states, bytes, collisionProbability }: Result<unknown, unknown>, seconds: number): string {
  const rate = states / Math.max(seconds, 0.001);
  const memory = `${(bytes / 2 ** 20).toFixed(1)} MiB of fingerprints`;
  return `${seconds.toFixed(1)} s, ${grouped(rate)} states/s, ${memory}; ${tellChance(collisionProbability)}.`;
}

/** Fingerprints have 64 bits: that two states share one, and one of them is overlooked, is not impossible. */
function tellChance(probability: number): string {
  if (probability < 1e-9) return 'the chance that a state was overlooked is under one in a billion';
  return `the chance that a state was overlooked is one in ${grouped(1 / probability)}`;
}

function tellOutcomes({ outcomes }: Result<unknown, unknown>): string {
  const lines = Object.entries(outcomes).map(([name, values]) => {
    const told = [...values].map(([value, { steps }]) => `\n  ${value} (first after ${steps.length} steps)`);
    return `\n\nat the end of all runs, '${name}' is${told.length === 0 ? ' never seen' : `:${told.join('')}`}`;
  });
  return lines.join('');
}

export function grouped(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** The same as plain data, for `--json`. */
export function toReport<S, A>({ file, model, result, seconds }: Searched<S, A>): Record<string, unknown> {
  const { violations, goals, outcomes, ...counts } = result;
  return {
    file,
    ...counts,
    seconds,
    violations: violations.map((violation) => violationToJson(model, violation)),
    goals: Object.fromEntries(
      Object.entries(goals).map(([name, run]) => [name, run === null ? null : run.steps.length]),
    ),
    outcomes: Object.fromEntries(Object.entries(outcomes).map(([name, values]) => [name, [...values.keys()]])),
  };
}

function violationToJson<S, A>(model: Model<S, A>, violation: Violation<S, A>): Record<string, unknown> {
  switch (violation.type) {
    case 'goal':
      return { type: 'goal', property: violation.property };
    case 'eventually': {
      const { property, run, cycle } = violation;
      const steps = toldSteps(model, run.start, run.steps);
      return {
        type: 'eventually',
        property,
        steps,
        cycle: toldSteps(model, run.steps.at(-1)?.state ?? run.start, cycle),
      };
    }
    case 'error': {
      const { reason, run } = violation;
      return { type: 'error', reason, steps: toldSteps(model, run.start, run.steps) };
    }
    case 'invariant':
    case 'step': {
      const { type, property, reason, run } = violation;
      return { type, property, reason, steps: toldSteps(model, run.start, run.steps) };
    }
    default:
      return violation satisfies never;
  }
}
