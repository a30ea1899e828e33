import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Revision } from './api.ts';
import { decodeRow, encodeRow, ROW_KEY_BYTES, ROWS, rowKey, rowPosition } from './row.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

test('row keys sort by revision, then by place in the transaction', () => {
  const positions = [0, 1, 255, 256, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 40 + 7, 2 ** 53 - 1].flatMap((revision) =>
    [0, 1, 255, 256, 2 ** 31, 2 ** 32 - 1].map((sub) => ({ revision, sub })),
  );
  const keys = positions.map(({ revision, sub }) => rowKey(revision, sub));
  assert.deepEqual([...keys].sort(), keys);
  assert.equal(new Set(keys).size, keys.length);
  assert.deepEqual(keys.map(rowPosition), positions);
  for (const key of keys) assert.equal(key.length === ROW_KEY_BYTES && key.startsWith(ROWS), true);
});

test('a row holds what its version says', () => {
  const createRevision = (2 ** 53 - 1) as Revision;
  for (const lease of [0n, 1n, -(2n ** 63n), 2n ** 63n - 1n]) {
    const version = { modRevision: createRevision, sub: 0, createRevision, version: 300, lease };
    const row = decodeRow(encodeRow(bytes('key'), bytes('value'), version));
    assert.deepEqual(row, { key: bytes('key'), value: bytes('value'), createRevision, version: 300, lease });
  }
});

test('the bytes of rows stay what they are, as storages on disks hold them', () => {
  const hex = (value: Uint8Array) => Buffer.from(value).toString('hex');
  const version = { modRevision: 9 as Revision, sub: 0, createRevision: 300 as Revision, version: 2, lease: 0n };
  assert.equal(hex(encodeRow(bytes('key'), bytes('v'), version)), '00036b6579ac020276');
  assert.equal(hex(encodeRow(bytes('k'), bytes('v'), { ...version, lease: 5n })), '01016bac0202000000000000000576');
  const deletion = { ...version, createRevision: 0 as Revision, version: 0 };
  assert.equal(hex(encodeRow(bytes('k'), bytes(''), deletion)), '00016b0000');
  assert.equal(hex(Buffer.from(rowKey(258, 1), 'latin1')), '6b000000000000010200000001');
});
