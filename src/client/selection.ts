import type { KeyRange } from '../store/api.ts';
import { type Bytes, describe, NO_BOUND, prefixEnd, toBytes, toKey } from './bytes.ts';
import { InvalidArgumentError } from './errors.ts';

/**
 * Which keys: one; all that start with a prefix (the empty prefix: every key); all with `from <= key < to`, where a
 * missing `to` is no bound.
 */
export type Selection =
  | { readonly key: Bytes }
  | { readonly prefix: Bytes }
  | { readonly from: Bytes; readonly to?: Bytes };

/** The store's form of a selection; a string or bytes select one key. */
export function toKeyRange(selection: Selection | Bytes): KeyRange {
  if (typeof selection === 'string' || selection instanceof Uint8Array) return { key: toKey(selection), end: null };
  if (typeof selection === 'object' && selection !== null) {
    if ('key' in selection) return { key: toKey(selection.key), end: null };
    if ('prefix' in selection) return prefixRange(toBytes(selection.prefix, 'a prefix'));
    if ('from' in selection) return boundedRange(selection.from, selection.to);
  }
  throw new InvalidArgumentError(
    `keys are selected by a key, { key }, { prefix } or { from, to }: got ${describe(selection)}`,
  );
}

function prefixRange(prefix: Uint8Array): KeyRange {
  return prefix.length === 0 ? { key: NO_BOUND, end: NO_BOUND } : { key: prefix, end: prefixEnd(prefix) };
}

function boundedRange(from: Bytes, to: Bytes | undefined): KeyRange {
  const first = toBytes(from, 'the bound `from`');
  const end = to === undefined ? NO_BOUND : toKey(to, 'the bound `to`');
  if (to !== undefined && end.length === 1 && end[0] === 0) {
    throw new InvalidArgumentError('no key is below one zero byte: leave `to` out to select all keys from `from` on');
  }
  return { key: first.length === 0 ? NO_BOUND : first, end };
}
