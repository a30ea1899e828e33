import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PageSize } from './page-size.ts';

const MIB = 1 << 20;

describe('the size of a page', () => {
  it('grows to its bound while values are small', () => {
    const size = new PageSize();
    const sizes = [size.keys];
    for (let page = 0; page < 3; page += 1) {
      size.adapt(kvs(size.keys, 10));
      sizes.push(size.keys);
    }
    assert.deepEqual(sizes, [16, 128, 512, 512]);
  });

  it('is what weighs four mebibytes, and one key at least', () => {
    const size = new PageSize();
    size.adapt(kvs(16, MIB - 1));
    assert.equal(size.keys, 4);
    size.adapt(kvs(4, 9 * MIB));
    assert.equal(size.keys, 1);
    size.adapt([]);
    assert.equal(size.keys, 1);
  });

  it('is never more than was asked for', () => {
    const size = new PageSize(3);
    assert.equal(size.keys, 3);
    size.adapt(kvs(3, 1));
    assert.equal(size.keys, 3);
    assert.equal(size.shrink(), false);
  });

  it('starts anew after a page that could not be read, once', () => {
    const size = new PageSize();
    assert.equal(size.shrink(), false);
    size.adapt(kvs(16, 1));
    assert.equal(size.shrink(), true);
    assert.equal(size.keys, 16);
    assert.equal(size.shrink(), false);
  });
});

function kvs(count: number, bytes: number): Parameters<PageSize['adapt']>[0] {
  return new Array(count).fill({ key: new Uint8Array(1), value: new Uint8Array(bytes) });
}
