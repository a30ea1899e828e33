import { toJson } from '../../../kernel/index.ts';
import type { Operation } from '../history.ts';
import { ILLEGAL, type SequentialModel, UNKNOWN } from '../sequential-model.ts';
import { sessionsOf } from './accesses.ts';
import type { ConsistencyLimits } from './causal.ts';
import type { ConsistencyResult } from './result.ts';

const PLACEMENTS_MAX = 2_000_000;

/** Operations in an order that is kept; one of unknown outcome is a line of its own, that may begin late or never. */
interface Line<I, O> {
  readonly operations: readonly Operation<I, O>[];
  /** How many operations of another line come before. */
  readonly after: { readonly line: number; readonly count: number } | null;
}

/** Tries the interleavings of what clients did, each set of positions and state once. */
export function searchInterleavings<S, I, O>(
  operations: readonly Operation<I, O>[],
  object: SequentialModel<S, I, O>,
  limits: ConsistencyLimits,
): ConsistencyResult {
  const model = 'sequential';
  const search = new Interleavings(linesOf(operations), object, limits);
  switch (search.run()) {
    case 'found':
      return { model, verdict: 'holds' };
    case 'cut':
      return { model, verdict: 'unknown', reason: 'the search for an order was cut short' };
    case 'none': {
      const stuck = search.stuck;
      const story = [
        `every way to interleave what the clients did ends before all of it is done; the longest has ${search.longest} of ${operations.length} operations`,
        `none of what clients did next can follow: ${stuck.map((operation) => describe(operation, object)).join(', ')}`,
      ];
      return { model, verdict: 'violated', pattern: 'no interleaving explains it', operations: stuck, story };
    }
    default:
      throw new Error('a search ends in no other way');
  }
}

function describe<S, I, O>(operation: Operation<I, O>, object: SequentialModel<S, I, O>): string {
  const { client, input, output } = operation;
  const shown = object.describe?.(operation) ?? `${JSON.stringify(input)} -> ${JSON.stringify(output)}`;
  return `[${client}: ${shown}]`;
}

function linesOf<I, O>(operations: readonly Operation<I, O>[]): Line<I, O>[] {
  const lines: Line<I, O>[] = [];
  for (const session of sessionsOf(operations).values()) {
    const known = session.filter(({ completeAt }) => completeAt !== null);
    const line = lines.push({ operations: known, after: null }) - 1;
    let count = 0;
    for (const operation of session) {
      if (operation.completeAt !== null) count += 1;
      else lines.push({ operations: [operation], after: { line, count } });
    }
  }
  return lines;
}

interface Step<S> {
  readonly line: number;
  readonly part: string;
  readonly before: S | undefined;
}

class Interleavings<S, I, O> {
  readonly #lines: readonly Line<I, O>[];
  readonly #object: SequentialModel<S, I, O>;
  readonly #limits: ConsistencyLimits;
  readonly #positions: number[];
  readonly #states = new Map<string, S>();
  readonly #seen = new Set<string>();
  #placed = 0;
  longest = -1;
  stuck: Operation<I, O>[] = [];

  constructor(lines: readonly Line<I, O>[], object: SequentialModel<S, I, O>, limits: ConsistencyLimits) {
    this.#lines = lines;
    this.#object = object;
    this.#limits = limits;
    this.#positions = lines.map(() => 0);
  }

  run(): 'found' | 'none' | 'cut' {
    /** For each step taken, what may be tried instead of it. */
    const steps: { readonly step: Step<S>; readonly others: number[] }[] = [];
    let choices = this.#choices();
    for (;;) {
      if (this.#isDone()) return 'found';
      this.#placed += 1;
      if (this.#placed > PLACEMENTS_MAX) return 'cut';
      if (this.#placed % 1024 === 0 && this.#limits.shouldStop?.() === true) return 'cut';
      const line = choices.shift();
      if (line !== undefined) {
        const step = this.#take(line);
        if (step !== null) {
          steps.push({ step, others: choices });
          choices = this.#isNew() ? this.#choices() : [];
        }
        continue;
      }
      const last = steps.pop();
      if (last === undefined) return 'none';
      this.#undo(last.step);
      choices = last.others;
    }
  }

  /** The lines that may go on: one alone if its next operation is legal and changes nothing; else by their ends. */
  #choices(): number[] {
    const open = this.#lines.flatMap((_, line) => (this.#next(line) === undefined ? [] : [line]));
    this.#note(open);
    const free = open.find((line) => this.#changesNothing(line));
    if (free !== undefined) return [free];
    const endOf = (line: number): number => this.#next(line)?.completeAt ?? Number.POSITIVE_INFINITY;
    return open.sort((a, b) => endOf(a) - endOf(b));
  }

  #next(line: number): Operation<I, O> | undefined {
    const { operations, after } = this.#lines[line] as Line<I, O>;
    if (after !== null && (this.#positions[after.line] as number) < after.count) return undefined;
    return operations[this.#positions[line] as number];
  }

  #changesNothing(line: number): boolean {
    const operation = this.#next(line);
    if (operation === undefined || operation.completeAt === null) return false;
    if (this.#object.changesNothing?.(operation.input, operation.output as O) !== true) return false;
    return this.#apply(operation) !== ILLEGAL;
  }

  #apply({ input, output, completeAt }: Operation<I, O>): S | typeof ILLEGAL {
    const part = this.#object.partition?.(input) ?? '';
    const state = this.#states.has(part) ? (this.#states.get(part) as S) : this.#object.init();
    return this.#object.apply(state, input, completeAt === null ? UNKNOWN : (output as O));
  }

  #take(line: number): Step<S> | null {
    const operation = this.#next(line);
    if (operation === undefined) return null;
    const state = this.#apply(operation);
    if (state === ILLEGAL) return null;
    const part = this.#object.partition?.(operation.input) ?? '';
    const before = this.#states.get(part);
    this.#states.set(part, state);
    this.#positions[line] = (this.#positions[line] as number) + 1;
    return { line, part, before };
  }

  #undo({ line, part, before }: Step<S>): void {
    if (before === undefined) this.#states.delete(part);
    else this.#states.set(part, before);
    this.#positions[line] = (this.#positions[line] as number) - 1;
  }

  #isNew(): boolean {
    const parts = [...this.#states].sort(([a], [b]) => (a < b ? -1 : 1));
    const key = `${this.#positions.join(' ')} ${JSON.stringify(toJson(parts))}`;
    if (this.#seen.has(key)) return false;
    this.#seen.add(key);
    return true;
  }

  #isDone(): boolean {
    return this.#lines.every(
      ({ operations }, line) =>
        operations[0]?.completeAt === null || (this.#positions[line] as number) === operations.length,
    );
  }

  #note(open: readonly number[]): void {
    const done = this.#positions.reduce((sum, position) => sum + position, 0);
    if (done <= this.longest) return;
    this.longest = done;
    this.stuck = open.flatMap((line) => this.#next(line) ?? []).filter(({ completeAt }) => completeAt !== null);
  }
}
