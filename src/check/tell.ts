import { diff } from '../kernel/index.ts';
import { lastState, type Model, type Run, type Step } from './model.ts';
import type { Cut, Result, Violation } from './result.ts';
import { nameOf } from './shorten.ts';
import { tellChange } from './tell-change.ts';

/** Tells what a search found, as a person would: the verdict, each violation with its run, and what was not searched. */
export function tellResult<S, A>(model: Model<S, A>, result: Result<S, A>): string {
  const { verdict, violations, cuts, goals } = result;
  const parts = [`${tellVerdict(verdict)} ${tellCounts(result)}`];
  for (const violation of violations) parts.push(tellViolation(model, violation));
  for (const [name, run] of Object.entries(goals)) {
    if (run !== null) parts.push(`'${name}' is reached in ${tellNumber(run.steps.length, 'step')}.`);
  }
  for (const cut of cuts) parts.push(tellCut(cut));
  return parts.join('\n\n');
}

export function tellViolation<S, A>(model: Model<S, A>, violation: Violation<S, A>): string {
  switch (violation.type) {
    case 'invariant':
    case 'step': {
      const { property, reason, run } = violation;
      return `'${property}' is violated after ${tellNumber(run.steps.length, 'step')}: ${reason}\n\n${tellRun(model, run)}`;
    }
    case 'error': {
      const { reason, run, attempted } = violation;
      const told = tellRun(model, run);
      if (attempted === null) return `${reason}\n\n${told}`;
      const last = numbered(toldStep(model, lastState(run), attempted, null), run.steps.length + 1);
      return `A step throws: ${reason}${adviceOn(reason)}\n\n${told === '' ? last : `${told}\n${last}`}`;
    }
    case 'goal':
      return `'${violation.property}' is never reached.`;
    case 'eventually':
      return tellLasso(model, violation);
    default:
      return violation satisfies never;
  }
}

/** Processes are cloned field by field, which leaves out what is hidden behind `#`. */
function adviceOn(reason: string): string {
  if (!reason.includes('private member')) return '';
  return " (a process's state is in ordinary fields: write `private x` instead of `#x`)";
}

/** A numbered list of steps, with what each did. */
export function tellRun<S, A>(model: Model<S, A>, run: Run<S, A>): string {
  return tellSteps(model, run.start, run.steps, 1);
}

function tellLasso<S, A>(model: Model<S, A>, lasso: Extract<Violation<S, A>, { type: 'eventually' }>): string {
  const { property, run, cycle } = lasso;
  const stem = tellRun(model, run);
  if (cycle.length === 0) return `'${property}' need never come: after this, nothing has to happen.\n\n${stem}`;
  const round = tellSteps(model, lastState(run), cycle, run.steps.length + 1);
  return `'${property}' need never come: this can go on for ever.\n\n${stem}\n  from here, round and round:\n${round}`;
}

function tellSteps<S, A>(model: Model<S, A>, start: S, steps: readonly Step<S, A>[], first: number): string {
  return toldSteps(model, start, steps)
    .map((step, index) => numbered(step, first + index))
    .join('\n');
}

/** A step in words: what happened, and below it what that did. */
export interface ToldStep {
  readonly what: string;
  readonly details: readonly string[];
}

export function toldSteps<S, A>(model: Model<S, A>, start: S, steps: readonly Step<S, A>[]): readonly ToldStep[] {
  let before = start;
  return steps.map(({ action, state }) => {
    const told = toldStep(model, before, action, state);
    before = state;
    return told;
  });
}

function toldStep<S, A>(model: Model<S, A>, before: S, action: A, after: S | null): ToldStep {
  const details = model.tellStep?.(before, action, after) ?? (after === null ? [] : changesOf(before, after));
  return { what: nameOf(model, action), details };
}

/** What a model that tells nothing of its steps has changed, if its states are plain data with parts. */
function changesOf(before: unknown, after: unknown): string[] {
  if (typeof after !== 'object' || after === null) return [];
  return diff(before, after).map(tellChange);
}

function numbered({ what, details }: ToldStep, number: number): string {
  return [`${String(number).padStart(3)}. ${what}`, ...details.map((detail) => `       ${detail}`)].join('\n');
}

function tellVerdict(verdict: Result<unknown, unknown>['verdict']): string {
  switch (verdict) {
    case 'holds':
      return 'Every property holds.';
    case 'violated':
      return 'Violated.';
    case 'cut':
      return 'Nothing wrong was found, but not everything was searched.';
    default:
      return verdict satisfies never;
  }
}

function tellCounts({ states, generated, depth }: Result<unknown, unknown>): string {
  const found = `${tellNumber(states, 'distinct state')} among ${tellNumber(generated, 'generated')}`;
  return `${found}, up to ${tellNumber(depth, 'step')} deep.`;
}

function tellCut({ by, states }: Cut): string {
  const left = tellNumber(states, 'state');
  const were = states === 1 ? 'was' : 'were';
  switch (by) {
    case 'prune':
      return `Pruned: ${left} ${were} not searched on from.`;
    case 'depth':
      return `The limit of depth cut the search: ${left} ${were} not searched on from.`;
    case 'states':
      return `The limit of states cut the search: ${left} ${were} waiting.`;
    case 'time':
      return `The limit of time cut the search: ${left} ${were} waiting.`;
    case 'caller':
      return `The search was stopped: ${left} ${were} waiting.`;
    case 'bound':
      return `A budget was used up in ${left}: what else can happen from there is not known.`;
    case 'sampling':
      return 'Only some runs were tried.';
    default:
      return by satisfies never;
  }
}

function tellNumber(count: number, noun: string): string {
  const digits = String(count).replace(/\B(?=(\d{3})+$)/g, ',');
  return `${digits} ${noun}${count === 1 || noun === 'generated' ? '' : 's'}`;
}
