import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { createClient, KeyValue, RpcClient, UnknownOutcomeError } from '../../src/rpc/index.ts';
import { MAIN } from './cluster.ts';
import { coterie } from './command.ts';
import { freePorts } from './ports.ts';

const INCREMENTS = 40;
const KILLS = 2;

async function serve(directory: string, client: number, calls: number): Promise<ChildProcess> {
  const typed = [
    'serve',
    '--data',
    directory,
    '--client',
    `127.0.0.1:${client}`,
    '--request-reply',
    `${calls}`,
    '--json',
  ];
  const server = spawn(process.execPath, [MAIN, ...typed], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(createInterface(server.stdout), 'line');
  assert.equal(JSON.parse(String(line)).requestReply, `127.0.0.1:${calls}`);
  return server;
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
