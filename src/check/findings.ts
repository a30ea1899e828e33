import type { Finding } from './checks.ts';
import type { Run } from './model.ts';
import type { Cut, Result, Verdict, Violation } from './result.ts';

/** What a search has found so far. */
export class Findings<S, A> {
  readonly #violations: Violation<S, A>[] = [];
  readonly #goals: Record<string, Run<S, A> | null> = {};
  readonly #outcomes: Record<string, Map<string, Run<S, A>>> = {};
  readonly #cuts = new Map<Cut['by'], number>();
  readonly #stopsAtFirst: boolean;

  constructor(goals: readonly string[], outcomes: readonly string[], violations: 'first' | 'all') {
    for (const name of goals) this.#goals[name] = null;
    for (const name of outcomes) this.#outcomes[name] = new Map();
    this.#stopsAtFirst = violations === 'first';
  }

  /** Whether nothing more is to be looked for. */
  get isOver(): boolean {
    return this.#stopsAtFirst && this.#violations.length > 0;
  }

  get isCut(): boolean {
    return this.#cuts.size > 0;
  }

  report(violation: Violation<S, A>): void {
    this.#violations.push(violation);
  }

  reportFinding(finding: Finding, run: Run<S, A>): void {
    this.report(finding.type === 'error' ? { ...finding, run, attempted: null } : { ...finding, run });
  }

  reach(goal: string, run: Run<S, A>): void {
    this.#goals[goal] ??= run;
  }

  observe(name: string, value: string, run: () => Run<S, A>): void {
    const values = this.#outcomes[name];
    if (values !== undefined && !values.has(value)) values.set(value, run());
  }

  cut(by: Cut['by'], states: number): void {
    this.#cuts.set(by, (this.#cuts.get(by) ?? 0) + states);
  }

  result(): Pick<Result<S, A>, 'verdict' | 'violations' | 'goals' | 'outcomes' | 'cuts'> {
    return {
      verdict: this.#verdict(),
      violations: this.#violations,
      goals: this.#goals,
      outcomes: this.#outcomes,
      cuts: [...this.#cuts].map(([by, states]) => ({ by, states })),
    };
  }

  #verdict(): Verdict {
    if (this.#violations.length > 0) return 'violated';
    return this.isCut ? 'cut' : 'holds';
  }
}
