import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { address, type NodeId } from '../kernel/address.ts';
import type { Message } from '../kernel/process.ts';
import { type Endpoint, Transport, type TransportOptions } from './transport.ts';

const LOCAL: Endpoint = { host: '127.0.0.1', port: 0 };

type Note = { readonly type: 'note'; readonly number: number; readonly bytes?: Uint8Array };

test('messages arrive in order, with their names, over the connection that the smaller name dialled', async (t) => {
  const { a, b } = await pair(t);
  a.send('b', 'first', { number: 1, bytes: Uint8Array.of(1, 2, 3) });
  a.send('b', 'second', { number: 2 });
  b.send('a', 'third', { number: 3 });
  assert.deepEqual(await b.received(2), [
    { to: 'to-first', from: { node: 'a', process: 'first' }, message: note(1, Uint8Array.of(1, 2, 3)) },
    { to: 'to-second', from: { node: 'a', process: 'second' }, message: note(2) },
  ]);
  assert.equal((await a.received(1))[0]?.from.node, 'b');
  assert.equal(a.transport.metrics.connections, 1);
});

test('a large message and many small ones of one tick arrive in order', async (t) => {
  const { a, b } = await pair(t);
  for (let number = 0; number < 1000; number += 1) {
    const bytes = new Uint8Array(number === 500 ? 5_000_000 : 10).fill(number);
    a.transport.send(address('b', 'p'), address('a', 'p'), note(number, bytes));
  }
  a.transport.flush();
  const received = await b.received(1000);
  assert.deepEqual(
    received.map(({ message }) => message.number),
    Array.from({ length: 1000 }, (_, index) => index),
  );
  assert.deepEqual(received[500]?.message.bytes, new Uint8Array(5_000_000).fill(500));
});

test('without a connection messages are dropped and counted', async (t) => {
  const a = node(t, 'a');
  a.send('b', 'p', { number: 1 });
  assert.equal(a.transport.metrics.droppedUnconnected, 1);
});

test('a lost connection is dialled again', async (t) => {
  const { a, b } = await pair(t);
  for (let round = 1; round <= 3; round += 1) {
    b.transport.setPeers(new Map()); // forgets the connection, as a restart would
    await a.until(() => a.transport.metrics.connections === round + 1);
    await b.until(() => b.transport.isConnected('a'));
    a.send('b', 'p', { number: round });
    assert.equal((await b.received(round)).at(-1)?.message.number, round);
  }
});

test('a peer that comes up later, or moves, is reached', async (t) => {
  const b = node(t, 'b');
  const nowhere = createServer();
  nowhere.listen(LOCAL);
  await once(nowhere, 'listening');
  const { port } = nowhere.address() as { port: number };
  nowhere.close();
  const a = node(t, 'a', { peers: new Map([['b', { host: '127.0.0.1', port }]]) });
  await a.until(() => a.lines.some((line) => line.includes('no connection to node "b": connect ECONNREFUSED')));
  a.transport.setPeers(new Map([['b', await b.transport.listen(LOCAL)]]));
  await a.until(() => a.transport.isConnected('b'));
});

test('another cluster, another node and another protocol are refused, and both sides say why', async (t) => {
  const b = node(t, 'b');
  const endpoint = await b.transport.listen(LOCAL);
  const foreign = node(t, 'a', { cluster: 'other', peers: new Map([['b', endpoint]]) });
  await foreign.until(() => foreign.lines.some((line) => /it refused: it belongs to cluster "other"/.test(line)));
  await b.until(() =>
    b.lines.some((line) => line.includes('it belongs to cluster "other", node "b" to cluster "test"')),
  );
  const mistaken = node(t, 'a', { peers: new Map([['c', endpoint]]) });
  await mistaken.until(() =>
    mistaken.lines.some((line) => /it wants to talk to node "c", this is node "b"/.test(line)),
  );
  assert.equal(foreign.transport.metrics.connections + mistaken.transport.metrics.connections, 0);
});

test('bytes that are no frames end the connection and are counted', async (t) => {
  const b = node(t, 'b');
  const socket = connect(await b.transport.listen(LOCAL));
  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await once(socket, 'close');
  assert.equal(b.transport.metrics.corruptFrames, 1);
  assert.match(b.lines.join(), /refused a connection: a frame announces/);
});

