import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Operation, StoreErrorCode, StoreRequest, TxnRequest } from './api.ts';
import { compact, put, range, remove, txn } from './requests.ts';
import { isReadOnly, validate } from './validate.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const set = (key: string) => put(bytes(key), bytes('1'));
const drop = (key: string, end?: string) => remove(bytes(key), { end: end === undefined ? null : bytes(end) });
const get = range(bytes('a'));

function assertFault(request: StoreRequest, code: StoreErrorCode | null): void {
  assert.equal(validate(request)?.code ?? null, code);
}

test('a key is required everywhere', () => {
  const missing: Operation[] = [range(bytes('')), set(''), drop('')];
  for (const operation of missing) {
    assertFault(operation, 'emptyKey');
    assertFault(txn([], [], [operation]), 'emptyKey');
  }
  assertFault(txn([{ key: bytes(''), end: null, relation: 'equal', target: 'version', version: 0 }], []), 'emptyKey');
});

test('a request may be 1.5 MiB large', () => {
  const most = 1.5 * 1024 * 1024;
  assertFault(put(bytes('a'), new Uint8Array(most - 100)), null);
  assertFault(put(bytes('a'), new Uint8Array(most)), 'requestTooLarge');
  const half = new Uint8Array(most / 2);
  assertFault(txn([], [put(bytes('a'), half), put(bytes('b'), half)]), 'requestTooLarge');
});

test('each list of a transaction may have 128 members', () => {
  const many = (count: number) => Array.from({ length: count }, () => get);
  const compares = Array.from({ length: 129 }, () => {
    return { key: bytes('a'), end: null, relation: 'equal', target: 'version', version: 0 } as const;
  });
  assertFault(txn(compares.slice(1), many(128), many(128)), null);
  assertFault(txn(compares, []), 'tooManyOperations');
  assertFault(txn([], many(129)), 'tooManyOperations');
  assertFault(txn([], [], many(129)), 'tooManyOperations');
});

test('a nested transaction has what its parent leaves of the limit', () => {
  const nested = (outside: number, inside: number) =>
    txn(
      [],
      [
        ...Array.from({ length: outside }, () => get),
        txn(
          [],
          Array.from({ length: inside }, () => get),
        ),
      ],
    );
  assertFault(nested(99, 28), null);
  assertFault(nested(99, 29), 'tooManyOperations');
});

test('transactions can be nested as deep as the limit lasts, and no deeper', () => {
  const deep = (depth: number): TxnRequest => txn([], depth === 1 ? [] : [deep(depth - 1)]);
  assertFault(deep(129), null);
  assertFault(deep(130), 'tooManyOperations');
  assertFault(deep(1_000), 'tooManyOperations');
});

test('a sort option that is none is refused', () => {
  const odd: object = { order: 'sideways' };
  assertFault({ ...get, ...odd }, 'invalidSortOption');
});

test('a list may not put a key twice', () => {
  assertFault(txn([], [set('a'), set('b')]), null);
  assertFault(txn([], [set('a'), get, set('a')]), 'duplicateKey');
  assertFault(txn([], [set('a')], [set('a')]), null);
  assertFault(txn([], [set('a'), txn([], [set('a')])]), 'duplicateKey');
  assertFault(txn([], [txn([], [set('a')]), txn([], [], [set('a')])]), 'duplicateKey');
  assertFault(txn([], [txn([], [set('a')], [set('a')])]), null);
});

test('a list may not put a key that it deletes, in whichever order', () => {
  assertFault(txn([], [set('b'), drop('b')]), 'duplicateKey');
  assertFault(txn([], [drop('a', 'c'), set('b')]), 'duplicateKey');
  assertFault(txn([], [drop('a', 'b'), set('b')]), null);
  assertFault(txn([], [drop('a', 'c'), txn([], [], [set('b')])]), 'duplicateKey');
  assertFault(txn([], [set('b'), txn([], [drop('a', 'c')])]), 'duplicateKey');
});

test('overlapping deletes forbid all that they delete together', () => {
  const deletes = [drop('c', 'e'), drop('a', 'd'), drop('k'), drop('g', 'i'), drop('h', 'm'), drop('z', 'y')];
  for (const key of ['a', 'c', 'd', 'g', 'i', 'l']) assertFault(txn([], [...deletes, set(key)]), 'duplicateKey');
  for (const key of ['A', 'e', 'f', 'm', 'z']) assertFault(txn([], [...deletes, set(key)]), null);
});

test('of two nested transactions, the deletes of the earlier forbid the puts of the later, as in etcd', () => {
  assertFault(txn([], [txn([], [drop('a')]), txn([], [set('a')])]), 'duplicateKey');
  assertFault(txn([], [txn([], [set('a')]), txn([], [drop('a')])]), null);
});

test('a delete without an upper bound forbids nothing, as in etcd', () => {
  assertFault(txn([], [drop('a', '\0'), set('b')]), null);
});

test('ranges, and transactions of nothing else, are read-only', () => {
  const readOnly: StoreRequest[] = [get, txn([], []), txn([], [get], [txn([], [get])])];
  const writing: StoreRequest[] = [
    set('a'),
    drop('a'),
    compact(1),
    txn([], [get], [set('a')]),
    txn([], [txn([], [drop('a')])]),
  ];
  assert.deepEqual(readOnly.map(isReadOnly), [true, true, true]);
  assert.deepEqual(writing.map(isReadOnly), [false, false, false, false, false]);
});
