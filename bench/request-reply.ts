/**
 * Request-reply against grpc-js unary calls, in one run on this machine: 100 bytes there and back, client and servers in
 * a process each; what each semantics costs; and how large a reply cache has to be.
 *
 *     npm run bench:request-reply -- [--rounds 3] [--seconds 2] [--quick] [--json] [--plot FILE.svg]
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Client, credentials } from '@grpc/grpc-js';
import { createClient, KeyValue, type protocol, RpcClient, type RpcClientOptions } from '../src/rpc/index.ts';
import { BYTES_PER_CALL, type CachePoint, LIFETIME_MS, offer } from './request-reply/cache.ts';
import { readFlags } from './request-reply/flags.ts';
import { drive, type Sample } from './request-reply/load.ts';
import { plot, type Series } from './request-reply/plot.ts';
import { GRPC_PATH, KEY, type Ports } from './request-reply/servers.ts';

const { rounds, seconds, json, plot: plotFile } = readFlags();
const BODY = Buffer.alloc(100, 7);
const IN_FLIGHT = [1, 16, 256];

interface Subject {
  readonly name: string;
  readonly call: () => Promise<unknown>;
  readonly close: () => Promise<void> | void;
}

const servers = spawn(process.execPath, [new URL('./request-reply/servers.ts', import.meta.url).pathname], {
  stdio: ['pipe', 'pipe', 'inherit'],
});
const told = createInterface(servers.stdout);
const ports = JSON.parse((await once(told, 'line'))[0]) as Ports;
const transports = [grpcSubject(ports), await echo('request-reply, UDP', ports.udp), await tcp(ports)];
const semantics = [
  await echo('maybe', ports.udp, { semantics: 'maybe' }),
  await echo('at least once', ports.udp, { semantics: 'atLeastOnce' }),
  await echo('at most once', ports.udp),
  await echo('at most once, declared idempotent', ports.udp, { method: 'idempotent' }),
  await echo('at most once, authenticated', ports.authenticated, {}, { key: KEY }),
  await echo('at most once, cache on disk', ports.persisted, {}, { agreement: { afterCrash: 'persisted' } }),
  await storePut('put into the store, at most once', ports.store, 'atMostOnce'),
  await storePut('put into the store, exactly once', ports.store, 'exactlyOnce'),
];
try {
  const results = { transports: await measure(transports), semantics: await measure(semantics), cache: cachePoints() };
  if (plotFile !== null) writeFileSync(plotFile, cachePlot(results.cache));
  if (json) console.log(JSON.stringify(results, null, 2));
  else print(results);
} finally {
  for (const subject of [...transports, ...semantics]) await subject.close();
  await end(servers);
}

function grpcSubject({ grpc }: Ports): Subject {
  const client = new Client(`127.0.0.1:${grpc}`, credentials.createInsecure());
  const same = (bytes: Buffer): Buffer => bytes;
  return {
    name: 'grpc-js, unary',
    call: () =>
      new Promise<void>((resolve, reject) => {
        client.makeUnaryRequest(GRPC_PATH, same, same, BODY, (error) => (error === null ? resolve() : reject(error)));
      }),
    close: () => client.close(),
  };
}

async function echo(
  name: string,
  port: number,
  { semantics = 'atMostOnce', method = 'echo' }: { semantics?: protocol.Semantics; method?: string } = {},
  options: Partial<RpcClientOptions> = {},
): Promise<Subject> {
  const client = await RpcClient.open({ server: { host: '127.0.0.1', port }, ...options });
  return { name, call: () => client.call(method, BODY, { semantics }), close: () => client.close() };
}

function tcp(ports: Ports): Promise<Subject> {
  return echo('request-reply, TCP', ports.tcp, {}, { transport: 'tcp' });
}

async function storePut(name: string, port: number, semantics: protocol.Semantics): Promise<Subject> {
  const client = await RpcClient.open({ server: { host: '127.0.0.1', port } });
  const store = createClient(KeyValue, client);
  const key = Buffer.from('key');
  return { name, call: () => store.put({ key, value: BODY }, { semantics }), close: () => client.close() };
}

interface Row {
  readonly name: string;
  readonly inFlight: number;
  readonly samples: readonly Sample[];
}

/** Each in turn, never two at once; in every other round the other way around. */
async function measure(subjects: readonly Subject[]): Promise<Row[]> {
  const rows = IN_FLIGHT.flatMap((inFlight) =>
    subjects.map((subject) => ({ subject, name: subject.name, inFlight, samples: [] as Sample[] })),
  );
  for (let round = 0; round < rounds; round += 1) {
    for (const row of round % 2 === 0 ? rows : rows.toReversed()) {
      row.samples.push(await drive(row.subject.call, { inFlight: row.inFlight, seconds, serverCpuUs }));
    }
  }
  return rows.map(({ name, inFlight, samples }) => ({ name, inFlight, samples }));
}

