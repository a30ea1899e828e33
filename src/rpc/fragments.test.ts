import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { FragmentLimits } from './fragment-limits.ts';
import { Fragmenter, Reassembler } from './fragments.ts';
import { Authenticator, Checksum } from './integrity.ts';

const LIMITS: FragmentLimits = {
  datagramBytesMax: 60,
  messageBytesMax: 1_000,
  incompleteBytesMax: 5_000,
  incompleteMsMax: 100,
};
const KEY = new Uint8Array(32).fill(7);
const FROM = '127.0.0.1:1';

for (const [name, seal] of [
  ['a checksum', new Checksum()],
  ['an authenticator', new Authenticator(KEY)],
] as const) {
  describe(`with ${name}`, () => {
    const bytes = fc.uint8Array({ minLength: 1, maxLength: LIMITS.messageBytesMax });

    test('a message arrives as it was sent, its fragments in any order and doubled', () => {
      fc.assert(
        fc.property(bytes, fc.infiniteStream(fc.nat()), (message, keys) => {
          const fragmenter = new Fragmenter(seal, LIMITS, 2 ** 32 - 1);
          const reassembler = new Reassembler(seal, LIMITS);
          const datagrams = fragmenter.cut(message);
          assert.ok(datagrams.every(({ length }) => length <= LIMITS.datagramBytesMax));
          const shuffled = [...datagrams, ...datagrams.slice(1)]
            .map((datagram) => [keys.next().value ?? 0, datagram] as const)
            .sort(([a], [b]) => a - b);
          const taken = shuffled.map(([, datagram]) => reassembler.take(datagram, FROM, 0));
          const complete = taken.filter((each) => each !== null);
          assert.ok(complete.length >= 1);
          for (const each of complete) assert.deepEqual(new Uint8Array(each), message);
        }),
      );
    });

    test('a flipped bit anywhere is noticed', () => {
      const message = new Uint8Array(200).map((_, index) => index);
      const datagrams = new Fragmenter(seal, LIMITS, 5).cut(message);
      const reassembler = new Reassembler(seal, LIMITS);
      let altered = 0;
      for (const datagram of datagrams) {
        for (let bit = 0; bit < datagram.length * 8; bit += 1) {
          const copy = Buffer.from(datagram);
          copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
          assert.equal(reassembler.take(copy, FROM, 0), null);
          altered += 1;
        }
      }
      assert.equal(reassembler.counters.corrupted, altered);
    });
  });
}

describe('a reassembler', () => {
  const seal = new Checksum();
  const cut = (bytes: number, limits = LIMITS) => new Fragmenter(seal, limits, 9).cut(new Uint8Array(bytes));

  test('does not make a message of parts of two under one number', () => {
    const [a, b] = [1, 2].map((fill) => new Fragmenter(seal, LIMITS, 9).cut(new Uint8Array(100).fill(fill)));
    const reassembler = new Reassembler(seal, LIMITS);
    const mixed = (a ?? []).map((datagram, index) => (index === 1 ? (b?.[1] ?? datagram) : datagram));
    for (const datagram of mixed) assert.equal(reassembler.take(datagram, FROM, 0), null);
    assert.equal(reassembler.counters.corrupted, 1);
  });

  test('keeps messages of different senders apart', () => {
    const reassembler = new Reassembler(seal, LIMITS);
    const [first, ...rest] = cut(100);
    assert.ok(first !== undefined);
    reassembler.take(first, '127.0.0.1:2', 0);
    for (const datagram of rest) assert.equal(reassembler.take(datagram, FROM, 0), null);
  });

  test('takes no message longer than its limit', () => {
    const reassembler = new Reassembler(seal, LIMITS);
    const datagrams = cut(LIMITS.messageBytesMax + 100, { ...LIMITS, messageBytesMax: 10_000 });
    assert.ok(datagrams.every((datagram) => reassembler.take(datagram, FROM, 0) === null));
    assert.ok(reassembler.counters.incomplete > 0);
  });

  test('gives up a message whose fragments are lost: after its time, or the oldest when too many wait', () => {
    const reassembler = new Reassembler(seal, LIMITS);
    const [first, second] = cut(60);
    assert.ok(first !== undefined && second !== undefined);
    reassembler.take(first, FROM, 0);
    assert.equal(reassembler.take(second, FROM, LIMITS.incompleteMsMax + 1), null);
    assert.equal(reassembler.counters.incomplete, 1);
    const part = cut(60)[0] ?? first;
    for (let sender = 0; sender < 100; sender += 1) reassembler.take(part, `127.0.0.1:${sender}`, 200);
    assert.ok(reassembler.counters.incomplete > 50);
  });

  test('refuses what is sealed with another key', () => {
    const [datagram] = new Fragmenter(new Authenticator(KEY), LIMITS, 0).cut(new Uint8Array(10));
    const other = new Reassembler(new Authenticator(new Uint8Array(32).fill(8)), LIMITS);
    assert.equal(other.take(datagram ?? Buffer.alloc(0), FROM, 0), null);
    assert.equal(other.counters.corrupted, 1);
  });
});
