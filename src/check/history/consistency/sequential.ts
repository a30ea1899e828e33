import type { Operation } from '../history.ts';
import { HistoryError } from '../history-error.ts';
import { checkLinearizability } from '../linearizability.ts';
import { findSerialOrder } from '../order/serial-order.ts';
import type { SequentialModel } from '../sequential-model.ts';
import { type Accesses, accessesOf, sessionsOf } from './accesses.ts';
import { type ConsistencyLimits, causalOrder } from './causal.ts';
import { searchInterleavings } from './interleavings.ts';
import { contradiction, thinAir } from './known.ts';
import type { ConsistencyResult } from './result.ts';

/**
 * Sequential consistency (Lamport, "How to make a multiprocessor computer that correctly executes multiprocess
 * programs", 1979): is there one order of all operations, which keeps those of each client in theirs, that the object
 * could have executed? Unlike linearizability it does not respect time between clients, and keys are not independent.
 *
 * What is linearizable is, so that is tried first. Reads and writes of distinct values are then decided by what
 * follows from them, and anything else by trying interleavings.
 */
export function checkSequentialConsistency<S, I, O>(
  operations: readonly Operation<I, O>[],
  object: SequentialModel<S, I, O>,
  limits: ConsistencyLimits = {},
): ConsistencyResult {
  const model = 'sequential';
  sessionsOf(operations);
  const linearizable = checkLinearizability(operations, object, { placements: 20 * operations.length, ...limits });
  if (linearizable.linearizable === true) return { model, verdict: 'holds' };
  const accesses = distinctAccesses(operations);
  return accesses === null ? searchInterleavings(operations, object, limits) : decide(accesses, limits);
}

/** As reads and writes of keys, whatever the object; null if they are something else, or cannot be told apart. */
function distinctAccesses(operations: readonly Operation<unknown, unknown>[]): Accesses | null {
  try {
    return accessesOf(operations);
  } catch (error) {
    if (error instanceof HistoryError) return null;
    throw error;
  }
}

function decide(accesses: Accesses, { shouldStop }: ConsistencyLimits): ConsistencyResult {
  const model = 'sequential';
  const thin = thinAir(accesses, model);
  if (thin !== null) return thin;
  const known = causalOrder(accesses);
  const preference = accesses.events.map((access) => access?.operation.completeAt ?? Number.POSITIVE_INFINITY);
  const result = findSerialOrder(known, accesses, {
    preference,
    shouldStop,
    tell: (cycle) => contradiction(model, 'no order of all operations explains them', known, accesses, cycle),
  });
  switch (result.type) {
    case 'found':
      return { model, verdict: 'holds' };
    case 'cut':
      return { model, verdict: 'unknown', reason: 'the check was cut short' };
    case 'none':
      return result.story;
    default:
      return result satisfies never;
  }
}
