import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MalformedBytesError } from './byte-layout.ts';
import { decodeRequest, encodeRequest } from './codec.ts';
import { compact, put, range, remove, txn } from './requests.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const hex = (value: Uint8Array) => Buffer.from(value).toString('hex');

test('the bytes of requests stay what they are, as logs on disks hold them', () => {
  const compare = { key: bytes('k'), end: null, relation: 'less', target: 'lease', lease: -1n } as const;
  assert.equal(hex(encodeRequest(put(bytes('key'), bytes('v'), { previous: true }))), '0202036b65790176');
  assert.equal(hex(encodeRequest(put(bytes('k'), bytes(''), { lease: 1n }))), '0210016b000000000000000100');
  assert.equal(hex(encodeRequest(remove(bytes('a'), { end: bytes('b') }))), '030101610162');
  assert.equal(hex(encodeRequest(compact(7))), '05401c000000000000');
  assert.equal(
    hex(encodeRequest(range(bytes('a'), { limit: 3, order: 'descend', sortBy: 'mod', keysOnly: true }))),
    '01200203020161' + '4008000000000000',
  );
  assert.equal(
    hex(encodeRequest(txn([compare], [remove(bytes('a'))]))),
    '0401' + '040300016bffffffffffffffff' + '01' + '03000161' + '00',
  );
});

test('values longer than a slab, and numbers wider than 32 bits, come back whole', () => {
  const value = Uint8Array.from({ length: 100_000 }, (_, at) => at % 251);
  assert.deepEqual(decodeRequest(encodeRequest(put(bytes('k'), value))), put(bytes('k'), value));
  for (const revision of [2 ** 31, 2 ** 53 - 1, -1, 2 ** 63]) {
    assert.deepEqual(decodeRequest(encodeRequest(compact(revision))), compact(revision));
  }
});

test('encodings made one after the other do not share bytes', () => {
  const first = encodeRequest(put(bytes('a'), bytes('first')));
  const kept = hex(first);
  for (let more = 0; more < 10_000; more += 1) encodeRequest(put(bytes('b'), bytes('second')));
  assert.equal(hex(first), kept);
});

test('bytes cut short or gone on with, unknown codes and fractions are malformed', () => {
  const whole = encodeRequest(txn([], [range(bytes('a'), { revision: 5 })], [put(bytes('k'), bytes('v'))]));
  for (let length = 0; length < whole.length; length += 1) {
    assert.throws(() => decodeRequest(whole.subarray(0, length)), MalformedBytesError);
  }
  assert.throws(() => decodeRequest(Uint8Array.of(...whole, 0)), MalformedBytesError);
  assert.throws(() => decodeRequest(Uint8Array.of(9)), MalformedBytesError);
  assert.throws(() => decodeRequest(encodeRequest(compact(1.5))), MalformedBytesError);
  assert.throws(() => decodeRequest(Uint8Array.of(2, 0, ...new Array(9).fill(0xff))), MalformedBytesError);
});

test('transactions nested without end are malformed, and exhaust no stack', () => {
  const opened = Array.from({ length: 50_000 }, () => [4, 0, 1]).flat();
  assert.throws(() => decodeRequest(Uint8Array.from(opened)), MalformedBytesError);
});
