import type { Model } from '../../src/check/index.ts';

/** Where a customer is: before it has looked at others' numbers, before it has taken its own, waiting, or past that. */
type Place = 'outside' | 'looking' | 'waiting' | 'inside' | 'done';

interface Customer {
  readonly place: Place;
  /** What it saw of the other's number when it looked. */
  readonly seen: number;
  /** Null: none. */
  readonly number: number | null;
}

type Pair = readonly [Customer, Customer];

/**
 * "A new solution of Dijkstra's concurrent programming problem" (Lamport, 1974), two customers, each served once.
 * Broken: nobody waits for one who is still choosing a number, which may turn out the smaller one.
 */
export function bakery(isBroken: boolean): Model<Pair, string> {
  const next = (pair: Pair, index: 0 | 1): Pair | null => {
    const own = pair[index];
    const other = pair[1 - index] as Customer;
    const changed = (change: Partial<Customer>) => pair.with(index, { ...own, ...change }) as unknown as Pair;
    switch (own.place) {
      case 'outside':
        return changed({ place: 'looking', seen: other.number ?? 0 });
      case 'looking':
        return changed({ place: 'waiting', number: own.seen + 1 });
      case 'waiting': {
        const isChoosing = other.place === 'looking' && !isBroken;
        return isChoosing || goesFirst(other, own, index === 1) ? null : changed({ place: 'inside' });
      }
      case 'inside':
        return changed({ place: 'done', number: null });
      case 'done':
        return null;
      default:
        return own.place satisfies never;
    }
  };
  const start: Customer = { place: 'outside', seen: 0, number: null };
  return {
    initial: () => [[start, start]],
    actions: () => ['ann goes on', 'bob goes on'],
    next: (pair, action) => next(pair, action === 'ann goes on' ? 0 : 1),
    tellStep: (_, action, after) => {
      const { place, number } = after?.[action === 'ann goes on' ? 0 : 1] ?? start;
      return [number === null ? place : `${place}, with number ${number}`];
    },
    properties: {
      invariants: {
        exclusion: (pair) => (pair.every(({ place }) => place === 'inside') ? 'both are inside' : null),
      },
      goals: { served: (pair) => pair.every(({ place }) => place === 'done') },
    },
  };
}

function goesFirst(other: Customer, own: Customer, onTie: boolean): boolean {
  if (other.number === null || own.number === null) return false;
  return other.number < own.number || (other.number === own.number && onTie);
}
