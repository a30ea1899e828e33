import type { Budgets, Limits, Options } from '../check/index.ts';
import { type Arguments, wholeNumber } from './arguments.ts';
import { UsageError } from './command.ts';

const WALKS_DEFAULT = 10_000;
/** Fits into the memory that Node allows itself; far more do, if their frontier is small. */
const STATES_DEFAULT = 5_000_000;
const ANY = { min: 1, max: Number.MAX_SAFE_INTEGER };

/** How to search, as the command line says; `score` is what the module exports for it. */
export function searchOptions<S, A>(given: Arguments, score: ((state: S) => number) | null): Options<S, A> {
  return {
    search: searchOf(given, score),
    limits: limitsOf(given),
    clock: () => performance.now(),
    violations: given.has('all') ? 'all' : 'first',
  };
}

function searchOf<S>(given: Arguments, score: ((state: S) => number) | null): NonNullable<Options<S, never>['search']> {
  const search = given.oneOf('search', ['bfs', 'dfs', 'best-first', 'walk']) ?? 'bfs';
  for (const flag of ['walks', 'seed']) {
    if (given.has(flag) && search !== 'walk') throw new UsageError(`--${flag} goes with --search walk`);
  }
  switch (search) {
    case 'bfs':
    case 'dfs':
      return search;
    case 'best-first':
      if (score !== null) return { type: 'best', score };
      throw new UsageError('--search best-first needs a score: export one, as in `export const score = (world) => 1`');
    case 'walk':
      return {
        type: 'walk',
        seed: given.number('seed', { ...ANY, min: 0 }) ?? 1,
        walks: given.number('walks', ANY) ?? WALKS_DEFAULT,
      };
    default:
      return search satisfies never;
  }
}

function limitsOf(given: Arguments): Limits {
  const [depth, states, seconds] = ['depth', 'states', 'seconds'].map((flag) => given.number(flag, ANY));
  return {
    ...(depth !== undefined && { depth }),
    states: states ?? STATES_DEFAULT,
    ...(seconds !== undefined && { ms: 1_000 * seconds }),
  };
}

const FAULTS = ['crashes', 'drops', 'duplicates', 'partitions', 'timers'] as const;

/** Reads `crashes=1,drops=2`. */
export function faultsOf(given: Arguments): Budgets {
  const text = given.text('faults');
  if (text === undefined) return {};
  const budgets: { -readonly [Fault in keyof Budgets]: Budgets[Fault] } = {};
  for (const part of text.split(',')) {
    const [name = '', count = ''] = part.split('=');
    const fault = FAULTS.find((known) => known === name);
    if (fault === undefined) throw new UsageError(`--faults knows ${FAULTS.join(', ')}: got '${name}'`);
    budgets[fault] = wholeNumber(count, `--faults ${fault}`, { ...ANY, min: 0 });
  }
  return budgets;
}
