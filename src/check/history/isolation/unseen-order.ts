import { print } from '../../../kernel/index.ts';
import { components } from '../order/cycles.ts';
import type { Anomaly } from './anomaly.ts';
import { findCycles, type NamedCycle } from './cycles.ts';
import type { Dependency, DependencyType } from './dependency.ts';
import { DependencyGraph } from './graph.ts';
import type { ObservedLists } from './list-append.ts';
import { type IsolationModel, isProscribed } from './models.ts';
import { tellDependencies } from './tell.ts';
import type { Transaction } from './transaction.ts';
import type { Write } from './writes.ts';

/** How many orders are tried. */
const TRIES_MAX = 500;

const ALL_TYPES: ReadonlySet<DependencyType> = new Set(['ww', 'wr', 'rw', 'process', 'realTime']);

/**
 * What was appended to a list after the last read of it has an order too, which nobody saw. Where a model allows
 * cycles, one that it does not allow may be in every such order though it is in none of what was seen. Tries orders
 * until one is found in which it isn't: each forbidden cycle says that one of the guesses in it was wrong.
 *
 * Only what is on a cycle already matters: the rest can be put in an order that no cycle crosses. Null if there is one.
 */
export function contradictUnseenOrder(
  transactions: readonly Transaction[],
  { dependencies, unordered }: Pick<ObservedLists, 'dependencies' | 'unordered'>,
  model: IsolationModel,
  { shouldStop }: { readonly shouldStop?: () => boolean },
): Anomaly | null | 'unknown' {
  const groups = onCycles(transactions, dependencies, unordered);
  if (groups.length === 0) return null;
  let tries = 0;
  let first: NamedCycle | null = null;
  const untried: (readonly Before[])[] = [[]];
  for (let decided = untried.pop(); decided !== undefined; decided = untried.pop()) {
    tries += 1;
    if (tries > TRIES_MAX || shouldStop?.() === true) return 'unknown';
    const guesses = guess(groups, decided);
    if (guesses === null) continue;
    const cycles = findCycles(transactions.length, [...dependencies, ...guesses.map(({ dependency }) => dependency)]);
    const forbidden = cycles.find(({ name }) => isProscribed(name, model));
    if (forbidden === undefined) return null;
    first ??= forbidden;
    const wrong = guesses.filter(({ dependency }) => forbidden.cycle.includes(dependency));
    const next = wrong.map(({ before }, index): readonly Before[] => {
      const kept = wrong.slice(0, index).map((other) => other.before);
      return [...decided, ...kept, { earlier: before.later, later: before.earlier }];
    });
    untried.push(...next.reverse());
  }
  return first === null ? null : tellGuess(first, groups, transactions);
}

interface Before {
  readonly earlier: Write;
  readonly later: Write;
}

interface Group {
  readonly key: string;
  /** In the order that is likeliest. */
  readonly writes: readonly Write[];
}

function onCycles(
  transactions: readonly Transaction[],
  dependencies: readonly Dependency[],
  unordered: readonly Group[],
): Group[] {
  const componentOf = new Int32Array(transactions.length).fill(-1);
  components(new DependencyGraph(transactions.length, dependencies, ALL_TYPES)).forEach((component, index) => {
    for (const transaction of component) componentOf[transaction] = index;
  });
  const endOf = ({ transaction }: Write): number => transactions[transaction]?.completeAt ?? Number.POSITIVE_INFINITY;
  return unordered.flatMap(({ key, writes }) =>
    [...Map.groupBy(writes, ({ transaction }) => componentOf[transaction])]
      .filter(([component, of]) => component !== -1 && of.length > 1)
      .map(([, of]) => ({ key, writes: of.sort((a, b) => endOf(a) - endOf(b)) })),
  );
}

/** An order that respects what was decided; null if that contradicts itself. */
function guess(
  groups: readonly Group[],
  decided: readonly Before[],
): { readonly before: Before; readonly dependency: Dependency }[] | null {
  const guesses: { before: Before; dependency: Dependency }[] = [];
  for (const { key, writes } of groups) {
    let rest = [...writes];
    let earlier: Write | null = null;
    while (rest.length > 0) {
      const later = rest.find((write) => !decided.some((pair) => pair.later === write && rest.includes(pair.earlier)));
      if (later === undefined) return null;
      rest = rest.filter((write) => write !== later);
      if (earlier !== null) {
        const ends = { from: earlier.transaction, to: later.transaction };
        const dependency: Dependency = { type: 'ww', ...ends, key, version: earlier.value, next: later.value };
        guesses.push({ before: { earlier, later }, dependency });
      }
      earlier = later;
    }
  }
  return guesses;
}

function tellGuess(cycle: NamedCycle, groups: readonly Group[], transactions: readonly Transaction[]): Anomaly {
  const { story, ...anomaly } = tellDependencies(cycle, transactions);
  const open = groups.map(({ key, writes }) => `${writes.map(({ value }) => print(value)).join(', ')} to ${key}`);
  const why = `nobody read in which order ${open.slice(0, 3).join(' and ')} were appended, but each closes a circle: say`;
  return { ...anomaly, story: [why, ...story] };
}
