import { Checks, type Finding, messageOf } from './checks.ts';
import { deadlineOf } from './deadline.ts';
import { findLasso } from './eventually.ts';
import { Findings } from './findings.ts';
import { collisionProbability, type Fingerprint } from './fingerprint.ts';
import { BestFirst, type Frontier, Queue, Stack } from './frontier.ts';
import { Graph } from './graph.ts';
import { lastState, type Model, type PrintedModel, printed, type Run } from './model.ts';
import type { Options } from './options.ts';
import { PackedQueue } from './packed-queue.ts';
import type { Cut, Progress, Result } from './result.ts';
import { runAlong, runTo, stepsAlong } from './retrace.ts';
import { shorten } from './shorten.ts';
import { NO_PARENT, VisitedSet } from './visited.ts';
import { RandomWalks } from './walk.ts';

/** Searches every state that a model can reach, and checks its properties in each. */
export function explore<S, A>(model: Model<S, A>, options: Options<S, A> = {}): Result<S, A> {
  const search = exploration(model, options);
  let next = search.next();
  while (!next.done) next = search.next(options.onProgress?.(next.value) ?? true);
  return next.value;
}

/** A search that its caller drives: yields how far it is now and then, and ends early when it is sent false. */
export type Exploration<S, A> = Generator<Progress, Result<S, A>, boolean>;

/** The same search in pieces of some milliseconds, for a caller that has other things to see to in between. */
export function exploration<S, A>(model: Model<S, A>, options: Options<S, A> = {}): Exploration<S, A> {
  const { search = 'bfs' } = options;
  if (typeof search === 'object' && search.type === 'walk') return new RandomWalks(model, options, search).run();
  return new ExhaustiveSearch(model, options).run();
}

/** Generated states between two looks at the clock. */
const BETWEEN_LOOKS = 1 << 14;

class ExhaustiveSearch<S, A> {
  readonly #model: PrintedModel<S, A>;
  readonly #options: Options<S, A>;
  readonly #checks: Checks<S, A>;
  readonly #findings: Findings<S, A>;
  readonly #visited = new VisitedSet();
  readonly #appearances = new VisitedSet();
  readonly #frontier: Frontier<S>;
  readonly #graph: Graph<S, A> | null;
  readonly #starts: readonly S[];
  readonly #print: Fingerprint = { high: 0, low: 0 };
  readonly #deadline: number;
  readonly #depthMax: number;
  readonly #statesMax: number;
  readonly #observations: readonly (readonly [string, (state: S) => string])[];

  #generated = 0;
  #unchanged = 0;
  #terminal = 0;
  #pruned = 0;
  #depth = 0;
  #looked = 0;
  #stopped = false;

  constructor(model: Model<S, A>, options: Options<S, A>) {
    this.#model = printed(model);
    this.#options = options;
    this.#frontier = frontierFor(options.search ?? 'bfs', model);
    this.#starts = options.from === undefined ? [...model.initial()] : [lastState(options.from)];
    this.#deadline = deadlineOf(options);
    this.#depthMax = options.limits?.depth ?? Number.POSITIVE_INFINITY;
    this.#statesMax = options.limits?.states ?? Number.POSITIVE_INFINITY;
    const { goals = {}, outcomes = {}, eventually } = model.properties ?? {};
    this.#checks = new Checks(model.properties ?? {});
    this.#findings = new Findings(Object.keys(goals), Object.keys(outcomes), options.violations ?? 'first');
    this.#observations = Object.entries(outcomes);
    this.#graph = eventually === undefined ? null : new Graph(model, eventually);
  }

