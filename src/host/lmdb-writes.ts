/**
 * Writes on their way to the thread that gives them to LMDB: packed into slices, which change hands without a copy.
 *
 *     slice = (length of key: 2 bytes, length of value: 4 bytes, or all ones for a deletion, key, value)*
 */
export type Write = readonly [string, Uint8Array | null];

export type WriterInput =
  | { readonly type: 'slice'; readonly storage: string; readonly bytes: Uint8Array }
  | { readonly type: 'commit'; readonly storage: string; readonly replaces: boolean }
  | { readonly type: 'close' };

/** The answer to a commit; commits are answered in order. */
export type WriterOutput = { readonly type: 'committed' } | { readonly type: 'failed'; readonly reason: string };

const SLICE_BYTES = 256 * 1024; // about a millisecond's work
const HEAD_BYTES = 6;
const DELETED = 0xffffffff;

export function* packWrites(writes: Iterable<Write>): Generator<Uint8Array, void, undefined> {
  let slice = Buffer.allocUnsafeSlow(SLICE_BYTES);
  let end = 0;
  for (const [key, value] of writes) {
    const bytes = HEAD_BYTES + key.length + (value?.length ?? 0);
    if (end + bytes > slice.length) {
      if (end > 0) yield slice.subarray(0, end);
      slice = Buffer.allocUnsafeSlow(Math.max(SLICE_BYTES, bytes));
      end = 0;
    }
    slice.writeUInt16LE(key.length, end);
    slice.writeUInt32LE(value?.length ?? DELETED, end + 2);
    slice.write(key, end + HEAD_BYTES, 'latin1');
    if (value !== null) slice.set(value, end + HEAD_BYTES + key.length);
    end += bytes;
  }
  if (end > 0) yield slice.subarray(0, end);
}

export function* unpackWrites(bytes: Uint8Array): Generator<{ key: Buffer; value: Buffer | null }, void, undefined> {
  const slice = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at < slice.length; ) {
    const valueAt = at + HEAD_BYTES + slice.readUInt16LE(at);
    const valueBytes = slice.readUInt32LE(at + 2);
    const end = valueAt + (valueBytes === DELETED ? 0 : valueBytes);
    const key = slice.subarray(at + HEAD_BYTES, valueAt);
    yield { key, value: valueBytes === DELETED ? null : slice.subarray(valueAt, end) };
    at = end;
  }
}
