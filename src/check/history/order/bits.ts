/** Rows of bits, one row a node: which nodes are in a set that belongs to it. */
export class BitMatrix {
  readonly wordsPerRow: number;
  readonly #words: Uint32Array;

  constructor(rows: number, columns: number) {
    this.wordsPerRow = (columns + 31) >>> 5;
    this.#words = new Uint32Array(rows * this.wordsPerRow);
  }

  has(row: number, column: number): boolean {
    const word = this.#words[row * this.wordsPerRow + (column >>> 5)] as number;
    return ((word >>> (column & 31)) & 1) === 1;
  }

  set(row: number, column: number): void {
    const at = row * this.wordsPerRow + (column >>> 5);
    this.#words[at] = (this.#words[at] as number) | (1 << (column & 31));
  }

  /** Adds to one row what is in another. */
  include(row: number, other: number): void {
    const words = this.#words;
    const { wordsPerRow } = this;
    let to = row * wordsPerRow;
    for (let from = other * wordsPerRow, end = from + wordsPerRow; from < end; from += 1, to += 1) {
      words[to] = (words[to] as number) | (words[from] as number);
    }
  }

  clear(): void {
    this.#words.fill(0);
  }
}
