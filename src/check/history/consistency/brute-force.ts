import { permutationsOf, subsetsOf } from '../../arrangements.ts';
import type { Operation } from '../history.ts';
import type { KeyValueInput } from '../models.ts';
import type { SessionGuarantee } from './guarantees.ts';
import type { ConsistencyModel } from './result.ts';

interface Event {
  readonly key: string;
  readonly isWrite: boolean;
  readonly value: unknown;
  readonly client: string;
}

/** Which of two events comes first, by their numbers. */
type Order = (earlier: number, later: number) => boolean;

interface Small {
  readonly events: readonly Event[];
  /** What each client did one after the other. */
  readonly program: Order;
}

/** The definitions, word by word: oracles for tests, of a handful of operations only. */
export function holdsByDefinition(
  operations: readonly Operation<KeyValueInput, unknown>[],
  model: ConsistencyModel,
): boolean {
  const small = smallHistory(operations);
  switch (model) {
    case 'sequential':
      return permutationsOf(small.events.map((_, event) => event)).some(
        (order) => respects(order, small.program) && order.every((event) => isLegal(small, order, event)),
      );
    case 'weak-causal':
    case 'causal':
    case 'causal-convergence':
      return partialOrders(small.events.length).some(
        (causal) => contains(causal, small) && explainsCausally(small, causal, model),
      );
    case 'read-your-writes':
    case 'monotonic-reads':
    case 'monotonic-writes':
    case 'writes-follow-reads':
      return guaranteeHolds(small, model);
    default:
      return model satisfies never;
  }
}

/** A write of unknown outcome that nobody saw is left out; one that was seen only comes after its client's past. */
function smallHistory(operations: readonly Operation<KeyValueInput, unknown>[]): Small {
  const eventOf = ({ input, output, client }: Operation<KeyValueInput, unknown>): Event => ({
    key: 'key' in input ? input.key : '',
    isWrite: 'value' in input,
    value: 'value' in input ? input.value : (output ?? null),
    client,
  });
  const seen = new Set(
    operations
      .filter(({ input, completeAt }) => !('value' in input) && completeAt !== null)
      .map(({ output }) => output),
  );
  const kept = operations
    .filter(({ input, completeAt }) => completeAt !== null || ('value' in input && seen.has(input.value)))
    .sort((a, b) => a.invokeAt - b.invokeAt);
  return {
    events: kept.map(eventOf),
    program: (earlier, later) =>
      earlier < later && kept[earlier]?.client === kept[later]?.client && kept[earlier]?.completeAt !== null,
  };
}

/** Whether an event reads what was written last before it, in an order. */
function isLegal({ events }: Small, order: readonly number[], event: number): boolean {
  const { key, isWrite, value } = events[event] as Event;
  if (isWrite) return true;
  const before = order.slice(0, order.indexOf(event)).map((other) => events[other] as Event);
  return (before.findLast((other) => other.isWrite && other.key === key)?.value ?? null) === value;
}

function explainsCausally(small: Small, causal: Order, model: ConsistencyModel): boolean {
  const all = small.events.map((_, event) => event);
  const pastOf = (event: number): number[] => all.filter((other) => other === event || causal(other, event));
  switch (model) {
    case 'weak-causal':
      return all.every((event) =>
        permutationsOf(pastOf(event)).some((order) => respects(order, causal) && isLegal(small, order, event)),
      );
    case 'causal':
      return all.every((event) =>
        permutationsOf(pastOf(event)).some(
          (order) =>
            respects(order, causal) &&
            order.every((other) => (other !== event && !small.program(other, event)) || isLegal(small, order, other)),
        ),
      );
    default:
      return permutationsOf(all).some(
        (arbitration) =>
          respects(arbitration, causal) &&
          all.every((event) => {
            const past = new Set(pastOf(event));
            return isLegal(
              small,
              arbitration.filter((other) => past.has(other)),
              event,
            );
          }),
      );
  }
}

