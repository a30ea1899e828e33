import { hash } from '../../kernel/index.ts';

interface Configuration<S> {
  /** How many words of placed operations are full, from the front. */
  readonly from: number;
  /** Which of the operations after those are placed, as bits. */
  readonly words: Uint32Array;
  /** Which operations of unknown outcome are. */
  readonly optional: Uint32Array;
  readonly state: S;
}

/**
 * The configurations from which the search found no way on: which operations were placed, and the state they led to.
 * Whatever order leads there, what follows is the same, so each is searched once (Lowe's improvement on Wing and Gong).
 * And one in which *more* operations of unknown outcome are placed, all else being equal, is no better: nothing that
 * can follow there could not follow here, as those need not be placed at all.
 *
 * Kept exactly, not as fingerprints, since a collision would reject a history that is fine. As the placed operations
 * are nearly all at the front, only the words from the first gap on are kept.
 */
export class DeadEnds<S> {
  readonly #buckets = new Map<number, Configuration<S>[]>();
  readonly #equal: (a: S, b: S) => boolean;
  readonly #hash: (state: S) => number;

  constructor(equal: (a: S, b: S) => boolean, hashState: ((state: S) => number) | undefined) {
    this.#equal = equal;
    this.#hash = hashState ?? hashOf;
  }

  has(placed: Uint32Array, optional: Uint32Array, state: S): boolean {
    if (this.#buckets.size === 0) return false;
    const { from, words } = significant(placed);
    const bucket = this.#buckets.get(this.#keyOf(from, words, state));
    if (bucket === undefined) return false;
    for (const known of bucket) {
      if (known.from !== from || !sameWords(known.words, words)) continue;
      if (isSubset(known.optional, optional) && this.#equal(known.state, state)) return true;
    }
    return false;
  }

  add(placed: Uint32Array, optional: Uint32Array, state: S): void {
    const { from, words } = significant(placed);
    const key = this.#keyOf(from, words, state);
    const configuration = { from, words: words.slice(), optional: optional.slice(), state };
    const bucket = this.#buckets.get(key);
    if (bucket === undefined) this.#buckets.set(key, [configuration]);
    else bucket.push(configuration);
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

/** The words from the first gap to the last placed operation. */
function significant(placed: Uint32Array): { readonly from: number; readonly words: Uint32Array } {
  let from = 0;
  while (from < placed.length && placed[from] === FULL) from += 1;
  let end = placed.length;
  while (end > from && placed[end - 1] === 0) end -= 1;
  return { from, words: placed.subarray(from, end) };
}

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

function isSubset(small: Uint32Array, large: Uint32Array): boolean {
  for (let index = 0; index < small.length; index += 1) {
    if (((small[index] as number) & ~(large[index] as number)) !== 0) return false;
  }
  return true;
}
