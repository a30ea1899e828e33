import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fromJson, type Json, toJson } from './json.ts';
import { Ballot, plainData } from './plain.suite.ts';
import { PlainDataError } from './plain.ts';

test('plain data comes back from JSON text as it was', () => {
  fc.assert(
    fc.property(plainData, (value) => {
      assert.deepStrictEqual(fromJson(JSON.parse(JSON.stringify(toJson(value))) as Json), value);
    }),
    { numRuns: 500 },
  );
});

test('what JSON has is itself, and the rest is tagged', () => {
  const value = { type: 'accept', command: new TextEncoder().encode('put a'), at: -0, votes: new Map([['a', 1n]]) };
  assert.deepEqual(toJson(value), {
    type: 'accept',
    command: { $ascii: 'put a' },
    at: { $number: '-0' },
    votes: { $map: [['a', { $bigint: '1' }]] },
  });
  assert.deepEqual(toJson([new Uint8Array([0, 255]), undefined, new Set([Number.NaN])]), [
    { $bytes: '00ff' },
    { $undefined: true },
    { $set: [{ $number: 'NaN' }] },
  ]);
});

test('a field that looks like a tag is not taken for one', () => {
  for (const value of [{ $bytes: '00' }, { $$bytes: 1 }, { $map: [], $set: [] }]) {
    assert.deepEqual(fromJson(toJson(value)), value);
  }
});

test('JSON that was not written by toJson is refused', () => {
  const malformed: readonly Json[] = [
    { $unknown: 1 },
    { $bytes: '0' },
    { $bytes: 'zz' },
    { $bigint: '1.5' },
    { $number: '7' },
    { $map: [[1]] },
    { $set: 1 },
    { $ascii: 1 },
    { $set: [], other: 1 },
    JSON.parse('{"__proto__":{"a":1}}') as Json,
  ];
  for (const json of malformed) assert.throws(() => fromJson(json), TypeError, JSON.stringify(json));
});

test('class instances are refused with the path to them', () => {
  assert.throws(
    () => toJson({ votes: [new Ballot(1, 'a')] }),
    (error) => error instanceof PlainDataError && error.code === 'notPlain' && error.path === 'votes[0]',
  );
});
