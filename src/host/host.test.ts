import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Address } from '../kernel/address.ts';
import { address } from '../kernel/address.ts';
import { type AnyProcess, type Message, Process } from '../kernel/process.ts';
import { Host, type HostOptions } from './host.ts';

type Count = { readonly type: 'count' };

/** Persists and outputs how many messages it got in all its lives. */
class Counter extends Process<Count, never, number, number> {
  private count = 0;

  override onRecord(count: number): void {
    assert.equal(count, this.count + 1);
    this.count = count;
  }

  override onMessage(): void {
    this.count += 1;
    this.persist(this.count);
    this.output(this.count);
  }
}

type Ping = { readonly type: 'ping'; readonly round: number };
type Pong = { readonly type: 'pong'; readonly round: number };

class Pinger extends Process<Ping | Pong, 'retry', never, number> {
  private round = 0;
  private readonly to: Address;

  constructor(to: Address) {
    super();
    this.to = to;
  }

  override onStart(): void {
    this.ping();
  }

  override onTimer(): void {
    this.ping();
  }

  override onMessage(_from: Address, message: Ping | Pong): void {
    if (message.type !== 'pong' || message.round !== this.round) return;
    this.output(this.round);
    this.round += 1;
    this.ping();
  }

  private ping(): void {
    this.send(this.to, { type: 'ping', round: this.round });
    this.setTimer('retry', 20);
  }
}

class Ponger extends Process<Ping | Pong> {
  override onMessage(from: Address, message: Ping | Pong): void {
    if (message.type === 'ping') this.send(from, { type: 'pong', round: message.round });
  }
}

test('a process on a host survives a restart with its records in order', async (t) => {
  const directory = await temporaryDirectory(t);
  const outputs: unknown[] = [];
  for (let life = 0; life < 3; life += 1) {
    const done = Promise.withResolvers<void>();
    const host = await open(directory, {
      definition: () => new Map<string, AnyProcess>([['counter', new Counter() as unknown as AnyProcess]]),
      onOutput: (_process, output) => {
        outputs.push(output);
        if (outputs.length === 100 * (life + 1)) done.resolve();
      },
    });
    for (let index = 0; index < 100; index += 1) host.deliver('counter', { type: 'count' });
    await done.promise;
    await host.close();
  }
  assert.deepEqual(
    outputs,
    Array.from({ length: 300 }, (_, index) => index + 1),
  );
});

test('two nodes exchange messages over one connection', async (t) => {
  const done = Promise.withResolvers<void>();
  const ponger = await open(await temporaryDirectory(t), {
    node: 'b',
    listen: { host: '127.0.0.1', port: 0 },
    definition: () => new Map<string, AnyProcess>([['p', new Ponger() as unknown as AnyProcess]]),
  });
  const endpoint = ponger.endpoint;
  assert.ok(endpoint);
  const pinger = await open(await temporaryDirectory(t), {
    node: 'a',
    peers: new Map([['b', endpoint]]),
    definition: () => new Map<string, AnyProcess>([['p', new Pinger(address('b', 'p')) as unknown as AnyProcess]]),
    onOutput: (_process, output) => {
      if (output === 200) done.resolve();
    },
  });
  await done.promise;
  assert.equal(pinger.metrics.connections, 1);
  assert.equal(ponger.metrics.connections, 1);
  await pinger.close();
  await ponger.close();
});

function open(directory: string, options: Partial<HostOptions> & Pick<HostOptions, 'definition'>): Promise<Host> {
  return Host.open({
    node: 'a',
    cluster: 'test',
    directory,
    listen: null,
    peers: new Map(),
    onOutput: () => undefined,
    onFatal: (error) => {
      throw error;
    },
    segmentBytes: 65_536,
    ...options,
  });
}

async function temporaryDirectory(t: { after: (clean: () => Promise<void>) => void }): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'coterie-host-'));
  t.after(() => rm(directory, { recursive: true }));
  return directory;
}

export type { Message };
