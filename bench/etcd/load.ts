import { execFile } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { kvService, PutRequest, RangeRequest } from '../../src/wire/etcdserverpb.ts';

/** Every put and get is of this one key, since h2load sends the same bytes each time. */
const KEY = Buffer.from('bench-01');
const VALUE = Buffer.alloc(256, 'coterie ');
/** A first run warms the system up and tells how many requests fill the time of the second, which counts. */
const WARM_UP_SHARE = 0.25;

/** What is asked, as often as it goes. */
export interface Workload {
  readonly name: 'put' | 'get';
  readonly path: string;
  /** A file with one request as gRPC frames it. */
  readonly bodyFile: string;
}

/** How many requests are under way at any time: on so many connections, so many each. */
export interface Concurrency {
  readonly inFlight: number;
  readonly connections: number;
}

export interface LoadResult {
  readonly requests: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Of response bodies; tells responses with a value from those without. */
  readonly bytesPerResponse: number;
}

/** Writes the request bodies and returns what can be asked. Gets are linearizable: neither system is told otherwise. */
export async function workloads(directory: string): Promise<Workload[]> {
  const workload = async (name: Workload['name'], path: string, message: Buffer): Promise<Workload> => {
    const bodyFile = join(directory, `${name}.bin`);
    const head = Buffer.alloc(5);
    head.writeUInt32BE(message.length, 1);
    await writeFile(bodyFile, Buffer.concat([head, message]));
    return { name, path, bodyFile };
  };
  return [
    await workload('put', kvService.put.path, PutRequest.encode(PutRequest.of({ key: KEY, value: VALUE }))),
    await workload('get', kvService.range.path, RangeRequest.encode(RangeRequest.of({ key: KEY }))),
  ];
}

/** Finds how many requests take about so long, and warms the system up with that. */
export async function calibrate(
  address: string,
  workload: Workload,
  concurrency: Concurrency,
  seconds: number,
): Promise<number> {
  const least = 4 * concurrency.inFlight + 100;
  const rough = await drive(address, workload, concurrency, least);
  const share = Math.max(least, Math.round(rough.perSecond * seconds * WARM_UP_SHARE));
  const closer = await drive(address, workload, concurrency, share);
  return Math.max(least, Math.round(closer.perSecond * seconds));
}

/**
 * Drives one member with h2load for so many requests. By number and not by time, because h2load 1.52 sometimes counts
 * nothing at all in its timed mode.
 */
export async function drive(
  address: string,
  { path, bodyFile }: Workload,
  { inFlight, connections }: Concurrency,
  requests: number,
): Promise<LoadResult> {
  const logFile = `${bodyFile}.log`;
  await rm(logFile, { force: true });
  const output = await h2load([
    ...['-n', `${requests}`, '-c', `${connections}`, '-m', `${inFlight / connections}`],
    ...['-d', bodyFile, `--log-file=${logFile}`],
    ...['-H', 'content-type: application/grpc', '-H', 'te: trailers', `http://${address}${path}`],
  ]);
  const [, perSecond = '0'] = /^finished in .*, ([\d.]+) req\/s/m.exec(output) ?? [];
  const [, succeeded = '0'] = /^requests: .* (\d+) succeeded/m.exec(output) ?? [];
  const [, dataBytes = '0'] = /\((\d+)\) data$/m.exec(output) ?? [];
  if (Number(succeeded) !== requests) throw new Error(`h2load met failures:\n${output}`);
  const latencies = await latenciesMs(logFile);
  return {
    requests,
    perSecond: Number(perSecond),
    p50Ms: quantile(latencies, 0.5),
    p99Ms: quantile(latencies, 0.99),
    bytesPerResponse: Number(dataBytes) / requests,
  };
}

/** Sorted. The log's columns: start, HTTP status, microseconds until the response's end. */
async function latenciesMs(logFile: string): Promise<Float64Array> {
  const rows = (await readFile(logFile, 'utf8')).trimEnd().split('\n');
  return Float64Array.from(rows, (row) => Number(row.split('\t')[2]) / 1_000).sort();
}

function quantile(sorted: Float64Array, q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}

function h2load(words: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile('h2load', words, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`h2load failed: ${stderr || error.message}`, { cause: error }));
    });
  });
}
