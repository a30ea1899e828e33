import { type FailingPlan, type Outcome, type Plan, smallerPlans, type Trial } from '../scenario/index.ts';
import type { Breath } from './breath.ts';

/** What a number of seeds came to, all together. */
export interface Tally {
  readonly first: number;
  seeds: number;
  faults: number;
  operations: number;
  answered: number;
  simulatedMs: number;
  steps: number;
  /** In how many seeds each thing was reached. */
  readonly reached: Map<string, number>;
  /** How often each thing happened, of all that the simulator counts. */
  readonly counts: Map<string, number>;
}

export type SeedsEnd =
  | { readonly type: 'holds'; readonly last: Plan }
  | { readonly type: 'violated'; readonly failing: FailingPlan<Plan> }
  | { readonly type: 'cutShort' };

/** Runs one seed after another, until one fails, or the command is to end. */
export async function runSeeds(
  trial: Trial,
  { first, count }: { readonly first: number; readonly count: number },
  breath: Breath,
): Promise<{ readonly tally: Tally; readonly end: SeedsEnd }> {
  const tally = emptyTally(first);
  let last = trial.plan(first);
  for (let seed = first; seed < first + count; seed += 1) {
    last = trial.plan(seed);
    const outcome = trial.run(last);
    add(tally, last, outcome);
    if (outcome.failure !== null) {
      return { tally, end: { type: 'violated', failing: { plan: last, failure: outcome.failure } } };
    }
    if (!(await breath.goesOn(() => progressOf(tally, count, breath.seconds))))
      return { tally, end: { type: 'cutShort' } };
  }
  return { tally, end: { type: 'holds', last } };
}

/** A smaller plan that fails in the same way, and how many runs it took to find it; the smallest so far, if it is to end. */
export async function makeSmaller(
  trial: Trial,
  failing: FailingPlan<Plan>,
  breath: Breath,
): Promise<{ readonly failing: FailingPlan<Plan>; readonly runs: number }> {
  const search = smallerPlans(failing);
  let smallest = failing;
  let runs = 0;
  let next = search.next();
  while (!next.done) {
    const plan = next.value;
    const { failure } = trial.run(plan);
    runs += 1;
    if (failure?.property === failing.failure.property) smallest = { plan, failure };
    const { faults, operations, durationMs } = smallest.plan;
    const so = `${faults.length} faults, ${operations.length} operations, ${Math.ceil(durationMs)} ms`;
    if (!(await breath.goesOn(() => `seed ${failing.plan.seed} fails; making it smaller, run ${runs}: ${so}`))) break;
    next = search.next(failure);
  }
  return { failing: smallest, runs };
}

function emptyTally(first: number): Tally {
  const none = { seeds: 0, faults: 0, operations: 0, answered: 0, simulatedMs: 0, steps: 0 };
  return { first, ...none, reached: new Map(), counts: new Map() };
}

function add(tally: Tally, plan: Plan, { operations, answered, simulatedMs, statistics, reached }: Outcome): void {
  tally.seeds += 1;
  tally.faults += plan.faults.length;
  tally.operations += operations;
  tally.answered += answered;
  tally.simulatedMs += simulatedMs;
  tally.steps += statistics.steps;
  for (const what of reached) tally.reached.set(what, (tally.reached.get(what) ?? 0) + 1);
  for (const [what, count] of Object.entries(statistics)) tally.counts.set(what, (tally.counts.get(what) ?? 0) + count);
}

function progressOf({ seeds, faults, operations, simulatedMs }: Tally, of: number, seconds: number): string {
  const rate = `${(seeds / seconds).toFixed(1)} seeds/s, ${(simulatedMs / 1000 / seconds).toFixed(0)} simulated s/s`;
  return `seed ${seeds} of ${of}, ${rate}, ${faults} faults, ${operations} operations`;
}
