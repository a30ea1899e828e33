import type { Fingerprint } from './fingerprint.ts';
import type { PrintedModel, Run, Step } from './model.ts';
import { NO_PARENT, type VisitedSet } from './visited.ts';

/** The run by which a state was first reached: parents give the fingerprints on the way, executing again the rest. */
export function runTo<S, A>(
  model: PrintedModel<S, A>,
  starts: readonly S[],
  visited: VisitedSet,
  number: number,
): Run<S, A> {
  const numbers: number[] = [];
  for (let at = number; at !== NO_PARENT; at = visited.parent(at)) numbers.push(at);
  numbers.reverse();
  return runAlong(model, starts, visited, numbers);
}

/** The run through these states, by number. */
export function runAlong<S, A>(
  model: PrintedModel<S, A>,
  starts: readonly S[],
  visited: VisitedSet,
  numbers: readonly number[],
): Run<S, A> {
  const [first, ...rest] = numbers;
  const start = starts.find((state) => isNumber(model, visited, state, first));
  if (start === undefined) throw notRepeatable('no initial state has the fingerprint that one had');
  return { start, steps: stepsAlong(model, start, visited, rest) };
}

/** The steps from a state through these others, each by an action that is accepted as the one to it. */
export function stepsAlong<S, A>(
  model: PrintedModel<S, A>,
  from: S,
  visited: VisitedSet,
  numbers: readonly number[],
  accepts: (action: A, index: number) => boolean = () => true,
): readonly Step<S, A>[] {
  const steps: Step<S, A>[] = [];
  let state = from;
  for (const [index, number] of numbers.entries()) {
    const step = stepTo(model, state, visited, { number, accepts: (action) => accepts(action, index) });
    steps.push(step);
    state = step.state;
  }
  return steps;
}

interface Wanted<A> {
  readonly number: number;
  readonly accepts: (action: A) => boolean;
}

function stepTo<S, A>(
  model: PrintedModel<S, A>,
  from: S,
  visited: VisitedSet,
  { number, accepts }: Wanted<A>,
): Step<S, A> {
  for (const action of model.actions(from)) {
    if (!accepts(action)) continue;
    const state = model.next(from, action);
    if (state !== null && isNumber(model, visited, state, number)) return { action, state };
  }
  throw notRepeatable('a state does not lead again to one that it led to');
}

const one: Fingerprint = { high: 0, low: 0 };
const other: Fingerprint = { high: 0, low: 0 };

function isNumber<S, A>(model: PrintedModel<S, A>, visited: VisitedSet, state: S, number: number | undefined): boolean {
  if (number === undefined) return false;
  model.fingerprint(state, one);
  visited.read(number, other);
  return one.high === other.high && one.low === other.low;
}

function notRepeatable(what: string): Error {
  return new Error(`the model is not repeatable: ${what}; actions, next and fingerprint may depend on nothing else`);
}
