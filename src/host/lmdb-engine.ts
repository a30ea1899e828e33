import { closeSync, fsyncSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Database, RootDatabase } from 'lmdb';
import type { StorageEngine } from './durable-storage.ts';
import { faultOfDataFile } from './lmdb-check.ts';
import { openEnvironment, storageDatabaseName } from './lmdb-environment.ts';
import { LmdbStorage } from './lmdb-storage.ts';
import { LmdbWriter } from './lmdb-writer.ts';

export class StorageOpenError extends Error {
  override readonly name = 'StorageOpenError';
  readonly code = 'storageOpen';

  constructor(directory: string, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(
      `cannot open the storage in "${directory}": ${reason}. If its files are damaged, restore the data directory`,
      {
        cause,
      },
    );
  }
}

/** All storages of a node, in one LMDB environment: read here, written by a thread. */
export class LmdbEngine implements StorageEngine {
  readonly #root: RootDatabase<Buffer, string>;
  readonly #writer: LmdbWriter;
  readonly #storages = new Map<string, LmdbStorage>();

  /** @throws StorageOpenError */
  static open(directory: string): LmdbEngine {
    return new LmdbEngine(directory);
  }

  private constructor(directory: string) {
    const fault = faultOfDataFile(join(directory, 'data.mdb'));
    if (fault !== null) throw new StorageOpenError(directory, fault);
    try {
      this.#root = openEnvironment(directory);
      for (const made of [directory, dirname(directory)]) syncDirectoryNow(made); // which LMDB leaves to its user
    } catch (error) {
      throw new StorageOpenError(directory, error);
    }
    this.#writer = new LmdbWriter(directory);
  }

  storage(name: string): LmdbStorage {
    let storage = this.#storages.get(name);
    if (storage === undefined) {
      const database: Database<Buffer, string> = this.#root.openDB<Buffer, string>({
        name: storageDatabaseName(name),
        encoding: 'binary',
        keyEncoder: BYTE_STRINGS,
      } as { name: string }); // lmdb's types allow a key encoder for the root database only
      storage = new LmdbStorage(database, (writes, replaces) => this.#writer.write(name, writes, replaces));
      this.#storages.set(name, storage);
    }
    return storage;
  }

  async close(): Promise<void> {
    for (const storage of this.#storages.values()) await storage.close();
    await this.#writer.close();
    await this.#root.close();
  }
}

function syncDirectoryNow(directory: string): void {
  if (process.platform === 'win32') return; // a directory can't be opened there
  const handle = openSync(directory, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
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
