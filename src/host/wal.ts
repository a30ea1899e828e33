import { join } from 'node:path';
import { crc32c } from './crc32c.ts';
import { type Disk, localDisk } from './disk.ts';
import { createSegment, retireSegment, type Segment, segmentName } from './segment.ts';
import { WalCorruptError, WalMissingError, WalWriteError } from './wal-errors.ts';
import {
  BATCH_HEAD_BYTES,
  type BatchKind,
  encodeBatchHead,
  encodeRecord,
  joinBytes,
  recordBytes,
  SEGMENT_HEADER_BYTES,
  type SegmentHeader,
  type WalRecord,
} from './wal-format.ts';
import { type Recovered, recover } from './wal-recovery.ts';

export interface WalOptions {
  readonly directory: string;
  /** Cluster and node: a log of another one is refused. */
  readonly owner: string;
  /** There was a log here: it is refused if there is none any more. */
  readonly mustExist?: boolean;
  /** All records up to this position are on the disk. */
  readonly onDurable: (position: number) => void;
  /** Nothing more will become durable. */
  readonly onFailed: (error: WalWriteError) => void;
  readonly segmentBytes?: number;
  readonly disk?: Disk;
}

const SEGMENT_BYTES_DEFAULT = 64 * 1024 * 1024;
/** The first segment is small, as a young store should not wait for 64 MiB of zeros; each next one is twice as long. */
const FIRST_SEGMENT_BYTES = 4 * 1024 * 1024;
const BUFFER_BYTES = 1024 * 1024;
const BATCH_BYTES_MAX = 8 * 1024 * 1024;
const IDLE_BEFORE_MARK_MS = 100;
/** Records of a process with no more than this are copied ahead, so that they don't keep an old segment alive. */
const CARRIED_BYTES_MAX = 64 * 1024;
const CARRIED_SHARE_MAX = 1 / 16; // of a segment

/** What the log knows of a process's records that are in force. */
interface Live {
  firstSegment: number;
  ordinal: number;
  bytes: number;
  /** All of them, as long as they are few. */
  carried: Uint8Array[] | null;
}

/**
 * The write-ahead log of a node, shared by its processes. One write is under way at a time; all that is appended
 * meanwhile goes with the next (group commit). See wal-format.ts for the bytes and how damage is told from a crash.
 */
export class Wal {
  readonly #options: WalOptions;
  readonly #disk: Disk;
  readonly #owner: number;
  readonly #carriedBytesMax: number;
  readonly #live = new Map<string, Live>();
  #segment: Segment;
  #next: Promise<Segment> | null = null; // prepared ahead of need
  #firstSegment: number;
  #at: number;
  #sequence: number;
  #pending: WalRecord[] = [];
  #appended = 0; // positions: how many records were appended, and how many of them are durable
  #durable = 0;
  readonly #buffer: Buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES); // for all but the largest batches
  #running: Promise<void> | null = null;
  #recyclable: string | null = null; // the file of a superseded segment, to become a new one without writing zeros
  #marked = 0; // the sequence of the last mark
  #removing: Promise<void> = Promise.resolve();
  #idleTimer: NodeJS.Timeout | null = null;
  #state: 'open' | 'closing' | 'failed' = 'open';

  /**
   * Opens the log in a directory, or begins one. `records` are each process's records in force, in order.
   * @throws WalCorruptError  @throws WalMissingError  @throws WalWriteError
   */
  static async open(options: WalOptions): Promise<{ wal: Wal; records: ReadonlyMap<string, readonly Uint8Array[]> }> {
    const disk = options.disk ?? localDisk;
    const owner = crc32c(Buffer.from(options.owner));
    try {
      await disk.makeDirectory(options.directory);
      const recovered = await recover(disk, options.directory, owner);
      if (options.mustExist && recovered.tail === null) throw new WalMissingError(options.directory);
      const segment = await openTail(options, disk, owner, recovered);
      const next = recovered.spare === null ? null : await openSegment(options, disk, recovered.spare);
      const wal = new Wal(options, { disk, owner, recovered, segment, next });
      return { wal, records: new Map([...recovered.live].map(([process, { records }]) => [process, records])) };
    } catch (error) {
      if (error instanceof WalCorruptError || error instanceof WalMissingError) throw error;
      throw new WalWriteError(`open the write-ahead log in "${options.directory}"`, error);
    }
  }

  private constructor(
    options: WalOptions,
    start: { disk: Disk; owner: number; recovered: Recovered; segment: Segment; next: Segment | null },
  ) {
    const { tail, nextSequence, segments, live } = start.recovered;
    this.#options = options;
    this.#disk = start.disk;
    this.#owner = start.owner;
    const segmentBytesMax = options.segmentBytes ?? SEGMENT_BYTES_DEFAULT;
    this.#carriedBytesMax = Math.min(CARRIED_BYTES_MAX, segmentBytesMax * CARRIED_SHARE_MAX);
    this.#segment = start.segment;
    this.#at = tail?.at ?? SEGMENT_HEADER_BYTES;
    this.#sequence = nextSequence;
    this.#firstSegment = segments[0] ?? start.segment.header.number;
    for (const [process, { firstSegment, ordinal, records }] of live) {
      const bytes = records.reduce((sum, record) => sum + record.length, 0);
      const carried = bytes <= this.#carriedBytesMax ? records.map((record) => record.slice()) : null;
      this.#live.set(process, { firstSegment, ordinal, bytes, carried });
    }
    if (start.next !== null) this.#next = Promise.resolve(start.next);
  }