async function serverCpuUs(): Promise<number> {
  servers.stdin.write('?\n');
  return Number((await once(told, 'line'))[0]);
}

/** Rates in the proportion of 1 to 2 to 4, over caches of growing size, answers never acknowledged or after 100 ms. */
function cachePoints(): { readonly acknowledgeAfterMs: number | null; readonly points: readonly CachePoint[] }[] {
  return [null, 100].map((acknowledgeAfterMs) => ({
    acknowledgeAfterMs,
    points: [250, 500, 1_000].flatMap((offeredPerSecond) =>
      Array.from({ length: 24 }, (_, step) => {
        const cacheBytes = (step + 1) * 125_000;
        return offer({ cacheBytes, offeredPerSecond, acknowledgeAfterMs });
      }),
    ),
  }));
}

function cachePlot(cache: ReturnType<typeof cachePoints>): string {
  const [unacknowledged] = cache;
  const points = unacknowledged?.points ?? [];
  const megabytes = (bytes: number): number => bytes / 1e6;
  const xMax = 3;
  const lines = Object.entries(Object.groupBy(points, ({ offeredPerSecond }) => Math.round(offeredPerSecond)));
  const colors = ['#2a9d8f', '#e76f51', '#264653'];
  const limit = (bytes: number): number => (bytes * 1000) / (BYTES_PER_CALL * LIFETIME_MS);
  const series: Series[] = lines.map(([offered, of = []], index) => ({
    name: `${offered} calls/s offered`,
    color: colors[index] ?? '#000',
    points: of.map(({ cacheBytes, acceptedPerSecond }) => [megabytes(cacheBytes), acceptedPerSecond] as const),
  }));
  series.push({
    name: 'cache / (bytes per call · lifetime)',
    color: '#888',
    isDashed: true,
    points: [
      [0, 0],
      [xMax, limit(xMax * 1e6)],
    ],
  });
  const title = `Throughput by cache size: ${BYTES_PER_CALL} bytes a call, entries live ${(LIFETIME_MS / 1000).toFixed(2)} s`;
  return plot({ title, xTitle: 'reply cache, MB', yTitle: 'calls accepted per second', xMax, yMax: 1_200, series });
}

function print(results: {
  transports: readonly Row[];
  semantics: readonly Row[];
  cache: ReturnType<typeof cachePoints>;
}): void {
  console.log(`median of ${rounds} rounds of ${seconds} s, ${BODY.length} bytes there and back\n`);
  printRows(results.transports);
  printRows(results.semantics);
  for (const { acknowledgeAfterMs, points } of results.cache) {
    const how = acknowledgeAfterMs === null ? 'never acknowledged' : `acknowledged after ${acknowledgeAfterMs} ms`;
    console.log(`cache for all calls, answers ${how}:`);
    for (const rate of new Set(points.map(({ offeredPerSecond }) => Math.round(offeredPerSecond)))) {
      const enough = points.find((point) => {
        return Math.round(point.offeredPerSecond) === rate && point.acceptedPerSecond >= 0.999 * point.offeredPerSecond;
      });
      const least = enough === undefined ? 'more than 3 MB' : `${enough.cacheBytes / 1e6} MB`;
      console.log(`  ${String(rate).padStart(6)} calls/s: ${least}`);
    }
  }
}

function printRows(rows: readonly Row[]): void {
  console.log(
    `${''.padEnd(36)}${['in flight', 'calls/s', 'p50 µs', 'p99 µs', 'client CPU µs', 'server CPU µs', 'failed'].map((title) => title.padStart(14)).join('')}`,
  );
  for (const { name, inFlight, samples } of rows) {
    const of = (field: keyof Sample): string => median(samples.map((sample) => sample[field])).toFixed(0);
    const cells = [
      String(inFlight),
      of('perSecond'),
      of('p50Us'),
      of('p99Us'),
      of('clientCpuUs'),
      of('serverCpuUs'),
      of('failures'),
    ];
    console.log(`${name.padEnd(36)}${cells.map((cell) => cell.padStart(14)).join('')}`);
  }
  console.log();
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

async function end(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.stdin?.end();
  await ended;
}
