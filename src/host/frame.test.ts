import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CorruptFrameError, FRAME_HEAD_BYTES, FrameReader, frameOf } from './frame.ts';

const PAYLOADS = ['', 'a', 'bc', 'x'.repeat(1000), '', 'end'];
const STREAM = Buffer.concat(PAYLOADS.map((payload) => frameOf(Buffer.from(payload))));

test('frames come out however the stream is cut', () => {
  for (const pieceBytes of [1, 2, 3, 7, 8, 9, 100, 1011, STREAM.length]) {
    const reader = new FrameReader();
    const payloads: string[] = [];
    for (let at = 0; at < STREAM.length; at += pieceBytes) {
      const chunk = STREAM.subarray(at, at + pieceBytes);
      for (const payload of reader.read(chunk, () => 1000)) payloads.push(payload.toString());
    }
    assert.deepEqual(payloads, PAYLOADS, `in pieces of ${pieceBytes}`);
  }
});

test('no flip of a bit gives a wrong payload', () => {
  for (let bit = 0; bit < STREAM.length * 8; bit += 1) {
    const damaged = Buffer.from(STREAM);
    damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    const payloads: string[] = [];
    let error: unknown = null;
    try {
      for (const payload of new FrameReader().read(damaged, () => 1000)) payloads.push(payload.toString());
    } catch (caught) {
      error = caught;
    }
    assert.ok(error instanceof CorruptFrameError || payloads.length < PAYLOADS.length, `bit ${bit}`);
    assert.deepEqual(payloads, PAYLOADS.slice(0, payloads.length));
  }
});

test('a frame above the limit is refused before it is received', () => {
  const frame = frameOf(Buffer.alloc(1001));
  assert.throws(
    () => [...new FrameReader().read(frame.subarray(0, FRAME_HEAD_BYTES), () => 1000)],
    /announces 1001 bytes, at most 1000/,
  );
});
