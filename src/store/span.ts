import { MAX_KEY } from '../kernel/storage.ts';
import type { KeyRange } from './api.ts';
import { toByteString } from './byte-string.ts';

/** Which keys a request means, as byte strings: `from` alone if `single`, otherwise `from <= key < to`. */
export interface Span {
  readonly single: boolean;
  readonly from: string;
  readonly to: string;
}

/** An absent or empty end means the one key, an end of one zero byte every key from `key` on, as in etcd. */
export function spanOf({ key, end }: KeyRange): Span {
  const from = toByteString(key);
  if (end === null || end.length === 0) return { single: true, from, to: `${from}\0` };
  return { single: false, from, to: isUnbounded(end) ? MAX_KEY : toByteString(end) };
}

export function includes({ from, to }: Span, key: string): boolean {
  return from <= key && key < to;
}

/** Whether an end says that there is none. */
export function isUnbounded(end: Uint8Array | null): boolean {
  return end !== null && end.length === 1 && end[0] === 0;
}
