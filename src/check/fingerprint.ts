import { hashInOrder } from '../kernel/index.ts';

/** 64 bits that stand for a state, as two unsigned words. */
export interface Fingerprint {
  high: number;
  low: number;
}

/**
 * Hashes a sequence of words and strings to 64 bits. Two lanes that feed each other at every word, each mixed and
 * finished as MurmurHash3 does (public domain, Appleby 2011). One hasher is reused for all states: `reset`, feed,
 * `finish`.
 */
export class Hasher {
  private first = FIRST_SEED;
  private second = SECOND_SEED;
  private length = 0;

  reset(): this {
    this.first = FIRST_SEED;
    this.second = SECOND_SEED;
    this.length = 0;
    return this;
  }

  /** Feeds the low 32 bits of a whole number. */
  word(value: number): this {
    let k = Math.imul(value, 0x239b961b);
    k = Math.imul((k << 15) | (k >>> 17), 0xab0e9789);
    let h = this.first ^ k;
    h = ((h << 19) | (h >>> 13)) + this.second;
    this.first = (Math.imul(h, 5) + 0x561ccd1b) | 0;
    k = Math.imul(value, 0x38b34ae5);
    k = Math.imul((k << 16) | (k >>> 16), 0xa1e38b93);
    h = this.second ^ k;
    h = ((h << 17) | (h >>> 15)) + this.first;
    this.second = (Math.imul(h, 5) + 0x0bcaa747) | 0;
    this.length += 1;
    return this;
  }

  words(values: ArrayLike<number>): this {
    for (let index = 0; index < values.length; index += 1) this.word(values[index] as number);
    return this;
  }

  /** Feeds a string and its length, so that no two sequences of strings run together. */
  text(value: string): this {
    this.word(value.length);
    for (let index = 0; index < value.length; index += 1) this.word(value.charCodeAt(index));
    return this;
  }

  finish(into: Fingerprint): void {
    let first = this.first ^ this.length;
    let second = this.second ^ this.length;
    first = (first + second) | 0;
    second = (second + first) | 0;
    first = finalMix(first);
    second = finalMix(second);
    first = (first + second) | 0;
    second = (second + first) | 0;
    into.high = first >>> 0;
    into.low = second >>> 0;
  }
}

const FIRST_SEED = 0x2f1b7a63;
const SECOND_SEED = 0x51ed270b;

function finalMix(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/**
 * How likely it is that two of so many states shared one fingerprint of 64 bits, so that one of them was taken for
 * seen and left out: the birthday bound n²/2 over 2⁶⁴, which holds if fingerprints spread like random numbers.
 */
export function collisionProbability(states: number): number {
  return Math.min(1, (states / 2 ** 32) * (states / 2 ** 32) * 0.5);
}

/** The kernel's hash of plain data, the order of insertion into it included: for a model can tell that. */
export function fingerprintOfData(state: unknown, into: Fingerprint): void {
  const { high, low } = hashInOrder(state);
  into.high = high;
  into.low = low;
}
