const KEYS_MAX = 512;
/** So few that even the largest values of all are read well before a call gives up. */
const KEYS_FIRST = 16;
const GROWTH_MAX = 8;
const BYTES_AIM = 4 << 20;

/** How many keys to read at a time, so that pages of small values are long and pages of large values not too heavy. */
export class PageSize {
  readonly #max: number;
  #keys: number;

  constructor(max: number = KEYS_MAX) {
    this.#max = max;
    this.#keys = Math.min(KEYS_FIRST, max);
  }

  get keys(): number {
    return this.#keys;
  }

  /** What came tells what is to come. */
  adapt(kvs: readonly { readonly key: Uint8Array; readonly value: Uint8Array }[]): void {
    if (kvs.length === 0) return;
    const bytesPerKey = kvs.reduce((bytes, { key, value }) => bytes + key.length + value.length, 0) / kvs.length;
    const fitting = Math.floor(BYTES_AIM / Math.max(1, bytesPerKey));
    this.#keys = Math.max(1, Math.min(this.#max, this.#keys * GROWTH_MAX, fitting));
  }

  /** After a page that could not be read, which may have been too heavy; false if it was of the least size already. */
  shrink(): boolean {
    const least = Math.min(KEYS_FIRST, this.#max);
    if (this.#keys <= least) return false;
    this.#keys = least;
    return true;
  }
}
