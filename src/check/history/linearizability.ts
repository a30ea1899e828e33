import type { Operation } from './history.ts';
import { Search, type SearchLimits } from './search.ts';
import type { SequentialModel } from './sequential-model.ts';
import { findContradiction } from './zones.ts';

/**
 * - `true`: every operation can be given one instant between its beginning and its end such that, executed in the
 *   order of those instants, the object answers as it did; `orders` has one such order for each part of the object.
 * - `false`: no order does that.
 * - `'unknown'`: the search reached a limit first. It says nothing about whether one does.
 */
export type LinearizabilityResult<S, I, O> = { readonly model: SequentialModel<S, I, O> } & (
  | { readonly linearizable: true; readonly orders: ReadonlyMap<string, readonly Operation<I, O>[]> }
  | ({ readonly linearizable: false } & Counterexample<S, I, O>)
  | { readonly linearizable: 'unknown'; readonly partition: string }
);

export interface Counterexample<S, I, O> {
  /** The part of the object that it is about; empty for an object of one part. */
  readonly partition: string;
  /** As many operations as could be put in an order, in that order. */
  readonly longestPrefix: readonly Operation<I, O>[];
  /** What the object holds after them. */
  readonly state: S;
  /** The operation that has to come next, at the latest, and cannot. */
  readonly cannotPlace: Operation<I, O>;
  /** The others that might come next, as they overlap with it. */
  readonly concurrent: readonly Operation<I, O>[];
}

/** Checks whether a history is linearizable (Herlihy and Wing, 1990), each part of the object by itself. */
export function checkLinearizability<S, I, O>(
  operations: readonly Operation<I, O>[],
  model: SequentialModel<S, I, O>,
  limits: SearchLimits = {},
): LinearizabilityResult<S, I, O> {
  const orders = new Map<string, readonly Operation<I, O>[]>();
  let cut: string | null = null;
  let done = 0;
  const { shouldStop } = limits;
  const limitsOfPart: SearchLimits =
    shouldStop === undefined
      ? limits
      : {
          ...limits,
          shouldStop: ({ placed }) => shouldStop({ placed: done + placed, operations: operations.length }),
        };
  for (const [partition, part] of partitionsOf(operations, model)) {
    const contradiction = findContradiction(part, model);
    const result =
      contradiction === null ? (model.decide?.(part) ?? new Search(model, part, limitsOfPart).run()) : null;
    const at = (index: number): Operation<I, O> => part[index] as Operation<I, O>;
    done += part.length;
    if (result?.type === 'found') orders.set(partition, result.order.map(at));
    else if (result?.type === 'cut') cut ??= partition;
    else {
      const { order, state, stuck } = result ?? upTo(contradiction ?? 0, part, model, limitsOfPart);
      const longestPrefix = order.map(at);
      const concurrent = concurrentWith(at(stuck), part, new Set(longestPrefix));
      return { model, linearizable: false, partition, longestPrefix, state, cannotPlace: at(stuck), concurrent };
    }
  }
  return cut === null ? { model, linearizable: true, orders } : { model, linearizable: 'unknown', partition: cut };
}

/** An order of what began before the first operation that contradicts what was before. */
function upTo<S, I, O>(
  contradiction: number,
  operations: readonly Operation<I, O>[],
  model: SequentialModel<S, I, O>,
  limits: SearchLimits,
): { readonly order: readonly number[]; readonly state: S; readonly stuck: number } {
  const before = asKnownWhen((operations[contradiction] as Operation<I, O>).invokeAt, operations);
  const earlier = findContradiction(before, model);
  if (earlier !== null) return upTo(earlier, before, model, limits);
  const result = new Search(model, before, limits).run();
  switch (result.type) {
    case 'found':
      return { ...result, stuck: contradiction };
    case 'none':
      return result;
    case 'cut':
      return { order: [], state: model.init(), stuck: contradiction };
    default:
      return result satisfies never;
  }
}

/** What an observer knew at that time: what began later had not been, what ended later had no outcome yet. */
function asKnownWhen<I, O>(time: number, operations: readonly Operation<I, O>[]): Operation<I, O>[] {
  return operations
    .filter(({ invokeAt }) => invokeAt < time)
    .map((operation) =>
      operation.completeAt === null || operation.completeAt < time
        ? operation
        : { ...operation, completeAt: null, output: undefined },
    );
}

function partitionsOf<S, I, O>(
  operations: readonly Operation<I, O>[],
  model: SequentialModel<S, I, O>,
): Map<string, Operation<I, O>[]> {
  const partitions = new Map<string, Operation<I, O>[]>();
  for (const operation of operations) {
    const { completeAt, invokeAt, client } = operation;
    if (completeAt !== null && completeAt < invokeAt) {
      throw new RangeError(`an operation of client ${client} ends at ${completeAt}, before it begins at ${invokeAt}`);
    }
    const name = model.partition?.(operation.input) ?? '';
    const part = partitions.get(name);
    if (part === undefined) partitions.set(name, [operation]);
    else part.push(operation);
  }
  for (const part of partitions.values()) part.sort((a, b) => a.invokeAt - b.invokeAt);
  return partitions;
}

function concurrentWith<I, O>(
  stuck: Operation<I, O>,
  part: readonly Operation<I, O>[],
  placed: ReadonlySet<Operation<I, O>>,
): Operation<I, O>[] {
  const endsAt = stuck.completeAt ?? Number.POSITIVE_INFINITY;
  return part.filter((other) => other !== stuck && !placed.has(other) && other.invokeAt <= endsAt);
}
