import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { isMissing } from './replace-file.ts';

// Of LMDB's two meta pages (mdb.c: MDB_meta, in the version that lmdb-js brings, whose page header takes 24 bytes).
const META_MAGIC = 0xbeefc0de;
const MAGIC_AT = 24;
const PAGE_BYTES_AT = 48;
const LAST_PAGE_AT = 144;
const TRANSACTION_AT = 152;
const META_BYTES = 160;
const PAGE_BYTES_MAX = 65_536;
/** A transaction may allocate pages at the end and free them before it commits: those are counted, but never written. */
const UNWRITTEN_PAGES_MAX = 64n;

/**
 * Says why a file can't be an LMDB database; null if it can, or is not there yet. LMDB maps the file into memory and
 * trusts it: on one that is cut short or overwritten it would not fail but end the process with a signal.
 */
export function faultOfDataFile(path: string): string | null {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
  try {
    const { size } = fstatSync(file);
    const start = Buffer.alloc(Math.min(size, PAGE_BYTES_MAX + META_BYTES));
    readSync(file, start, 0, start.length, 0);
    return size === 0 ? null : faultOf(start, size); // created, and then a crash: nothing was ever in it
  } finally {
    closeSync(file);
  }
}

function faultOf(start: Buffer, fileBytes: number): string | null {
  if (start.length < META_BYTES) return `the file has only ${fileBytes} bytes`;
  const pageBytes = start.readUInt32LE(PAGE_BYTES_AT);
  const metas = [0, pageBytes];
  for (const at of metas) {
    if (at + META_BYTES > start.length) return `the file has only ${fileBytes} bytes`;
    const magic = start.readUInt32LE(at + MAGIC_AT);
    if (magic !== META_MAGIC)
      return `at byte ${at + MAGIC_AT} is ${magic.toString(16)}, expected ${META_MAGIC.toString(16)}`;
  }
  const transactions = metas.map((at) => start.readBigUInt64LE(at + TRANSACTION_AT));
  const latest = (transactions[0] ?? 0n) > (transactions[1] ?? 0n) ? 0 : pageBytes;
  const pages = start.readBigUInt64LE(latest + LAST_PAGE_AT) + 1n;
  const expectedBytes = (pages - UNWRITTEN_PAGES_MAX) * BigInt(pageBytes);
  if (expectedBytes > fileBytes) return `the file has ${fileBytes} bytes, its content takes at least ${expectedBytes}`;
  return null;
}
