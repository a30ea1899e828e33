/**
 * An ordered map that a node keeps on its disk. Keys are *byte strings*: strings whose characters are all below
 * U+0100, one a byte, because engines compare strings faster than byte arrays and `<` on them is byte order.
 */
export interface View {
  get(key: string): Uint8Array | undefined;
  /** Pairs with `from <= key < to`, in key order. Not to be written to while iterated. */
  entries(from: string, to: string): Iterable<readonly [string, Uint8Array]>;
}

/**
 * What a process keeps beyond its memory. Writes are seen at once by later reads and are volatile: the effect
 * `flush` makes all of them durable as one unit, and a crash takes the storage back to its last flush. So a storage
 * never holds up a process; what is acknowledged in between is what the write-ahead log is for.
 */
export interface Storage extends View {
  set(key: string, value: Uint8Array): void;
  delete(key: string): void;

  /** Keeps the last flushed state readable under a name, whatever is flushed later. */
  pin(name: string): void;
  /** A pinned state, or undefined if there is none of that name (it is lost in a crash). */
  pinned(name: string): View | undefined;
  unpin(name: string): void;

  /** Writes to an area aside, where a received snapshot is gathered. */
  stage(key: string, value: Uint8Array): void;
  /** Empties the area aside. */
  clearStage(): void;
  /** Replaces the whole content by what was staged, in one step; like any write, durable with the next flush. */
  adoptStage(): void;
}

/** A key above every key that starts with the prefix, for `entries(prefix, after(prefix))`. */
export function afterPrefix(prefix: string): string {
  for (let last = prefix.length - 1; last >= 0; last -= 1) {
    const code = prefix.charCodeAt(last);
    if (code < 0xff) return prefix.slice(0, last) + String.fromCharCode(code + 1);
  }
  return MAX_KEY;
}

/** Above every key: longer than any run of 0xff bytes that a storage takes as a key. */
export const MAX_KEY: string = '\u0100';