test('a message above the limit is an error that names it', async (t) => {
  const { a } = await pair(t, { frameBytesMax: 1000 });
  assert.throws(() => a.send('b', 'p', { number: 1, bytes: new Uint8Array(1000) }), {
    name: 'MessageTooLargeError',
    code: 'messageTooLarge',
    message: /a message 'note' takes 10\d\d bytes, at most 1000 can be sent/,
  });
});

test('what a stalled peer does not take is dropped above the limit, and the connection goes on', async (t) => {
  const stalled = createServer();
  const sockets: Socket[] = [];
  const b = node(t, 'b');
  const behind = await b.transport.listen(LOCAL);
  stalled.on('connection', (socket) => {
    const onward = connect(behind);
    sockets.push(socket, onward);
    onward.pipe(socket);
    socket.pipe(onward);
  });
  stalled.listen(LOCAL);
  await once(stalled, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    stalled.close();
  });
  const { port } = stalled.address() as { port: number };
  const a = node(t, 'a', { peers: new Map([['b', { host: '127.0.0.1', port }]]), queueBytesMax: 1_000_000 });
  await a.until(() => a.transport.isConnected('b'));
  sockets[0]?.unpipe();
  sockets[0]?.pause();
  let sent = 0;
  for (; a.transport.metrics.droppedQueueFull === 0; sent += 1) {
    assert.ok(sent < 1000, 'the queue has no bound');
    a.send('b', 'p', { number: sent, bytes: new Uint8Array(100_000) });
    await new Promise((resolve) => setImmediate(resolve));
  }
  sockets[0]?.pipe(sockets[1] ?? assert.fail());
  const received = await b.received(sent - 1);
  assert.equal(received.at(-1)?.message.number, sent - 2);
  a.send('b', 'p', { number: -1 });
  assert.equal((await b.received(sent)).at(-1)?.message.number, -1);
});

interface Received {
  readonly to: string;
  readonly from: { readonly node: NodeId; readonly process: string };
  readonly message: Note;
}

/** A transport, what it received and what it said. */
class Station {
  readonly transport: Transport;
  readonly lines: string[] = [];
  readonly #node: NodeId;
  readonly #received: Received[] = [];
  #wake = Promise.withResolvers<void>();

  constructor(name: NodeId, options: Partial<TransportOptions>) {
    this.#node = name;
    this.transport = new Transport({
      node: name,
      cluster: 'test',
      peers: new Map(),
      onMessage: (to, from, message) => {
        this.#received.push({ to, from, message: message as Message & Note });
        this.#changed();
      },
      onLog: (line) => {
        this.lines.push(line);
        this.#changed();
      },
      ...options,
    });
  }

  send(to: NodeId, process: string, content: Omit<Note, 'type'>): void {
    this.transport.send(address(to, `to-${process}`), address(this.#node, process), {
      type: 'note',
      ...content,
    } as Note);
    this.transport.flush();
  }

  async received(count: number): Promise<readonly Received[]> {
    await this.until(() => this.#received.length >= count);
    return this.#received;
  }

  /** Conditions that may come true with a message or a line of the log. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await this.#wake.promise;
  }

  #changed(): void {
    this.#wake.resolve();
    this.#wake = Promise.withResolvers();
  }
}

type Context = { after: (clean: () => void | Promise<void>) => void };

function node(t: Context, name: NodeId, options: Partial<TransportOptions> = {}): Station {
  const station = new Station(name, options);
  t.after(() => station.transport.close());
  return station;
}

async function pair(t: Context, options: Partial<TransportOptions> = {}): Promise<{ a: Station; b: Station }> {
  const b = node(t, 'b', options);
  const a = node(t, 'a', { ...options, peers: new Map([['b', await b.transport.listen(LOCAL)]]) });
  await a.until(() => a.transport.isConnected('b'));
  await b.until(() => b.transport.isConnected('a'));
  return { a, b };
}

function note(number: number, bytes?: Uint8Array): Note {
  return bytes === undefined ? { type: 'note', number } : { type: 'note', number, bytes };
}
