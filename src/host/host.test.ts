import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { type Address, address } from '../kernel/address.ts';
import { MemoryStorage } from '../kernel/memory-storage.ts';
import { Process } from '../kernel/process.ts';
import type { Storage } from '../kernel/storage.ts';
import { MemoryDisk } from './memory-disk.fixture.ts';
import { type Count, Counter, openHost, TEST_HOST, temporaryDirectory } from './test-host.fixture.ts';
import { WalWriteError } from './wal-errors.ts';

type Ping = { readonly type: 'ping'; readonly round: number };
type Pong = { readonly type: 'pong'; readonly round: number };

type Large = { readonly type: 'large'; readonly bytes: Uint8Array };

/** Tells what arrives. */
class Echo extends Process<Pong> {
  private readonly tell: (message: Pong) => void;

  constructor(tell: (message: Pong) => void) {
    super();
    this.tell = tell;
  }

  override onMessage(_from: Address, message: Pong): void {
    this.tell(message);
  }
}

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

test('a process on a host survives restarts with its records in order', async (t) => {
  const directory = await temporaryDirectory(t);
  const outputs: unknown[] = [];
  for (let life = 0; life < 3; life += 1) {
    const done = Promise.withResolvers<void>();
    const host = await openHost(directory, {
      definition: () => new Map([['counter', new Counter()]]),
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
  const ponger = await openHost(await temporaryDirectory(t), {
    node: 'b',
    listen: { host: '127.0.0.1', port: 0 },
    definition: () => new Map([['p', new Ponger()]]),
  });
  const endpoint = ponger.endpoint;
  assert.ok(endpoint);
  const pinger = await openHost(await temporaryDirectory(t), {
    peers: new Map([['b', endpoint]]),
    definition: () => new Map([['p', new Pinger(address('b', 'p'))]]),
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

class Babbler extends Process<Ping | Pong | Large> {
  private readonly to: Address;

  constructor(to: Address) {
    super();
    this.to = to;
  }

  override onMessage(_from: Address, message: Ping | Pong | Large): void {
    if (message.type === 'ping') this.send(this.to, { type: 'large', bytes: new Uint8Array(10_000) });
    this.send(this.to, { type: 'pong', round: 1 });
  }
}

test('a message that is too large for any connection is lost, and said to be, and the node goes on', async (t) => {
  const arrived = Promise.withResolvers<unknown>();
  const log: string[] = [];
  const receiver = await openHost(await temporaryDirectory(t), {
    node: 'b',
    listen: { host: '127.0.0.1', port: 0 },
    definition: () => new Map([['p', new Echo(arrived.resolve)]]),
  });
  const endpoint = receiver.endpoint;
  assert.ok(endpoint);
  const connected = Promise.withResolvers<void>();
  const sender = await openHost(await temporaryDirectory(t), {
    peers: new Map([['b', endpoint]]),
    frameBytesMax: 5_000,
    definition: () => new Map([['p', new Babbler(address('b', 'p'))]]),
    onLog: (line) => {
      log.push(line);
      if (line.startsWith('connected')) connected.resolve();
    },
  });
  await connected.promise;
  sender.deliver('p', { type: 'ping', round: 0 });
  assert.deepEqual(await arrived.promise, { type: 'pong', round: 1 });
  assert.match(log.at(-1) ?? '', /^a message from a\/p to b\/p is lost: a message 'large' takes 10\d+ bytes/);
  await sender.close();
  await receiver.close();
});

type Poke = { readonly type: 'poke' } | { readonly type: 'echo'; readonly text: string };

/** Sends and outputs before, after and in spite of a record. */
class Teller extends Process<Poke, never, string, string> {
  override onMessage(_from: Address, message: Poke): void {
    if (message.type === 'echo') {
      this.output(`echo of ${message.text}`, { early: true });
      return;
    }
    this.output('before');
    this.persist('record');
    this.output('held 1');
    this.send(this.self, { type: 'echo', text: 'held' });
    this.output('early', { early: true });
    this.send(this.self, { type: 'echo', text: 'early' }, { early: true });
    this.output('held 2');
  }
}

test('what a process sends after a record waits for the disk, in order; what it sends early does not', async (t) => {
  const disk = new MemoryDisk();
  const outputs: unknown[] = [];
  const early = Promise.withResolvers<void>();
  const done = Promise.withResolvers<void>();
  const host = await openHost(await temporaryDirectory(t), {
    disk,
    definition: () => new Map([['teller', new Teller()]]),
    onOutput: (_process, output) => {
      outputs.push(output);
      if (output === 'echo of early') early.resolve();
      if (output === 'echo of held') done.resolve();
    },
  });
  const sync = Promise.withResolvers<void>();
  disk.beforeWrite = () => sync.promise;
  host.deliver('teller', { type: 'poke' });
  await early.promise;
  for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(outputs, ['before', 'early', 'echo of early']);
  sync.resolve();
  await done.promise;
  assert.deepEqual(outputs.slice(3), ['held 1', 'held 2', 'echo of held']);
  await host.close();
});

test('a full disk stops the node, and what it could not write is never acknowledged', async (t) => {
  const disk = new MemoryDisk();
  const outputs: unknown[] = [];
  const fatal = Promise.withResolvers<Error>();
  const host = await openHost(await temporaryDirectory(t), {
    disk,
    definition: () => new Map([['counter', new Counter()]]),
    onOutput: (_process, output) => outputs.push(output),
    onFatal: fatal.resolve,
  });
  disk.beforeWrite = async () => {
    throw new Error('ENOSPC: no space left on device, write');
  };
  host.deliver('counter', { type: 'count' });
  const error = await fatal.promise;
  assert.ok(error instanceof WalWriteError);
  host.deliver('counter', { type: 'count' });
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(outputs, []);
  await host.close();
});

class Thrower extends Process<Count> {
  override onMessage(): void {
    throw new Error('an invariant is broken');
  }
}

test('a process that throws stops the node', async (t) => {
  const fatal = Promise.withResolvers<Error>();
  const host = await openHost(await temporaryDirectory(t), {
    definition: () => new Map([['thrower', new Thrower()]]),
    onFatal: fatal.resolve,
  });
  host.deliver('thrower', { type: 'count' });
  assert.match((await fatal.promise).message, /invariant is broken/);
  await host.close();
});

type Tick = { readonly type: 'tick'; readonly count: number };

/** Outputs the order in which timers and messages come to it. */
class Ticker extends Process<Tick, string | { readonly type: 'batch'; readonly of: number }, never, string> {
  private batch = 0;

  override onMessage(_from: Address, message: Tick): void {
    this.batch += 1;
    if (message.count > 0) this.send(this.self, { type: 'tick', count: message.count - 1 });
    this.setTimer({ type: 'batch', of: 1 }, 0);
    this.setTimer('cancelled', 0);
    this.cancelTimer('cancelled');
    this.setTimer('late', 5);
  }

  override onTimer(timer: string | { readonly type: 'batch' }): void {
    this.output(typeof timer === 'string' ? `${timer} after ${this.batch}` : `batch of ${this.batch}`);
  }
}

test('a timer of 0 fires once, after all that has arrived; an equal timer is the same; a cancelled one never fires', async (t) => {
  const outputs: unknown[] = [];
  const done = Promise.withResolvers<void>();
  const host = await openHost(await temporaryDirectory(t), {
    definition: () => new Map([['ticker', new Ticker()]]),
    onOutput: (_process, output) => {
      outputs.push(output);
      if (String(output).startsWith('late')) done.resolve();
    },
  });
  for (let index = 0; index < 10; index += 1) host.deliver('ticker', { type: 'tick', count: 2 });
  await done.promise;
  assert.deepEqual(outputs, ['batch of 30', 'late after 30']);
  await host.close();
});

/** Sends itself messages without end. */
class Spinner extends Process<Count, 'stop', never, string> {
  private stopped = false;

  override onStart(): void {
    this.setTimer('stop', 20);
    this.send(this.self, { type: 'count' });
  }

  override onMessage(): void {
    if (!this.stopped) this.send(this.self, { type: 'count' });
  }

  override onTimer(): void {
    this.stopped = true;
    this.output('stopped');
  }
}

test('a process that is never done keeps nobody from timers and sockets', async (t) => {
  const done = Promise.withResolvers<void>();
  const host = await openHost(await temporaryDirectory(t), {
    definition: () => new Map([['spinner', new Spinner()]]),
    onOutput: () => done.resolve(),
  });
  await done.promise;
  await host.close();
});

type Keep = { readonly type: 'keep'; readonly key: string } | { readonly type: 'kept' };

class Keeper extends Process<Keep, never, never, string> {
  private readonly storage: Storage;

  constructor(storage: Storage) {
    super();
    this.storage = storage;
  }

  override onMessage(_from: Address, message: Keep): void {
    if (message.type === 'kept') {
      this.output('kept');
      return;
    }
    this.storage.set(message.key, Uint8Array.of(1));
    this.flush({ type: 'kept' });
    this.output(`has ${[...this.storage.entries('', 'z')].map(([key]) => key).join()}`);
  }
}

test('a flush makes a storage durable and reports it', async (t) => {
  const directory = await temporaryDirectory(t);
  const outputs: unknown[] = [];
  for (const key of ['b', 'a']) {
    const done = Promise.withResolvers<void>();
    const host = await openHost(directory, {
      definition: ({ storage }) => new Map([['keeper', new Keeper(storage('keeper'))]]),
      onOutput: (_process, output) => {
        outputs.push(output);
        if (output === 'kept') done.resolve();
      },
    });
    host.deliver('keeper', { type: 'keep', key });
    await done.promise;
    await host.close();
  }
  assert.deepEqual(outputs, ['has b', 'kept', 'has a,b', 'kept']);
});

test('a flush that fails stops the node', async (t) => {
  const fatal = Promise.withResolvers<Error>();
  const outputs: unknown[] = [];
  const storage = Object.assign(new MemoryStorage(), { flush: () => Promise.reject(new Error('MDB_MAP_FULL')) });
  const host = await openHost(await temporaryDirectory(t), {
    openStorage: () => ({ storage: () => storage, close: async () => undefined }),
    definition: (boot) => new Map([['keeper', new Keeper(boot.storage('keeper'))]]),
    onOutput: (_process, output) => outputs.push(output),
    onFatal: fatal.resolve,
  });
  host.deliver('keeper', { type: 'keep', key: 'a' });
  assert.match((await fatal.promise).message, /cannot flush the storage of "keeper": .*MDB_MAP_FULL/);
  assert.deepEqual(outputs, ['has a']);
  await host.close();
});

test('a node that is killed under load recovers every record that it acknowledged', async (t) => {
  const directory = await temporaryDirectory(t);
  let acknowledged = 0;
  for (let life = 0; life < 4; life += 1) {
    const child = spawn(process.execPath, [TEST_HOST, 'count', directory], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(child, 'exit');
    let seen = 0;
    let recovered: number | null = null;
    for await (const line of createInterface({ input: child.stdout })) {
      const [kind, count] = line.split(' ');
      if (kind === 'recovered') recovered = Number(count);
      else acknowledged = Math.max(acknowledged, Number(count));
      if (kind === 'recovered') assert.ok(Number(count) >= acknowledged, `recovered ${count} of ${acknowledged}`);
      seen += 1;
      if (seen === 500 * (life + 1)) child.kill('SIGKILL');
    }
    await exited;
    assert.notEqual(recovered, null);
  }
  assert.ok(acknowledged > 2000);
});
