import { toJson } from '../../kernel/index.ts';
import type { Operation } from './history.ts';
import { ANY, type SequentialModel, UNKNOWN } from './sequential-model.ts';

/** All operations that prove that one value was there: the one that wrote it, and those that saw it. */
interface Cluster {
  /** The first end among them: the value was there by then. */
  endedAt: number;
  /** The last beginning among them, and whose: the value was still, or only then, there. */
  begunAt: number;
  last: number;
}

/**
 * Looks for two values that cannot both have been there when they were seen (Gibbons and Korach, "Testing Shared
 * Memories", 1997). A value that only one operation can have written is there for one stretch of time; if one
 * operation that proves it there ends before another begins, that stretch covers all the time between. No other value
 * can then be proved there within.
 *
 * It takes time n log n where a search might take forever, and what it finds is certain; that it finds nothing is no
 * proof, but where each value is written once and only read and written, there is then none to be found.
 *
 * Returns the operation with whose beginning the contradiction is complete; null if there is none, or no telling.
 */
export function findContradiction<S, I, O>(
  operations: readonly Operation<I, O>[],
  model: SequentialModel<S, I, O>,
): number | null {
  if (model.effect === undefined) return null;
  const facts = factsOf(operations, model);
  if (facts === null) return null;
  const clusters = clustersOf(facts);
  const stretches = clusters.filter(({ endedAt, begunAt }) => endedAt < begunAt);
  stretches.sort((a, b) => a.endedAt - b.endedAt);
  const longest = longestOfEachPrefix(stretches);
  let earliest = readBeforeWrite(facts);
  for (const cluster of clusters) {
    const count = countBefore(stretches, cluster.begunAt);
    const candidate = count === 0 ? undefined : longest[count - 1];
    const other = candidate?.first === cluster ? candidate.second : candidate?.first;
    if (other === undefined || other === null || other.begunAt <= cluster.endedAt) continue;
    earliest = earlierOf(earliest, other.begunAt > cluster.begunAt ? other : cluster);
  }
  return earliest?.last ?? null;
}

function earlierOf(one: Cluster | null, other: Cluster): Cluster {
  return one !== null && one.begunAt <= other.begunAt ? one : other;
}

/** What an operation proves about the values of the object. */
interface Fact {
  readonly own: Cluster;
  /** The value that it saw, and the one that it wrote, by name. */
  readonly sees: string | null;
  readonly writes: string | null;
}

interface Writers {
  count: number;
  firstBegunAt: number;
}

interface Facts {
  readonly list: readonly Fact[];
  readonly writers: ReadonlyMap<string, Writers>;
  readonly initial: string;
}

/** Null if it can't be told what some operation wrote. */
function factsOf<S, I, O>(operations: readonly Operation<I, O>[], model: SequentialModel<S, I, O>): Facts | null {
  const initial = nameOf(model.init());
  const writers = new Map<string, Writers>([[initial, { count: 1, firstBegunAt: Number.NEGATIVE_INFINITY }]]);
  const list: Fact[] = [];
  for (const [index, { input, output, completeAt, invokeAt }] of operations.entries()) {
    const effect = model.effect?.(input, completeAt === null ? UNKNOWN : (output as O)) ?? {};
    if (effect.writes === ANY) return null;
    const sees = 'sees' in effect ? nameOf(effect.sees) : null;
    const writes = 'writes' in effect ? nameOf(effect.writes) : null;
    const own = { endedAt: completeAt ?? Number.POSITIVE_INFINITY, begunAt: invokeAt, last: index };
    list.push({ own, sees, writes });
    if (writes === null) continue;
    const known = writers.get(writes);
    if (known === undefined) writers.set(writes, { count: 1, firstBegunAt: invokeAt });
    else {
      known.count += 1;
      known.firstBegunAt = Math.min(known.firstBegunAt, invokeAt);
    }
  }
  return { list, writers, initial };
}

/** The first operation that saw a value before anybody began to write it, if ever anybody did. */
function readBeforeWrite({ list, writers }: Facts): Cluster | null {
  let first: Cluster | null = null;
  for (const { own, sees } of list) {
    if (sees === null || own.endedAt >= (writers.get(sees)?.firstBegunAt ?? Number.POSITIVE_INFINITY)) continue;
    first = earlierOf(first, own);
  }
  return first;
}

/** One cluster for each value of one writer; where there are more, each operation is one by itself. */
function clustersOf({ list, writers, initial }: Facts): Cluster[] {
  const before = Number.NEGATIVE_INFINITY;
  const shared = new Map<string, Cluster>([[initial, { endedAt: before, begunAt: before, last: -1 }]]);
  const single: Cluster[] = [];
  for (const { own, sees, writes } of list) {
    for (const name of [sees, writes]) {
      if (name === null) continue;
      if ((writers.get(name)?.count ?? 0) > 1) single.push(own);
      else join(shared, name, own);
    }
  }
  return [...shared.values(), ...single];
}

function nameOf(value: unknown): string {
  return JSON.stringify(toJson(value));
}

function join(clusters: Map<string, Cluster>, name: string, own: Cluster): void {
  const known = clusters.get(name);
  if (known === undefined) {
    clusters.set(name, { ...own });
    return;
  }
  known.endedAt = Math.min(known.endedAt, own.endedAt);
  if (own.begunAt <= known.begunAt) return;
  known.begunAt = own.begunAt;
  known.last = own.last;
}

interface Longest {
  readonly first: Cluster;
  readonly second: Cluster | null;
}

/** For each number of stretches from the front: the one that lasts longest, and the next after it. */
function longestOfEachPrefix(stretches: readonly Cluster[]): Longest[] {
  const result: Longest[] = [];
  let first: Cluster | null = null;
  let second: Cluster | null = null;
  for (const stretch of stretches) {
    if (first === null || stretch.begunAt > first.begunAt) {
      second = first;
      first = stretch;
    } else if (second === null || stretch.begunAt > second.begunAt) second = stretch;
    result.push({ first, second });
  }
  return result;
}

/** How many stretches, in order of their `endedAt`, have that before a time. */
function countBefore(stretches: readonly Cluster[], time: number): number {
  let low = 0;
  let high = stretches.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((stretches[middle] as Cluster).endedAt < time) low = middle + 1;
    else high = middle;
  }
  return low;
}
