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

/** Numbers of the segments in a directory, ascending. Files that a crash left outside of the log are removed. */
export async function findSegments(disk: Disk, directory: string): Promise<number[]> {
  const names = await disk.list(directory);
  for (const name of names) if (name.endsWith(UNFINISHED)) await disk.remove(join(directory, name));
  const numbers = names.filter((name) => name.endsWith(SUFFIX)).map((name) => Number.parseInt(name, 10));
  return numbers.sort((a, b) => a - b);
}

/**
 * Makes a segment whose whole length is written, so that later writes change no metadata; under its name it is
 * complete and durable. `recycled` is the path of a file as long as that, from `retireSegment`.
 */
export async function createSegment(
  disk: Disk,
  directory: string,
  { number, bytes, owner, recycled = null }: Omit<SegmentHeader, 'salt'> & { readonly recycled?: string | null },
): Promise<Segment> {
  const header: SegmentHeader = { number, bytes, owner, salt: randomBytes(4).readUInt32LE() };
  const path = join(directory, segmentName(number));
  const unfinished = recycled ?? path + UNFINISHED;
  const file = recycled === null ? await disk.create(unfinished) : await disk.open(recycled);
  try {
    await file.write(encodeSegmentHeader(header), 0);
    if (recycled === null) await writeZeros(file, SEGMENT_HEADER_BYTES, bytes);
    await disk.rename(unfinished, path);
    await disk.syncDirectory(directory);
  } catch (error) {
    await file.close();
    throw error;
  }
  return { header, path, file };
}

/** Takes a segment out of the log, and returns the path under which its file waits to be used again or removed. */
export async function retireSegment(disk: Disk, directory: string, number: number): Promise<string> {
  const path = join(directory, segmentName(number));
  await disk.rename(path, path + UNFINISHED);
  await disk.syncDirectory(directory);
  return path + UNFINISHED;
}

async function writeZeros(file: DurableFile, from: number, to: number): Promise<void> {
  const zeros = Buffer.alloc(Math.max(0, Math.min(PIECE_BYTES, to - from)));
  for (let at = from; at < to; at += zeros.length) await file.write(zeros.subarray(0, to - at), at);
}
