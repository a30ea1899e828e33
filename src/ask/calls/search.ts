import { type Action, type Cut, explore, type Run, type WorldState } from '../../check/index.ts';
import type { CallsQuestion } from '../question.ts';
import { type CallReport, type CallsModel, callsModel, type Ending, type ServerMaker } from './model.ts';

export interface AskOptions {
  /** Distinct states to search for the answer. */
  readonly statesMax: number;
  /** Told now and then how many states a search has found. */
  readonly onProgress?: (states: number) => void;
  /** Whether to look for reasons. By default true. */
  readonly explains?: boolean;
  /** Another server than the question's, for comparison. */
  readonly serverOf?: ServerMaker;
}

export interface Observation {
  readonly observed: readonly string[];
  readonly deviations: number;
  readonly model: CallsModel;
  readonly run: Run<WorldState, Action>;
}

export interface ContradictedBy extends CallReport {
  readonly model: CallsModel;
  readonly run: Run<WorldState, Action>;
}

export interface Observations {
  /** By what is observed, as JSON; with as few deviations as there can be. */
  readonly found: ReadonlyMap<string, Observation>;
  /** Reports that are known not to have been, and ended an execution there. */
  readonly contradictions: readonly ContradictedBy[];
  readonly cuts: readonly Cut[];
  readonly states: number;
}

export interface Search extends AskOptions {
  readonly deviationsMax: number;
  /** The search may stop when all of these were found; by default it does not. */
  readonly wanted?: ReadonlySet<string>;
}

/** Searches every execution for what can be observed, and for what calls report that they are known not to have. */
export function observations(question: CallsQuestion, search: Search): Observations {
  const { deviationsMax, wanted, serverOf, statesMax } = search;
  const model = callsModel(question, deviationsMax, serverOf);
  const missing = new Set(wanted);
  const ending = (state: WorldState): string => {
    const end = model.ending(state);
    if (end.type === 'over') missing.delete(JSON.stringify(end.observed));
    return JSON.stringify(end);
  };
  const { outcomes, cuts, states, violations } = explore(
    { ...model, properties: { outcomes: { ending } } },
    {
      limits: { states: statesMax },
      onProgress: ({ states }) => {
        search.onProgress?.(states);
        return wanted === undefined || missing.size > 0;
      },
    },
  );
  for (const violation of violations) if (violation.type === 'error') throw new Error(violation.reason);
  const found = new Map<string, Observation>();
  const contradictions: ContradictedBy[] = [];
  for (const [label, run] of outcomes['ending'] ?? []) {
    const end = JSON.parse(label) as Ending;
    if (end.type === 'contradicted' && end.at !== null) contradictions.push({ ...end.at, model, run });
    if (end.type !== 'over') continue;
    const { observed, deviations } = end;
    const name = JSON.stringify(observed);
    if (deviations < (found.get(name)?.deviations ?? Number.POSITIVE_INFINITY)) {
      found.set(name, { observed, deviations, model, run });
    }
  }
  return { found, contradictions, cuts, states };
}