  /** Appends a record and returns its position. */
  append(process: string, bytes: Uint8Array): number {
    this.#assertOpen();
    const live = this.#liveOf(process);
    live.ordinal += 1;
    live.bytes += bytes.length;
    if (live.bytes > this.#carriedBytesMax) live.carried = null;
    live.carried?.push(bytes.slice());
    return this.#push({ kind: 'persist', process, ordinal: live.ordinal, bytes });
  }

  /** Replaces all of a process's records, and returns the position at which that is durable. */
  checkpoint(process: string, records: readonly Uint8Array[]): number {
    this.#assertOpen();
    return this.#pushCheckpoint(process, records);
  }

  /** Writes what is pending and a mark that all of it was written. */
  async close(): Promise<void> {
    if (this.#idleTimer !== null) clearTimeout(this.#idleTimer);
    if (this.#state === 'open') this.#state = 'closing';
    while (this.#running !== null) await this.#running;
    await this.#mark();
    await this.#removing;
    await this.#segment.file.close();
    const next = await this.#next?.catch(() => null);
    await next?.file.close();
    if (this.#recyclable !== null) await this.#disk.remove(this.#recyclable);
  }

  #assertOpen(): void {
    if (this.#state === 'closing') throw new Error('the write-ahead log is closed');
  }

  #pushCheckpoint(process: string, records: readonly Uint8Array[]): number {
    const live = this.#liveOf(process);
    live.ordinal = 0;
    live.bytes = records.reduce((sum, record) => sum + record.length, 0);
    live.carried = live.bytes <= this.#carriedBytesMax ? [...records] : null;
    return this.#push({ kind: 'checkpoint', process, ordinal: 0, bytes: joinBytes(records) });
  }

  #liveOf(process: string): Live {
    let live = this.#live.get(process);
    if (live === undefined) {
      live = { firstSegment: Number.POSITIVE_INFINITY, ordinal: 0, bytes: 0, carried: [] };
      this.#live.set(process, live);
    }
    return live;
  }

  #push(record: WalRecord): number {
    this.#pending.push(record);
    this.#appended += 1;
    if (this.#running === null && this.#state !== 'failed') {
      // Not at once: what else is appended before the caller yields goes with it.
      this.#running = Promise.resolve().then(() => this.#run(() => this.#writePending()));
    }
    return this.#appended;
  }

  async #run(write: () => Promise<void>): Promise<void> {
    try {
      await write();
      while (this.#pending.length > 0) await this.#writePending(); // appended since, while nobody looked
      if (this.#state === 'open') this.#scheduleMark();
    } catch (error) {
      this.#state = 'failed';
      const { path } = this.#segment;
      this.#options.onFailed(error instanceof WalWriteError ? error : new WalWriteError(`write to "${path}"`, error));
    } finally {
      this.#running = null;
    }
  }

  async #writePending(): Promise<void> {
    while (this.#pending.length > 0) {
      const { batch, bytes } = this.#takeBatch();
      if (!this.#hasRoomFor(bytes)) await this.#rotate(bytes);
      await this.#writeBatch('records', batch, bytes);
      this.#at += BATCH_HEAD_BYTES + bytes;
      this.#sequence += 1;
      this.#durable += batch.length;
      this.#options.onDurable(this.#durable);
      if (this.#next === null && this.#at > this.#segment.header.bytes / 2) this.#prepareNext();
      if (batch.some(({ kind }) => kind === 'checkpoint')) this.#removeSuperseded();
    }
  }

  /** As many pending records as one write may have; at least one. */
  #takeBatch(): { batch: WalRecord[]; bytes: number } {
    const limit = Math.min(BATCH_BYTES_MAX, this.#segmentBytes(this.#segment.header.number + 1) - OVERHEAD_BYTES);
    let bytes = 0;
    let count = 0;
    for (const record of this.#pending) {
      const more = recordBytes(record.process, record.bytes.length);
      if (count > 0 && bytes + more > limit) break;
      bytes += more;
      count += 1;
    }
    const batch = count === this.#pending.length ? this.#pending : this.#pending.slice(0, count);
    this.#pending = count === this.#pending.length ? [] : this.#pending.slice(count);
    return { batch, bytes };
  }

  async #writeBatch(kind: BatchKind, batch: readonly WalRecord[], bytes: number): Promise<void> {
    const { header, file } = this.#segment;
    const length = BATCH_HEAD_BYTES + bytes;
    const buffer = length <= this.#buffer.length ? this.#buffer : Buffer.allocUnsafeSlow(length);
    encodeBatchHead(buffer, { kind, sequence: this.#sequence, bytes, records: batch.length }, header.salt);
    let at = BATCH_HEAD_BYTES;
    for (const record of batch) {
      at = encodeRecord(buffer, at, record);
      this.#place(record, header.number);
    }
    await file.write(buffer.subarray(0, at), this.#at);
  }

  /** Notes in which segment a process's first record in force is. */
  #place({ process, kind }: WalRecord, segment: number): void {
    const live = this.#liveOf(process);
    if (kind === 'checkpoint' || segment < live.firstSegment) live.firstSegment = segment;
  }

  /** Every segment keeps room for its seal. */
  #hasRoomFor(bytes: number): boolean {
    return this.#at + 2 * BATCH_HEAD_BYTES + bytes <= this.#segment.header.bytes;
  }

  /** Seals this segment and goes on in the next, which is as long as the batch needs. */
  async #rotate(bytes: number): Promise<void> {
    let next = await (this.#next ?? this.#create(this.#segment.header.number + 1, 0));
    this.#next = null;
    if (OVERHEAD_BYTES + bytes > next.header.bytes) {
      await next.file.close();
      next = await this.#create(next.header.number, OVERHEAD_BYTES + bytes);
    }
    await this.#writeBatch('seal', [], 0);
    await this.#segment.file.close();
    this.#segment = next;
    this.#at = SEGMENT_HEADER_BYTES;
    this.#carryAhead();
  }

  #prepareNext(): void {
    const next = this.#create(this.#segment.header.number + 1, 0);
    next.catch(() => undefined); // an error matters, and is reported, when the segment is needed
    this.#next = next;
  }

  async #create(number: number, bytesMin: number): Promise<Segment> {
    const { directory } = this.#options;
    const bytes = Math.max(bytesMin, this.#segmentBytes(number));
    const recycled = bytes === this.#segmentBytes(Number.POSITIVE_INFINITY) ? this.#recyclable : null;
    if (recycled !== null) this.#recyclable = null;
    try {
      return await createSegment(this.#disk, directory, { number, bytes, owner: this.#owner, recycled });
    } catch (error) {
      throw new WalWriteError(`create the log segment "${join(directory, segmentName(number))}"`, error);
    }
  }

  #segmentBytes(number: number): number {
    return segmentBytes(this.#options, number);
  }

  /** Copies what little is in force of quiet processes to this segment, so that older ones can go. */
  #carryAhead(): void {
    for (const [process, live] of this.#live) {
      if (live.carried !== null && live.firstSegment < this.#segment.header.number) {
        this.#pushCheckpoint(process, live.carried);
      }
    }
  }

  /** Removes the oldest segments, up to the first with a record in force; in order, so that no gap is ever left. */
  #removeSuperseded(): void {
    let lowWater = this.#segment.header.number;
    for (const { firstSegment } of this.#live.values()) lowWater = Math.min(lowWater, firstSegment);
    if (lowWater <= this.#firstSegment) return;
    // A failure wastes space until the next attempt, which begins where this one failed.
    this.#removing = this.#removing.then(() => this.#removeBelow(lowWater)).catch(() => undefined);
  }

  async #removeBelow(lowWater: number): Promise<void> {
    const bytes = this.#segmentBytes(Number.POSITIVE_INFINITY);
    while (this.#firstSegment < lowWater) {
      const path = await retireSegment(this.#disk, this.#options.directory, this.#firstSegment);
      this.#firstSegment += 1;
      const isOfUse = this.#recyclable === null && (await this.#disk.lengthOf(path)) === bytes;
      if (isOfUse) this.#recyclable = path;
      else await this.#disk.remove(path);
    }
  }

  #scheduleMark(): void {
    if (this.#idleTimer !== null) {
      this.#idleTimer.refresh();
      return;
    }
    this.#idleTimer = setTimeout(() => this.#mark(), IDLE_BEFORE_MARK_MS);
    this.#idleTimer.unref();
  }

  /** Leaves the sign that the last batch was durable; the next batch overwrites it. */
  async #mark(): Promise<void> {
    if (this.#state === 'failed' || this.#running !== null || this.#marked === this.#sequence) return;
    this.#running = this.#run(async () => {
      await this.#writeBatch('mark', [], 0);
      this.#marked = this.#sequence;
      await this.#writePending();
    });
    await this.#running;
  }
}

const OVERHEAD_BYTES = SEGMENT_HEADER_BYTES + 2 * BATCH_HEAD_BYTES;

function segmentBytes({ segmentBytes: bytesMax = SEGMENT_BYTES_DEFAULT }: WalOptions, number: number): number {
  return Math.min(bytesMax, FIRST_SEGMENT_BYTES * 2 ** (number - 1));
}

async function openTail(options: WalOptions, disk: Disk, owner: number, { tail }: Recovered): Promise<Segment> {
  const { directory } = options;
  if (tail === null) return createSegment(disk, directory, { number: 1, bytes: segmentBytes(options, 1), owner });
  return openSegment(options, disk, tail.segment);
}

async function openSegment({ directory }: WalOptions, disk: Disk, header: SegmentHeader): Promise<Segment> {
  const path = join(directory, segmentName(header.number));
  return { header, path, file: await disk.open(path) };
}
