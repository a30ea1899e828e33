import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type FragmentLimits, HEAD_BYTES_MAX, objectionToLimits } from './fragment-limits.ts';
import { Fragmenter, Reassembler } from './fragments.ts';
import { Checksum } from './integrity.ts';

const LIMITS: FragmentLimits = {
  datagramBytesMax: 1_232,
  messageBytesMax: 128 * 1024,
  incompleteBytesMax: 8 * 1024 * 1024,
  incompleteMsMax: 2_000,
};
const CARRIER = { tagBytes: 16, datagramBytesMax: 65_507 };

function objectionTo(limits: Partial<FragmentLimits>): string {
  return objectionToLimits({ ...LIMITS, ...limits }, CARRIER) ?? '';
}

test('limits by which messages would not arrive are told by name, range and value', () => {
  assert.equal(objectionTo({}), '');
  assert.match(objectionTo({ datagramBytesMax: 25 }), /^limits\.datagramBytesMax .* from 26 to 65507 .*: got 25$/);
  assert.match(objectionTo({ datagramBytesMax: 70_000 }), /^limits\.datagramBytesMax .* to 65507 .*: got 70000$/);
  assert.match(
    objectionTo({ messageBytesMax: 1_000 }),
    /^limits\.messageBytesMax .* from 1024 to 79100729 .*: got 1000$/,
  );
  assert.match(objectionTo({ messageBytesMax: 2 ** 27 }), /^limits\.messageBytesMax .* to 79100729 .*: got 134217728$/);
  assert.match(
    objectionTo({ incompleteBytesMax: 65_536 }),
    /^limits\.incompleteBytesMax .* from 141156 .*: got 65536$/,
  );
  assert.match(objectionTo({ incompleteMsMax: 0 }), /^limits\.incompleteMsMax .* from 1 .*: got 0$/);
  for (const value of [Number.NaN, -1, 100.5, Number.POSITIVE_INFINITY]) {
    for (const name of ['datagramBytesMax', 'messageBytesMax', 'incompleteBytesMax', 'incompleteMsMax'] as const) {
      assert.match(objectionTo({ [name]: value }), new RegExp(`^limits\\.${name} is a whole number .*: got ${value}$`));
    }
  }
});

test('no fragments have to be kept where none are made', () => {
  const none = { datagramBytesMax: 4_096, messageBytesMax: 4_000, incompleteBytesMax: 0, incompleteMsMax: 0 };
  assert.equal(objectionTo(none), '');
});

test('of limits, either something is wrong or the largest message arrives', () => {
  const seal = new Checksum();
  const limits = fc.record({
    datagramBytesMax: fc.nat(200),
    messageBytesMax: fc.integer({ min: HEAD_BYTES_MAX, max: 4_000 }),
    incompleteBytesMax: fc.nat(100_000),
    incompleteMsMax: fc.nat(2),
  });
  const seen = { arrived: 0, lost: 0 };
  fc.assert(
    fc.property(limits, (given) => {
      const isMade = given.datagramBytesMax > 13;
      const isFine = objectionToLimits(given, { tagBytes: seal.tagBytes, datagramBytesMax: 200 }) === null;
      if (!isMade) return assert.ok(!isFine);
      const reassembler = new Reassembler(seal, given);
      const message = new Uint8Array(given.messageBytesMax).fill(7);
      const datagrams = new Fragmenter(seal, given, 0).cut(message);
      const taken = datagrams.map((datagram, index) => reassembler.take(datagram, 'c', index === 0 ? 0 : 1));
      const hasArrived = taken.at(-1)?.length === message.length;
      assert.equal(isFine, hasArrived);
      seen[hasArrived ? 'arrived' : 'lost'] += 1;
    }),
  );
  assert.ok(seen.arrived > 0 && seen.lost > 0, JSON.stringify(seen));
});
