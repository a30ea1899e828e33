import type { Fault } from './faults.ts';

export interface MinimiseLimits {
  /** How often the run may be tried. Default 200. */
  readonly runs?: number;
}

/**
 * Leaves out as many faults as it can, and then makes those that remain smaller, while the run goes on failing:
 * `fails` runs it with the faults given, from the same seed. What is returned fails; it need not be the smallest there is.
 */
export function minimiseFaults(
  faults: readonly Fault[],
  fails: (faults: readonly Fault[]) => boolean,
  { runs = 200 }: MinimiseLimits = {},
): readonly Fault[] {
  let left = runs;
  const tries = (some: readonly Fault[]): boolean => {
    left -= 1;
    return left >= 0 && fails(some);
  };
  let smallest = minimiseList(faults, tries);
  for (let index = 0; index < smallest.length; index += 1) smallest = shrinkOne(smallest, index, tries);
  return smallest;
}

/**
 * The shortest list that it finds which still fails, by leaving out ever smaller parts (the `ddmin` of Zeller and
 * Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", 2002, without its first half). Good for the
 * operations of a workload, too.
 */
export function minimiseList<T>(items: readonly T[], fails: (items: readonly T[]) => boolean): readonly T[] {
  let smallest = items;
  for (let size = items.length; size >= 1; size = Math.floor(size / 2)) {
    for (let from = 0; from < smallest.length; ) {
      const without = smallest.filter((_, index) => index < from || index >= from + size);
      if (fails(without)) smallest = without;
      else from += size;
    }
  }
  return smallest;
}

function shrinkOne(
  faults: readonly Fault[],
  index: number,
  fails: (faults: readonly Fault[]) => boolean,
): readonly Fault[] {
  let smallest = faults;
  for (;;) {
    const fault = smallest[index] as Fault;
    const smaller = smallerThan(fault)
      .map((candidate) => smallest.with(index, candidate))
      .find(fails);
    if (smaller === undefined) return smallest;
    smallest = smaller;
  }
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