/** Tries every order of the writes, and every set of writes that each read may have known. */
function guaranteeHolds(small: Small, guarantee: SessionGuarantee): boolean {
  const { events, program } = small;
  const writes = [...events.keys()].filter((event) => events[event]?.isWrite);
  const reads = [...events.keys()].filter((event) => events[event]?.isWrite === false);
  return permutationsOf(writes).some((order) => {
    const isOrdered = writes.every((a) =>
      writes.every((b) => {
        const isBound = program(a, b) && (guarantee === 'monotonic-writes' || events[a]?.key === events[b]?.key);
        return !isBound || order.indexOf(a) < order.indexOf(b);
      }),
    );
    return isOrdered && knowledges(small, reads, order).some((known) => obeys(small, known, order, guarantee));
  });
}

type Knowledge = ReadonlyMap<number, ReadonlySet<number>>;

/** All ways to say which writes each read knew of such that it saw the last of its key. */
function knowledges(small: Small, reads: readonly number[], order: readonly number[]): Knowledge[] {
  const [read, ...rest] = reads;
  if (read === undefined) return [new Map()];
  const own = subsetsOf(order).filter((subset) => isLegal(small, [...subset, read], read));
  const others = knowledges(small, rest, order);
  return own.flatMap((subset) => others.map((known) => new Map(known).set(read, new Set(subset))));
}

function obeys({ program }: Small, known: Knowledge, order: readonly number[], guarantee: SessionGuarantee): boolean {
  const reads = [...known];
  const monotonic = reads.every(([read, set]) =>
    reads.every(([other, of]) => !program(other, read) || isWithin(of, set)),
  );
  switch (guarantee) {
    case 'read-your-writes':
      return reads.every(([read, set]) => order.every((write) => !program(write, read) || set.has(write)));
    case 'monotonic-reads':
      return monotonic;
    case 'monotonic-writes':
      return (
        monotonic &&
        reads.every(([, set]) => [...set].every((write) => order.every((own) => !program(own, write) || set.has(own))))
      );
    case 'writes-follow-reads':
      return (
        monotonic &&
        reads.every(([read, of]) =>
          order.every(
            (write) =>
              !program(read, write) ||
              ([...of].every((seen) => order.indexOf(seen) < order.indexOf(write)) &&
                reads.every(([, set]) => !set.has(write) || isWithin(of, set))),
          ),
        )
      );
    default:
      return guarantee satisfies never;
  }
}

function contains(order: Order, { events, program }: Small): boolean {
  return events.every((_, a) => events.every((__, b) => !program(a, b) || order(a, b)));
}

function respects(order: readonly number[], precedes: Order): boolean {
  return order.every((event, index) => order.slice(index + 1).every((later) => !precedes(later, event)));
}

const known = new Map<number, Order[]>();

/** Every strict partial order of so many events: those of one less, with the last one put in below and above any. */
function partialOrders(size: number): Order[] {
  const cached = known.get(size);
  if (cached !== undefined) return cached;
  const orders: Order[] = [];
  if (size === 0) orders.push(() => false);
  else {
    const last = size - 1;
    const others = [...Array(last).keys()];
    for (const order of partialOrders(last)) {
      for (const below of subsetsOf(others)) {
        if (below.some((a) => others.some((b) => order(b, a) && !below.includes(b)))) continue;
        for (const above of subsetsOf(others)) {
          if (above.some((a) => below.includes(a) || others.some((b) => order(a, b) && !above.includes(b)))) continue;
          if (below.some((a) => above.some((b) => !order(a, b)))) continue;
          const table = others.map((a) => others.map((b) => order(a, b)));
          orders.push((a, b) =>
            a === last ? above.includes(b) : b === last ? below.includes(a) : table[a]?.[b] === true,
          );
        }
      }
    }
  }
  known.set(size, orders);
  return orders;
}

function isWithin<T>(small: ReadonlySet<T>, large: ReadonlySet<T>): boolean {
  return [...small].every((item) => large.has(item));
}
