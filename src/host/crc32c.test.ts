import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32c } from './crc32c.ts';

// RFC 3720, appendix B.4, and the check value of the CRC catalogue.
test('known checksums come out', () => {
  assert.equal(crc32c(Buffer.from('123456789')), 0xe3069283);
  assert.equal(crc32c(new Uint8Array(32)), 0x8a9136aa);
  assert.equal(crc32c(new Uint8Array(32).fill(0xff)), 0x62a8ab43);
  assert.equal(crc32c(Uint8Array.from({ length: 32 }, (_, index) => index)), 0x46dd794e);
  assert.equal(crc32c(Uint8Array.from({ length: 32 }, (_, index) => 31 - index)), 0x113fdb5c);
});

test('a checksum can be taken in pieces, of any part', () => {
  const bytes = Uint8Array.from({ length: 100 }, (_, index) => index * 37);
  for (let cut = 0; cut <= 100; cut += 1) {
    assert.equal(crc32c(bytes, crc32c(bytes, 0, 0, cut), cut), crc32c(bytes));
    assert.equal(crc32c(bytes, 0, cut), crc32c(bytes.slice(cut)));
  }
});
