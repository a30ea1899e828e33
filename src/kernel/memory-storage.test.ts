import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clone } from './clone.ts';
import { equal } from './equal.ts';
import { hashHex } from './hash.ts';
import { MemoryStorage } from './memory-storage.ts';
import { storageSuite } from './storage.suite.ts';
import { MAX_KEY } from './storage.ts';

storageSuite('in memory', async () => {
  const storage = new MemoryStorage();
  return {
    storage,
    flush: async () => {
      storage.beginFlush();
      storage.completeFlush();
    },
    crash: async () => {
      storage.crash();
      return storage;
    },
    close: async () => {},
  };
});

const one = new Uint8Array([1]);
const two = new Uint8Array([2]);

function keys(storage: MemoryStorage): string {
  return [...storage.entries('', MAX_KEY)].map(([key, [value]]) => `${key}${value}`).join(' ');
}

test('a flush makes durable what was written before it began, and not what came after', () => {
  const storage = new MemoryStorage();
  storage.set('a', one);
  storage.beginFlush();
  storage.set('a', two);
  storage.set('b', two);
  assert.equal(keys(storage), 'a2 b2');
  storage.completeFlush();
  assert.equal(keys(storage), 'a2 b2');
  storage.crash();
  assert.equal(keys(storage), 'a1');
});

test('a crash during a flush loses all of it', () => {
  const storage = new MemoryStorage();
  storage.set('a', one);
  storage.beginFlush();
  storage.crash();
  storage.completeFlush();
  assert.equal(keys(storage), '');
});

test('flushes that overlap complete in the order in which they began', () => {
  const storage = new MemoryStorage();
  storage.set('a', one);
  storage.beginFlush();
  storage.delete('a');
  storage.set('b', one);
  storage.beginFlush();
  storage.stage('c', one);
  storage.adoptStage();
  storage.beginFlush();
  assert.equal(keys(storage), 'c1');
  storage.completeFlush();
  const first = clone(storage);
  first.crash();
  assert.equal(keys(first), 'a1');
  storage.completeFlush();
  const second = clone(storage);
  second.crash();
  assert.equal(keys(second), 'b1');
  storage.completeFlush();
  storage.crash();
  assert.equal(keys(storage), 'c1');
});

test('a clone goes its own way, pins and unfinished flushes included', () => {
  const storage = new MemoryStorage();
  storage.set('a', one);
  storage.beginFlush();
  storage.completeFlush();
  storage.pin('p');
  storage.set('a', two);
  storage.beginFlush();
  const copy = clone(storage);
  assert.equal(hashHex(copy), hashHex(storage));
  storage.completeFlush();
  storage.set('b', two);
  copy.crash();
  assert.equal(keys(copy), 'a1');
  assert.equal(keys(storage), 'a2 b2');
  assert.deepEqual(storage.pinned('p')?.get('a'), one);
});

test('a storage that became empty again is equal to a new one', () => {
  const storage = new MemoryStorage();
  storage.set('a', one);
  storage.beginFlush();
  storage.completeFlush();
  storage.pin('p');
  storage.unpin('p');
  storage.delete('a');
  storage.beginFlush();
  storage.completeFlush();
  assert.ok(equal(storage, new MemoryStorage()));
});
