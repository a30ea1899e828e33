import { join } from 'node:path';
import type { Disk } from './disk.ts';
import { findSegments, segmentName } from './segment.ts';
import { type Damage, WalCorruptError } from './wal-errors.ts';
import {
  BATCH_HEAD_BYTES,
  type BatchHead,
  decodeBatchHead,
  decodeRecord,
  decodeSegmentHeader,
  nextBatchMagic,
  SEGMENT_HEADER_BYTES,
  type SegmentHeader,
  splitBytes,
  type WalRecord,
} from './wal-format.ts';

/** A process's records that are still in force, and the segment of the first. */
export interface LiveRecords {
  readonly firstSegment: number;
  /** Of the last record; 0 after a checkpoint. */
  readonly ordinal: number;
  readonly records: Uint8Array[];
}

export interface Tail {
  readonly segment: SegmentHeader;
  /** Where the next batch goes. */
  readonly at: number;
}

/** What a log holds, and where writing goes on. */
export interface Recovered {
  readonly live: Map<string, LiveRecords>;
  /** Null if there is no log yet. */
  readonly tail: Tail | null;
  /** An empty segment prepared behind it. */
  readonly spare: SegmentHeader | null;
  readonly nextSequence: number;
  readonly segments: readonly number[];
}

type End =
  | { readonly type: 'open' | 'sealed'; readonly at: number }
  | { readonly type: 'broken'; readonly at: number; readonly damage: Unreadable };

interface Unreadable {
  readonly at: number;
  readonly found: string;
}

interface Scanned {
  readonly path: string;
  readonly header: SegmentHeader;
  readonly bytes: Buffer;
  readonly end: End;
}

/**
 * Reads all segments in order. Cuts what a crash tore at the very end.
 * @throws WalCorruptError if anything is missing that was durable once
 */
export async function recover(disk: Disk, directory: string, owner: number): Promise<Recovered> {
  const recovery = new Recovery(owner);
  const segments = await findSegments(disk, directory);
  for (const number of segments) {
    const path = join(directory, segmentName(number));
    await disk.sync(path); // what is read may be in the system's cache only: written by a process that was killed, or failed
    recovery.add(path, number, await disk.read(path));
  }
  return { ...recovery.finish(), segments };
}

class Recovery {
  readonly #owner: number;
  readonly #live = new Map<string, { firstSegment: number; ordinal: number; records: Uint8Array[]; whole: boolean }>();
  #nextSequence: number | null = null;
  #last: Scanned | null = null; // the last segment with anything in it, or the only one
  #spare: Scanned | null = null; // an empty one prepared behind it

  constructor(owner: number) {
    this.#owner = owner;
  }

