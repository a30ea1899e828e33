import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { FRAME_HEAD_BYTES, type FrameFault, frameOf } from './frame.ts';
import { openTcpLink } from './tcp-link.ts';

const DATAGRAM_BYTES_MAX = 1_000;

test('what is no intact frame is told and ends its connection; what came before it on it has arrived', async (t) => {
  const datagrams: string[] = [];
  const faults: FrameFault[] = [];
  const link = await openTcpLink({
    listen: { host: '127.0.0.1', port: 0 },
    datagramBytesMax: DATAGRAM_BYTES_MAX,
    onDatagram: (datagram) => void datagrams.push(datagram.toString()),
    onBrokenFrame: (fault) => void faults.push(fault),
  });
  t.after(() => link.close());
  const altered = frameOf(Buffer.from('altered'));
  altered.writeUInt8('A'.charCodeAt(0), FRAME_HEAD_BYTES);
  const behind = frameOf(Buffer.from('behind'));
  for (const [sent, fault] of [
    [altered, 'corrupted'],
    [Buffer.from('GET / HTTP/1.0\r\n\r\n'), 'malformed'],
    [frameOf(Buffer.alloc(DATAGRAM_BYTES_MAX + 1)), 'malformed'],
  ] as const) {
    const socket = connect(link.endpoint);
    socket.on('error', () => undefined);
    socket.write(Buffer.concat([frameOf(Buffer.from(fault)), sent, behind]));
    await once(socket.resume(), 'close');
    assert.deepEqual([datagrams.splice(0), faults.splice(0)], [[fault], [fault]]);
  }
});

test('a connection through which nothing comes is dialled anew when it is used, and one that is answered is kept', async (t) => {
  const sockets: Socket[] = [];
  let answers = true;
  let received = 0;
  let nowMs = 0;
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.on('data', () => answers && socket.write(frameOf(Buffer.from('answer'))));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const link = await openTcpLink({
    listen: null,
    datagramBytesMax: DATAGRAM_BYTES_MAX,
    onDatagram: () => {
      received += 1;
    },
    onBrokenFrame: () => undefined,
    silentMsMax: 300,
    now: () => nowMs,
  });
  t.after(() => link.close());
  const { port } = server.address() as AddressInfo;
  const send = async (): Promise<void> => {
    link.send(`127.0.0.1:${port}`, Buffer.from('question'));
    await setTimeout(1);
  };
  while (sockets.length === 0) await send();
  for (let answered = 0; answered < 20; answered += 1) {
    const before = received;
    await send();
    while (received === before) await setTimeout(1);
    nowMs += 100;
  }
  nowMs += 350;
  await send();
  assert.equal(sockets.length, 1, 'idle for longer than it may be silent');
  answers = false;
  while (sockets.length === 1) {
    nowMs += 100;
    await send();
  }
});
