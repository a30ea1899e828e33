/**
 * The bytes of the write-ahead log.
 *
 *     segment  = header, zeros up to 4,096, batch*, zeros or anything
 *     batch    = head (kind, sequence, length, number of records, checksum), record*      one write to the disk
 *     record   = length, CRC-32C, (kind, ordinal, process, bytes)
 *
 * **Why a reader can tell damage from a torn tail.** A batch is written only when the one before it is on the disk.
 * So a batch that can't be read was never acknowledged *unless* the log shows any sign of a later one: a valid head
 * with a higher sequence anywhere behind it. With such a sign it is damage and refused; without, it is the write that
 * a crash tore, and is cut. To leave that sign behind the last batch too, the log writes a *mark* when it falls idle
 * and when it is closed: a head without records, with the sequence of the next batch, which overwrites it. (Were a
 * mark to take a place and a sequence of its own, losing it in a power failure would look like damage.) What remains
 * undecidable is damage to the very last batch in the moment before its mark is written.
 *
 * What a torn write leaves behind the cut needs no clearing: it holds no valid head but perhaps its own, which is the
 * first thing that the next write replaces. For the same reason the file of a superseded segment can become a new one
 * as it is, with a new salt.
 *
 * A segment that is full ends in a *seal*, durable before anything is written to the next one: so a missing last
 * segment is noticed. Each head's checksum is seeded with the segment's random salt, so that bytes that a client
 * stored, a copy of a log perhaps, are never taken for one. Ordinals number a process's records since its last
 * checkpoint, so a missing first segment is noticed as well.
 */
import { crc32c } from './crc32c.ts';

export const SEGMENT_HEADER_BYTES = 4096; // a page of its own: never written again, so never torn
export const BATCH_HEAD_BYTES = 28;
export const RECORD_HEAD_BYTES = 8;

const SEGMENT_MAGIC = 0x4c415754; // 'TWAL', little-endian
const BATCH_MAGIC = 0xc07e41eb;
const FORMAT_VERSION = 1;
const HEADER_CONTENT_BYTES = 32;
const RECORD_FIXED_BYTES = 6; // kind, length of the process's name, ordinal

export type BatchKind = 'records' | 'mark' | 'seal';
const BATCH_KINDS: readonly BatchKind[] = ['records', 'mark', 'seal'];

export interface SegmentHeader {
  readonly number: number;
  /** The preallocated length of the file. */
  readonly bytes: number;
  readonly salt: number;
  /** A checksum of cluster and node. */
  readonly owner: number;
}

export interface BatchHead {
  readonly kind: BatchKind;
  readonly sequence: number;
  /** Of all records together. */
  readonly bytes: number;
  readonly records: number;
}

export interface WalRecord {
  readonly kind: 'persist' | 'checkpoint';
  readonly process: string;
  /** 0 for a checkpoint; then 1, 2, … since the last checkpoint, or since the process's first record. */
  readonly ordinal: number;
  readonly bytes: Uint8Array;
}

export function encodeSegmentHeader(header: SegmentHeader): Buffer {
  const page = Buffer.alloc(SEGMENT_HEADER_BYTES);
  page.writeUInt32LE(SEGMENT_MAGIC, 0);
  page.writeUInt32LE(FORMAT_VERSION, 4);
  page.writeUInt32LE(header.number, 8);
  page.writeUIntLE(header.bytes, 12, 6);
  page.writeUInt32LE(header.salt, 20);
  page.writeUInt32LE(header.owner, 24);
  page.writeUInt32LE(crc32c(page, 0, 0, HEADER_CONTENT_BYTES), HEADER_CONTENT_BYTES);
  return page;
}

/** A string says what is wrong with the bytes. */
export function decodeSegmentHeader(page: Buffer): SegmentHeader | string {
  if (page.length < SEGMENT_HEADER_BYTES) return `the file has ${page.length} bytes, too few for a segment's header`;
  if (page.readUInt32LE(0) !== SEGMENT_MAGIC) return `the segment's magic number is ${hex(page.readUInt32LE(0))}`;
  const expected = page.readUInt32LE(HEADER_CONTENT_BYTES);
  const found = crc32c(page, 0, 0, HEADER_CONTENT_BYTES);
  if (found !== expected) return `the segment header's checksum is ${hex(found)}, expected ${hex(expected)}`;
  const version = page.readUInt32LE(4);
  if (version !== FORMAT_VERSION) return `the log has format ${version}, this program reads format ${FORMAT_VERSION}`;
  return {
    number: page.readUInt32LE(8),
    bytes: page.readUIntLE(12, 6),
    salt: page.readUInt32LE(20),
    owner: page.readUInt32LE(24),
  };
}

