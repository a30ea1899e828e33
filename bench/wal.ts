/**
 * The write-ahead log against the disk: records made durable per second with so many in flight, and what the same
 * bytes cost as bare writes to a preallocated file with one fdatasync each. Both in turns in one run, as the disk's
 * mood changes; ratios hold better than absolutes.
 *
 *     node bench/wal.ts [directory]
 */
import { closeSync, fdatasync, fsyncSync, mkdtempSync, openSync, rmSync, write, writeSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { crc32c } from '../src/host/crc32c.ts';
import { Wal } from '../src/host/wal.ts';

const RECORD_BYTES = 300;
const ROUNDS = 5;
const FILE_BYTES = 64 * 1024 * 1024;
const DURATION_MS = 1000;
/** So often the records are superseded, and the log's files can be used again. */
const CHECKPOINT_BYTES = 8 * 1024 * 1024;

interface Measure {
  readonly recordsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const directory = mkdtempSync(join(process.argv[2] ?? '.', 'bench-wal-'));
try {
  console.log(
    `${RECORD_BYTES} bytes a record, medians of ${ROUNDS} rounds in turns; latency in ms from append to durable\n`,
  );
  console.log('in flight   disk rec/s    p50    p99     log rec/s    p50    p99    log/disk');
  for (const inFlight of [1, 64, 1024]) await compare(inFlight);
  console.log('\nchecksums, MB/s     300 B   20 KB');
  console.log(`crc32c (ours)      ${rate(crc32c, 300)}   ${rate(crc32c, 20_000)}`);
  console.log(`crc32 (zlib)       ${rate(crc32, 300)}   ${rate(crc32, 20_000)}`);
} finally {
  rmSync(directory, { recursive: true });
}

async function compare(inFlight: number): Promise<void> {
  const disk: Measure[] = [];
  const log: Measure[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    disk.push(await measureDisk(inFlight));
    log.push(await measureLog(inFlight));
  }
  const one = median(disk);
  const other = median(log);
  const ratio = (other.recordsPerSecond / one.recordsPerSecond).toFixed(2);
  console.log(`${pad(inFlight, 9)} ${show(one)} ${show(other)} ${ratio.padStart(10)}`);
}

/** One write of all records in flight, one fdatasync, over and over. */
async function measureDisk(inFlight: number): Promise<Measure> {
  const path = join(directory, 'disk');
  const file = openSync(path, 'w');
  const zeros = Buffer.alloc(1024 * 1024);
  for (let at = 0; at < FILE_BYTES; at += zeros.length) writeSync(file, zeros);
  fsyncSync(file);
  const bytes = Buffer.alloc(inFlight * RECORD_BYTES, 7);
  const latencies: number[] = [];
  const begin = performance.now();
  for (let at = 0; performance.now() - begin < DURATION_MS && at + bytes.length <= FILE_BYTES; at += bytes.length) {
    const start = performance.now();
    await new Promise<void>((resolve, reject) => {
      write(file, bytes, 0, bytes.length, at, (failed) => {
        if (failed !== null) reject(failed);
        else fdatasync(file, (error) => (error === null ? resolve() : reject(error)));
      });
    });
    latencies.push(performance.now() - start);
  }
  const seconds = (performance.now() - begin) / 1000;
  closeSync(file);
  rmSync(path);
  return summary(latencies, (latencies.length * inFlight) / seconds);
}

/** So many clients, each of which appends its next record when its last one is durable. */
async function measureLog(inFlight: number): Promise<Measure> {
  const record = new Uint8Array(RECORD_BYTES).fill(7);
  const waiting: { position: number; start: number }[] = [];
  const latencies: number[] = [];
  const finished = Promise.withResolvers<void>();
  let begin = 0;
  let next = 0;
  let sinceCheckpoint = 0;
  const { wal } = await Wal.open({
    directory: join(directory, 'log'),
    owner: 'bench',
    segmentBytes: 4 * 1024 * 1024, // so that they are soon all there: the bare file is filled before it is measured, too
    onDurable: (position) => {
      const now = performance.now();
      let durable = 0;
      for (; next < waiting.length && (waiting[next]?.position ?? 0) <= position; next += 1) {
        latencies.push(now - (waiting[next]?.start ?? 0));
        durable += 1;
      }
      if (sinceCheckpoint > CHECKPOINT_BYTES) {
        sinceCheckpoint = 0;
        waiting.push({ position: wal.checkpoint('bench', []), start: now });
      }
      if (now - begin > DURATION_MS) finished.resolve();
      else for (let index = 0; index < durable; index += 1) append();
    },
    onFailed: (error) => finished.reject(error),
  });
  const append = (): void => {
    sinceCheckpoint += RECORD_BYTES;
    waiting.push({ position: wal.append('bench', record), start: performance.now() });
  };
  begin = performance.now();
  for (let index = 0; index < inFlight; index += 1) append();
  await finished.promise;
  const seconds = (performance.now() - begin) / 1000;
  await wal.close();
  rmSync(join(directory, 'log'), { recursive: true });
  return summary(latencies, latencies.length / seconds);
}

function summary(latencies: number[], recordsPerSecond: number): Measure {
  latencies.sort((a, b) => a - b);
  const at = (share: number): number => latencies[Math.floor(latencies.length * share)] ?? Number.NaN;
  return { recordsPerSecond, p50Ms: at(0.5), p99Ms: at(0.99) };
}

function median(measures: readonly Measure[]): Measure {
  const middle = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
  return {
    recordsPerSecond: middle(measures.map(({ recordsPerSecond }) => recordsPerSecond)),
    p50Ms: middle(measures.map(({ p50Ms }) => p50Ms)),
    p99Ms: middle(measures.map(({ p99Ms }) => p99Ms)),
  };
}

function rate(checksum: (bytes: Uint8Array) => number, bytes: number): string {
  const input = Uint8Array.from({ length: bytes }, (_, index) => index * 31);
  const times = Math.ceil(50_000_000 / bytes);
  let best = 0;
  let sum = 0;
  for (let round = 0; round < 4; round += 1) {
    const begin = performance.now();
    for (let index = 0; index < times; index += 1) sum ^= checksum(input);
    best = Math.max(best, (times * bytes) / 1000 / (performance.now() - begin));
  }
  return sum === 0.5 ? '' : pad(Math.round(best), 6);
}

function show({ recordsPerSecond, p50Ms, p99Ms }: Measure): string {
  return `${pad(Math.round(recordsPerSecond), 12)} ${p50Ms.toFixed(2).padStart(6)} ${p99Ms.toFixed(2).padStart(6)}`;
}

function pad(value: number, width: number): string {
  return String(value).padStart(width);
}
