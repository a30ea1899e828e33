import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryStorage } from '../kernel/memory-storage.ts';
import { MAX_KEY } from '../kernel/storage.ts';
import type { StoreRequest, StoreResponse } from './api.ts';
import { encodeRequest } from './codec.ts';
import { StoreMachine } from './machine.ts';
import { compact, put, range, remove, txn } from './requests.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const set = (key: string, value: string) => put(bytes(key), bytes(value));
const drop = (key: string) => remove(bytes(key));
const get = (key: string, revision = 0) => range(bytes(key), { revision });

function run(machine: StoreMachine, request: StoreRequest): StoreResponse {
  return machine.apply(encodeRequest(request), { slot: 1, timeMs: 0 });
}

function machineAfter(...requests: readonly StoreRequest[]): StoreMachine {
  const machine = new StoreMachine(new MemoryStorage());
  for (const request of requests) assert.notEqual(run(machine, request).type, 'refused');
  return machine;
}

/** The value a key had at a revision, null if it was not there, or why it cannot be read. */
function valueAt(machine: StoreMachine, key: string, revision: number): string | null {
  const response = machine.read(get(key, revision));
  if (response.type === 'refused') return response.code;
  assert.equal(response.type, 'range');
  const [kv] = response.kvs;
  return kv === undefined ? null : new TextDecoder().decode(kv.value);
}

/** Lets a machine execute what changes nothing until its sweep is over. Returns how many commands that took. */
function sweep(machine: StoreMachine): number {
  let commands = 0;
  for (; machine.stats().sweeping; commands += 1) run(machine, get('a'));
  return commands;
}

const rowsOf = (machine: StoreMachine) => [...machine.versions.storage.entries('', MAX_KEY)];
const overwrites = (count: number) => Array.from({ length: count }, (_, number) => set('a', `${number}`));

test('a compaction leaves its own revision readable, and none below', () => {
  const machine = machineAfter(set('a', '1'), set('a', '2'), set('a', '3'), compact(3));
  for (const swept of [false, true]) {
    if (swept) sweep(machine);
    const values = [2, 3, 4, 0].map((revision) => valueAt(machine, 'a', revision));
    assert.deepEqual(values, ['compacted', '2', '3', '3']);
  }
});

test('one cannot compact at or below the last compaction, nor in the future', () => {
  const machine = machineAfter(set('a', '1'), set('a', '2'), compact(2));
  assert.deepEqual(run(machine, compact(2)), {
    type: 'refused',
    code: 'compacted',
    message: 'etcdserver: mvcc: required revision has been compacted',
  });
  assert.deepEqual(run(machine, compact(4)), {
    type: 'refused',
    code: 'futureRevision',
    message: 'etcdserver: mvcc: required revision is a future revision',
  });
});

test('one can compact at 0 once, as in etcd', () => {
  const machine = machineAfter(compact(0));
  assert.equal(run(machine, compact(0)).type, 'refused');
});

test('nothing is left of a key deleted before the compaction; one deleted later is still there at it', () => {
  const machine = machineAfter(set('gone', '1'), drop('gone'), set('later', '1'), compact(4), drop('later'));
  sweep(machine);
  assert.deepEqual(
    [valueAt(machine, 'gone', 4), valueAt(machine, 'later', 4), valueAt(machine, 'later', 5)],
    [null, '1', null],
  );
  assert.equal(machine.stats().rows, 2);
});

test('a key put and deleted in one transaction leaves nothing behind', () => {
  const once = txn([], [txn([], [set('a', '1')]), txn([], [drop('a')])]);
  const machine = machineAfter(once, set('b', '1'), compact(3));
  sweep(machine);
  assert.deepEqual([machine.stats().keys, machine.stats().rows], [1, 1]);
});

test('history is removed a few rows with each command', () => {
  const machine = machineAfter(...overwrites(1_000));
  const rows = [machine.stats().rows];
  run(machine, compact(1_001));
  while (machine.stats().sweeping) {
    rows.push(machine.stats().rows);
    run(machine, get('a'));
  }
  const most = Math.max(...rows.map((left, at) => (rows[at - 1] ?? left) - left));
  assert.ok(most <= 8, `one command removed ${most} rows`);
  assert.equal(machine.stats().rows, 1);
});

test('the sweep catches up with writers that never pause, whatever they write at once', () => {
  const machine = machineAfter(...overwrites(500));
  run(machine, compact(501));
  const batch = txn(
    [],
    Array.from({ length: 100 }, (_, number) => set(`b${number}`, '')),
  );
  for (let commands = 0; machine.stats().sweeping; commands += 1) {
    assert.ok(commands < 10, 'the sweep is still not over');
    run(machine, batch);
  }
});

test('a later compaction takes over from one that is still being swept', () => {
  const machine = machineAfter(...overwrites(200), compact(100), ...overwrites(10), compact(205));
  assert.equal(machine.stats().sweeping, true);
  sweep(machine);
  assert.equal(machine.stats().rows, 211 - 205 + 1);
  assert.equal(valueAt(machine, 'a', 206), '4');
});

test('a machine reloaded in the middle of a sweep goes on as one that was not', () => {
  const [whole, reloaded] = [machineAfter(...overwrites(300)), machineAfter(...overwrites(300))];
  for (const machine of [whole, reloaded]) run(machine, compact(250));
  let reloads = 0;
  for (; whole.stats().sweeping; reloads += 1) {
    reloaded.reload();
    for (const machine of [whole, reloaded]) run(machine, get('a'));
    assert.deepEqual(rowsOf(reloaded), rowsOf(whole));
    assert.deepEqual(reloaded.stats(), whole.stats());
  }
  assert.ok(reloads > 10);
});

test('long histories are read right while they are swept', () => {
  const machine = machineAfter(...overwrites(400), compact(300));
  while (machine.stats().sweeping) {
    for (const revision of [300, 301, 350, 401]) assert.equal(valueAt(machine, 'a', revision), `${revision - 2}`);
    run(machine, get('a'));
  }
});

test('the revision is known after a reload though the compaction took its row away', () => {
  const machine = machineAfter(set('a', '1'), drop('a'), compact(3));
  sweep(machine);
  assert.equal(machine.stats().rows, 0);
  machine.reload();
  assert.deepEqual([machine.stats().revision, machine.stats().compactRevision], [3, 3]);
  assert.equal(valueAt(machine, 'a', 2), 'compacted');
});

test('a machine that adopts the rows of another answers as that one', () => {
  const source = machineAfter(...overwrites(100), compact(90));
  const target = machineAfter(set('other', '1'));
  const { storage } = target.versions;
  for (const [key, value] of rowsOf(source)) storage.stage(key, value);
  storage.adoptStage();
  target.reload();
  assert.deepEqual(target.stats(), source.stats());
  assert.equal(valueAt(target, 'other', 0), null);
  assert.equal(valueAt(target, 'a', 89), 'compacted');
  assert.equal(valueAt(target, 'a', 0), '99');
});

test('the bytes counted are those of the rows', () => {
  const machine = machineAfter(...overwrites(50), set('b', 'value'), drop('b'), compact(40));
  for (let commands = 0; commands < 5; commands += 1) {
    let counted = 0;
    for (const [key, value] of machine.versions.storage.entries('k', 'l')) counted += key.length + value.length;
    assert.equal(machine.stats().bytes, counted);
    run(machine, get('a'));
  }
});
