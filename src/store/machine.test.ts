import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryStorage } from '../kernel/memory-storage.ts';
import type { Compare, KeyValue, RangeResponse, StoreRequest, StoreResponse, TxnRequest } from './api.ts';
import { encodeRequest } from './codec.ts';
import { StoreMachine } from './machine.ts';
import { compact, EVERYTHING, put, range, remove, txn } from './requests.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (value: Uint8Array) => new TextDecoder().decode(value);
const everything = { end: EVERYTHING.end };

/** A machine that has executed these requests. */
function machineAfter(...requests: readonly StoreRequest[]): StoreMachine {
  const machine = new StoreMachine(new MemoryStorage());
  for (const request of requests) assert.notEqual(run(machine, request).type, 'refused');
  return machine;
}

function run(machine: StoreMachine, request: StoreRequest): StoreResponse {
  return machine.apply(encodeRequest(request), { slot: 1, timeMs: 0 });
}

function readRange(machine: StoreMachine, key: string, options: Parameters<typeof range>[1] = {}): RangeResponse {
  const response = machine.read(range(bytes(key), options));
  assert.equal(response.type, 'range');
  return response;
}

const shown = (kvs: readonly KeyValue[]) => kvs.map(({ key, value }) => `${text(key)}=${text(value)}`).join(' ');
const set = (key: string, value: string, options: Parameters<typeof put>[2] = {}) =>
  put(bytes(key), bytes(value), options);
const drop = (key: string, options: Parameters<typeof remove>[1] = {}) => remove(bytes(key), options);
const isMissing = (key: string): Compare => ({
  key: bytes(key),
  end: null,
  relation: 'equal',
  target: 'create',
  revision: 0,
});

function assertRefused(response: StoreResponse, message: string): void {
  assert.equal(response.type, 'refused');
  assert.equal(response.message, message);
}

test('an empty store is at revision 1, and each write makes the next', () => {
  const machine = machineAfter();
  assert.equal(machine.stats().revision, 1);
  assert.equal(run(machine, set('a', '1')).type, 'put');
  assert.equal(machine.stats().revision, 2);
  run(machine, txn([], [set('b', '1'), set('c', '1'), drop('a')]));
  assert.equal(machine.stats().revision, 3);
});

test('what writes nothing makes no revision: reads, deletes of nothing, transactions of such, refusals', () => {
  const machine = machineAfter(set('a', '1'));
  const idle = [
    range(bytes('a')),
    drop('nothing'),
    txn([], [drop('nothing'), range(bytes('a'))]),
    txn([isMissing('a')], [set('a', '2')]),
    set('', '1'),
  ];
  for (const request of idle) run(machine, request);
  assert.equal(machine.stats().revision, 2);
});

test('a key says when it was created, last written, and how often since', () => {
  const machine = machineAfter(set('a', '1'), set('a', '2'), drop('a'), set('a', '3'), set('a', '4'));
  const [kv] = readRange(machine, 'a').kvs;
  assert.deepEqual(kv, {
    key: bytes('a'),
    value: bytes('4'),
    createRevision: 5,
    modRevision: 6,
    version: 2,
    lease: 0n,
  });
});

test('every revision can be read until it is compacted', () => {
  const machine = machineAfter(set('a', '1'), set('b', '1'), set('a', '2'), drop('b'));
  const seen = [1, 2, 3, 4, 5].map((revision) => shown(readRange(machine, '\0', { ...everything, revision }).kvs));
  assert.deepEqual(seen, ['', 'a=1', 'a=1 b=1', 'a=2 b=1', 'a=2']);
});

test('a read says the revision of the store, not the one it asked for', () => {
  const machine = machineAfter(set('a', '1'), set('a', '2'));
  assert.equal(readRange(machine, 'a', { revision: 2 }).revision, 3);
});

test('a read of a revision that is not there yet is refused', () => {
  const machine = machineAfter(set('a', '1'));
  assertRefused(
    machine.read(range(bytes('a'), { revision: 3 })),
    'etcdserver: mvcc: required revision is a future revision',
  );
});

test('keys are in the order of their bytes, whatever characters they would be', () => {
  const machine = machineAfter();
  for (const key of [[0xff, 0xff], [0x7f], [0xff], [0x80, 0], [0x80]]) {
    run(machine, put(Uint8Array.from(key), bytes('')));
  }
  const { kvs } = readRange(machine, '\0', everything);
  assert.deepEqual(
    kvs.map(({ key }) => [...key]),
    [[0x7f], [0x80], [0x80, 0], [0xff], [0xff, 0xff]],
  );
});

