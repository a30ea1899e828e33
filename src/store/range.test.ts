import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryStorage } from '../kernel/memory-storage.ts';
import { Random } from '../kernel/random.ts';
import type { RangeRequest, RangeResponse, StoreRequest } from './api.ts';
import { encodeRequest } from './codec.ts';
import { StoreMachine } from './machine.ts';
import { EVERYTHING, put, range, remove } from './requests.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (value: Uint8Array) => new TextDecoder().decode(value);

/** c=1 (created 2, written 2), a=3 (3, 6, twice), b=2 (4, 4), d=2 (5, 5). */
const machine = new StoreMachine(new MemoryStorage());
for (const [key, value] of ['c1', 'a9', 'b2', 'd2', 'a3']) {
  machine.apply(encodeRequest(put(bytes(key ?? ''), bytes(value ?? ''))), { slot: 1, timeMs: 0 });
}

function read(options: Partial<Omit<RangeRequest, 'type' | 'key'>>): RangeResponse {
  const response = machine.read(range(EVERYTHING.key, { end: EVERYTHING.end, ...options }));
  assert.equal(response.type, 'range');
  return response;
}

const keys = (options: Partial<Omit<RangeRequest, 'type' | 'key'>>) =>
  read(options)
    .kvs.map(({ key }) => text(key))
    .join('');

test('a range comes in the order of its keys, or of another field, either way', () => {
  assert.equal(keys({}), 'abcd');
  assert.equal(keys({ order: 'descend' }), 'dcba');
  assert.equal(keys({ order: 'ascend', sortBy: 'create' }), 'cabd');
  assert.equal(keys({ order: 'descend', sortBy: 'mod' }), 'adbc');
  assert.equal(keys({ order: 'ascend', sortBy: 'value' }), 'cbda');
});

test('keys whose sort field is equal stay in their order, either way', () => {
  assert.equal(keys({ order: 'ascend', sortBy: 'version' }), 'bcda');
  assert.equal(keys({ order: 'descend', sortBy: 'version' }), 'abcd');
});

test('a limit is applied after a sort', () => {
  assert.equal(keys({ order: 'descend', limit: 2 }), 'dc');
  assert.equal(keys({ order: 'descend', sortBy: 'mod', limit: 1 }), 'a');
});

test('a sort target without an order sorts what the limit left, as in etcd', () => {
  assert.equal(keys({ sortBy: 'create', limit: 2 }), 'ca'); // of a, b and one more, c
});

test('a limit that cuts says that there is more; the count takes no notice of it', () => {
  const cut = read({ limit: 3 });
  assert.deepEqual([cut.kvs.length, cut.more, cut.count], [3, true, 4]);
  const exact = read({ limit: 4 });
  assert.deepEqual([exact.kvs.length, exact.more, exact.count], [4, false, 4]);
});

test('revision filters choose what is returned, before the limit; the count takes no notice of them', () => {
  assert.equal(keys({ minModRevision: 5 }), 'ad');
  assert.equal(keys({ maxModRevision: 4 }), 'bc');
  assert.equal(keys({ minCreateRevision: 3, maxCreateRevision: 4 }), 'ab');
  const filtered = read({ minModRevision: 4, limit: 2 });
  assert.deepEqual([filtered.kvs.length, filtered.more, filtered.count], [2, true, 4]);
});

test('keysOnly leaves out values, also when it sorts by them', () => {
  const { kvs } = read({ keysOnly: true, order: 'descend', sortBy: 'value' });
  assert.deepEqual(
    kvs.map(({ key, value, version }) => [text(key), value.length, version]),
    [
      ['a', 0, 2],
      ['b', 0, 1],
      ['d', 0, 1],
      ['c', 0, 1],
    ],
  );
});

test('countOnly counts, at past revisions too', () => {
  assert.deepEqual(read({ countOnly: true, limit: 1 }), {
    type: 'range',
    revision: 6,
    kvs: [],
    more: false,
    count: 4,
  });
  assert.equal(read({ countOnly: true, revision: 3 }).count, 2);
});

test('the count at a past revision is the same whether all is fetched or not', () => {
  const large = new StoreMachine(new MemoryStorage());
  const random = new Random('count');
  const someKey = (of = 2_000) => bytes(String(90 + random.integer(of)).padStart(4, '0'));
  const apply = (request: StoreRequest) => large.apply(encodeRequest(request), { slot: 1, timeMs: 0 });
  for (let writes = 0; writes < 3_000; writes += 1) apply(put(someKey(), bytes('')));
  const first = large.stats().revision;
  while (large.stats().revision < first + 30)
    apply(random.chance(0.5) ? put(someKey(20), bytes('')) : remove(someKey(20)));
  for (let revision: number = first; revision <= first + 30; revision += 1) {
    const asked = { end: bytes('1900'), revision } as const;
    const all = large.read(range(bytes('0100'), asked));
    const one = large.read(range(bytes('0100'), { ...asked, limit: 1 }));
    assert.ok(all.type === 'range' && one.type === 'range');
    assert.deepEqual([one.count, one.more], [all.kvs.length, true]);
  }
});
