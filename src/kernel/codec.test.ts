import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CodecError, type CodecErrorCode } from './codec.ts';
import { decode } from './decode.ts';
import { encode } from './encode.ts';
import { Ballot, plainData } from './plain.suite.ts';
import { PlainDataError } from './plain.ts';

test('plain data comes back from bytes as it was, order of insertion included', () => {
  fc.assert(
    fc.property(plainData, (value) => {
      const bytes = encode(value);
      const result = decode(bytes);
      assert.deepStrictEqual(result, value);
      assert.deepEqual(encode(result), bytes);
    }),
    { numRuns: 500 },
  );
});

test('small messages are small', () => {
  assert.equal(encode({ type: 'ack', slot: 100 }).length, 16);
  assert.deepEqual([...encode(127)], [127]);
  assert.deepEqual([...encode(128)], [0xc4, 0x80, 0x01]);
  assert.deepEqual([...encode(-1)], [0xc5, 0]);
  assert.deepEqual([...encode('é')], [0x82, 0xc3, 0xa9]);
  assert.deepEqual(
    [...encode({ a: [true, new Map([[1n, null]])] })],
    [0xb1, 1, 0x61, 0xa2, 0xc3, 0xcb, 1, 0xcd, 1, 1, 0xc1],
  );
});

test('values of every size come back, whatever the pool has room for', () => {
  for (let size = 0; size < 70_000; size += size < 300 ? 1 : 1021) {
    const value = { bytes: new Uint8Array(size).fill(size), text: 'é'.repeat(size >> 3), ascii: 'a'.repeat(size >> 2) };
    assert.deepStrictEqual(decode(encode(value)), value);
  }
});

test('encoding does not change what was encoded before', () => {
  const encoded = Array.from({ length: 2000 }, (_, index) => encode({ index, filler: new Uint8Array(index % 64) }));
  for (const [index, bytes] of encoded.entries()) {
    assert.deepStrictEqual(decode(bytes), { index, filler: new Uint8Array(index % 64) });
  }
});

test('an encoding that fails leaves the next one whole', () => {
  assert.throws(() => encode({ a: 'before', b: () => 1 }), PlainDataError);
  assert.deepStrictEqual(decode(encode({ a: 1 })), { a: 1 });
});

test('decoded bytes are views of the input, and plain ones', () => {
  const input = Buffer.from(encode({ payload: new Uint8Array([1, 2, 3]) }));
  const { payload } = decode(input) as { payload: Uint8Array };
  assert.equal(Object.getPrototypeOf(payload), Uint8Array.prototype);
  assert.equal(payload.buffer, input.buffer);
  assert.deepEqual([...payload], [1, 2, 3]);
});

test('class instances, functions and cycles are refused with the path to them', () => {
  const loop: unknown[] = [];
  loop.push({ loop });
  const cases: readonly (readonly [unknown, string, string])[] = [
    [{ ballot: new Ballot(1, 'a') }, 'notPlain', 'ballot'],
    [[1, () => 1], 'notPlain', '[1]'],
    [loop, 'cycle', '[0].loop'],
    [JSON.parse('{"a":{"__proto__":1}}'), 'notPlain', 'a'],
  ];
  for (const [value, code, path] of cases) {
    assert.throws(
      () => encode(value),
      (error) => error instanceof PlainDataError && error.code === code && error.path === path,
    );
  }
  assert.throws(() => encode(new Ballot(1, 'a')), /instance of Ballot; convert it to a plain object first/);
});

function failureOf(bytes: Uint8Array): CodecError | null {
  try {
    decode(bytes);
    return null;
  } catch (error) {
    assert.ok(error instanceof CodecError, String(error));
    assert.ok(error.offset >= 0 && error.offset <= bytes.length);
    return error;
  }
}

test('bytes that were cut off anywhere are refused as truncated', () => {
  fc.assert(
    fc.property(plainData, (value) => {
      const bytes = encode(value);
      for (let length = 0; length < bytes.length; length += 1) {
        assert.equal(failureOf(bytes.slice(0, length))?.code, 'truncated');
      }
    }),
    { numRuns: 50 },
  );
});

test('bytes that are no value are refused, each with its code and offset', () => {
  const key = [1, 0x61];
  const proto = [9, ...new TextEncoder().encode('__proto__')];
  const cases: readonly (readonly [readonly number[], CodecErrorCode, number])[] = [
    [[], 'truncated', 0],
    [[1, 1], 'trailing', 1],
    [[0xa1, 0xff], 'badTag', 1],
    [[0xcf], 'badTag', 0],
    [[0xc4, 0x80, 0x00], 'badNumber', 1],
    [[0xc4, ...new Array(7).fill(0xff), 0x10], 'badNumber', 1],
    [[0xc4, ...new Array(20).fill(0xff), 0x01], 'badNumber', 1],
    [[0x81, 0x80], 'badText', 1],
    [[0x82, 0xc0, 0x80], 'badText', 1],
    [[0x84, 0xf5, 0x80, 0x80, 0x80], 'badText', 1],
    [[0x81, 0xc3], 'badText', 1],
    [[0x83, 0xe0, 0x9f, 0xbf], 'badText', 1],
    [[0x84, 0xf0, 0x8f, 0xbf, 0xbf], 'badText', 1],
    [[0x84, 0xf4, 0x90, 0x80, 0x80], 'badText', 1],
    [[0x82, 0xc3, 0x41], 'badText', 1],
    [[0xc9, 0xff, 0xff, 0xff, 0xff, 0x0f], 'truncated', 6],
    [[0xc8, 0x05, 1], 'truncated', 2],
    [[0xcb, 2, 1, 1, 1, 2], 'duplicate', 2],
    [[0xcc, 2, 1, 1], 'duplicate', 2],
    [[0xb2, ...key, 1, ...key, 2], 'duplicate', 1],
    [[0xb1, ...proto, 0xb0], 'badName', 1],
    [new Array(300).fill(0xa1), 'tooDeep', 257],
  ];
  for (const [bytes, code, offset] of cases) {
    const failure = failureOf(new Uint8Array(bytes));
    assert.deepEqual([failure?.code, failure?.offset], [code, offset], bytes.join(' '));
  }
});

test('random bytes are decoded or refused, and touch no prototype', () => {
  const tag = fc.constantFrom(0x81, 0x91, 0xa2, 0xb1, 0xc4, 0xc5, 0xc6, 0xc7, 0xc8, 0xc9, 0xca, 0xcb, 0xcc, 0xcd, 0xce);
  const byte = fc.oneof(tag, fc.nat(255), fc.nat(4));
  fc.assert(
    fc.property(fc.array(byte, { maxLength: 30 }), (bytes) => {
      const input = new Uint8Array(bytes);
      if (failureOf(input) === null) assert.deepEqual(decode(encode(decode(input))), decode(input));
    }),
    { numRuns: 2000 },
  );
  assert.deepEqual(Object.keys(Object.prototype), []);
});
