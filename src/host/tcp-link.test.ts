import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
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
