import type { Action, Cut, Run, WorldState } from '../../check/index.ts';
import { type CallsQuestion, REPORTS, tellCall, tellOperation, tellReport } from '../question.ts';
import { candidatesOf } from './candidates.ts';
import { type Contradiction, contradictionsOf } from './contradictions.ts';
import type { CallsModel } from './model.ts';
import { both, type Relaxation, relaxationsOf } from './relaxations.ts';
import { type AskOptions, observations } from './search.ts';
import { tellExecution } from './story.ts';

/** Something that can be observed, in the order of the program: values are quoted, as in JSON; or `no key`, or a report. */
export interface Possible {
  readonly observed: readonly string[];
  /** A shortest execution to it, a step a line. */
  readonly execution: readonly string[];
}

/** What would make possible what is not. */
export interface Reason {
  readonly if: string;
  readonly execution: readonly string[];
}

export interface Excluded {
  readonly observed: readonly string[];
  /** Empty if nothing that was tried makes it possible. */
  readonly reasons: readonly Reason[];
  /** Whether every search for reasons came to its end; otherwise there may be more of them. */
  readonly isSearched: boolean;
}

export interface CallsAnswer {
  readonly type: 'calls';
  readonly question: CallsQuestion;
  readonly possible: readonly Possible[];
  /**
   * Of the candidates, those that no execution leads to; null if there are too many, if the search was cut, or if no
   * execution leads to any.
   */
  readonly excluded: readonly Excluded[] | null;
  /** If no execution agrees with what calls reported: which of them is at fault. */
  readonly contradictions: readonly Contradiction[];
  /** Null if there were too many candidates to list. */
  readonly candidates: number | null;
  readonly cuts: readonly Cut[];
  readonly states: number;
}

/** A search for reasons ends after so many states, or that share of those for the answer, whichever is more. */
const REASON_STATES = 20_000;
const REASON_SHARE = 50;
/** Where each excluded value has a reason already, a search for more of them ends after that share of those states. */
const FURTHER_SHARE = 4;
/** Reasons of a single assumption, and of two together: more would not be read. */
const REASONS_MAX = 4;
const PAIRS_MAX = 2;

/** Searches every execution for what can be observed, and for each thing that cannot be, what excludes it. */
export function answerCalls(question: CallsQuestion, options: AskOptions): CallsAnswer {
  const { found, cuts, states } = observations(question, { ...options, deviationsMax: 0 });
  const possible = [...found.values()].map(({ observed, model, run }) => ({
    observed,
    execution: tellExecution(question, model, run),
  }));
  const candidates = candidatesOf(question);
  const isContradicted = found.size === 0 && cuts.length === 0;
  const isKnown = candidates !== null && cuts.length === 0 && !isContradicted;
  const excluded = isKnown ? candidates.filter((candidate) => !found.has(JSON.stringify(candidate))) : null;
  return {
    type: 'calls',
    question,
    possible: possible.sort(byObserved(candidates ?? [])),
    excluded: excluded === null ? null : explain(question, excluded, options),
    contradictions: isContradicted ? contradictionsOf(question, options, forReasons(options)) : [],
    candidates: candidates?.length ?? null,
    cuts,
    states,
  };
}

/** Candidates in their order; what nobody expected after them. Where there are too many: by what is reported. */
function byObserved(candidates: readonly (readonly string[])[]): (a: Possible, b: Possible) => number {
  const order = new Map(candidates.map((candidate, index) => [JSON.stringify(candidate), index]));
  const rank = ({ observed }: Possible): number => order.get(JSON.stringify(observed)) ?? candidates.length;
  return (a, b) => rank(a) - rank(b) || byReports(a.observed, b.observed);
}

function byReports(a: readonly string[], b: readonly string[]): number {
  const order: readonly string[] = REPORTS;
  const rank = (observed = ''): number => order.indexOf(observed);
  const differs = a.findIndex((each, index) => each !== b[index]);
  return rank(a[differs]) - rank(b[differs]);
}

/** Asks again with one assumption relaxed at a time; where no single one is enough, with two. */
function explain(question: CallsQuestion, excluded: readonly string[][], options: AskOptions): Excluded[] {
  const reasons = new Map<string, Reason[]>(excluded.map((observed) => [JSON.stringify(observed), []]));
  const small = forReasons(options);
  const smaller = { ...small, statesMax: Math.ceil(small.statesMax / FURTHER_SHARE) };
  const singles = excluded.length === 0 || options.explains === false ? [] : relaxationsOf(question);
  let isCut = false;
  for (const single of singles) {
    const isEachExplained = [...reasons.values()].every((each) => each.length > 0);
    isCut = addReasons(question, single, reasons, isEachExplained ? smaller : small) || isCut;
  }
  const open = new Map([...reasons].filter(([, each]) => each.length === 0));
  for (const [first, second] of pairs(singles)) {
    if ([...open.values()].every((each) => each.length >= PAIRS_MAX)) break;
    isCut = addReasons(question, both(first, second), open, small) || isCut;
  }
  const isSearched = options.explains !== false && !isCut;
  return excluded.map((observed) => ({
    observed,
    reasons: reasons.get(JSON.stringify(observed)) ?? [],
    isSearched,
  }));
}

function forReasons(options: AskOptions): AskOptions {
  const statesMax = Math.min(options.statesMax, Math.max(REASON_STATES, options.statesMax / REASON_SHARE));
  return { ...options, statesMax: Math.ceil(statesMax) };
}

function pairs<T>(items: readonly T[]): (readonly [T, T])[] {
  return items.flatMap((first, index) => items.slice(index + 1).map((second) => [first, second] as const));
}

/** Returns whether the search was cut, so that there may be a reason that was not found. */
function addReasons(
  question: CallsQuestion,
  relaxation: Relaxation,
  reasons: ReadonlyMap<string, Reason[]>,
  options: AskOptions,
): boolean {
  const relaxed = relaxation.relax(question);
  const deviationsMax = relaxation.deviates ? question.program.length : 0;
  const wanted = relaxation.deviates ? {} : { wanted: new Set(reasons.keys()) };
  const { found, cuts } = observations(relaxed, { ...options, deviationsMax, ...wanted });
  for (const [name, known] of reasons) {
    const observation = found.get(name);
    if (observation === undefined || known.length >= REASONS_MAX) continue;
    const { model, run } = observation;
    const parts = [relaxation.without, ...(relaxation.deviates ? [tellDeviations(relaxed, model, run)] : [])];
    known.push({
      if: parts.filter((part) => part !== '').join(', and '),
      execution: tellExecution(relaxed, model, run),
    });
  }
  return cuts.some(({ by }) => by === 'states');
}

/** Which calls report what they are known not to have reported. */
function tellDeviations(question: CallsQuestion, model: CallsModel, run: Run<WorldState, Action>): string {
  const told = new Map<string, string[]>();
  for (const { call, report } of model.reports(run)) {
    const known = question.program[call - 1];
    if (known === undefined || known.reported.includes(report)) continue;
    const reported = `reported ${tellReport(report)}`;
    const what = `${tellOperation(known.operation)} ${reported}`;
    told.set(what, [...(told.get(what) ?? []), `${tellCall(question, call)} ${reported}`]);
  }
  return [...told].map(([what, all]) => (all.length === 1 ? all[0] : `${all.length} times ${what}`)).join(', and ');
}
