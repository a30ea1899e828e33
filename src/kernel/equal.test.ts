import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { clone } from './clone.ts';
import { diff } from './diff.ts';
import { equal, equalInOrder } from './equal.ts';
import { hash, hashHex, hashInOrder, hashInto } from './hash.ts';
import { Ballot, processState } from './plain.suite.ts';

/** The same data, with everything that has an order for its insertion inserted the other way round. */
function reordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reordered);
  if (value instanceof Map)
    return new Map([...value].reverse().map(([key, item]) => [reordered(key), reordered(item)]));
  if (value instanceof Set) return new Set([...value].reverse().map(reordered));
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  const result: object = Object.create(Object.getPrototypeOf(value));
  for (const [name, part] of Object.entries(value).reverse()) Reflect.set(result, name, reordered(part));
  return result;
}

test('equality ignores the order of insertion into maps, sets and objects, and hashes agree with it', () => {
  fc.assert(
    fc.property(processState, (value) => {
      const other = reordered(clone(value));
      assert.ok(equal(value, other));
      assert.deepEqual(hash(value), hash(other));
      assert.deepEqual(diff(value, other), []);
    }),
  );
});

test('of two values, equality says what the deep comparison of Node says', () => {
  fc.assert(
    fc.property(processState, processState, (a, b) => {
      assert.equal(equal(a, b), isDeepStrictEqual(a, b));
      if (!equal(a, b)) assert.notDeepEqual(hash(a), hash(b));
    }),
    { numRuns: 500 },
  );
});

const DIFFERENT: readonly unknown[] = [
  undefined,
  null,
  false,
  true,
  0,
  -0,
  1,
  -1,
  1.5,
  2 ** 27,
  2 ** 31,
  2 ** 32,
  Number.NaN,
  Infinity,
  1n,
  -1n,
  '',
  '1',
  'ab',
  'ba',
  '\u0100\u0000',
  '\u0001\u0000\u0000',
  'abcd\u0100',
  new Uint8Array(0),
  new Uint8Array(1),
  new Uint8Array(2),
  [],
  [0],
  [undefined],
  [[]],
  [0, 1],
  [1, 0],
  [[0], 1],
  [[0, 1]],
  {},
  { a: undefined },
  { a: 1, b: 2 },
  { a: 2, b: 1 },
  { b: 1 },
  { a: { b: 1 } },
  { round: 1, node: 'a' },
  new Ballot(1, 'a'),
  new Map(),
  new Map([[1, 2]]),
  new Map([[2, 1]]),
  new Map([['1', 2]]),
  new Map([
    [1, 1],
    [2, 2],
  ]),
  new Map([
    [1, 2],
    [2, 1],
  ]),
  new Map([[{ a: 1 }, 1]]),
  new Map([[{ a: 2 }, 1]]),
  new Set(),
  new Set([1, 2]),
  new Set(['1', '2']),
  new Set([[1], [2]]),
  new Set([[1, 2]]),
];

test('values that a protocol could tell apart are not equal, and differ in their hashes', () => {
  for (const [index, a] of DIFFERENT.entries()) {
    for (const [other, b] of DIFFERENT.entries()) {
      assert.equal(equal(a, b), index === other, `${index} and ${other}`);
      assert.equal(hashHex(a) === hashHex(b), index === other, `hashes of ${index} and ${other}`);
    }
  }
});

test('instances of two classes with the same fields differ', () => {
  class Other {
    round = 1;
    node = 'a';
  }
  assert.ok(!equal(new Ballot(1, 'a'), new Other()));
  assert.notEqual(hashHex(new Ballot(1, 'a')), hashHex(new Other()));
});

test('the hash is the same in every run', () => {
  assert.equal(hashHex({ type: 'accept', ballot: 7, votes: new Map([['a', [1.5, null]]]) }), 'f9a86b4789ce9306');
});

test('the three forms of a hash agree', () => {
  fc.assert(
    fc.property(processState, (value) => {
      const words = new Uint32Array(3);
      hashInto(value, words, 1);
      const { high, low } = hash(value);
      assert.deepEqual([...words], [0, high, low]);
      assert.equal(hashHex(value), high.toString(16).padStart(8, '0') + low.toString(16).padStart(8, '0'));
    }),
  );
});

/** How many pairs of equal numbers there are. */
function collisions(numbers: Uint32Array): number {
  numbers.sort();
  let count = 0;
  for (let index = 1; index < numbers.length; index += 1) if (numbers[index] === numbers[index - 1]) count += 1;
  return count;
}

test('each half of the hashes of much alike states collides as seldom as chance has it', () => {
  const states = 262_144; // 2^36 / 2 pairs: 8 collisions of 32 bits are expected
  const high = new Uint32Array(states);
  const low = new Uint32Array(states);
  const words = new Uint32Array(2);
  for (let index = 0; index < states; index += 1) {
    const votes = new Map([
      ['a', { ballot: index & 63, value: 'x' }],
      ['b', { ballot: (index >> 6) & 63, value: 'x' }],
    ]);
    hashInto({ votes, round: (index >> 12) & 7, log: [index >> 15, 0, 0] }, words, 0);
    high[index] = words[0] as number;
    low[index] = words[1] as number;
  }
  assert.ok(collisions(high) < 30);
  assert.ok(collisions(low) < 30);
});

test('every bit of the hash depends on every bit of a number', () => {
  const base = new Uint32Array(2);
  const flipped = new Uint32Array(2);
  for (let bit = 0; bit < 31; bit += 1) {
    const changes = new Array<number>(64).fill(0);
    for (let value = 0; value < 400; value += 1) {
      hashInto({ a: value * 7919, b: 1 }, base, 0);
      hashInto({ a: (value * 7919) ^ (1 << bit), b: 1 }, flipped, 0);
      for (let out = 0; out < 64; out += 1) {
        const word = (base[out >> 5] as number) ^ (flipped[out >> 5] as number);
        changes[out] = (changes[out] as number) + ((word >>> (out & 31)) & 1);
      }
    }
    for (const [out, count] of changes.entries()) {
      assert.ok(count > 120 && count < 280, `bit ${bit} changes bit ${out} of the hash ${count} times of 400`);
    }
  }
});

test('equality in order tells data apart by the order of insertion, and hashes agree with it', () => {
  const pairs: readonly (readonly [unknown, unknown])[] = [
    [new Set([1, 2]), new Set([2, 1])],
    [
      new Map([
        [1, 2],
        [3, 4],
      ]),
      new Map([
        [3, 4],
        [1, 2],
      ]),
    ],
    [
      { a: 1, b: { c: 1, d: 2 } },
      { a: 1, b: { d: 2, c: 1 } },
    ],
    [[{ a: {} }], [{ a: { b: 1 } }]],
  ];
  for (const [a, b] of pairs) {
    assert.ok(!equalInOrder(a, b));
    assert.notDeepEqual(hashInOrder(a), hashInOrder(b));
  }
  fc.assert(
    fc.property(processState, processState, (value, other) => {
      assert.ok(equalInOrder(value, clone(value)));
      assert.deepEqual(hashInOrder(value), hashInOrder(clone(value)));
      assert.deepEqual(hash(value), hash(reordered(value)));
      if (equalInOrder(value, other)) assert.ok(equal(value, other));
      else assert.notDeepEqual(hashInOrder(value), hashInOrder(other));
    }),
  );
});
