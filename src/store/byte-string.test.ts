import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compareBytes, fromByteString, toByteString } from './byte-string.ts';

test('bytes come back from their string, however many', () => {
  for (const length of [0, 1, 255, 4_096, 4_097, 100_000]) {
    const bytes = Uint8Array.from({ length }, (_, at) => at % 256);
    assert.deepEqual(fromByteString(toByteString(bytes)), bytes);
  }
});

test('strings are in the order of their bytes, and so says the comparison', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 6 }), fc.uint8Array({ maxLength: 6 }), (a, b) => {
      const order = Math.sign(compareBytes(a, b));
      assert.equal(order, Math.sign(Buffer.compare(a, b)));
      assert.equal(order < 0, toByteString(a) < toByteString(b));
    }),
  );
});
