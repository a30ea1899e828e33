import { Random } from '../kernel/index.ts';
import { Checks, type Finding, messageOf } from './checks.ts';
import { deadlineOf } from './deadline.ts';
import { Findings } from './findings.ts';
import { collisionProbability, type Fingerprint } from './fingerprint.ts';
import { lastState, type Model, type PrintedModel, printed, type Run, type Step } from './model.ts';
import type { Options, WalkSearch } from './options.ts';
import type { Progress, Result } from './result.ts';
import { shorten } from './shorten.ts';
import { NO_PARENT, VisitedSet } from './visited.ts';

/** Where no limit of depth is given: a run that goes on for longer goes round in circles, or nowhere. */
const STEPS_MAX = 1_000;
/** Steps between two looks at the clock. */
const BETWEEN_LOOKS = 1 << 13;

/** Samples runs. It never says that something holds: what it did not see it calls cut. */
export class RandomWalks<S, A> {
  readonly #model: PrintedModel<S, A>;
  readonly #options: Options<S, A>;
  readonly #search: WalkSearch;
  readonly #random: Random;
  readonly #checks: Checks<S, A>;
  readonly #findings: Findings<S, A>;
  readonly #visited = new VisitedSet();
  readonly #print: Fingerprint = { high: 0, low: 0 };
  readonly #starts: readonly S[];
  readonly #stepsMax: number;
  readonly #deadline: number;

  #steps: Step<S, A>[] = [];
  #start: S;
  #generated = 0;
  #unchanged = 0;
  #terminal = 0;
  #depth = 0;

  constructor(model: Model<S, A>, options: Options<S, A>, search: WalkSearch) {
    this.#model = printed(model);
    this.#options = options;
    this.#search = search;
    this.#random = new Random(search.seed);
    this.#starts = options.from === undefined ? [...model.initial()] : [lastState(options.from)];
    this.#start = this.#random.pick(this.#starts);
    this.#stepsMax = options.limits?.depth ?? STEPS_MAX;
    this.#deadline = deadlineOf(options);
    const { goals = {}, outcomes = {} } = model.properties ?? {};
    this.#checks = new Checks(model.properties ?? {});
    this.#findings = new Findings(Object.keys(goals), Object.keys(outcomes), options.violations ?? 'first');
  }

  *run(): Generator<Progress, Result<S, A>, boolean> {
    let looked = 0;
    for (let walks = 0; walks < this.#search.walks && !this.#findings.isOver; walks += 1) {
      this.#walk();
      if (this.#generated - looked < BETWEEN_LOOKS) continue;
      looked = this.#generated;
      const goesOn = yield { ...this.#counts(), waiting: 0 };
      if (goesOn && !this.#isLate()) continue;
      this.#findings.cut(goesOn ? 'time' : 'caller', 0);
      break;
    }
    if (!this.#findings.isOver) this.#findings.cut('sampling', 0);
    return {
      ...this.#findings.result(),
      ...this.#counts(),
      collisionProbability: collisionProbability(this.#visited.size),
      bytes: this.#visited.bytes,
    };
  }

  #walk(): void {
    this.#start = this.#random.pick(this.#starts);
    this.#steps = [];
    let state = this.#start;
    this.#meet(state);
    while (this.#steps.length < this.#stepsMax && !this.#findings.isOver && !this.#model.prune?.(state)) {
      const step = this.#draw(state);
      if (step === null) break;
      this.#steps.push(step);
      if (this.#checks.hasSteps) this.#checkStep(state, step);
      state = step.state;
      this.#meet(state);
    }
    this.#depth = Math.max(this.#depth, this.#steps.length);
  }

  /** A step at random; null if the run is at its end, or a process threw. */
  #draw(state: S): Step<S, A> | null {
    const actions = this.#random.shuffle([...this.#model.actions(state)]);
    for (const action of actions) {
      try {
        const next = this.#model.next(state, action);
        if (next !== null) return { action, state: next };
        this.#unchanged += 1;
      } catch (error) {
        this.#findings.report({ type: 'error', reason: messageOf(error), run: this.#path(), attempted: action });
        return null;
      }
    }
    this.#meetEnd(state);
    return null;
  }

  #meet(state: S): void {
    this.#generated += 1;
    this.#model.fingerprint(state, this.#print);
    if (this.#visited.add(this.#print, NO_PARENT) < 0) return;
    const finding = this.#checks.state(state);
    if (finding !== null) this.#findings.reportFinding(finding, this.#shortened(finding));
    for (const name of this.#checks.reached(state)) this.#findings.reach(name, this.#path());
  }

  #meetEnd(state: S): void {
    this.#terminal += 1;
    for (const [name, observe] of Object.entries(this.#model.properties?.outcomes ?? {})) {
      this.#findings.observe(name, observe(state), () => this.#path());
    }
  }

  #checkStep(before: S, { action, state }: Step<S, A>): void {
    const finding = this.#checks.step(before, action, state);
    if (finding !== null) this.#findings.reportFinding(finding, this.#shortened(finding));
  }

  #path(): Run<S, A> {
    const { from } = this.#options;
    if (from === undefined) return { start: this.#start, steps: [...this.#steps] };
    return { start: from.start, steps: [...from.steps, ...this.#steps] };
  }

  #shortened(finding: Finding): Run<S, A> {
    return finding.type === 'error' ? this.#path() : shorten(this.#model, this.#path(), finding.property);
  }

  #isLate(): boolean {
    const { clock } = this.#options;
    return clock !== undefined && clock() >= this.#deadline;
  }

  #counts(): Omit<Progress, 'waiting'> {
    return {
      states: this.#visited.size,
      generated: this.#generated,
      unchanged: this.#unchanged,
      terminal: this.#terminal,
      depth: this.#depth,
    };
  }
}