  add(path: string, number: number, bytes: Buffer): void {
    const header = this.#readHeader(path, number, bytes);
    const before = this.#spare ?? this.#last;
    if (before !== null && before.header.number + 1 !== number) {
      const found = `the next segment is number ${number}, expected ${before.header.number + 1}`;
      throw new WalCorruptError({ file: path, at: 0, found, proof: 'segments are numbered without gaps' });
    }
    const end = this.#readBatches(header, bytes);
    const scanned: Scanned = { path, header, bytes, end };
    const isEmpty = end.at === SEGMENT_HEADER_BYTES && !this.#hasLaterBatch(scanned);
    if (this.#last === null) this.#last = scanned;
    else if (isEmpty && this.#last.end.type !== 'sealed') this.#spare = scanned;
    else this.#goOn(scanned);
  }

  finish(): Omit<Recovered, 'segments'> {
    const last = this.#last;
    if (last === null) return { live: this.#live, tail: null, spare: null, nextSequence: 1 };
    if (last.end.type === 'sealed') {
      const file = last.path.replace(segmentName(last.header.number), segmentName(last.header.number + 1));
      throw new WalCorruptError({ file, at: 0, found: 'the segment is missing', proof: 'the one before it is sealed' });
    }
    if (this.#hasLaterBatch(last)) throw new WalCorruptError(damageOf(last, 'a later batch follows in this file'));
    this.#checkWhole(last.path);
    const spare = this.#spare?.header ?? null;
    return {
      live: this.#live,
      tail: { segment: last.header, at: last.end.at },
      spare,
      nextSequence: this.#nextSequence ?? 1,
    };
  }

  #readHeader(path: string, number: number, bytes: Buffer): SegmentHeader {
    const proof = 'a segment has its header before it gets its name';
    const header = decodeSegmentHeader(bytes);
    const fail = (found: string): never => {
      throw new WalCorruptError({ file: path, at: 0, found, proof });
    };
    if (typeof header === 'string') return fail(header);
    if (header.number !== number) return fail(`the header is that of segment ${header.number}`);
    if (header.owner !== this.#owner) return fail('the segment belongs to another node or another cluster');
    if (header.bytes !== bytes.length) return fail(`the file has ${bytes.length} bytes, expected ${header.bytes}`);
    return header;
  }

  /** A segment that was written to: then the one before it is complete. */
  #goOn(scanned: Scanned): void {
    const last = this.#last;
    if (last !== null && last.end.type !== 'sealed') {
      throw new WalCorruptError(damageOf(last, `"${scanned.path}" was begun, which needs a seal here first`));
    }
    this.#last = scanned;
  }

  #readBatches(header: SegmentHeader, bytes: Buffer): End {
    for (let at = SEGMENT_HEADER_BYTES; ; ) {
      const head = decodeBatchHead(bytes, at, header.salt);
      if (typeof head === 'string') return { type: 'broken', at, damage: { at, found: head } };
      this.#nextSequence ??= head.sequence;
      if (head.sequence !== this.#nextSequence) {
        const found = `batch ${head.sequence} is here, expected batch ${this.#nextSequence}`;
        return { type: 'broken', at, damage: { at, found } };
      }
      if (head.kind === 'mark') return { type: 'open', at };
      if (head.kind === 'seal') return { type: 'sealed', at };
      const records = readRecords(bytes, at, head);
      if (!Array.isArray(records)) return { type: 'broken', at, damage: records };
      for (const record of records) this.#apply(record, header.number);
      this.#nextSequence += 1;
      at += BATCH_HEAD_BYTES + head.bytes;
    }
  }

  #apply(record: WalRecord, segment: number): void {
    const { process, ordinal } = record;
    if (record.kind === 'checkpoint') {
      const records = splitBytes(record.bytes);
      this.#live.set(process, { firstSegment: segment, ordinal: 0, records, whole: true });
      return;
    }
    const live = this.#live.get(process);
    if (live === undefined) {
      this.#live.set(process, { firstSegment: segment, ordinal, records: [record.bytes], whole: ordinal === 1 });
      return;
    }
    live.whole = live.whole && ordinal === live.ordinal + 1;
    live.ordinal = ordinal;
    live.records.push(record.bytes);
  }

  /** Whether the log goes on behind the place where it can't be read: the sign that it could be read once. */
  #hasLaterBatch({ bytes, header, end }: Scanned): boolean {
    if (end.type === 'sealed') return false;
    const expected = this.#nextSequence ?? 1;
    for (let at = nextBatchMagic(bytes, end.at); at !== -1; at = nextBatchMagic(bytes, at + 1)) {
      const head = decodeBatchHead(bytes, at, header.salt);
      if (typeof head !== 'string' && head.sequence > expected) return true;
    }
    return false;
  }

  #checkWhole(file: string): void {
    for (const [process, live] of this.#live) {
      if (live.whole) continue;
      const found = `records of process "${process}" before its record ${live.ordinal} are missing`;
      throw new WalCorruptError({ file, at: 0, found, proof: 'records are numbered since the last checkpoint' });
    }
  }
}

function readRecords(bytes: Buffer, at: number, head: BatchHead): WalRecord[] | Unreadable {
  const records: WalRecord[] = [];
  const limit = at + BATCH_HEAD_BYTES + head.bytes;
  let next = at + BATCH_HEAD_BYTES;
  if (limit > bytes.length) return { at, found: 'the batch is longer than its segment' };
  for (let index = 0; index < head.records; index += 1) {
    const decoded = decodeRecord(bytes, next, limit);
    if (typeof decoded === 'string') return { at: next, found: decoded };
    records.push(decoded.record);
    next = decoded.end;
  }
  return next === limit ? records : { at: next, found: 'the batch is longer than its records' };
}

function damageOf({ path, end }: Scanned, proof: string): Damage {
  const { at, found } = end.type === 'broken' ? end.damage : { at: end.at, found: 'the log ends' };
  return { file: path, at, found, proof };
}
