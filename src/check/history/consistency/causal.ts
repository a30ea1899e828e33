import type { Operation } from '../history.ts';
import { checkLinearizability } from '../linearizability.ts';
import { type KeyValueInput, keyValue } from '../models.ts';
import { concludeAll, concludeOverwritten } from '../order/conclude.ts';
import { INITIALLY } from '../order/facts.ts';
import { Precedence } from '../order/precedence.ts';
import { type Accesses, accessesOf } from './accesses.ts';
import { addLate, addReadsFrom, contradiction, thinAir } from './known.ts';
import type { ConsistencyResult } from './result.ts';

export interface ConsistencyLimits {
  /** Asked now and then; true stops the check. */
  readonly shouldStop?: () => boolean;
}

/**
 * Causal consistency, decided by the bad patterns of Bouajjani, Enea, Guerraoui and Hamza, "On verifying causal
 * consistency" (POPL 2017), of which a history of distinct values has one if and only if it violates the model. The
 * causal order is what clients did one after the other, and what they saw of each other.
 *
 * - `weak-causal` (CC there): a read never misses a write that comes causally between what it saw and itself.
 * - `causal` (CM): causal memory (Ahamad, Neiger, Burns, Kohli and Hutto, 1995). Each client can put all writes, and
 *   what it read itself, in one order that respects causality; clients may differ about writes that are concurrent.
 * - `causal-convergence` (CCv): clients agree on one order of all writes, and a read sees the last of those it knows.
 *
 * The latter two imply the first, and neither implies the other.
 */
export function checkCausalConsistency(
  operations: readonly Operation<unknown, unknown>[],
  model: 'weak-causal' | 'causal' | 'causal-convergence' = 'causal',
  limits: ConsistencyLimits = {},
): ConsistencyResult {
  const accesses = accessesOf(operations);
  const thin = thinAir(accesses, model);
  if (thin !== null) return thin;
  // What is linearizable respects causality too, and that is quick to see.
  if (isLinearizable(accesses, limits)) return { model, verdict: 'holds' };
  const known = causalOrder(accesses);
  if (!known.close()) return contradiction(model, 'CyclicCO: a circle of causes', known, accesses);
  known.round += 1;
  switch (model) {
    case 'weak-causal':
      return weak(accesses, known);
    case 'causal':
      return memory(accesses, known, limits);
    case 'causal-convergence':
      concludeOverwritten(known, accesses);
      return known.close()
        ? { model, verdict: 'holds' }
        : contradiction(model, 'CyclicCF: clients disagree on the order of writes', known, accesses);
    default:
      return model satisfies never;
  }
}

function isLinearizable({ events }: Accesses, { shouldStop }: ConsistencyLimits): boolean {
  const operations = events.flatMap((access): Operation<KeyValueInput, unknown>[] => {
    if (access === undefined) return [];
    const { type, operation, value } = access;
    const key = String(access.key);
    return type === 'read'
      ? [{ ...operation, input: { type: 'get', key }, output: value }]
      : [{ ...operation, input: { type: 'put', key, value }, output: undefined }];
  });
  const limits = { placements: 20 * operations.length, ...(shouldStop === undefined ? {} : { shouldStop }) };
  return checkLinearizability(operations, keyValue, limits).linearizable === true;
}

/** What each client did one after the other, and who saw whose writes. */
export function causalOrder(accesses: Accesses): Precedence {
  const known = new Precedence(accesses.size);
  addReadsFrom(known, accesses);
  for (const session of accesses.sessions) {
    let last = INITIALLY;
    for (const event of session) {
      known.add(last, event, { type: 'session' });
      last = event;
    }
  }
  addLate(known, accesses, () => true);
  return known;
}

/** A write that comes between what was read and the read contradicts the causal order by itself. */
function weak(accesses: Accesses, known: Precedence): ConsistencyResult {
  const model = 'weak-causal';
  const { round } = known;
  concludeOverwritten(known, accesses);
  for (let node = 0; node < known.size; node += 1) {
    for (const edge of known.leaving(node)) {
      if (edge.round < round || !known.precedes(edge.to, edge.from)) continue;
      const back = known.path(edge.to, edge.from, round) ?? [];
      return contradiction(model, pattern('CO', edge.to), known, accesses, [edge, ...back]);
    }
  }
  return { model, verdict: 'holds' };
}

/** The happened-before relation of each client: what follows for the order of writes from what it read itself. */
function memory(accesses: Accesses, known: Precedence, { shouldStop }: ConsistencyLimits): ConsistencyResult {
  const model = 'causal';
  const base = known.round;
  // What one order of everything explains, it explains to each client: this is quick, and usual.
  if (concludeAll(known, accesses, shouldStop) === true) return { model, verdict: 'holds' };
  const bySession = observationsBySession(accesses);
  for (const observations of bySession) {
    known.forgetFrom(base);
    for (let isNew = true; isNew; ) {
      if (shouldStop?.() === true) return { model, verdict: 'unknown', reason: 'the check was cut short' };
      if (!known.close()) {
        const cycle = known.cycle() ?? [];
        const at = cycle.some(({ to }) => to === INITIALLY) ? INITIALLY : (cycle[0]?.to ?? INITIALLY);
        return contradiction(model, pattern('HB', at), known, accesses, cycle);
      }
      known.round += 1;
      isNew = concludeOverwritten(known, accesses, observations) > 0;
    }
  }
  return { model, verdict: 'holds' };
}

function observationsBySession(accesses: Accesses): Accesses['observations'][] {
  const sessionOf = new Int32Array(accesses.size).fill(-1);
  accesses.sessions.forEach((session, number) => {
    for (const event of session) sessionOf[event] = number;
  });
  return [...Map.groupBy(accesses.observations, ({ reader }) => sessionOf[reader] as number).values()];
}

function pattern(relation: 'CO' | 'HB', overwritten: number): string {
  if (overwritten === INITIALLY) return `Write${relation}InitRead: a read misses the writes that it depends on`;
  return relation === 'CO'
    ? 'WriteCORead: a read sees what was overwritten among its causes'
    : 'CyclicHB: no order of writes explains what the client read';
}
