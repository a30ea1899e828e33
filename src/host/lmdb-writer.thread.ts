/** The thread that writes to LMDB: a flush is gathered slice by slice, and written as one transaction. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Database } from 'lmdb';
import { openEnvironment, storageDatabaseName } from './lmdb-environment.ts';
import { unpackWrites, type WriterInput, type WriterOutput } from './lmdb-writes.ts';

if (parentPort === null || typeof workerData !== 'string') throw new Error('this file is for a thread of LmdbWriter');
const port = parentPort;
const root = openEnvironment(workerData);
const databases = new Map<string, Database<Buffer, Buffer>>();
const gathered = new Map<string, Uint8Array[]>();

port.on('message', (input: WriterInput) => {
  switch (input.type) {
    case 'slice':
      slicesOf(input.storage).push(input.bytes);
      break;
    case 'commit':
      port.postMessage(answerTo(() => commit(input.storage, input.replaces)));
      break;
    case 'close':
      root.close().then(() => port.close());
      break;
    default:
      input satisfies never;
  }
});

function slicesOf(storage: string): Uint8Array[] {
  const slices = gathered.get(storage) ?? [];
  gathered.set(storage, slices);
  return slices;
}

/** On the disk when it returns: LMDB syncs the data, then the meta page that makes it the state. */
function commit(storage: string, replaces: boolean): void {
  const database = databaseOf(storage);
  root.transactionSync(() => {
    if (replaces) database.clearSync();
    for (const slice of slicesOf(storage)) {
      for (const { key, value } of unpackWrites(slice)) {
        if (value === null) database.removeSync(key);
        else database.putSync(key, value);
      }
    }
  });
  gathered.delete(storage);
}

function answerTo(work: () => void): WriterOutput {
  try {
    work();
    return { type: 'committed' };
  } catch (error) {
    return { type: 'failed', reason: error instanceof Error ? error.message : String(error) };
  }
}

function databaseOf(storage: string): Database<Buffer, Buffer> {
  let database = databases.get(storage);
  if (database === undefined) {
    database = root.openDB<Buffer, Buffer>({
      name: storageDatabaseName(storage),
      encoding: 'binary',
      keyEncoding: 'binary',
    });
    databases.set(storage, database);
  }
  return database;
}
