import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { storageSuite } from '../kernel/storage.suite.ts';
import { MAX_KEY } from '../kernel/storage.ts';
import { LmdbEngine } from './lmdb-engine.ts';
import { type LmdbStorage, STORAGE_KEY_BYTES_MAX } from './lmdb-storage.ts';

storageSuite('in LMDB', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'coterie-lmdb-'));
  let engine = LmdbEngine.open(directory);
  let storage = engine.storage('kv');
  return {
    storage,
    flush: () => storage.flush(),
    crash: async () => {
      await engine.close();
      engine = LmdbEngine.open(directory);
      storage = engine.storage('kv');
      return storage;
    },
    close: async () => {
      await engine.close();
      await rm(directory, { recursive: true });
    },
  };
});

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

test('a file that LMDB would stumble over is refused', async (t) => {
  const directory = await temporaryDirectory(t);
  const engine = LmdbEngine.open(directory);
  for (let index = 0; index < 1000; index += 1) engine.storage('kv').set(`${index}`, new Uint8Array(1000));
  await engine.storage('kv').flush();
  await engine.close();
  const path = join(directory, 'data.mdb');
  const whole = await readFile(path);
  const damaged: [string, Buffer, RegExp][] = [
    ['another file', Buffer.alloc(whole.length, 'x'), /the file has only|expected beefc0de/],
    [
      'first page overwritten',
      Buffer.concat([Buffer.alloc(100, 'x'), whole.subarray(100)]),
      /the file has only|expected beefc0de/,
    ],
    [
      'second page overwritten',
      Buffer.concat([whole.subarray(0, 4096), Buffer.alloc(whole.length - 4096)]),
      /at byte 4120 is 0, expected beefc0de/,
    ],
    [
      'cut within its pages',
      whole.subarray(0, whole.length / 2),
      /the file has \d+ bytes, its content takes at least \d+/,
    ],
    ['cut within its head', whole.subarray(0, 100), /the file has only 100 bytes/],
  ];
  for (const [what, bytes, message] of damaged) {
    await writeFile(path, bytes);
    assert.throws(() => LmdbEngine.open(directory), { code: 'storageOpen', message }, what);
  }
  await writeFile(path, whole);
  const again = LmdbEngine.open(directory);
  assert.equal(content(again.storage('kv')).length, 1000);
  await again.close();
});

test('bounds may be longer than keys', async (t) => {
  const engine = LmdbEngine.open(await temporaryDirectory(t));
  const storage = engine.storage('kv');
  const longest = 'k'.repeat(STORAGE_KEY_BYTES_MAX);
  storage.set(longest, bytes(1));
  storage.set('l', bytes(2));
  await storage.flush();
  const keys = (from: string, to: string): string[] => [...storage.entries(from, to)].map(([key]) => key);
  assert.deepEqual(keys('', `${longest}k`), [longest]);
  assert.deepEqual(keys(`${longest}k`, MAX_KEY), ['l']);
  assert.equal(storage.get(`${longest}k`), undefined);
  assert.throws(() => storage.set(`${longest}k`, bytes(1)), { code: 'storageKey' });
  await engine.close();
});

test('the map grows under readers and pins while it is written', async (t) => {
  const engine = LmdbEngine.open(await temporaryDirectory(t));
  const storage = engine.storage('kv');
  const value = new Uint8Array(4000).fill(7);
  for (let round = 0; round < 10; round += 1) {
    for (let index = 0; index < 500; index += 1) storage.set(`${round}/${index}`, value);
    const flushed = storage.flush();
    storage.pin(`p${round}`);
    await flushed;
    storage.delete(`${round}/0`);
    for (let index = 1; index < 500; index += 1) assert.equal(storage.get(`${round}/${index}`)?.length, 4000);
  }
  await storage.flush();
  assert.equal(content(storage).length, 4990);
  const before = [...(storage.pinned('p5')?.entries('', MAX_KEY) ?? [])].length;
  assert.ok(before === 2495 || before === 2496 || before === 2995, `${before} were flushed`);
  await engine.close();
});

async function temporaryDirectory(t: { after: (clean: () => Promise<void>) => void }): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'coterie-lmdb-'));
  t.after(() => rm(directory, { recursive: true }));
  return directory;
}
