import type { Fault } from './faults.ts';

/**
 * A search for something smaller that still fails: yields what to try, is told whether that fails, and returns the
 * smallest that it found. Whoever drives it decides how to try, and when to stop.
 */
export type Minimisation<T> = Generator<T, T, boolean>;

export interface MinimiseLimits {
  /** How often the run may be tried. Default 200. */
  readonly runs?: number;
}

/** Drives a search to its end: `fails` runs what it is given, from the same seed. */
export function minimise<T>(search: Minimisation<T>, fails: (smaller: T) => boolean): T {
  let next = search.next();
  while (!next.done) next = search.next(fails(next.value));
  return next.value;
}

/** The search that answers "holds" to whatever would be tried beyond the limit, without trying it. */
export function* limited<T>(search: Minimisation<T>, { runs = 200 }: MinimiseLimits = {}): Minimisation<T> {
  let next = search.next();
  for (let left = runs; !next.done; left -= 1) next = search.next(left > 0 ? yield next.value : false);
  return next.value;
}

/**
 * Leaves out as many faults as it can, and then makes those that remain smaller, while the run goes on failing. What is
 * returned fails; it need not be the smallest there is.
 */
export function* fewerFaults(faults: readonly Fault[]): Minimisation<readonly Fault[]> {
  let smallest = yield* fewer(faults);
  for (let index = 0; index < smallest.length; index += 1) smallest = yield* shrinkOne(smallest, index);
  return smallest;
}

/**
 * The shortest list that it finds which still fails, by leaving out ever smaller parts (the `ddmin` of Zeller and
 * Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", 2002, without its first half). Good for the
 * operations of a workload, too.
 */
export function* fewer<T>(items: readonly T[]): Minimisation<readonly T[]> {
  let smallest = items;
  for (let size = items.length; size >= 1; size = Math.floor(size / 2)) {
    for (let from = 0; from < smallest.length; ) {
      const without = smallest.filter((_, index) => index < from || index >= from + size);
      if (yield without) smallest = without;
      else from += size;
    }
  }
  return smallest;
}

function* shrinkOne(faults: readonly Fault[], index: number): Minimisation<readonly Fault[]> {
  let smallest = faults;
  for (;;) {
    const smaller = yield* firstFailing(smallest, index);
    if (smaller === null) return smallest;
    smallest = smaller;
  }
}

function* firstFailing(
  faults: readonly Fault[],
  index: number,
): Generator<readonly Fault[], readonly Fault[] | null, boolean> {
  for (const smaller of smallerThan(faults[index] as Fault)) {
    const candidate = faults.with(index, smaller);
    if (yield candidate) return candidate;
  }
  return null;
}

/** The same fault at half the length, and at all but one of its places. */
function smallerThan(fault: Fault): Fault[] {
  const smaller: Fault[] = [];
  if ('forMs' in fault && fault.forMs > 1) smaller.push({ ...fault, forMs: Math.floor(fault.forMs / 2) });
  if ('nodes' in fault && fault.nodes.length > 1) {
    for (const left of fault.nodes) smaller.push({ ...fault, nodes: fault.nodes.filter((node) => node !== left) });
  }
  if ('links' in fault && fault.links.length > 1) {
    for (const left of fault.links) smaller.push({ ...fault, links: fault.links.filter((link) => link !== left) });
  }
  return smaller;
}