  *run(): Exploration<S, A> {
    for (const state of this.#starts) {
      if (this.#stopped) break;
      this.#generated += 1;
      const number = this.#meet(state, NO_PARENT, 0);
      this.#graph?.starts.push(number);
    }
    while (!this.#stopped && this.#frontier.take()) {
      this.#expand();
      if (this.#generated - this.#looked < BETWEEN_LOOKS) continue;
      this.#looked = this.#generated;
      const goesOn = yield { ...this.#counts(), waiting: this.#frontier.size };
      if (!goesOn) this.#stop('caller');
      else if (this.#isLate()) this.#stop('time');
    }
    if (!this.#findings.isOver) this.#findLassos();
    if (!this.#findings.isOver && !this.#findings.isCut) {
      for (const property of this.#checks.openGoals) this.#findings.report({ type: 'goal', property });
    }
    return {
      ...this.#findings.result(),
      ...this.#counts(),
      collisionProbability: collisionProbability(this.#visited.size + this.#appearances.size),
      bytes: this.#visited.bytes + this.#appearances.bytes,
    };
  }

  /** Takes every step from the state that the frontier handed out. */
  #expand(): void {
    const { state, number, depth } = this.#frontier;
    const actions = this.#model.actions(state);
    if (depth >= this.#depthMax && this.#goesOn(state, actions)) {
      this.#findings.cut('depth', 1);
      return;
    }
    const isBounded = this.#model.isBounded?.(state) === true;
    if (isBounded) this.#findings.cut('bound', 1);
    const graph = isBounded ? null : this.#graph;
    graph?.open(number);
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
      const met = this.#meet(next, number, depth + 1);
      graph?.edge(number, met, action);
      if (this.#stopped) return;
    }
    graph?.close(number);
    if (!moved) this.#meetEnd(state, number);
  }

  #next(state: S, action: A, number: number): S | null {
    try {
      return this.#model.next(state, action);
    } catch (error) {
      const run = this.#shortened(this.#runTo(number));
      this.#findings.report({ type: 'error', reason: messageOf(error), run, attempted: action });
      this.#stopIfOver();
      return null;
    }
  }

  /** Meets a state for the first time, or again. Returns its number. */
  #meet(state: S, parent: number, depth: number): number {
    this.#model.fingerprint(state, this.#print);
    const number = this.#visited.add(this.#print, parent);
    if (number < 0) return -1 - number;
    this.#graph?.mark(number, state);
    if (this.#looksNew(state)) this.#check(state, number);
    if (this.#model.prune?.(state)) {
      this.#pruned += 1;
      this.#findings.cut('prune', 1);
      return number;
    }
    if (depth > this.#depth) this.#depth = depth;
    this.#frontier.push(state, number, depth);
    if (this.#visited.size - this.#pruned >= this.#statesMax) this.#stop('states');
    return number;
  }

  #looksNew(state: S): boolean {
    if (this.#model.appearance === undefined) return true;
    this.#model.appearance(state, this.#print);
    return this.#appearances.add(this.#print, NO_PARENT) >= 0;
  }

  #check(state: S, number: number): void {
    const finding = this.#checks.state(state);
    if (finding !== null) {
      this.#findings.reportFinding(finding, this.#shortened(this.#runTo(number), finding));
      this.#stopIfOver();
    }
    for (const name of this.#checks.reached(state)) this.#findings.reach(name, this.#runTo(number));
  }

  /** The run ends here: nothing can happen any more. */
  #meetEnd(state: S, number: number): void {
    this.#terminal += 1;
    for (const [name, observe] of this.#observations) {
      this.#findings.observe(name, observe(state), () => this.#runTo(number));
    }
  }

  #checkStep(before: S, action: A, after: S, number: number): void {
    const finding = this.#checks.step(before, action, after);
    if (finding === null) return;
    const { start, steps } = this.#runTo(number);
    const run = { start, steps: [...steps, { action, state: after }] };
    this.#findings.reportFinding(finding, this.#shortened(run, finding));
    this.#stopIfOver();
  }

  #findLassos(): void {
    const graph = this.#graph;
    if (graph === null) return;
    for (const property of graph.properties) {
      const lasso = findLasso(graph, property);
      if (lasso === null) continue;
      const stem = runAlong(this.#model, this.#starts, this.#visited, lasso.stem);
      const isInCycle = (action: A, index: number) => graph.kindOf(action) === lasso.cycle[index]?.kind;
      const round = lasso.cycle.map(({ number }) => number);
      const cycle = stepsAlong(this.#model, lastState(stem), this.#visited, round, isInCycle);
      this.#findings.report({ type: 'eventually', property, run: this.#fromStart(stem), cycle });
      if (this.#findings.isOver) return;
    }
  }

  #runTo(number: number): Run<S, A> {
    return this.#fromStart(runTo(this.#model, this.#starts, this.#visited, number));
  }

  #fromStart(run: Run<S, A>): Run<S, A> {
    const { from } = this.#options;
    return from === undefined ? run : { start: from.start, steps: [...from.steps, ...run.steps] };
  }

  /** Breadth first, the first run found is a shortest one; otherwise steps that it can do without are left out. */
  #shortened(run: Run<S, A>, finding: Finding | null = null): Run<S, A> {
    const isShortest = (this.#options.search ?? 'bfs') === 'bfs';
    if (isShortest || finding === null || finding.type === 'error') return run;
    return shorten(this.#model, run, finding.property);
  }

  #goesOn(state: S, actions: readonly A[]): boolean {
    return actions.some((action) => this.#model.next(state, action) !== null);
  }

  #stopIfOver(): void {
    if (this.#findings.isOver) this.#stopped = true;
  }

  #isLate(): boolean {
    const { clock } = this.#options;
    return clock !== undefined && clock() >= this.#deadline;
  }

  #stop(by: Cut['by']): void {
    this.#stopped = true;
    this.#findings.cut(by, this.#frontier.size);
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
}

function frontierFor<S, A>(search: NonNullable<Options<S, A>['search']>, { packing }: Model<S, A>): Frontier<S> {
  if (search === 'dfs') return new Stack();
  if (typeof search === 'object' && search.type === 'best') return new BestFirst(search.score);
  return packing === undefined ? new Queue() : new PackedQueue(packing);
}
