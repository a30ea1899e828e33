import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clone } from './clone.ts';
import { Random } from './random.ts';

function draws(random: Random, count: number): number[] {
  return Array.from({ length: count }, () => random.next());
}

test('a seed gives the same numbers in every run', () => {
  assert.deepEqual(draws(new Random(1), 4), [1503705940, 4009597325, 151241347, 2201007059]);
  assert.deepEqual(draws(new Random('1'), 4), [638178306, 247969665, 2062488651, 1826306491]);
});

test('a clone draws what its original draws', () => {
  const random = new Random(7);
  random.next();
  assert.deepEqual(draws(clone(random), 100), draws(random, 100));
});

test('streams of near seeds and of forks have nothing in common', () => {
  const streams = [new Random(1), new Random(2), new Random(1).fork('a'), new Random(1).fork('b'), new Random('1')];
  const seen = new Set(streams.flatMap((random) => draws(random, 200)));
  assert.equal(seen.size, 1000);
});

test('a fork depends on seed and label, not on what was drawn', () => {
  const random = new Random('net');
  const before = draws(random.fork('delays'), 10);
  draws(random, 5);
  assert.deepEqual(draws(random.fork('delays'), 10), before);
  assert.notDeepEqual(draws(random.fork('losses'), 10), before);
  assert.notDeepEqual(draws(new Random('disk').fork('delays'), 10), before);
});

/** Pearson's chi-squared of counts that should all be equal: its mean is one less than there are counts. */
function chiSquared(counts: readonly number[]): number {
  const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  return counts.reduce((sum, count) => sum + (count - mean) ** 2 / mean, 0);
}

test('integers below a bound are equally likely', () => {
  const random = new Random('integers');
  for (const bound of [2, 3, 7, 100]) {
    const counts = new Array<number>(bound).fill(0);
    for (let draw = 0; draw < 20_000; draw += 1) {
      const integer = random.integer(bound);
      counts[integer] = (counts[integer] as number) + 1;
    }
    assert.equal(counts.length, bound);
    assert.ok(chiSquared(counts) < bound + 5 * Math.sqrt(2 * bound), `chi squared for ${bound}`);
  }
});

test('a bound that 2^32 is no multiple of favours no third of its range', () => {
  const random = new Random('bias');
  const bound = 3 * 2 ** 30; // taken modulo, the lowest third would come twice as often
  const counts = [0, 0, 0];
  for (let draw = 0; draw < 30_000; draw += 1) {
    const third = Math.floor(random.integer(bound) / 2 ** 30);
    counts[third] = (counts[third] as number) + 1;
  }
  assert.ok(chiSquared(counts) < 15);
});

test('bounds that are no whole numbers from 1 to 2^32 are refused', () => {
  const random = new Random(1);
  for (const bound of [0, -1, 1.5, Number.NaN, 2 ** 32 + 1]) assert.throws(() => random.integer(bound), RangeError);
  assert.equal(random.integer(1), 0);
  assert.ok(random.integer(2 ** 32) >= 0);
  assert.throws(() => random.pick([]), RangeError);
});

test('chance, between and exponential keep to their ranges and means', () => {
  const random = new Random('ranges');
  let hits = 0;
  let between = 0;
  let waited = 0;
  const count = 20_000;
  for (let draw = 0; draw < count; draw += 1) {
    assert.equal(random.chance(0), false);
    assert.equal(random.chance(1), true);
    if (random.chance(0.25)) hits += 1;
    const number = random.between(10, 20);
    assert.ok(number >= 10 && number < 20);
    between += number;
    const wait = random.exponential(5);
    assert.ok(wait >= 0 && Number.isFinite(wait));
    waited += wait;
  }
  assert.ok(Math.abs(hits / count - 0.25) < 0.02);
  assert.ok(Math.abs(between / count - 15) < 0.2);
  assert.ok(Math.abs(waited / count - 5) < 0.3);
});

test('every order of a shuffle is equally likely, and nothing is lost', () => {
  const random = new Random('shuffle');
  const counts = new Map<string, number>();
  for (let draw = 0; draw < 12_000; draw += 1) {
    const order = random.shuffle(['a', 'b', 'c', 'd']).join('');
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  assert.equal(counts.size, 24);
  assert.ok(chiSquared([...counts.values()]) < 60);
});

test('every item is picked', () => {
  const random = new Random('pick');
  const picked = new Set(Array.from({ length: 100 }, () => random.pick(['a', 'b', 'c'])));
  assert.deepEqual([...picked].sort(), ['a', 'b', 'c']);
});
