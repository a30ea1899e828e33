/**
 * Keys are held as *byte strings*, one character below U+0100 a byte, as `Storage` holds its own: engines compare and
 * hash strings several times faster than byte arrays, and `<` on them is byte order.
 */
export function toByteString(bytes: Uint8Array): string {
  const { length } = bytes;
  if (length <= CHUNK_BYTES) return Reflect.apply(String.fromCharCode, null, bytes);
  let string = '';
  for (let from = 0; from < length; from += CHUNK_BYTES) {
    string += Reflect.apply(String.fromCharCode, null, bytes.subarray(from, from + CHUNK_BYTES));
  }
  return string;
}

export function fromByteString(string: string): Uint8Array {
  const bytes = new Uint8Array(string.length);
  for (let at = 0; at < string.length; at += 1) bytes[at] = string.charCodeAt(at);
  return bytes;
}

/** Negative, zero or positive as `a` sorts before, equals or sorts after `b`; a prefix sorts before what it begins. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shorter = Math.min(a.length, b.length);
  for (let at = 0; at < shorter; at += 1) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Well below what engines take as the arguments of one call, which is the fastest way to a string. */
const CHUNK_BYTES = 4096;
