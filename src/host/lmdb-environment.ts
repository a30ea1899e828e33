import { open, type RootDatabase } from 'lmdb';

const STORAGES_MAX = 64;
/** Pinned states are read transactions. */
const READERS_MAX = 512;

/**
 * Opens the environment of a node's storages: one file, one writer, a named database each. Threads of one process that
 * open the same path share it.
 *
 * `overlappingSync: false` is what makes "committed" mean "on the disk": each commit is LMDB's own, a sync of the data
 * and then of the meta page. With lmdb-js's default a commit ends before its sync.
 */
export function openEnvironment(directory: string): RootDatabase<Buffer, string> {
  return open<Buffer, string>({
    path: directory,
    noSubdir: false,
    overlappingSync: false,
    maxDbs: STORAGES_MAX,
    maxReaders: READERS_MAX,
    encoding: 'binary',
  });
}

export function storageDatabaseName(storage: string): string {
  return `storage/${storage}`;
}
