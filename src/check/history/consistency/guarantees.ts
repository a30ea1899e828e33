import type { Operation } from '../history.ts';
import { concludeOverwritten } from '../order/conclude.ts';
import { Precedence } from '../order/precedence.ts';
import { type Accesses, accessesOf } from './accesses.ts';
import { addLate, addReadsFrom, contradiction, thinAir } from './known.ts';
import type { ConsistencyResult } from './result.ts';

export const SESSION_GUARANTEES = [
  'read-your-writes',
  'monotonic-reads',
  'monotonic-writes',
  'writes-follow-reads',
] as const;
export type SessionGuarantee = (typeof SESSION_GUARANTEES)[number];

/**
 * The session guarantees of Terry, Demers, Petersen, Spreitzer, Theimer and Welch, "Session guarantees for weakly
 * consistent replicated data" (1994), by what can be seen from outside: whether there are
 *
 * - one order of all writes, in which the writes of a session to one key are in the order of the session, and
 * - for each read a set of writes, those it knew of, of whose writes to its key it saw the last in that order,
 *
 * such that, for
 *
 * - `read-your-writes`: a read knows what its session wrote before;
 * - `monotonic-reads`: a read knows what earlier reads of its session knew;
 * - `monotonic-writes`: who knows a write knows what its session wrote before, and the order agrees;
 * - `writes-follow-reads`: who knows a write knows what earlier reads of its session knew, and the order agrees.
 *
 * The latter two tell about what *other* sessions see, one read after the other; that shows only where those
 * remember. So they are judged together with monotonic reads, and are `unknown` where these are violated already.
 *
 * As the sets need no more than the rules ask for, and the order only has to be free of circles, this is exact.
 */
export function checkSessionGuarantee(
  operations: readonly Operation<unknown, unknown>[],
  guarantee: SessionGuarantee,
): ConsistencyResult {
  const accesses = accessesOf(operations);
  const thin = thinAir(accesses, guarantee);
  if (thin !== null) return thin;
  const alone = judge(accesses, guarantee, RULES[guarantee]);
  if (alone.verdict === 'holds' || !RULES[guarantee].includes(knowsEarlierReads)) return alone;
  if (guarantee === 'monotonic-reads') return alone;
  if (judge(accesses, 'monotonic-reads', RULES['monotonic-reads']).verdict === 'holds') return alone;
  const reason = 'reads are not monotonic, and only through such reads can it be told';
  return { model: guarantee, verdict: 'unknown', reason };
}

function judge(accesses: Accesses, model: SessionGuarantee, rules: readonly Rule[]): ConsistencyResult {
  const known = new Precedence(accesses.size);
  addReadsFrom(known, accesses);
  for (const rule of rules) rule(known, accesses);
  if (!known.close()) return contradiction(model, PATTERNS[model], known, accesses);
  known.round += 1;
  concludeOverwritten(known, accesses);
  orderWritesOfSessions(known, accesses);
  return known.close() ? { model, verdict: 'holds' } : contradiction(model, PATTERNS[model], known, accesses);
}

/** Adds edges along which knowledge spreads. */
type Rule = (known: Precedence, accesses: Accesses) => void;

const RULES: Readonly<Record<SessionGuarantee, readonly Rule[]>> = {
  'read-your-writes': [knowsOwnWrites],
  'monotonic-reads': [knowsEarlierReads],
  'monotonic-writes': [knowsEarlierReads, writesKnowEarlierWrites],
  'writes-follow-reads': [knowsEarlierReads, writesKnowEarlierReads],
};

const PATTERNS: Readonly<Record<SessionGuarantee, string>> = {
  'read-your-writes': 'a client misses what it wrote itself',
  'monotonic-reads': 'a client misses what it saw before',
  'monotonic-writes': 'a client sees a write, and misses an earlier one of the same session',
  'writes-follow-reads': 'a client sees a write, and misses what had been read before it was made',
};

/** Its last write of the key is enough, as the earlier ones come before it. */
function knowsOwnWrites(known: Precedence, accesses: Accesses): void {
  for (const session of accesses.sessions) {
    const last = new Map<number, number>();
    for (const event of session) {
      const access = accesses.events[event];
      if (access === undefined) continue;
      const own = last.get(access.key);
      if (access.type === 'write') last.set(access.key, event);
      else if (own !== undefined) known.add(own, event, { type: 'session' });
    }
  }
}

function knowsEarlierReads(known: Precedence, accesses: Accesses): void {
  chain(known, accesses, 'read');
}

function writesKnowEarlierWrites(known: Precedence, accesses: Accesses): void {
  chain(known, accesses, 'write');
  addLate(known, accesses, (event) => accesses.events[event]?.type === 'write');
}

function writesKnowEarlierReads(known: Precedence, accesses: Accesses): void {
  for (const session of accesses.sessions) {
    let read: number | null = null;
    for (const event of session) {
      if (accesses.events[event]?.type === 'read') read = event;
      else if (read !== null) known.add(read, event, { type: 'session' });
    }
  }
  addLate(known, accesses, (event) => accesses.events[event]?.type === 'read');
}

function chain(known: Precedence, { sessions, events }: Accesses, type: 'read' | 'write'): void {
  for (const session of sessions) {
    const chosen = session.filter((event) => events[event]?.type === type);
    chosen.slice(1).forEach((event, index) => {
      known.add(chosen[index] as number, event, { type: 'session' });
    });
  }
}

/** Not knowledge, but order: nobody sees the writes of one session to one key swapped. */
function orderWritesOfSessions(known: Precedence, accesses: Accesses): void {
  const { events, sessions } = accesses;
  for (const session of sessions) {
    const last = new Map<number, number>();
    for (const event of session) {
      const access = events[event];
      if (access?.type !== 'write') continue;
      const before = last.get(access.key);
      if (before !== undefined) known.add(before, event, { type: 'session' });
      last.set(access.key, event);
    }
  }
  addLate(
    known,
    accesses,
    (event, write) => events[event]?.type === 'write' && events[event]?.key === events[write]?.key,
  );
}
