import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { exponential, logarithm } from './logarithm.ts';

const ULPS = 8 * Number.EPSILON;

test('a logarithm is that of Math, but for the last bits', () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-300, max: 1e300, noNaN: true }), (x) => {
      const expected = Math.log(x);
      assert.ok(Math.abs(logarithm(x) - expected) <= ULPS * Math.max(Math.abs(expected), 0.5), `${x}: ${logarithm(x)}`);
    }),
  );
  assert.equal(logarithm(1), 0);
  assert.throws(() => logarithm(0), /positive number: got 0/);
});

test('an exponential is that of Math, but for the last bits', () => {
  fc.assert(
    fc.property(fc.double({ min: -40, max: 40, noNaN: true }), (x) => {
      const expected = Math.exp(x);
      // What x itself is rounded by counts for as much as x is long.
      assert.ok(Math.abs(exponential(x) - expected) <= ULPS * Math.max(1, Math.abs(x)) * expected, `${x}`);
    }),
  );
  assert.equal(exponential(0), 1);
  assert.throws(() => exponential(701), /from -700 to 700: got 701/);
});

test('the bits of some are fixed for every engine', () => {
  const bits = (x: number): string => new DataView(new Float64Array([x]).buffer).getBigUint64(0, true).toString(16);
  assert.deepEqual([0.1, 1 / 3, 7.5e-10, 1234.5].map(logarithm).map(bits), FIXED_LOGARITHMS);
  assert.deepEqual([-3.3, 0.1, 1.75, 12.25].map(exponential).map(bits), FIXED_EXPONENTIALS);
});

const FIXED_LOGARITHMS = ['c0026bb1bbb55515', 'bff193ea7aad030a', 'c03502cd7b70d326', '401c79436f818745'];
const FIXED_EXPONENTIALS = ['3fa2e259bb85be84', '3ff1aec7b35a00d4', '401704b6905bacc0', '410982aa4f9aec91'];
