import { Checks } from './checks.ts';
import type { Model, Run, Step } from './model.ts';

/**
 * Leaves out steps that a violation does not need: longer stretches first, then single steps, as long as what is left
 * still violates the property. (Delta debugging: Zeller and Hildebrandt, 2002.) A step that is no longer possible
 * without one left out is left out too.
 */
export function shorten<S, A>(model: Model<S, A>, run: Run<S, A>, property: string): Run<S, A> {
  let shortest = run;
  let stretch = Math.ceil(run.steps.length / 2);
  while (stretch >= 1) {
    const shorter = withoutStretch(model, shortest, stretch, property);
    if (shorter !== null) shortest = shorter;
    else stretch = stretch === 1 ? 0 : Math.ceil(stretch / 2);
  }
  return shortest;
}

function withoutStretch<S, A>(model: Model<S, A>, run: Run<S, A>, stretch: number, property: string): Run<S, A> | null {
  for (let at = 0; at < run.steps.length; at += stretch) {
    const left = run.steps.toSpliced(at, stretch);
    const shorter = violatingRun(model, run.start, left, property);
    if (shorter !== null && shorter.steps.length < run.steps.length) return shorter;
  }
  return null;
}

/** Takes those of the steps that are possible, up to where the property is violated; null if it never is. */
function violatingRun<S, A>(
  model: Model<S, A>,
  start: S,
  wanted: readonly Step<S, A>[],
  property: string,
): Run<S, A> | null {
  const checks = new Checks(only(model, property));
  if (checks.state(start) !== null) return { start, steps: [] };
  const steps: Step<S, A>[] = [];
  let state = start;
  for (const { action: like } of wanted) {
    const step = stepLike(model, state, like);
    if (step === null) continue;
    steps.push(step);
    if (checks.step(state, step.action, step.state) !== null || checks.state(step.state) !== null)
      return { start, steps };
    state = step.state;
  }
  return null;
}

function only<S, A>({ properties = {} }: Model<S, A>, property: string): NonNullable<Model<S, A>['properties']> {
  const invariant = properties.invariants?.[property];
  const step = properties.steps?.[property];
  return {
    ...(invariant && { invariants: { [property]: invariant } }),
    ...(step && { steps: { [property]: step } }),
  };
}

function stepLike<S, A>(model: Model<S, A>, state: S, like: A): Step<S, A> | null {
  const name = nameOf(model, like);
  for (const action of model.actions(state)) {
    if (nameOf(model, action) !== name) continue;
    try {
      const next = model.next(state, action);
      if (next !== null) return { action, state: next };
    } catch {
      return null; // it throws here: another violation, not the one that is being told
    }
  }
  return null;
}

/** What an action is called: its text, or what a model says of it. */
export function nameOf<S, A>(model: Model<S, A>, action: A): string {
  if (model.tellAction !== undefined) return model.tellAction(action);
  return typeof action === 'string' ? action : (JSON.stringify(action) ?? String(action));
}
