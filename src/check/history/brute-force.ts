import { permutationsOf, subsetsOf } from '../arrangements.ts';
import type { Operation } from './history.ts';
import { ILLEGAL, type SequentialModel, UNKNOWN } from './sequential-model.ts';

/**
 * The definition, word by word: is there a subset of the operations of unknown outcome, and an order of it and all the
 * others, that respects time and that the object could have executed? An oracle for tests, of a few operations only.
 */
export function isLinearizableByDefinition<S, I, O>(
  operations: readonly Operation<I, O>[],
  model: SequentialModel<S, I, O>,
): boolean {
  const parts = Map.groupBy(operations, ({ input }) => model.partition?.(input) ?? '');
  return [...parts.values()].every((part) => isPartLinearizable(part, model));
}

function isPartLinearizable<S, I, O>(operations: readonly Operation<I, O>[], model: SequentialModel<S, I, O>): boolean {
  const unknown = operations.filter(({ completeAt }) => completeAt === null);
  const ended = operations.filter(({ completeAt }) => completeAt !== null);
  return subsetsOf(unknown).some((subset) => permutationsOf([...ended, ...subset]).some((order) => fits(order, model)));
}

function fits<S, I, O>(order: readonly Operation<I, O>[], model: SequentialModel<S, I, O>): boolean {
  const inTime = order.every((operation, index) =>
    order.slice(index + 1).every((later) => later.completeAt === null || later.completeAt >= operation.invokeAt),
  );
  return inTime && isExecutable(order, model);
}

function isExecutable<S, I, O>(order: readonly Operation<I, O>[], model: SequentialModel<S, I, O>): boolean {
  let state = model.init();
  for (const { input, output, completeAt } of order) {
    const next = model.apply(state, input, completeAt === null ? UNKNOWN : (output as O));
    if (next === ILLEGAL) return false;
    state = next;
  }
  return true;
}

/**
 * The same question for up to a few dozen operations, by a plain walk over all pairs of placed operations and state:
 * no choice is preferred, none is left out.
 */
export function isLinearizableBySubsets<S, I, O>(
  operations: readonly Operation<I, O>[],
  model: SequentialModel<S, I, O>,
): boolean {
  const seen = new Set<string>();
  const walk = (placed: ReadonlySet<Operation<I, O>>, state: S): boolean => {
    const key = `${operations.map((operation) => (placed.has(operation) ? 1 : 0)).join('')} ${JSON.stringify(state)}`;
    if (seen.has(key)) return false;
    seen.add(key);
    const open = operations.filter((operation) => !placed.has(operation));
    const ends = open.map(({ completeAt }) => completeAt ?? Number.POSITIVE_INFINITY);
    if (ends.every((end) => end === Number.POSITIVE_INFINITY)) return true;
    const firstEnd = Math.min(...ends);
    return open.some((operation) => {
      if (operation.invokeAt > firstEnd) return false;
      const { input, output, completeAt } = operation;
      const next = model.apply(state, input, completeAt === null ? UNKNOWN : (output as O));
      return next !== ILLEGAL && walk(new Set(placed).add(operation), next);
    });
  };
  return walk(new Set(), model.init());
}
