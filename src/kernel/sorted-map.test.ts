import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { clone } from './clone.ts';
import { Random } from './random.ts';
import { SortedMap } from './sorted-map.ts';

/** What a sorted map is, in the simplest terms. */
class Oracle {
  readonly #entries = new Map<string, number>();

  set(key: string, value: number): void {
    this.#entries.set(key, value);
  }

  delete(key: string): boolean {
    return this.#entries.delete(key);
  }

  entries(from = '', to?: string): [string, number][] {
    return [...this.#entries]
      .filter(([key]) => key >= from && (to === undefined || key < to))
      .sort(([a], [b]) => (a < b ? -1 : 1));
  }
}

function assertSame(map: SortedMap<number>, oracle: Oracle, from: string, to: string): void {
  const all = oracle.entries();
  assert.deepEqual([...map.entries()], all);
  assert.deepEqual([...map.entriesBackward()], all.toReversed());
  assert.equal(map.size, all.length);
  assert.deepEqual(map.first(), all[0]);
  assert.deepEqual(map.last(), all.at(-1));
  const range = oracle.entries(from, to);
  assert.deepEqual([...map.entries(from, to)], range);
  assert.deepEqual([...map.entriesBackward(from, to)], range.toReversed());
  assert.deepEqual([...map.entries(from)], oracle.entries(from));
  assert.equal(map.countRange(from, to), range.length);
  assert.equal(map.rank(from), oracle.entries('', from).length);
}

// Few bytes make few keys, so that keys are hit again; a run of sets or deletes makes nodes split and merge.
const key = fc.oneof(fc.nat(400).map(String), fc.string({ maxLength: 3 }));
const run = fc.record({ remove: fc.boolean(), keys: fc.array(key, { maxLength: 150 }) });

test('any run of operations leaves what a sorted array would hold', () => {
  fc.assert(
    fc.property(fc.array(run, { maxLength: 8 }), key, key, (runs, from, to) => {
      const map = new SortedMap<number>();
      const oracle = new Oracle();
      for (const [index, { remove, keys }] of runs.entries()) {
        for (const each of keys) {
          if (remove) {
            assert.equal(map.delete(each), oracle.delete(each));
          } else {
            map.set(each, index);
            oracle.set(each, index);
            assert.equal(map.get(each), index);
          }
          assert.equal(map.has(each), !remove);
        }
        assertSame(map, oracle, from, to);
      }
    }),
  );
});

test('maps of thousands of keys fill and empty in any order', () => {
  const random = new Random('sorted map');
  const keys = Array.from({ length: 20_000 }, (_, index) => index.toString(36));
  const orders = [keys.toSorted(), keys.toSorted().reverse(), random.shuffle([...keys])];
  for (const filling of orders) {
    for (const emptying of orders) {
      const map = new SortedMap<string>();
      for (const each of filling) map.set(each, each);
      assert.equal(map.size, keys.length);
      const sorted = keys.toSorted();
      for (let index = 0; index < sorted.length; index += 997) assert.equal(map.rank(sorted[index] as string), index);
      for (const each of emptying.slice(100)) assert.ok(map.delete(each));
      const left = emptying.slice(0, 100).sort();
      assert.deepEqual(
        [...map.entries()].map(([each]) => each),
        left,
      );
      assert.deepEqual(
        [...map.entriesBackward('1', 'k')].map(([each]) => each),
        left.filter((each) => each >= '1' && each < 'k').reverse(),
      );
      for (const each of left) assert.ok(map.delete(each));
      assert.deepEqual(map, new SortedMap());
    }
  }
});

test('a clone goes its own way', () => {
  const map = new SortedMap<number>();
  for (let index = 0; index < 1000; index += 1) map.set(`${index}`, index);
  const copy = clone(map);
  for (let index = 0; index < 1000; index += 2) copy.delete(`${index}`);
  assert.equal(map.size, 1000);
  assert.equal(copy.size, 500);
  assert.equal(map.get('500'), 500);
  assert.equal(copy.get('500'), undefined);
});

test('a cleared map is empty', () => {
  const map = new SortedMap<number>().set('a', 1);
  map.clear();
  assert.equal(map.size, 0);
  assert.equal(map.first(), undefined);
  assert.equal(map.last(), undefined);
});

test('undefined is a value, and the empty string a key', () => {
  const map = new SortedMap<number | undefined>().set('', undefined);
  assert.ok(map.has(''));
  assert.equal(map.size, 1);
  assert.deepEqual(map.first(), ['', undefined]);
});
