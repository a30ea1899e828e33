import type { Fingerprint } from './fingerprint.ts';

const CHUNK_BITS = 16;
const CHUNK = 1 << CHUNK_BITS;
const CHUNK_MASK = CHUNK - 1;
const WORDS = 3;
const SMALLEST = 1 << 12;
/** Linear probing stays short up to here: about two probes to find, four to miss, on the same cache line. */
const FULLEST = 0.7;

/** The parent of a state in which a run starts. */
export const NO_PARENT = -1;

/**
 * The states seen so far: fingerprints, numbered in the order in which they came, each with the state it was first
 * reached from, which is all that is needed to tell how.
 *
 * Fingerprints and parents lie in chunks that never move, 12 bytes a state. The table that finds them is open
 * addressing over pairs of words: half of the fingerprint, and the state's number plus one. It doubles at 70% load; the old
 * one is dropped before the new one is filled from the chunks, so that growing needs no room for both.
 */
export class VisitedSet {
  #size = 0;
  #capacity = SMALLEST;
  #table = new Uint32Array(2 * SMALLEST);
  readonly #chunks: Uint32Array[] = [];

  get size(): number {
    return this.#size;
  }

  /** Bytes held, in all. */
  get bytes(): number {
    return this.#table.byteLength + this.#chunks.length * CHUNK * WORDS * 4;
  }

  /** Adds a state and returns its number; if it was there already, returns `-1 - number`. */
  add(fingerprint: Fingerprint, parent: number): number {
    const { high, low } = fingerprint;
    const table = this.#table;
    const mask = this.#capacity - 1;
    let slot = low & mask;
    for (;;) {
      const entry = table[2 * slot + 1] as number;
      if (entry === 0) break;
      if (table[2 * slot] === high && this.#word(entry - 1, 0) === low) return -entry;
      slot = (slot + 1) & mask;
    }
    const number = this.#append(high, low, parent);
    table[2 * slot] = high;
    table[2 * slot + 1] = number + 1;
    if (this.#size > this.#capacity * FULLEST) this.#grow();
    return number;
  }

  /** The number of the state it was first reached from, or `NO_PARENT`. */
  parent(number: number): number {
    return this.#word(number, 2) - 1;
  }

  /** The fingerprint of a state by its number. */
  read(number: number, into: Fingerprint): void {
    into.low = this.#word(number, 0);
    into.high = this.#word(number, 1);
  }

  #word(number: number, word: number): number {
    const chunk = this.#chunks[number >>> CHUNK_BITS] as Uint32Array;
    return chunk[(number & CHUNK_MASK) * WORDS + word] as number;
  }

  #append(high: number, low: number, parent: number): number {
    const number = this.#size;
    if ((number & CHUNK_MASK) === 0) this.#chunks.push(new Uint32Array(CHUNK * WORDS));
    const chunk = this.#chunks[number >>> CHUNK_BITS] as Uint32Array;
    const at = (number & CHUNK_MASK) * WORDS;
    chunk[at] = low;
    chunk[at + 1] = high;
    chunk[at + 2] = parent + 1;
    this.#size += 1;
    return number;
  }

  #grow(): void {
    this.#capacity *= 2;
    this.#table = new Uint32Array(0);
    const table = new Uint32Array(2 * this.#capacity);
    const mask = this.#capacity - 1;
    for (let number = 0; number < this.#size; number += 1) {
      let slot = this.#word(number, 0) & mask;
      while (table[2 * slot + 1] !== 0) slot = (slot + 1) & mask;
      table[2 * slot] = this.#word(number, 1);
      table[2 * slot + 1] = number + 1;
    }
    this.#table = table;
  }
}
