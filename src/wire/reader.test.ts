import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { WireError } from './error.ts';
import { CompactionRequest, PutRequest, RangeRequest, ResponseHeader, TxnRequest, Unserved } from './etcdserverpb.ts';
import { HealthCheckRequest } from './health.ts';
import { NESTING_MAX } from './reader.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

test('any bytes are a message or a WireError, and nothing else', () => {
  const codecs = [RangeRequest, TxnRequest, ResponseHeader, HealthCheckRequest, Unserved];
  const anything = fc.uint8Array({ maxLength: 64 });
  const tagged = fc
    .array(fc.tuple(fc.integer({ min: 0, max: 15 }), fc.integer({ min: 0, max: 7 }), fc.uint8Array({ maxLength: 12 })))
    .map((fields) => Buffer.concat(fields.map(([id, type, rest]) => Buffer.from([id * 8 + type, ...rest]))));
  fc.assert(
    fc.property(fc.oneof(anything, tagged), fc.constantFrom(...codecs), (bytes, { decode }) => {
      try {
        decode(bytes);
      } catch (error) {
        assert(error instanceof WireError, String(error));
      }
    }),
    { numRuns: 2_000 },
  );
});

test('a message cut short is an error, unless cut between two of its fields', () => {
  const whole = PutRequest.encode(PutRequest.of({ key: Buffer.from('key'), value: Buffer.from('value'), lease: -1n }));
  const between = [0, 5, 12, whole.length];
  for (let length = 0; length <= whole.length; length += 1) {
    const decode = () => PutRequest.decode(whole.subarray(0, length));
    if (between.includes(length)) assert.doesNotThrow(decode);
    else assert.throws(decode, WireError, `${length} of ${whole.length} bytes`);
  }
});

test('fields that are not known are skipped, whatever their wire type', () => {
  const unknown = hex('a0 06 96 01  a1 06 0102030405060708  a2 06 02 ffff  a3 06 08 01 a4 06  a5 06 01020304');
  const put = PutRequest.decode(Buffer.concat([unknown, hex('0a 01 6b'), unknown, hex('12 01 76'), unknown]));
  assert.deepEqual(put, PutRequest.of({ key: Buffer.from('k'), value: Buffer.from('v') }));
});

test('integers beyond 2^53 are refused where an exact number is due, and exact where a bigint is', () => {
  const largest = hex('08 ff ff ff ff ff ff ff 0f'); // 2^53 - 1
  assert.equal(CompactionRequest.decode(largest).revision, Number.MAX_SAFE_INTEGER);
  assert.throws(() => CompactionRequest.decode(hex('08 80 80 80 80 80 80 80 10')), /beyond ±\(2\^53 - 1\)/);
  assert.throws(() => CompactionRequest.decode(hex('08 80 80 80 80 80 80 80 80 80 01')), WireError);
  assert.equal(CompactionRequest.decode(hex('08 ff ff ff ff ff ff ff ff ff 01')).revision, -1);
  assert.equal(ResponseHeader.decode(hex('08 ff ff ff ff ff ff ff ff ff 01')).clusterId, 2n ** 64n - 1n);
});

test('an integer that does not fit is refused when written', () => {
  assert.throws(() => PutRequest.encode(PutRequest.of({ lease: 2n ** 63n })), WireError);
  assert.throws(() => ResponseHeader.encode(ResponseHeader.of({ memberId: -1n })), WireError);
  assert.throws(() => ResponseHeader.encode(ResponseHeader.of({ raftTerm: -1 })), WireError);
  assert.throws(() => CompactionRequest.encode(CompactionRequest.of({ revision: 2 ** 53 })), WireError);
  assert.throws(() => CompactionRequest.encode(CompactionRequest.of({ revision: 0.5 })), WireError);
});

test('text that is not UTF-8 is refused', () => {
  assert.throws(() => HealthCheckRequest.decode(hex('0a 02 c3 28')), /at byte 1: it is not UTF-8/);
});

test('transactions nest, but not so deep that hostile bytes exhaust the stack', () => {
  const nested = (depth: number): TxnRequest => {
    let txn = TxnRequest.of();
    for (let i = 0; i < depth; i += 1) {
      txn = TxnRequest.of({ success: [{ request: { type: 'requestTxn', value: txn } }] });
    }
    return txn;
  };
  const deepest = NESTING_MAX / 2; // an operation and its transaction are two levels
  assert.deepEqual(TxnRequest.decode(TxnRequest.encode(nested(deepest))), nested(deepest));
  assert.throws(() => TxnRequest.decode(TxnRequest.encode(nested(deepest + 1))), /nested deeper than 100/);
});

test('bytes are views of the input, not copies', () => {
  const input = PutRequest.encode(PutRequest.of({ key: Buffer.from('key'), value: Buffer.alloc(64) }));
  const { key, value } = PutRequest.decode(input);
  assert.equal(key.buffer, input.buffer);
  assert.equal(value.buffer, input.buffer);
});

test('a message larger than the scratch buffer is written whole', () => {
  const value = Buffer.alloc(3_000_000, 'coterie');
  const put = PutRequest.of({ key: Buffer.from('large'), value });
  assert.deepEqual(PutRequest.decode(PutRequest.encode(put)), put);
  assert.deepEqual(PutRequest.decode(PutRequest.encode(PutRequest.of({ key: value }))).key, value);
});
