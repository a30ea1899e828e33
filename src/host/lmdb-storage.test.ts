import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { MAX_KEY } from '../kernel/storage.ts';
import { LmdbEngine } from './lmdb-engine.ts';
import type { LmdbStorage } from './lmdb-storage.ts';

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const content = (storage: LmdbStorage): [string, number[]][] =>
  [...storage.entries('', MAX_KEY)].map(([key, value]) => [key, [...value]]);

test('what was flushed outlives the engine, what was not is lost', async (t) => {
  const directory = await temporaryDirectory(t);
  const first = LmdbEngine.open(directory);
  const storage = first.storage('kv');
  storage.set('a', bytes(1));
  storage.set('b\x00\xff', bytes(2));
  storage.set('c', bytes());
  const flushed = storage.flush();
  storage.set('a', bytes(9));
  storage.delete('c');
  assert.deepEqual(storage.get('a'), bytes(9));
  await flushed;
  assert.deepEqual(content(storage), [
    ['a', [9]],
    ['b\x00\xff', [2]],
  ]);
  await first.close();

  const second = LmdbEngine.open(directory);
  assert.deepEqual(content(second.storage('kv')), [
    ['a', [1]],
    ['b\x00\xff', [2]],
    ['c', []],
  ]);
  await second.close();
});

test('reads see a flush that is under way, and then its result in LMDB', async (t) => {
  const engine = LmdbEngine.open(await temporaryDirectory(t));
  const storage = engine.storage('kv');
  for (let round = 0; round < 50; round += 1) {
    storage.set('k', bytes(round));
    storage.set(`k${round}`, bytes(round));
    storage.get('k'); // so that the read transaction of this turn is an old one
    const flushed = storage.flush();
    assert.deepEqual(storage.get('k'), bytes(round));
    await flushed;
    assert.deepEqual(storage.get('k'), bytes(round));
    assert.equal(content(storage).length, round + 2);
  }
  await engine.close();
});

test('ranges are in byte order, from the lowest byte to the highest', async (t) => {
  const engine = LmdbEngine.open(await temporaryDirectory(t));
  const storage = engine.storage('kv');
  const keys = ['\x00', '\x00\x00', '\x01', '\x04a', '\x05', '\x7f', '\x80', '\xfe\xff', '\xff', '\xff\xff'];
  for (const key of keys.toReversed()) storage.set(key, bytes(1));
  await storage.flush();
  assert.deepEqual(
    content(storage).map(([key]) => key),
    keys,
  );
  const within = [...storage.entries('\x01', '\x80')].map(([key]) => key);
  assert.deepEqual(within, ['\x01', '\x04a', '\x05', '\x7f']);
  await engine.close();
});

test('a pinned state stays as it was', async (t) => {
  const engine = LmdbEngine.open(await temporaryDirectory(t));
  const storage = engine.storage('kv');
  storage.set('a', bytes(1));
  await storage.flush();
  storage.pin('p');
  storage.set('a', bytes(2));
  storage.set('b', bytes(3));
  await storage.flush();
  const pinned = storage.pinned('p');
  assert.deepEqual(pinned?.get('a'), bytes(1));
  assert.deepEqual([...(pinned?.entries('', MAX_KEY) ?? [])], [['a', bytes(1)]]);
  storage.unpin('p');
  assert.equal(storage.pinned('p'), undefined);
  await engine.close();
});

test('an adopted stage replaces all content, durably with the next flush', async (t) => {
  const directory = await temporaryDirectory(t);
  const first = LmdbEngine.open(directory);
  const storage = first.storage('kv');
  storage.set('old', bytes(1));
  await storage.flush();
  storage.stage('new', bytes(2));
  assert.equal(storage.get('new'), undefined);
  storage.adoptStage();
  storage.set('newer', bytes(3));
  const expected = [
    ['new', [2]],
    ['newer', [3]],
  ];
  assert.deepEqual(content(storage), expected);
  await storage.flush();
  assert.deepEqual(content(storage), expected);
  await first.close();
  const second = LmdbEngine.open(directory);
  assert.deepEqual(content(second.storage('kv')), expected);
  await second.close();
});

async function temporaryDirectory(t: { after: (clean: () => Promise<void>) => void }): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'coterie-lmdb-'));
  t.after(() => rm(directory, { recursive: true }));
  return directory;
}