test('a range takes its first key and not its end; one with the end before the key is empty', () => {
  const machine = machineAfter(set('a', '1'), set('b', '1'), set('c', '1'));
  assert.equal(shown(readRange(machine, 'a', { end: bytes('c') }).kvs), 'a=1 b=1');
  assert.equal(readRange(machine, 'c', { end: bytes('a') }).count, 0);
});

test('keys and values may be far longer than a storage takes for its own keys', () => {
  const key = new Uint8Array(10_000).fill(0xff);
  const machine = machineAfter(put(key, bytes('long')));
  machine.reload();
  const response = machine.read(range(key));
  assert.equal(response.type === 'range' && shown(response.kvs).endsWith('=long'), true);
});

test('a put returns what the key held, if asked to', () => {
  const machine = machineAfter(set('a', '1'));
  const told = run(machine, set('a', '2', { previous: true }));
  assert.equal(told.type === 'put' && told.previous !== null && shown([told.previous]), 'a=1');
  const untold = run(machine, set('a', '3'));
  assert.deepEqual(untold, { type: 'put', revision: 4, previous: null });
});

test('ignoreValue writes the key again with the value it has', () => {
  const machine = machineAfter(set('a', '1'), set('a', '', { ignoreValue: true }));
  const [kv] = readRange(machine, 'a').kvs;
  assert.deepEqual([kv?.version, text(kv?.value ?? bytes(''))], [2, '1']);
});

test('puts are refused with the messages that etcd has for it', () => {
  const machine = machineAfter(set('a', '1'));
  const refusals: (readonly [StoreRequest, string])[] = [
    [set('', '1'), 'etcdserver: key is not provided'],
    [set('b', '', { ignoreValue: true }), 'etcdserver: key not found'],
    [set('b', '1', { ignoreLease: true }), 'etcdserver: key not found'],
    [set('a', '1', { ignoreValue: true }), 'etcdserver: value is provided'],
    [set('a', '1', { ignoreLease: true, lease: 5n }), 'etcdserver: lease is provided'],
    [set('a', '1', { lease: 5n }), 'etcdserver: requested lease not found'],
  ];
  for (const [request, message] of refusals) assertRefused(run(machine, request), message);
});

test('a delete says how many keys it deleted, and what they held if asked to', () => {
  const machine = machineAfter(set('a', '1'), set('b', '2'), set('c', '3'));
  const response = run(machine, drop('a', { end: bytes('c'), previous: true }));
  assert.ok(response.type === 'delete');
  assert.deepEqual([response.revision, response.deleted, shown(response.previous)], [5, 2, 'a=1 b=2']);
  assert.deepEqual(run(machine, drop('a')), { type: 'delete', revision: 5, deleted: 0, previous: [] });
});

test('a transaction sees its own writes, in order, all at one revision', () => {
  const machine = machineAfter(set('a', '1'));
  const all = range(bytes('\0'), everything);
  const response = run(machine, txn([], [all, set('b', '2'), all, drop('a'), all]));
  assert.ok(response.type === 'txn');
  const ranges = response.responses.filter((one) => one.type === 'range');
  assert.deepEqual(
    ranges.map(({ revision, kvs }) => `${revision}: ${shown(kvs)}`),
    ['2: a=1', '3: a=1 b=2', '3: b=2'],
  );
});

test('a transaction reads the revision before it as it was', () => {
  const machine = machineAfter(set('a', '1'));
  const response = run(machine, txn([], [set('a', '2'), range(bytes('a'), { revision: 2 })]));
  const [, read] = response.type === 'txn' ? response.responses : [];
  assert.equal(read?.type === 'range' && shown(read.kvs), 'a=1');
});

test('compares choose one list of operations', () => {
  const claim = (owner: string) => txn([isMissing('lock')], [set('lock', owner)], [range(bytes('lock'))]);
  const machine = machineAfter();
  const first = run(machine, claim('me'));
  const second = run(machine, claim('you'));
  assert.deepEqual([first.type === 'txn' && first.succeeded, second.type === 'txn' && second.succeeded], [true, false]);
  assert.equal(shown(readRange(machine, 'lock').kvs), 'lock=me');
});

test('nested transactions are chosen by the state before the first write', () => {
  const machine = machineAfter();
  run(machine, txn([], [set('a', '1'), txn([isMissing('a')], [set('b', 'absent')], [set('b', 'there')])]));
  assert.equal(shown(readRange(machine, 'b').kvs), 'b=absent');
});

