import { afterPrefix, type Storage } from '../kernel/storage.ts';
import type { KeyValue, Revision } from './api.ts';
import { fromByteString, toByteString } from './byte-string.ts';
import { isDeletion, type KeyHistory, type Version } from './key-history.ts';
import { KeyIndex, LATEST, present } from './key-index.ts';
import { decodeKeyValue, decodeRow, encodeRow, ROW_KEY_BYTES, ROWS, rowKey, rowPosition } from './row.ts';
import { includes, type Span } from './span.ts';

/**
 * All versions of all keys: the rows in the storage, and in memory the index of them. Index and sums are a function
 * of the rows, so `reload` can make them again.
 */
export class Versions {
  readonly storage: Storage;
  index: KeyIndex = new KeyIndex();
  rows = 0;
  /** The lengths of the rows' keys and values. */
  bytes = 0;

  constructor(storage: Storage) {
    this.storage = storage;
  }

  /** What the version, which is no deletion, wrote. */
  read(version: Version): KeyValue {
    return decodeKeyValue(this.rowAt(rowKey(version.modRevision, version.sub)), version.modRevision);
  }

  /** How many keys of the span are there at the revision. */
  count(span: Span, at: number): number {
    if (at === LATEST) return this.index.count(span);
    return this.countBack(span, at) ?? this.countOneByOne(span, at);
  }

  append(key: string, keyBytes: Uint8Array, value: Uint8Array, version: Version, history?: KeyHistory): void {
    const row = encodeRow(keyBytes, value, version);
    this.storage.set(rowKey(version.modRevision, version.sub), row);
    this.index.append(key, version, history);
    this.rows += 1;
    this.bytes += ROW_KEY_BYTES + row.length;
  }

  appendDeletion(key: string, modRevision: Revision, sub: number): void {
    const version = { modRevision, sub, createRevision: NO_REVISION, version: 0, lease: 0n };
    this.append(key, fromByteString(key), NO_BYTES, version);
  }

  /** Indexes the rows that the storage holds; returns the revision of the last one, or 0. */
  reload(): number {
    this.index = new KeyIndex();
    this.rows = 0;
    this.bytes = 0;
    let last = 0;
    for (const [key, bytes] of this.storage.entries(ROWS, afterPrefix(ROWS))) {
      const { revision, sub } = rowPosition(key);
      const { key: keyBytes, createRevision, version, lease } = decodeRow(bytes);
      this.index.append(toByteString(keyBytes), { modRevision: revision, sub, createRevision, version, lease });
      this.rows += 1;
      this.bytes += ROW_KEY_BYTES + bytes.length;
      last = revision;
    }
    return last;
  }

  /**
   * Forgets what nobody can read at the row's revision or later: the version that the row replaced, and the row
   * itself if it is a deletion. Right only if all rows before it were given, in order.
   */
  compactAt(at: string, bytes: Uint8Array): void {
    const key = toByteString(decodeRow(bytes).key);
    const history = this.index.history(key);
    const replaced = history?.oldest;
    if (history === undefined || replaced === undefined) return;
    const { revision, sub } = rowPosition(at);
    if (replaced.modRevision !== revision || replaced.sub !== sub) this.forget(history, replaced);
    const oldest = history.oldest;
    if (oldest !== undefined && isDeletion(oldest)) this.forget(history, oldest);
    if (history.length === 0) this.index.remove(key);
  }

  /**
   * Counts what is there now, and takes back what was written since; null if that is much. So it is cheap to read a
   * large range in pages at one revision.
   */
  private countBack(span: Span, at: number): number | null {
    let rowsLeft = this.index.countKnown(span) * ROWS_FOR_A_KEY;
    let count = this.index.count(span);
    const seen = new Set<string>();
    for (const [, row] of this.storage.entries(rowKey(at + 1, 0), afterPrefix(ROWS))) {
      rowsLeft -= 1;
      if (rowsLeft < 0) return null;
      const key = toByteString(decodeRow(row).key);
      if (!includes(span, key) || seen.has(key)) continue;
      seen.add(key);
      const history = this.index.history(key);
      count += Number(present(history, at) !== undefined) - Number(present(history, LATEST) !== undefined);
    }
    return count;
  }

  private countOneByOne(span: Span, at: number): number {
    let count = 0;
    for (const _ of this.index.within(span, at)) count += 1;
    return count;
  }

  private forget(history: KeyHistory, oldest: Version): void {
    const at = rowKey(oldest.modRevision, oldest.sub);
    this.rows -= 1;
    this.bytes -= ROW_KEY_BYTES + this.rowAt(at).length;
    this.storage.delete(at);
    history.forgetOldest();
  }

  private rowAt(at: string): Uint8Array {
    const row = this.storage.get(at);
    if (row !== undefined) return row;
    const { revision, sub } = rowPosition(at);
    throw new Error(
      `the storage has lost the row of revision ${revision}.${sub}, which is in the index: restore this node's data`,
    );
  }
}

/** Few enough that the attempt costs little beside visiting every key, where it fails. */
const ROWS_FOR_A_KEY = 1 / 32;

/** What a key-value pair is when its value was not asked for. */
export function withoutValue(key: string, version: Version): KeyValue {
  return {
    key: fromByteString(key),
    value: NO_BYTES,
    createRevision: version.createRevision,
    modRevision: version.modRevision,
    version: version.version,
    lease: version.lease,
  };
}

const NO_REVISION = 0 as Revision;
const NO_BYTES: Uint8Array = new Uint8Array(0);
