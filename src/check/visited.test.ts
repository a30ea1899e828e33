import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collisionProbability, type Fingerprint, Hasher } from './fingerprint.ts';
import { NO_PARENT, VisitedSet } from './visited.ts';

test('states are numbered as they come, and found again with their number', () => {
  const visited = new VisitedSet();
  const hasher = new Hasher();
  const print: Fingerprint = { high: 0, low: 0 };
  const count = 200_000;
  for (let number = 0; number < count; number += 1) {
    hasher.reset().word(number).finish(print);
    assert.equal(visited.add(print, number === 0 ? NO_PARENT : number >> 1), number);
  }
  for (let number = 0; number < count; number += 997) {
    hasher.reset().word(number).finish(print);
    assert.equal(visited.add(print, 5), -1 - number);
    assert.equal(visited.parent(number), number === 0 ? NO_PARENT : number >> 1);
    const { high, low } = print;
    visited.read(number, print);
    assert.deepEqual(print, { high, low });
  }
  assert.equal(visited.size, count);
  assert.ok(visited.bytes / count < 40);
});

test('fingerprints that share a half, or the place in the table, are two', () => {
  const visited = new VisitedSet();
  const prints = [0, 1, 0xffffffff].flatMap((high) => [0, 1, 4096, 0xffffffff].map((low) => ({ high, low })));
  for (const [number, print] of prints.entries()) assert.equal(visited.add(print, NO_PARENT), number);
  for (const [number, print] of prints.entries()) assert.equal(visited.add(print, NO_PARENT), -1 - number);
});

test('a hasher tells order, length and halves apart, and spreads both words', () => {
  const hasher = new Hasher();
  const of = (...words: number[]): string => {
    const print: Fingerprint = { high: 0, low: 0 };
    hasher.reset().words(words).finish(print);
    return `${print.high} ${print.low}`;
  };
  const texts = [of(), of(0), of(0, 0), of(1, 2), of(2, 1), of(1), of(-1), of(2 ** 31)];
  assert.equal(new Set(texts).size, texts.length);
  const [highs, lows] = [new Set<string>(), new Set<string>()];
  for (let word = 0; word < 50_000; word += 1) {
    const [high = '', low = ''] = of(word, 7).split(' ');
    highs.add(high);
    lows.add(low);
  }
  // Of 50,000 random 32-bit words, 0.3 pairs are equal on average.
  assert.ok(highs.size > 49_990 && lows.size > 49_990);
});

test('one state in a hundred million is overlooked once in 3,700 searches', () => {
  assert.equal(Math.round(1 / collisionProbability(1e8)), 3689);
  assert.equal(collisionProbability(1e12), 1);
});
