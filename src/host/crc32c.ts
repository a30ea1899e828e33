/**
 * CRC-32C (Castagnoli; RFC 3720, appendix B.4), by slicing: eight bytes a step through eight tables (Kounavis and
 * Berry, 2005). `node:zlib` has only CRC-32 with the IEEE polynomial, whose guarantees for our record sizes are
 * weaker: Castagnoli keeps Hamming distance 6 up to 5,243 bits (Koopman, 2002).
 */
const POLYNOMIAL_REVERSED = 0x82f63b78;
const T0 = new Int32Array(256);
const T1 = new Int32Array(256);
const T2 = new Int32Array(256);
const T3 = new Int32Array(256);
const T4 = new Int32Array(256);
const T5 = new Int32Array(256);
const T6 = new Int32Array(256);
const T7 = new Int32Array(256);
fillTables();

/**
 * The checksum of `bytes[from, to)` as an unsigned 32-bit number. Pass an earlier result as `previous` to go on
 * where it ended: the checksum of a concatenation.
 *
 * @example
 * crc32c(new TextEncoder().encode('123456789')) // 0xe3069283
 */
export function crc32c(bytes: Uint8Array, previous = 0, from = 0, to: number = bytes.length): number {
  let crc = ~previous;
  let at = from;
  for (const last = to - 8; at <= last; at += 8) {
    crc ^= at4(bytes, at);
    crc =
      at1(T7, crc & 0xff) ^
      at1(T6, (crc >>> 8) & 0xff) ^
      at1(T5, (crc >>> 16) & 0xff) ^
      at1(T4, crc >>> 24) ^
      at1(T3, at1(bytes, at + 4)) ^
      at1(T2, at1(bytes, at + 5)) ^
      at1(T1, at1(bytes, at + 6)) ^
      at1(T0, at1(bytes, at + 7));
  }
  for (; at < to; at += 1) crc = (crc >>> 8) ^ at1(T0, (crc ^ at1(bytes, at)) & 0xff);
  return ~crc >>> 0;
}

function at4(bytes: Uint8Array, at: number): number {
  return at1(bytes, at) | (at1(bytes, at + 1) << 8) | (at1(bytes, at + 2) << 16) | (at1(bytes, at + 3) << 24);
}

/** An element within bounds; the `| 0` is free and spares the hot loop a check for undefined. */
function at1(array: Uint8Array | Int32Array, index: number): number {
  return (array[index] as number) | 0;
}

function fillTables(): void {
  const tables = [T0, T1, T2, T3, T4, T5, T6, T7];
  for (let byte = 0; byte < 256; byte += 1) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc & 1) === 1 ? (crc >>> 1) ^ POLYNOMIAL_REVERSED : crc >>> 1;
    for (const table of tables) {
      table[byte] = crc;
      crc = 0;
    }
  }
  for (let byte = 0; byte < 256; byte += 1) {
    for (let k = 1; k < 8; k += 1) {
      const shorter = at1(tables[k - 1] as Int32Array, byte);
      (tables[k] as Int32Array)[byte] = (shorter >>> 8) ^ at1(T0, shorter & 0xff);
    }
  }
}
