import type { KeyValue, LeaseId, Revision } from './api.ts';
import { ByteReader, ByteWriter, blobBytes, countBytes, INT64_BYTES } from './byte-layout.ts';
import type { Version } from './key-history.ts';

/**
 * Every version of every key is one row of the storage, under the revision that wrote it and its place within that
 * transaction. So rows lie in the order of their writing, appending is cheap, and keys are short however long the
 * user's are.
 */
export const ROWS = 'k';

/** 13 bytes: the prefix, eight of revision, four of place within the transaction. Sorts by both. */
export function rowKey(revision: number, sub: number): string {
  const high = Math.floor(revision / 0x1_0000_0000);
  return String.fromCharCode(
    107,
    high >>> 24,
    (high >>> 16) & 0xff,
    (high >>> 8) & 0xff,
    high & 0xff,
    (revision >>> 24) & 0xff,
    (revision >>> 16) & 0xff,
    (revision >>> 8) & 0xff,
    revision & 0xff,
    sub >>> 24,
    (sub >>> 16) & 0xff,
    (sub >>> 8) & 0xff,
    sub & 0xff,
  );
}

export const ROW_KEY_BYTES = 13;

/** The revision and place that a row's key says. */
export function rowPosition(key: string): { readonly revision: Revision; readonly sub: number } {
  let revision = 0;
  for (let at = 1; at < 9; at += 1) revision = revision * 0x100 + key.charCodeAt(at);
  let sub = 0;
  for (let at = 9; at < 13; at += 1) sub = sub * 0x100 + key.charCodeAt(at);
  return { revision: revision as Revision, sub };
}

/** The key of the first row there could be after this one. */
export function rowAfter(key: string): string {
  const { revision, sub } = rowPosition(key);
  return rowKey(revision, sub + 1);
}

/** The version that a row is, and its key and value, as views of the row's bytes. A deletion's version is 0. */
export interface Row {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  readonly createRevision: Revision;
  readonly version: number;
  readonly lease: LeaseId;
}

export function encodeRow(key: Uint8Array, value: Uint8Array, of: Version): Uint8Array {
  const { createRevision, version, lease } = of;
  const length = blobBytes(key) + countBytes(createRevision) + countBytes(version) + value.length;
  const writer = new ByteWriter(1 + length + (lease === 0n ? 0 : INT64_BYTES));
  writer.byte(lease === 0n ? PLAIN : LEASED);
  writer.blob(key);
  writer.count(createRevision);
  writer.count(version);
  if (lease !== 0n) writer.int64(lease);
  writer.raw(value);
  return writer.bytes;
}

export function decodeRow(bytes: Uint8Array): Row {
  const reader = new ByteReader(bytes);
  const layout = reader.byte();
  const key = reader.blob();
  const createRevision = reader.count() as Revision;
  const version = reader.count();
  const lease = layout === LEASED ? reader.int64() : 0n;
  return { key, createRevision, version, lease, value: reader.rest() };
}

export function decodeKeyValue(bytes: Uint8Array, modRevision: Revision): KeyValue {
  const { key, value, createRevision, version, lease } = decodeRow(bytes);
  return { key, value, createRevision, modRevision, version, lease };
}

const PLAIN = 0;
const LEASED = 1;