export function encodeBatchHead(target: Buffer, head: BatchHead, salt: number): void {
  target.writeUInt32LE(BATCH_MAGIC, 0);
  target.writeUInt32LE(BATCH_KINDS.indexOf(head.kind), 4);
  target.writeUIntLE(head.sequence, 8, 6);
  target.writeUInt16LE(0, 14);
  target.writeUInt32LE(head.bytes, 16);
  target.writeUInt32LE(head.records, 20);
  target.writeUInt32LE(crc32c(target, salt, 0, BATCH_HEAD_BYTES - 4), BATCH_HEAD_BYTES - 4);
}

/** A string says what is wrong with the bytes. */
export function decodeBatchHead(segment: Buffer, at: number, salt: number): BatchHead | string {
  if (at + BATCH_HEAD_BYTES > segment.length) return 'the segment ends where a batch should begin';
  const expected = segment.readUInt32LE(at + BATCH_HEAD_BYTES - 4);
  const found = crc32c(segment, salt, at, at + BATCH_HEAD_BYTES - 4);
  if (segment.readUInt32LE(at) !== BATCH_MAGIC) return `no batch begins here: found ${hex(segment.readUInt32LE(at))}`;
  if (found !== expected) return `the batch head's checksum is ${hex(found)}, expected ${hex(expected)}`;
  const kind = BATCH_KINDS[segment.readUInt32LE(at + 4)];
  if (kind === undefined) return `the batch is of unknown kind ${segment.readUInt32LE(at + 4)}`;
  const sequence = segment.readUIntLE(at + 8, 6);
  return { kind, sequence, bytes: segment.readUInt32LE(at + 16), records: segment.readUInt32LE(at + 20) };
}

/** Where the next thing that may be a batch's head begins, or -1. */
export function nextBatchMagic(segment: Buffer, from: number): number {
  const magic = Buffer.alloc(4);
  magic.writeUInt32LE(BATCH_MAGIC);
  return segment.indexOf(magic, from);
}

export function recordBytes(process: string, bytes: number): number {
  return RECORD_HEAD_BYTES + RECORD_FIXED_BYTES + Buffer.byteLength(process) + bytes;
}

/** Writes a record and returns where it ends. */
export function encodeRecord(target: Buffer, at: number, record: WalRecord): number {
  const content = at + RECORD_HEAD_BYTES;
  const name = target.write(record.process, content + RECORD_FIXED_BYTES);
  target[content] = record.kind === 'checkpoint' ? 1 : 0;
  target[content + 1] = name;
  target.writeUInt32LE(record.ordinal, content + 2);
  target.set(record.bytes, content + RECORD_FIXED_BYTES + name);
  const end = content + RECORD_FIXED_BYTES + name + record.bytes.length;
  target.writeUInt32LE(end - content, at);
  target.writeUInt32LE(recordChecksum(target, at, end), at + 4);
  return end;
}

/** The record at a place, and where it ends; a string says what is wrong with the bytes. */
export function decodeRecord(segment: Buffer, at: number, limit: number): { record: WalRecord; end: number } | string {
  const content = at + RECORD_HEAD_BYTES;
  if (content + RECORD_FIXED_BYTES > limit) return 'the batch ends within a record';
  const end = content + segment.readUInt32LE(at);
  if (end > limit) return `the record is ${end - content} bytes long, its batch has only ${limit - content} left`;
  const expected = segment.readUInt32LE(at + 4);
  const found = recordChecksum(segment, at, end);
  if (found !== expected) return `the record's checksum is ${hex(found)}, expected ${hex(expected)}`;
  const nameAt = content + RECORD_FIXED_BYTES;
  const bytesAt = nameAt + (segment[content + 1] ?? 0);
  const record: WalRecord = {
    kind: segment[content] === 1 ? 'checkpoint' : 'persist',
    process: segment.toString('utf8', nameAt, bytesAt),
    ordinal: segment.readUInt32LE(content + 2),
    bytes: new Uint8Array(segment.buffer, segment.byteOffset + bytesAt, end - bytesAt),
  };
  return { record, end };
}

/** Covers the length as well, so that a record is never read with another one's length. */
function recordChecksum(bytes: Buffer, at: number, end: number): number {
  return crc32c(bytes, crc32c(bytes, 0, at, at + 4), at + RECORD_HEAD_BYTES, end);
}

/** Several byte strings as one, for a checkpoint's one record. */
export function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  const joined = Buffer.allocUnsafe(parts.reduce((sum, part) => sum + 4 + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.writeUInt32LE(part.length, at);
    joined.set(part, at + 4);
    at += 4 + part.length;
  }
  return joined;
}

export function splitBytes(joined: Uint8Array): Uint8Array[] {
  const view = new DataView(joined.buffer, joined.byteOffset, joined.length);
  const parts: Uint8Array[] = [];
  for (let at = 0; at < joined.length; ) {
    const end = at + 4 + view.getUint32(at, true);
    parts.push(joined.subarray(at + 4, end));
    at = end;
  }
  return parts;
}

function hex(word: number): string {
  return word.toString(16).padStart(8, '0');
}
