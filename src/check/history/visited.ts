import { hash } from '../../kernel/index.ts';

interface Configuration<S> {
  /** How many operations at the front of the history are all placed. */
  readonly from: number;
  /** Which of those after are, as bits. */
  readonly words: Uint32Array;
  readonly state: S;
}

/**
 * The configurations that the search has tried: which operations were placed, and the state they led to. Whatever
 * order led there, what follows is the same, so each is tried once (Lowe's improvement on Wing and Gong).
 *
 * Kept exactly, not as fingerprints, since a collision would reject a history that is fine. As the placed operations
 * are nearly all at the front, only the words from the first gap on are kept.
 */
export class Visited<S> {
  readonly #buckets = new Map<number, Configuration<S>[]>();
  readonly #equal: (a: S, b: S) => boolean;
  readonly #hash: (state: S) => number;
  #size = 0;

  constructor(equal: (a: S, b: S) => boolean, hashState: ((state: S) => number) | undefined) {
    this.#equal = equal;
    this.#hash = hashState ?? hashOf;
  }

  get size(): number {
    return this.#size;
  }

  /** False if it was there already. */
  add(placed: Uint32Array, state: S): boolean {
    let first = 0;
    while (first < placed.length && placed[first] === FULL) first += 1;
    let end = placed.length;
    while (end > first && placed[end - 1] === 0) end -= 1;
    const words = placed.subarray(first, end);
    const key = this.#keyOf(first, words, state);
    const bucket = this.#buckets.get(key);
    if (bucket === undefined) {
      this.#buckets.set(key, [{ from: first, words: words.slice(), state }]);
    } else {
      for (const known of bucket) {
        if (known.from === first && sameWords(known.words, words) && this.#equal(known.state, state)) return false;
      }
      bucket.push({ from: first, words: words.slice(), state });
    }
    this.#size += 1;
    return true;
  }

  #keyOf(from: number, words: Uint32Array, state: S): number {
    let key = Math.imul(this.#hash(state) ^ from, 0x9e3779b1);
    for (const word of words) {
      key = Math.imul(key ^ word, 0x85ebca6b);
      key ^= key >>> 15;
    }
    return key;
  }
}

const FULL = 0xffffffff;

function hashOf(state: unknown): number {
  return hash(state).low;
}

function sameWords(a: Uint32Array, b: Uint32Array): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index += 1) {
    if (a[index] !== b[index]) return false;
  }
  return true;
}
