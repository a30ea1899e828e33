import { equalInOrder, hashInOrder } from '../../kernel/index.ts';

/**
 * Gives each distinct plain value a small number, so that what holds many of them can hold numbers, and equality is
 * equality of numbers. Values that only share a hash are told apart by comparing them. The order of insertion into maps,
 * sets and objects tells values apart, for a process can.
 */
export class Interner<T> {
  readonly #values: T[] = [];
  readonly #byHash = new Map<number, number[]>();

  get size(): number {
    return this.#values.length;
  }

  id(value: T): number {
    const { high, low } = hashInOrder(value);
    const key = high * 2 ** 21 + (low >>> 11);
    const ids = this.#byHash.get(key);
    const known = ids?.find((id) => equalInOrder(this.#values[id], value));
    if (known !== undefined) return known;
    const id = this.#values.length;
    this.#values.push(value);
    if (ids === undefined) this.#byHash.set(key, [id]);
    else ids.push(id);
    return id;
  }

  get(id: number): T {
    return this.#values[id] as T;
  }
}
