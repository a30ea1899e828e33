import type { Database, Transaction } from 'lmdb';
import { SortedMap } from '../kernel/sorted-map.ts';
import { MAX_KEY, type View } from '../kernel/storage.ts';
import type { DurableStorage } from './durable-storage.ts';
import type { Write } from './lmdb-writes.ts';

/** LMDB's own limit at the page size of 4,096 bytes. */
export const STORAGE_KEY_BYTES_MAX = 1978;

export class StorageKeyError extends Error {
  override readonly name = 'StorageKeyError';
  readonly code = 'storageKey';
}

type Entry = readonly [string, Uint8Array];

/** Writes over some content: null stands for a deleted key. `replaces`: nothing of the content below shows through. */
interface Layer {
  readonly replaces: boolean;
  readonly writes: SortedMap<Uint8Array | null>;
}

interface Pin {
  readonly view: LmdbView;
  readonly transaction: Transaction;
}

/**
 * A storage in LMDB. Writes go to a layer in memory, which `flush` sets aside and has written as one transaction
 * by another thread, while new writes go to a new layer; reads look through the layers down to LMDB.
 */
export class LmdbStorage implements DurableStorage {
  readonly #database: Database<Buffer, string>;
  readonly #writeDurably: (writes: Iterable<Write>, replaces: boolean) => Promise<void>;
  readonly #flushed: LmdbView;
  readonly #pins = new Map<string, Pin>();
  /** Set aside and not yet on the disk, oldest first. */
  readonly #flushing: Layer[] = [];
  #written: Layer = emptyLayer();
  #staged: SortedMap<Uint8Array | null> = new SortedMap();
  #lastFlush: Promise<void> = Promise.resolve();

  /** `write` makes writes durable, as one; those that `replaces` precede empty the storage first. */
  constructor(
    database: Database<Buffer, string>,
    write: (writes: Iterable<Write>, replaces: boolean) => Promise<void>,
  ) {
    this.#database = database;
    this.#writeDurably = write;
    this.#flushed = new LmdbView(database, null);
  }

  get(key: string): Uint8Array | undefined {
    const written = this.#written.writes.get(key);
    if (written !== undefined) return written ?? undefined;
    if (this.#written.replaces) return undefined;
    for (let index = this.#flushing.length - 1; index >= 0; index -= 1) {
      const layer = this.#flushing[index] as Layer;
      const value = layer.writes.get(key);
      if (value !== undefined) return value ?? undefined;
      if (layer.replaces) return undefined;
    }
    return this.#flushed.get(key);
  }

  entries(from: string, to: string): Iterable<Entry> {
    const layers = [...this.#flushing, this.#written];
    const bottom = layers.findLastIndex(({ replaces }) => replaces);
    let below: Iterable<Entry> = bottom === -1 ? this.#flushed.entries(from, to) : [];
    for (const { writes } of layers.slice(Math.max(0, bottom))) {
      if (writes.size > 0) below = overlay(below, writes.entries(from, to));
    }
    return below;
  }

  set(key: string, value: Uint8Array): void {
    checkKey(key);
    this.#written.writes.set(key, value);
  }

  delete(key: string): void {
    checkKey(key);
    this.#written.writes.set(key, null);
  }

  pin(name: string): void {
    this.unpin(name);
    this.#database.resetReadTxn(); // else it might be an older state, kept for reads of this turn
    const transaction = this.#database.useReadTransaction();
    this.#pins.set(name, { transaction, view: new LmdbView(this.#database, transaction) });
  }

  pinned(name: string): View | undefined {
    return this.#pins.get(name)?.view;
  }

  unpin(name: string): void {
    this.#pins.get(name)?.transaction.done();
    this.#pins.delete(name);
  }

  stage(key: string, value: Uint8Array): void {
    checkKey(key);
    this.#staged.set(key, value);
  }

  clearStage(): void {
    this.#staged = new SortedMap();
  }

  adoptStage(): void {
    this.#written = { replaces: true, writes: this.#staged };
    this.#staged = new SortedMap();
  }

  flush(): Promise<void> {
    const layer = this.#written;
    if (!layer.replaces && layer.writes.size === 0) return this.#lastFlush;
    this.#written = emptyLayer();
    this.#flushing.push(layer);
    this.#lastFlush = this.#lastFlush.then(() => this.#write(layer));
    return this.#lastFlush;
  }

  /** Waits for flushes under way, whether they succeed or not. */
  async close(): Promise<void> {
    await this.#lastFlush.catch(() => undefined);
    for (const name of [...this.#pins.keys()]) this.unpin(name);
  }

  async #write(layer: Layer): Promise<void> {
    await this.#writeDurably(layer.writes.entries(), layer.replaces);
    this.#database.resetReadTxn(); // from here on reads have to see it in LMDB
    this.#flushing.shift();
  }
}

/** What is in LMDB: the latest state, or that of a read transaction. */
class LmdbView implements View {
  readonly #database: Database<Buffer, string>;
  readonly #options: { readonly transaction?: Transaction };

  constructor(database: Database<Buffer, string>, transaction: Transaction | null) {
    this.#database = database;
    this.#options = transaction === null ? {} : { transaction };
  }

  get(key: string): Uint8Array | undefined {
    if (key === '' || key.length > STORAGE_KEY_BYTES_MAX) return undefined;
    const value = this.#database.get(key, this.#options);
    return value === undefined ? undefined : asBytes(value);
  }

  *entries(from: string, to: string): Iterable<Entry> {
    if (from >= to || from >= MAX_KEY) return;
    const end = to >= MAX_KEY ? {} : { end: cut(to), inclusiveEnd: isLong(to) };
    // Always with a start: by default lmdb-js leaves out keys below byte 5.
    const start = { start: cut(from), exclusiveStart: isLong(from) };
    for (const { key, value } of this.#database.getRange({ ...this.#options, ...start, ...end })) {
      yield [key, asBytes(value)];
    }
  }
}

/** Two ordered sequences as one; where both have a key, the write counts. */
function* overlay(below: Iterable<Entry>, writes: Iterable<Write>): Iterable<Entry> {
  const lower = below[Symbol.iterator]();
  try {
    let next = lower.next();
    for (const [key, value] of writes) {
      while (!next.done && next.value[0] < key) {
        yield next.value;
        next = lower.next();
      }
      if (!next.done && next.value[0] === key) next = lower.next();
      if (value !== null) yield [key, value];
    }
    for (; !next.done; next = lower.next()) yield next.value;
  } finally {
    lower.return?.();
  }
}

function emptyLayer(): Layer {
  return { replaces: false, writes: new SortedMap() };
}

/** LMDB takes no bound that is longer than a key may be; but a key is below such a bound iff it is not above its cut. */
function cut(bound: string): string {
  return isLong(bound) ? bound.slice(0, STORAGE_KEY_BYTES_MAX) : bound;
}

function isLong(bound: string): boolean {
  return bound.length > STORAGE_KEY_BYTES_MAX;
}

function checkKey(key: string): void {
  if (key !== '' && key.length <= STORAGE_KEY_BYTES_MAX) return;
  throw new StorageKeyError(`a storage's key has 1 to ${STORAGE_KEY_BYTES_MAX} bytes: got ${key.length}`);
}

/** The same bytes; processes know plain arrays of bytes only. */
function asBytes(buffer: Uint8Array): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
}
