import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Disk, DurableFile } from './disk.ts';
import { encodeSegmentHeader, SEGMENT_HEADER_BYTES, type SegmentHeader } from './wal-format.ts';

/** A segment of the log that is open for writing. */
export interface Segment {
  readonly header: SegmentHeader;
  readonly path: string;
  readonly file: DurableFile;
}

/** Zeros are written in pieces, so that preparing the next segment does not hold up the writes to this one. */
const PIECE_BYTES = 1024 * 1024;
const SUFFIX = '.wal';
const UNFINISHED = '.unfinished';

export function segmentName(number: number): string {
  return `${String(number).padStart(10, '0')}${SUFFIX}`;
}

/** Numbers of the segments in a directory, ascending. Segments whose creation a crash interrupted are removed. */
export async function findSegments(disk: Disk, directory: string): Promise<number[]> {
  const names = await disk.list(directory);
  for (const name of names) if (name.endsWith(UNFINISHED)) await disk.remove(join(directory, name));
  const numbers = names.filter((name) => name.endsWith(SUFFIX)).map((name) => Number.parseInt(name, 10));
  return numbers.sort((a, b) => a - b);
}

/** Makes a segment full of zeros, so that later writes change no metadata; under its name it is complete and durable. */
export async function createSegment(
  disk: Disk,
  directory: string,
  { number, bytes, owner }: Omit<SegmentHeader, 'salt'>,
): Promise<Segment> {
  const header: SegmentHeader = { number, bytes, owner, salt: randomBytes(4).readUInt32LE() };
  const path = join(directory, segmentName(number));
  const file = await disk.create(path + UNFINISHED);
  try {
    await file.write(encodeSegmentHeader(header), 0);
    await writeZeros(file, SEGMENT_HEADER_BYTES, bytes);
    await disk.rename(path + UNFINISHED, path);
    await disk.syncDirectory(directory);
  } catch (error) {
    await file.close();
    throw error;
  }
  return { header, path, file };
}

export async function writeZeros(file: DurableFile, from: number, to: number): Promise<void> {
  const zeros = Buffer.alloc(Math.max(0, Math.min(PIECE_BYTES, to - from)));
  for (let at = from; at < to; at += zeros.length) await file.write(zeros.subarray(0, to - at), at);
}
