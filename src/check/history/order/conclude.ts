import type { Facts, Observation } from './facts.ts';
import type { Precedence } from './precedence.ts';

/**
 * What follows, given what a reader saw: a write of the same key that comes before the reader was replaced by what it
 * saw. Adds only the latest such writes, as the rest follows from these. The number of edges added.
 */
export function concludeOverwritten(
  known: Precedence,
  facts: Facts,
  observations: readonly Observation[] = facts.observations,
): number {
  const latestFirst = writersInOrder(known, facts).map((writers) => [...writers].reverse());
  let added = 0;
  for (const { reader, writer, key } of observations) {
    const chosen: number[] = [];
    for (const other of latestFirst[key] as number[]) {
      if (other === writer || other === reader || !known.precedes(other, reader)) continue;
      if (known.precedes(other, writer) || chosen.some((later) => known.precedes(other, later))) continue;
      chosen.push(other);
    }
    for (const other of chosen) known.add(other, writer, { type: 'overwritten', key, reader });
    added += chosen.length;
  }
  return added;
}

/** And a write that comes after the one that a reader saw replaced it, so the reader came before. */
export function concludeReplaces(known: Precedence, facts: Facts): number {
  const writers = writersInOrder(known, facts);
  const readers = Map.groupBy(facts.observations, ({ key, writer }) => `${key} ${writer}`);
  let added = 0;
  for (const seen of readers.values()) {
    const { writer, key } = seen[0] as Observation;
    const next: number[] = [];
    for (const later of writers[key] as number[]) {
      if (!known.precedes(writer, later) || next.some((earlier) => known.precedes(earlier, later))) continue;
      next.push(later);
    }
    for (const { reader } of seen) {
      for (const later of next) {
        if (later === reader || known.precedes(reader, later)) continue;
        known.add(reader, later, { type: 'replaces', key, version: writer });
        added += 1;
      }
    }
  }
  return added;
}

/** Draws all conclusions that hold in every total order; false if they contradict each other, null if cut short. */
export function concludeAll(known: Precedence, facts: Facts, shouldStop?: () => boolean): boolean | null {
  while (known.close()) {
    if (shouldStop?.() === true) return null;
    known.round += 1;
    const added = concludeOverwritten(known, facts) + concludeReplaces(known, facts);
    if (added === 0) return true;
  }
  return false;
}

function writersInOrder(known: Precedence, { writers }: Facts): number[][] {
  return writers.map((of) => [...of].sort((a, b) => (known.rank[a] as number) - (known.rank[b] as number)));
}
