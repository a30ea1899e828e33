import { type Fingerprint, fingerprintOfData } from './fingerprint.ts';
import type { Packing } from './packed-queue.ts';

/**
 * A system as the checker sees it: where runs start, what can happen next, and what must hold. States are immutable
 * values: `next` makes a new one.
 */
export interface Model<S, A> {
  readonly initial: () => Iterable<S>;
  /** What can happen in a state, in a fixed order. Nothing: the run ends here. */
  readonly actions: (state: S) => readonly A[];
  /** The state after the action; null if it would change nothing, and so is no step at all. */
  readonly next: (state: S, action: A) => S | null;
  /**
   * Tells states apart: equal exactly for states that are to count as the same. By default the kernel's hash of the
   * state, which has to be plain data then; one made for the model's states is several times faster.
   */
  readonly fingerprint?: (state: S, into: Fingerprint) => void;
  /** Turns states into words of 32 bits and back, so that those that wait take a third of the memory. */
  readonly packing?: Packing<S>;
  readonly properties?: Properties<S, A>;
  /** Tells apart what invariants and goals see of states: of those that look the same, only one is checked. */
  readonly appearance?: (state: S, into: Fingerprint) => void;
  /** Says that the search need not go on from here. The state itself is checked, but not counted. */
  readonly prune?: (state: S) => boolean;
  /**
   * Says that more can happen here than `actions` tells, since the model has a bound: the search is cut here, and no run
   * ends or stays here, as far as `eventually` is concerned.
   */
  readonly isBounded?: (state: S) => boolean;
  /**
   * Names what the action is fair in: if what goes by one name stays possible for ever, it happens in the end (weak
   * fairness). Null: it need never happen. By default every action is on its own. Matters to `eventually`.
   */
  readonly fairness?: (action: A) => string | null;
  /** What the action is called where a run is told. By default its text or its JSON. */
  readonly tellAction?: (action: A) => string;
  /** What a step did, a line each, where a run is told. `after` is null if the action threw. */
  readonly tellStep?: (before: S, action: A, after: S | null) => readonly string[];
}

/** A model whose states can be told apart. */
export interface PrintedModel<S, A> extends Model<S, A> {
  readonly fingerprint: (state: S, into: Fingerprint) => void;
}

/** The model, with fingerprints if it has none of its own. */
export function printed<S, A>(model: Model<S, A>): PrintedModel<S, A> {
  return { ...model, fingerprint: model.fingerprint ?? fingerprintOfData };
}

/** What must hold of a model, by name. */
export interface Properties<S, A> {
  /** Of every reachable state: null, or what is wrong with it. */
  readonly invariants?: Readonly<Record<string, (state: S) => string | null>>;
  /** Of every step: null, or what is wrong with it. */
  readonly steps?: Readonly<Record<string, (before: S, action: A, after: S) => string | null>>;
  /** Of some reachable state. */
  readonly goals?: Readonly<Record<string, (state: S) => boolean>>;
  /** Of some state of every fair run. */
  readonly eventually?: Readonly<Record<string, (state: S) => boolean>>;
  /** What can be seen at the end of runs, as text: collected, every value with a shortest run to it. */
  readonly outcomes?: Readonly<Record<string, (state: S) => string>>;
}

/** A run: a state in which the model starts, and the steps from there. */
export interface Run<S, A> {
  readonly start: S;
  readonly steps: readonly Step<S, A>[];
}

export interface Step<S, A> {
  readonly action: A;
  readonly state: S;
}

/** The state in which a run ends. */
export function lastState<S, A>({ start, steps }: Run<S, A>): S {
  return steps.at(-1)?.state ?? start;
}

/** The first steps of a run, as a place from which to search on. */
export function prefix<S, A>(run: Run<S, A>, steps: number): Run<S, A> {
  return { start: run.start, steps: run.steps.slice(0, steps) };
}
