import type * as api from '../store/api.ts';
import { toText } from './bytes.ts';

/** A key, what it holds at some revision, and its history in numbers. */
export class KeyValue {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  /** The revision of the write that created the key. */
  readonly createRevision: number;
  /** The revision of the last write to the key. */
  readonly modRevision: number;
  /** Writes to the key since it was created; 1 after the first. */
  readonly version: number;
  /** The lease that the key lives by; 0n for none. */
  readonly lease: bigint;

  constructor(from: api.KeyValue) {
    // Copies: what came may be a view of a whole page, or the store's own.
    this.key = new Uint8Array(from.key);
    this.value = new Uint8Array(from.value);
    this.createRevision = from.createRevision;
    this.modRevision = from.modRevision;
    this.version = from.version;
    this.lease = from.lease;
  }

  /** The key read as UTF-8. */
  get keyText(): string {
    return toText(this.key);
  }

  /** The value read as UTF-8. */
  get valueText(): string {
    return toText(this.value);
  }

  /** The value read as JSON; whoever asks for a type vouches for it. */
  json(): unknown {
    return JSON.parse(this.valueText);
  }
}
