import { Checks, type Finding, messageOf } from './checks.ts';
import { collisionProbability, type Fingerprint } from './fingerprint.ts';
import { BestFirst, type Frontier, Queue, Stack } from './frontier.ts';
import { lastState, type Model, type Run } from './model.ts';
import type { Cut, Progress, Result, Verdict, Violation } from './result.ts';
import { runTo } from './retrace.ts';
import { NO_PARENT, VisitedSet } from './visited.ts';

export interface Limits {
  /** Distinct states. */
  readonly states?: number;
  /** Steps from the start. */
  readonly depth?: number;
  /** By the `clock` of the options. */
  readonly ms?: number;
}

export interface Options<S, A> {
  /** Breadth first finds shortest runs; depth first goes deep at once; best first goes on where the score is highest. */
  readonly search?: 'bfs' | 'dfs' | { readonly type: 'best'; readonly score: (state: S) => number };
  /** Searches on from where a run ends; what is found is told from the run's start. */
  readonly from?: Run<S, A>;
  readonly limits?: Limits;
  /** Milliseconds; needed by the limit of time. The checker itself knows no clock. */
  readonly clock?: () => number;
  /** Stop at the first violation, or go on and report every property that is violated. */
  readonly violations?: 'first' | 'all';
  /** Called now and then; the search stops if it returns false. */
  readonly onProgress?: (progress: Progress) => boolean;
}

/** Searches every state that a model can reach, and checks its properties in each. */
export function explore<S, A>(model: Model<S, A>, options: Options<S, A> = {}): Result<S, A> {
  return new Exploration(model, options).run();
}

/** Generated states between two looks at the clock. */
const BETWEEN_LOOKS = 1 << 14;

class Exploration<S, A> {
  readonly #model: Model<S, A>;
  readonly #options: Options<S, A>;
  readonly #checks: Checks<S, A>;
  readonly #visited = new VisitedSet();
  readonly #frontier: Frontier<S>;
  readonly #starts: readonly S[];
  readonly #print: Fingerprint = { high: 0, low: 0 };
  readonly #deadline: number;

  readonly #violations: Violation<S, A>[] = [];
  readonly #goals: Record<string, Run<S, A> | null> = {};
  readonly #outcomes: Record<string, Map<string, Run<S, A>>> = {};
  readonly #observations: readonly (readonly [string, (state: S) => string])[];
  readonly #cuts = new Map<Cut['by'], number>();

  #generated = 0;
  #unchanged = 0;
  #terminal = 0;
  #pruned = 0;
  #depth = 0;
  #looked = 0;
  #stopped = false;

