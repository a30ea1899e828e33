import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { runRecorded } from '../../src/cli/recorded-terminal.fixture.ts';
import {
  createClient,
  formatEndpoint,
  KeyValue,
  lookup,
  openByName,
  RpcClient,
  UnknownOutcomeError,
} from '../../src/rpc/index.ts';
import { MAIN } from './cluster.ts';
import { coterie } from './command.ts';
import { freePorts } from './ports.ts';

const INCREMENTS = 40;
const KILLS = 2;

interface Server {
  readonly process: ChildProcess;
  /** What it said of itself. */
  readonly told: Readonly<Record<string, unknown>>;
}

async function serveWith(...flags: readonly string[]): Promise<Server> {
  const server = spawn(process.execPath, [MAIN, 'serve', ...flags, '--json'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(createInterface(server.stdout), 'line');
  return { process: server, told: JSON.parse(String(line)) };
}

async function serve(directory: string, client: number, calls: number): Promise<ChildProcess> {
  const flags = ['--data', directory, '--client', `127.0.0.1:${client}`, '--request-reply', `${calls}`];
  const { process, told } = await serveWith(...flags);
  assert.equal(told['requestReply'], `127.0.0.1:${calls}`);
  return process;
}

test('increments are executed exactly once while their server is killed again and again; at most once says what it does not know', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'coterie-calls-'));
  const [port = 0, calls = 0] = await freePorts(2);
  let server = await serve(directory, port, calls);
  const kill = async (): Promise<void> => {
    server.kill('SIGKILL');
    await once(server, 'exit');
  };
  t.after(async () => {
    if (server.exitCode === null) await kill();
    await rm(directory, { recursive: true });
  });
  await using client = await RpcClient.open({ server: { host: '127.0.0.1', port: calls } });
  const store = createClient(KeyValue, client);
  const exactly = { key: Buffer.from('exactly'), by: 1n };
  const atMost = { key: Buffer.from('at most'), by: 1n };
  let [succeeded, unknown] = [0, 0];
  const increment = async (): Promise<void> => {
    for (let count = 0; count < INCREMENTS; count += 1) await store.increment(exactly, { semantics: 'exactlyOnce' });
  };
  const incrementAtMostOnce = async (isOver: () => boolean): Promise<void> => {
    while (!isOver()) {
      await store.increment(atMost).then(
        () => {
          succeeded += 1;
        },
        (error) => {
          if (error instanceof UnknownOutcomeError) unknown += 1;
        },
      );
    }
  };
  let isOver = false;
  const all = Promise.all([increment(), increment()]).finally(() => {
    isOver = true;
  });
  const others = incrementAtMostOnce(() => isOver);
  for (let kills = 0; kills < KILLS; kills += 1) {
    while (Number((await readText('exactly')) || 0) < ((kills + 1) * INCREMENTS) / 2)
      await store.ping({}, { semantics: 'atLeastOnce' });
    await kill();
    server = await serve(directory, port, calls);
  }
  await Promise.all([all, others]);
  assert.equal(Number(await readText('exactly')), 2 * INCREMENTS);
  const value = Number((await readText('at most')) || 0);
  assert.ok(value >= succeeded && value <= succeeded + unknown, `${succeeded} to ${succeeded + unknown}: ${value}`);
  const told = await coterie(['call', 'get', 'exactly', '--server', `127.0.0.1:${calls}`]);
  assert.deepEqual([told.code, told.stdout], [0, `${2 * INCREMENTS}\n`]);

  async function readText(key: string): Promise<string> {
    const { value } = await store.get({ key: Buffer.from(key) }, { semantics: 'atLeastOnce' });
    return value === undefined ? '' : new TextDecoder().decode(value);
  }
});

test('flags of serve: its secret, its cache, its rule for crashes, and where clients find it', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'coterie-flags-'));
  const [port = 0, calls = 0] = await freePorts(2);
  const key = randomBytes(32);
  const keyFile = join(directory, 'key');
  await writeFile(keyFile, key);
  const flags = ['--data', join(directory, 'data'), '--client', `0.0.0.0:${port}`, '--request-reply', `${calls}`];
  const rules = ['--request-reply-cache', '64KiB', '--request-reply-after-crash', 'silence'];
  const start = (...more: string[]) => serveWith(...flags, ...rules, '--request-reply-key', keyFile, ...more);
  let server = await start();
  const end = async (): Promise<void> => {
    server.process.kill('SIGKILL');
    await once(server.process, 'exit');
  };
  t.after(async () => {
    if (server.process.exitCode === null && server.process.signalCode === null) await end();
    await rm(directory, { recursive: true });
  });
  const at = { host: '127.0.0.1', port: calls };
  const agreement = { afterCrash: 'silence' } as const;
  await using client = await RpcClient.open({ server: at, key, agreement, acknowledgeAfterMs: null });
  const found = await lookup(client, KeyValue);
  assert.deepEqual(server.told['advertised'], found.map(formatEndpoint));
  for (const each of found) assert.ok(each.host !== '0.0.0.0' && each.port === calls);
  await using other = await openByName(KeyValue, { naming: at, key, agreement });
  await createClient(KeyValue, other).ping({});
  const store = createClient(KeyValue, client);
  const puts = Array.from({ length: 100 }, () => store.put({ key: Buffer.from('k') }));
  const outcomes = (await Promise.allSettled(puts)).map((put) => put.status === 'rejected' && put.reason.code);
  assert.ok(outcomes.includes('overloaded') && outcomes.includes(false), 'the cache is small');

  await end();
  server = await start('--advertise', 'db1.example');
  assert.deepEqual(server.told['advertised'], [`db1.example:${calls}`]);
  const members = await coterie(['member', 'list', '--json', '--endpoints', `127.0.0.1:${port}`]);
  assert.equal(JSON.parse(members.stdout).members[0].clientAddress, `db1.example:${port}`);
  const silent = ['call', 'put', 'a', 'b', '--server', formatEndpoint(at), '--key', keyFile, '--tries', '1'];
  assert.equal((await coterie([...silent, '--after-crash', 'silence'])).code, 3);
});

test('flags that serve refuses', async () => {
  for (const [flags, message] of [
    [['--request-reply-cache', '1MiB'], /--request-reply-cache needs a server: .*--request-reply PORT/],
    [['--request-reply', '1', '--request-reply-cache', '1'], /is a number of bytes of at least 65536/],
    [['--request-reply', '1', '--request-reply-after-crash', 'nothing'], /is incarnations or persisted or silence/],
    [['--request-reply', '1', '--request-reply-key', '/nonexistent'], /cannot read the secret of --request-reply-key/],
    [['--advertise', '0.0.0.0'], /--advertise is a host that clients can connect to, without a port/],
    [['--advertise', 'db1:2379'], /--advertise is a host .*got 'db1:2379'/],
  ] as const) {
    const { code, stderr } = await runRecorded(['serve', ...flags]);
    assert.equal(code, 2, stderr);
    assert.match(stderr, message);
  }
});
