import type { Model } from '../model.ts';
import { type Move, modelOfMoves, range, type Words } from './words.ts';

const ACK = 1;
const RELEASE = 2;
/** A request carries its clock. */
const REQUEST = 3;
/** Bits of a message in its channel, the oldest lowest. */
const BITS = 5;
const MASK = (1 << BITS) - 1;

/**
 * Lamport, "Time, clocks, and the ordering of events in a distributed system" (1978): mutual exclusion; the steps are
 * those of the specification `LamportMutex` in TLA+ Examples, bounded by the same constraint on clocks. Words: each process's clock,
 * the clock of each request that each knows of, the set of acknowledgements of each, each channel's messages, the set of processes
 * in the critical section.
 */
export function clockMutex(processes: number, clockMax: number): Model<Words, Move> {
  const all = range(processes);
  const everyone = (1 << processes) - 1;
  const clock = (p: number): number => p;
  const request = (p: number, q: number): number => processes + p * processes + q;
  const acks = (p: number): number => processes + processes * processes + p;
  const channel = (p: number, q: number): number => 2 * processes + processes * processes + p * processes + q;
  const critical = 2 * processes + 2 * processes * processes;

  const append = (to: number[], p: number, q: number, message: number): void => {
    const queue = to[channel(p, q)] as number;
    const length = Math.ceil((32 - Math.clz32(queue)) / BITS);
    to[channel(p, q)] = queue | (message << (length * BITS));
  };
  const broadcast = (to: number[], p: number, message: number): void => {
    for (const q of all) if (q !== p) append(to, p, q, message);
  };

  const receive = (state: Words, p: number, q: number): Move[] => {
    const queue = state[channel(q, p)] as number;
    if (queue === 0) return [];
    const message = queue & MASK;
    const to = state.slice();
    to[channel(q, p)] = queue >>> BITS;
    if (message === ACK) to[acks(p)] = (to[acks(p)] as number) | (1 << q);
    else if (message === RELEASE) to[request(p, q)] = 0;
    else {
      const theirs = message - REQUEST;
      const ours = to[clock(p)] as number;
      to[request(p, q)] = theirs;
      to[clock(p)] = Math.max(theirs, ours) + 1;
      append(to, p, q, ACK);
    }
    return [{ name: `${p} receives ${message} from ${q}`, to }];
  };

  const moves = (state: Words): Move[] => {
    const found: Move[] = [];
    for (const p of all) {
      const own = state[request(p, p)] as number;
      const inside = state[critical] as number;
      if (own === 0) {
        const to = state.slice();
        const now = to[clock(p)] as number;
        to[request(p, p)] = now;
        to[acks(p)] = 1 << p;
        broadcast(to, p, REQUEST + now);
        found.push({ name: `${p} requests`, to });
      }
      const beats = (q: number): boolean => {
        const theirs = state[request(p, q)] as number;
        return theirs === 0 || own < theirs || (own === theirs && p < q);
      };
      if (state[acks(p)] === everyone && all.every((q) => q === p || beats(q))) {
        const to = state.slice();
        to[critical] = inside | (1 << p);
        found.push({ name: `${p} enters`, to });
      }
      if ((inside & (1 << p)) !== 0) {
        const to = state.slice();
        to[critical] = inside & ~(1 << p);
        to[request(p, p)] = 0;
        to[acks(p)] = 0;
        broadcast(to, p, RELEASE);
        found.push({ name: `${p} exits`, to });
      }
      for (const q of all) if (q !== p) found.push(...receive(state, p, q));
    }
    return found;
  };

  const start = new Array<number>(critical + 1).fill(0).map((zero, index) => (index < processes ? 1 : zero));
  const exclusion = (state: Words): string | null => {
    const inside = state[critical] as number;
    return (inside & (inside - 1)) === 0 ? null : 'two processes are in the critical section';
  };
  return modelOfMoves([start], moves, {
    properties: { invariants: { exclusion } },
    prune: (state) => all.some((p) => (state[clock(p)] as number) > clockMax),
  });
}
