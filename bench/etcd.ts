/**
 * Three members of Coterie against three of Debian's etcd, in one run on this machine: puts and linearizable gets of
 * one 8-byte key and a 256-byte value, driven at each leader by h2load through the same gRPC requests. The clusters
 * are loaded in turn, never both at once; the numbers are medians over the rounds.
 *
 *     node bench/etcd.ts [--rounds 3] [--seconds 2] [--quick] [--json]
 */
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Cluster, COTERIE, ETCD, etcdVersion } from './etcd/cluster.ts';
import { type Concurrency, calibrate, drive, type LoadResult, type Workload, workloads } from './etcd/load.ts';

const CONCURRENCIES: readonly Concurrency[] = [
  { inFlight: 1, connections: 1 },
  { inFlight: 16, connections: 1 },
  { inFlight: 256, connections: 4 },
];

/** One run of h2load against one cluster. */
interface Sample extends LoadResult {
  readonly system: string;
  readonly workload: string;
  readonly inFlight: number;
  /** Of all three members, per request, in microseconds. */
  readonly cpuMicros: number;
}

const { values: flags } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '2' },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (flags.help) {
  console.log('usage: npm run -s example bench/etcd.ts -- [--rounds 3] [--seconds 2] [--quick] [--json]');
  process.exit(0);
}
const rounds = flags.quick ? 1 : Number(flags.rounds);
const seconds = flags.quick ? 1 : Number(flags.seconds);

if (spawnSync('h2load', ['--version']).error !== undefined) {
  console.error('bench/etcd: h2load drives the load and is not installed: apt-get install nghttp2-client');
  process.exit(1);
}
const version = etcdVersion();
if (version === null) {
  console.error('bench/etcd: etcd is not installed (apt-get install etcd-server): measuring Coterie alone');
}

const directory = await mkdtemp(join(tmpdir(), 'coterie-bench-'));
const clusters: Cluster[] = [];
process.once('SIGINT', () => cleanUp().then(() => process.exit(130)));
try {
  for (const system of version === null ? [COTERIE] : [COTERIE, ETCD]) {
    console.error(`starting three members of ${system.name} ...`);
    clusters.push(await Cluster.start(system, directory));
  }
  const samples = await measure();
  if (flags.json) console.log(JSON.stringify({ etcd: version, rounds, seconds, samples }, null, 2));
  else print(samples);
} finally {
  await cleanUp();
}

async function cleanUp(): Promise<void> {
  await Promise.all(clusters.map((cluster) => cluster.stop()));
  await rm(directory, { recursive: true, force: true });
}

/** Puts come first, so that gets find the key. In every other round the clusters change places. */
async function measure(): Promise<Sample[]> {
  const samples: Sample[] = [];
  const asked = await workloads(directory);
  for (let round = 0; round < rounds; round += 1) {
    for (const workload of asked) {
      for (const concurrency of CONCURRENCIES) {
        for (const cluster of round % 2 === 0 ? clusters : clusters.toReversed()) {
          const sample = await measureOne(cluster, workload, concurrency);
          const { perSecond, p50Ms } = sample;
          const what = `${cluster.name} ${workload.name} ×${concurrency.inFlight}`;
          console.error(`${round + 1}/${rounds} ${what}: ${perSecond.toFixed(0)}/s, p50 ${p50Ms.toFixed(2)} ms`);
          samples.push(sample);
        }
      }
    }
  }
  return samples;
}

async function measureOne(cluster: Cluster, workload: Workload, concurrency: Concurrency): Promise<Sample> {
  const leader = await cluster.leader();
  const requests = await calibrate(leader, workload, concurrency, seconds);
  const [revision, cpu] = [await cluster.revision(), cluster.cpuSeconds()];
  const result = await drive(leader, workload, concurrency, requests);
  const [written, cpuSeconds] = [(await cluster.revision()) - revision, cluster.cpuSeconds() - cpu];
  verify(cluster, workload, result, written);
  const cpuMicros = (cpuSeconds * 1e6) / requests;
  return { system: cluster.name, workload: workload.name, inFlight: concurrency.inFlight, cpuMicros, ...result };
}

/** h2load takes every HTTP response for a success, so look whether puts wrote, and gets returned, what they should. */
function verify(
  { name }: Cluster,
  workload: Workload,
  { requests, bytesPerResponse }: LoadResult,
  written: number,
): void {
  if (workload.name === 'put' && written !== requests) {
    throw new Error(`${name} answered ${requests} puts and wrote ${written}: some failed`);
  }
  if (workload.name === 'get' && bytesPerResponse < 256) {
    throw new Error(`${name} answered gets with ${bytesPerResponse} bytes: some failed`);
  }
}

function print(samples: readonly Sample[]): void {
  const table = new Map<string, Sample[]>();
  for (const sample of samples) {
    const key = `${sample.workload} ×${sample.inFlight}`;
    table.set(key, [...(table.get(key) ?? []), sample]);
  }
  const titles = ['', 'coterie/s', 'etcd/s', 'ratio', 'p50 ms', 'etcd', 'p99 ms', 'etcd', 'CPU µs', 'etcd'];
  console.log(`three members each, ${version ?? 'no etcd'}, median of ${rounds} rounds of ${seconds} s\n`);
  console.log(titles.map((title, column) => title.padStart(column === 0 ? 9 : 10)).join(''));
  for (const [key, group] of table) console.log(rowText(key, group));
}

function rowText(key: string, group: readonly Sample[]): string {
  const of = (system: string, field: 'perSecond' | 'p50Ms' | 'p99Ms' | 'cpuMicros'): number =>
    median(group.filter((sample) => sample.system === system).map((sample) => sample[field]));
  const ratio = of('coterie', 'perSecond') / of('etcd', 'perSecond');
  const pair = (field: 'p50Ms' | 'p99Ms' | 'cpuMicros', digits: number): string[] => [
    of('coterie', field).toFixed(digits),
    of('etcd', field).toFixed(digits),
  ];
  const cells = [
    of('coterie', 'perSecond').toFixed(0),
    of('etcd', 'perSecond').toFixed(0),
    `${ratio.toFixed(2)}×`,
    ...pair('p50Ms', 2),
    ...pair('p99Ms', 2),
    ...pair('cpuMicros', 0),
  ].map((cell) => (cell.startsWith('NaN') ? '-' : cell));
  return [key.padEnd(9), ...cells.map((cell) => cell.padStart(10))].join('');
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}