  constructor(model: Model<S, A>, options: Options<S, A>) {
    this.#model = model;
    this.#options = options;
    this.#frontier = frontierFor(options.search ?? 'bfs');
    this.#starts = options.from === undefined ? [...model.initial()] : [lastState(options.from)];
    this.#deadline = deadlineOf(options);
    const properties = model.properties ?? {};
    this.#checks = new Checks(properties);
    for (const name of Object.keys(properties.goals ?? {})) this.#goals[name] = null;
    this.#observations = Object.entries(properties.outcomes ?? {});
    for (const [name] of this.#observations) this.#outcomes[name] = new Map();
  }

  run(): Result<S, A> {
    for (const state of this.#starts) {
      if (this.#stopped) break;
      this.#generated += 1;
      this.#meet(state, NO_PARENT, 0);
    }
    while (!this.#stopped && this.#frontier.take()) this.#expand();
    return this.#result();
  }

  /** Takes every step from the state that the frontier handed out. */
  #expand(): void {
    const { state, number, depth } = this.#frontier;
    if (depth >= (this.#options.limits?.depth ?? Number.POSITIVE_INFINITY)) return this.#cutAtDepth(state);
    const actions = this.#model.actions(state);
    let moved = false;
    for (let index = 0; index < actions.length; index += 1) {
      const action = actions[index] as A;
      const next = this.#next(state, action, number);
      if (this.#stopped) return;
      if (next === null) {
        this.#unchanged += 1;
        continue;
      }
      moved = true;
      this.#generated += 1;
      if (this.#checks.hasSteps) this.#checkStep(state, action, next, number);
      this.#meet(next, number, depth + 1);
      if (this.#stopped) return;
    }
    if (!moved) this.#meetEnd(state, number);
    if (this.#generated - this.#looked >= BETWEEN_LOOKS) this.#look();
  }

  #next(state: S, action: A, number: number): S | null {
    try {
      return this.#model.next(state, action);
    } catch (error) {
      this.#report({ type: 'error', reason: messageOf(error), run: this.#runTo(number), attempted: action });
      return null;
    }
  }

  /** Meets a state for the first time, or again. */
  #meet(state: S, parent: number, depth: number): void {
    this.#model.fingerprint(state, this.#print);
    const number = this.#visited.add(this.#print, parent);
    if (number < 0) return;
    if (depth > this.#depth) this.#depth = depth;
    const finding = this.#checks.state(state);
    if (finding !== null) this.#reportFinding(finding, this.#runTo(number));
    for (const name of this.#checks.reached(state)) this.#goals[name] = this.#runTo(number);
    if (this.#model.prune?.(state)) {
      this.#pruned += 1;
      this.#cut('prune', 1);
      return;
    }
    this.#frontier.push(state, number, depth);
    if (this.#visited.size - this.#pruned >= (this.#options.limits?.states ?? Number.POSITIVE_INFINITY)) {
      this.#stop('states');
    }
  }

  /** The run ends here: nothing can happen any more. */
  #meetEnd(state: S, number: number): void {
    this.#terminal += 1;
    for (const [name, observe] of this.#observations) {
      const seen = observe(state);
      const values = this.#outcomes[name];
      if (values !== undefined && !values.has(seen)) values.set(seen, this.#runTo(number));
    }
  }

  #checkStep(before: S, action: A, after: S, number: number): void {
    const finding = this.#checks.step(before, action, after);
    if (finding === null) return;
    const { start, steps } = this.#runTo(number);
    this.#reportFinding(finding, { start, steps: [...steps, { action, state: after }] });
  }

  #reportFinding(finding: Finding, run: Run<S, A>): void {
    this.#report(finding.type === 'error' ? { ...finding, run, attempted: null } : { ...finding, run });
  }

  #report(violation: Violation<S, A>): void {
    this.#violations.push(violation);
    if (this.#options.violations !== 'all') this.#stopped = true;
  }

  #runTo(number: number): Run<S, A> {
    const run = runTo(this.#model, this.#starts, this.#visited, number);
    const { from } = this.#options;
    return from === undefined ? run : { start: from.start, steps: [...from.steps, ...run.steps] };
  }

  /** A state at the greatest depth cuts the search only if it could go on. */
  #cutAtDepth(state: S): void {
    const goesOn = this.#model.actions(state).some((action) => this.#model.next(state, action) !== null);
    if (goesOn) this.#cut('depth', 1);
    else this.#meetEnd(state, this.#frontier.number);
  }

  #look(): void {
    this.#looked = this.#generated;
    const { clock, onProgress } = this.#options;
    if (clock !== undefined && clock() >= this.#deadline) this.#stop('time');
    else if (onProgress?.({ ...this.#counts(), waiting: this.#frontier.size }) === false) this.#stop('caller');
  }

  #stop(by: Cut['by']): void {
    this.#stopped = true;
    this.#cut(by, this.#frontier.size);
  }

  #cut(by: Cut['by'], states: number): void {
    this.#cuts.set(by, (this.#cuts.get(by) ?? 0) + states);
  }

  #counts(): Omit<Progress, 'waiting'> {
    return {
      states: this.#visited.size - this.#pruned,
      generated: this.#generated,
      unchanged: this.#unchanged,
      terminal: this.#terminal,
      depth: this.#depth,
    };
  }

  #result(): Result<S, A> {
    const cuts = [...this.#cuts].map(([by, states]) => ({ by, states }));
    const complete = cuts.length === 0 && !this.#stopped;
    if (complete) {
      for (const property of this.#checks.openGoals) this.#violations.push({ type: 'goal', property });
    }
    return {
      verdict: verdictOf(this.#violations.length, cuts.length),
      violations: this.#violations,
      goals: this.#goals,
      outcomes: this.#outcomes,
      cuts,
      ...this.#counts(),
      collisionProbability: collisionProbability(this.#visited.size),
      bytes: this.#visited.bytes,
    };
  }
}

export function verdictOf(violations: number, cuts: number): Verdict {
  if (violations > 0) return 'violated';
  return cuts > 0 ? 'cut' : 'holds';
}

function frontierFor<S, A>(search: NonNullable<Options<S, A>['search']>): Frontier<S> {
  if (search === 'bfs') return new Queue();
  if (search === 'dfs') return new Stack();
  return new BestFirst(search.score);
}

function deadlineOf<S, A>({ limits, clock }: Options<S, A>): number {
  if (limits?.ms === undefined) return Number.POSITIVE_INFINITY;
  if (clock === undefined) throw new Error('a limit of time needs a clock: pass clock: () => performance.now()');
  return clock() + limits.ms;
}