test('a transaction of which one operation is impossible changes nothing', () => {
  const machine = machineAfter(set('a', '1'), set('a', '2'), compact(3));
  const refusals: (readonly [TxnRequest, string])[] = [
    [
      txn([], [set('b', '1'), range(bytes('a'), { revision: 9 })]),
      'etcdserver: mvcc: required revision is a future revision',
    ],
    [
      txn([], [set('b', '1'), range(bytes('a'), { revision: 2 })]),
      'etcdserver: mvcc: required revision has been compacted',
    ],
    [txn([], [set('b', '1'), set('c', '', { ignoreValue: true })]), 'etcdserver: key not found'],
    [txn([], [set('b', '1'), txn([], [set('c', '1', { lease: 1n })])]), 'etcdserver: requested lease not found'],
  ];
  for (const [request, message] of refusals) assertRefused(run(machine, request), message);
  assert.equal(machine.stats().revision, 3);
  assert.equal(readRange(machine, 'b').count, 0);
});

test('a range compare holds if every key does, and a range without keys compares as zeros', () => {
  const machine = machineAfter(set('a', '1'), set('b', '1'), set('b', '2'));
  const holds = (compare: Compare) => {
    const response = machine.read(txn([compare], []));
    return response.type === 'txn' && response.succeeded;
  };
  const all = { key: bytes('a'), end: bytes('z'), target: 'version' } as const;
  assert.equal(holds({ ...all, relation: 'greater', version: 0 }), true);
  assert.equal(holds({ ...all, relation: 'equal', version: 1 }), false);
  const none = { key: bytes('x'), end: bytes('z') } as const;
  assert.equal(holds({ ...none, relation: 'equal', target: 'mod', revision: 0 }), true);
  assert.equal(holds({ ...none, relation: 'greater', target: 'lease', lease: -1n }), true);
  for (const relation of ['equal', 'notEqual', 'less', 'greater'] as const) {
    assert.equal(holds({ ...none, relation, target: 'value', value: bytes('') }), false);
  }
});

test('reads answer only what changes nothing', () => {
  const machine = machineAfter(set('a', '1'));
  assert.equal(machine.read(txn([], [range(bytes('a')), txn([], [], [range(bytes('b'))])])).type, 'txn');
  assert.equal(machine.read(txn([], [set('a', '2')])).type, 'refused');
  assert.equal(machine.read(set('a', '2')).type, 'refused');
  assert.equal(machine.stats().revision, 2);
});

test('a command that no encoder wrote is refused and changes nothing', () => {
  const machine = machineAfter(set('a', '1'));
  for (const command of [[], [0], [99, 1, 2], [2, 0, 200]]) {
    const response = machine.apply(Uint8Array.from(command), { slot: 1, timeMs: 0 });
    assert.equal(response.type === 'refused' && response.code, 'malformedRequest');
  }
  assert.equal(machine.stats().revision, 2);
});

test('a command in the log is validated again', () => {
  const machine = machineAfter();
  assertRefused(
    run(machine, txn([], [set('a', '1'), set('a', '2')])),
    'etcdserver: duplicate key given in txn request',
  );
});

test('a request that writes is refused before it does if its answer would be too large, and reads have no limit', () => {
  const machine = machineAfter();
  const mebibyte = new Uint8Array(1 << 20);
  for (let index = 0; index < 17; index += 1) run(machine, put(bytes(`k${10 + index}`), mebibyte));
  const before = readRange(machine, 'a', everything);
  const isRefused = (request: StoreRequest): boolean => {
    const response = run(machine, request);
    return response.type === 'refused' && response.code === 'responseTooLarge';
  };
  const all = range(EVERYTHING.key, everything);
  const each = before.kvs.map(({ key }) => range(key));
  assert.ok(isRefused(txn([], [put(bytes('x'), bytes('y')), all])));
  assert.ok(isRefused(txn([], [put(bytes('x'), bytes('y')), ...each])));
  assert.ok(isRefused(txn([], [txn([], [all])], [put(bytes('x'), bytes('y'))])));
  assert.ok(
    isRefused(
      txn(
        [],
        before.kvs.map(({ key }) => put(key, bytes('v'), { previous: true })),
      ),
    ),
  );
  assert.ok(isRefused(remove(EVERYTHING.key, { end: EVERYTHING.end, previous: true })));
  assert.deepEqual(readRange(machine, 'a', everything), before, 'nothing was written');
  assert.equal(run(machine, txn([], [put(bytes('x'), bytes('y')), ...each.slice(2)])).type, 'txn');
  assert.equal(run(machine, remove(EVERYTHING.key, everything)).type, 'delete');
});
