import { type Database, open, type RootDatabase } from 'lmdb';
import type { StorageEngine } from './durable-storage.ts';
import { LmdbStorage } from './lmdb-storage.ts';

const STORAGES_MAX = 64;
/** Pinned states are read transactions. */
const READERS_MAX = 512;

/**
 * All storages of a node, in one LMDB environment: one file, one writer, a named database each.
 *
 * `overlappingSync: false` is what makes "committed" mean "on the disk": each commit is LMDB's own, fsync of the data
 * and then of the meta page, done in the library's thread. With lmdb-js's default a commit resolves before its sync.
 */
export class LmdbEngine implements StorageEngine {
  readonly #root: RootDatabase<Buffer, string>;
  readonly #storages = new Map<string, LmdbStorage>();

  static open(directory: string): LmdbEngine {
    return new LmdbEngine(directory);
  }

  private constructor(directory: string) {
    this.#root = open<Buffer, string>({
      path: directory,
      noSubdir: false,
      overlappingSync: false,
      maxDbs: STORAGES_MAX,
      maxReaders: READERS_MAX,
      encoding: 'binary',
    });
  }

  storage(name: string): LmdbStorage {
    let storage = this.#storages.get(name);
    if (storage === undefined) {
      const database: Database<Buffer, string> = this.#root.openDB<Buffer, string>({
        name: `storage/${name}`,
        encoding: 'binary',
        keyEncoder: BYTE_STRINGS,
      } as { name: string }); // lmdb's types allow a key encoder for the root database only
      storage = new LmdbStorage(database);
      this.#storages.set(name, storage);
    }
    return storage;
  }

  async close(): Promise<void> {
    for (const storage of this.#storages.values()) await storage.close();
    await this.#root.close();
  }
}

/** Keys are byte strings: one byte a character, so that LMDB orders them as `<` does. */
const BYTE_STRINGS = {
  /** The library itself passes bytes where there is no key. */
  writeKey(key: string | Uint8Array, target: Buffer, start: number): number {
    if (typeof key !== 'string') {
      target.set(key, start);
      return start + key.length;
    }
    return start + target.write(key, start, 'latin1');
  },
  readKey(source: Buffer, start: number, end: number): string {
    return source.toString('latin1', start, end);
  },
};
