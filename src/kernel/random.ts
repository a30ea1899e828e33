import { hash } from './hash.ts';
import { logarithm } from './logarithm.ts';

const TWO_32 = 2 ** 32;

/**
 * A seeded generator of pseudo-random numbers whose state is plain data: a process or a simulator that holds one can
 * be cloned, and then both draw the same.
 *
 * The algorithm is sfc32, Chris Doty-Humphrey's "small fast chaotic" generator from PractRand (2010), seeded as there:
 * 128 bits of state, 32 of them a counter, hence no cycle shorter than 2^32. Not for secrets.
 */
export class Random {
  private a: number;
  private b: number;
  private c: number;
  private counter = 1;
  private readonly seedHigh: number;
  private readonly seedLow: number;

  constructor(seed: number | string) {
    const { high, low } = hash(seed);
    this.seedHigh = high;
    this.seedLow = low;
    this.a = 0;
    this.b = low | 0;
    this.c = high | 0;
    for (let round = 0; round < 12; round += 1) this.next();
  }

  /** A whole number in [0, 2^32). */
  next(): number {
    const sum = (this.a + this.b + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (((this.c << 21) | (this.c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** A whole number in [0, count), each equally likely; count is at most 2^32. */
  integer(count: number): number {
    if (!(Number.isInteger(count) && count >= 1 && count <= TWO_32)) {
      throw new RangeError(`a random integer needs a whole count from 1 to 2^32: got ${count}`);
    }
    // What is left of 2^32 beyond the last whole multiple of count would favour the small numbers: draw again.
    const bound = TWO_32 - (TWO_32 % count);
    let drawn = this.next();
    while (drawn >= bound) drawn = this.next();
    return drawn % count;
  }

  /** A number in [min, max), in steps of 2^-32 of the distance. */
  between(min: number, max: number): number {
    return min + (max - min) * (this.next() / TWO_32);
  }

  /** True with probability p: never for 0, always for 1. */
  chance(p: number): boolean {
    return this.next() < p * TWO_32;
  }

  /** One of the items, each equally likely. */
  pick<T>(items: readonly T[]): T {
    if (items.length === 0) throw new RangeError('pick needs at least one item');
    return items[this.integer(items.length)] as T;
  }

  /** Puts the items in random order, in place (Fisher and Yates, in Durstenfeld's form), and returns them. */
  shuffle<T>(items: T[]): T[] {
    for (let last = items.length - 1; last > 0; last -= 1) {
      const other = this.integer(last + 1);
      const item = items[last] as T;
      items[last] = items[other] as T;
      items[other] = item;
    }
    return items;
  }

  /** A waiting time of that mean whose end is as likely at any moment: the time between independent events. */
  exponential(mean: number): number {
    return -mean * logarithm((this.next() + 1) / TWO_32);
  }

  /**
   * A stream of its own, which depends on the seed and the label only: not on what was drawn here before. So a part of
   * a simulation that draws more or less than it used to leaves the other parts' streams as they were.
   */
  fork(label: string): Random {
    return new Random(`${this.seedHigh}/${this.seedLow}/${label}`);
  }
}
