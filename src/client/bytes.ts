import { InvalidArgumentError } from './errors.ts';

/** A key or a value: bytes, or text that stands for its UTF-8 bytes. */
export type Bytes = string | Uint8Array;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The bytes of a key or value; `what` names it in the error that anything else gets. */
export function toBytes(bytes: Bytes, what: string): Uint8Array {
  if (typeof bytes === 'string') {
    if (bytes.isWellFormed()) return encoder.encode(bytes);
    throw new InvalidArgumentError(`${what} as a string is Unicode: got half a surrogate pair; give its bytes instead`);
  }
  if (bytes instanceof Uint8Array) return bytes;
  throw new InvalidArgumentError(`${what} is a string or a Uint8Array: got ${describe(bytes)}`);
}

/** A key, which is never empty. */
export function toKey(key: Bytes, what = 'a key'): Uint8Array {
  const bytes = toBytes(key, what);
  if (bytes.length === 0) throw new InvalidArgumentError(`${what} has at least one byte: got an empty one`);
  return bytes;
}

export function toText(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** The least key above a key. */
export function successor(key: Uint8Array): Uint8Array {
  const next = new Uint8Array(key.length + 1);
  next.set(key);
  return next;
}

/** The least key above all that start with the prefix; one zero byte, which stands for no bound, if there is none. */
export function prefixEnd(prefix: Uint8Array): Uint8Array {
  for (let last = prefix.length - 1; last >= 0; last -= 1) {
    const byte = prefix[last] ?? 0xff;
    if (byte === 0xff) continue;
    const end = prefix.slice(0, last + 1);
    end[last] = byte + 1;
    return end;
  }
  return NO_BOUND;
}

/** As a range's end: no upper bound. As its key too: every key. */
export const NO_BOUND: Uint8Array = new Uint8Array(1);

export function describe(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object') return `an object of ${value.constructor?.name ?? 'no class'}`;
  return typeof value === 'string' ? `'${value}'` : `${typeof value} ${String(value)}`;
}
