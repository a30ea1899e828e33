import type { ReadConsistency } from '../member/api.ts';
import type { StoreStatus } from './backend.ts';
import type { Bytes } from './bytes.ts';
import type { KeyValue } from './key-value.ts';
import type { DeleteShape, PutShape, ReadShape, Txn } from './operations.ts';
import type { DeleteResult, PutResult, TxnResult } from './results.ts';
import type { Selection } from './selection.ts';
import type { TxnBuilder } from './txn-builder.ts';

export interface CallOptions {
  /** Gives up waiting: the call rejects with the signal's reason. A write already sent may still happen. */
  readonly signal?: AbortSignal | undefined;
}

export interface ReadOptions extends CallOptions {
  /**
   * `linearizable` (the default) sees every write that was acknowledged before the read began; `stale` sees what the
   * member that answers has executed, and needs no quorum.
   */
  readonly consistency?: ReadConsistency;
}

export interface GetOptions extends ReadOptions {
  /** Reads the key as it was at this revision; without it, as it is. */
  readonly revision?: number;
}

export interface RangeOptions extends ReadOptions, ReadShape {
  /**
   * Keys fetched at a time, at most; default 512. Fewer are fetched first, and while values are large. More per page is
   * fewer round trips and more memory.
   */
  readonly pageSize?: number;
}

export interface CountOptions extends ReadOptions {
  readonly revision?: number;
}

/**
 * A strongly consistent key-value store: one embedded in this process (`open`) or a cluster (`connect`).
 *
 * Keys and values are bytes; a string stands for its UTF-8 bytes. Every write gets one revision, counting up, and
 * reads may ask for any revision since the last compaction. Every method rejects with an error whose `code` is one of
 * `ErrorCode`; a write is never sent twice, so `unknownOutcome` means what it says.
 *
 * @example
 * ```ts
 * import { compare, op, open } from 'coterie';
 *
 * await using store = await open('./data');
 * await store.put('greeting', 'hello');
 * console.log((await store.get('greeting'))?.valueText); // hello
 *
 * for await (const { keyText, valueText } of store.range({ prefix: 'g' })) console.log(keyText, valueText);
 *
 * const { succeeded } = await store
 *   .txn()
 *   .if(compare.version('owner').equals(0))
 *   .then(op.put('owner', 'me'))
 *   .commit();
 * console.log(succeeded); // true the first time, false from then on
 * ```
 */
export interface Store extends AsyncDisposable {
  /**
   * The key and what it holds, or null if it is not there.
   * @throws RefusedError `compacted` or `futureRevision`, if the revision asked for can't be read
   */
  get(key: Bytes, options?: GetOptions): Promise<KeyValue | null>;

  /**
   * The selected keys, by default in the order of their bytes, fetched page by page at one revision: an iteration of
   * any length sees one state of the store. Ordered by anything but the key, they come as one page.
   * @throws RefusedError `compacted`, while iterating, if that revision is compacted meanwhile
   *
   * @example
   * ```ts
   * for await (const kv of store.range({ prefix: 'jobs/' }, { limit: 10 })) console.log(kv.keyText);
   * ```
   */
  range(keys: Selection, options?: RangeOptions): AsyncIterable<KeyValue>;

  /** How many keys are selected. */
  count(keys: Selection, options?: CountOptions): Promise<number>;

  put(key: Bytes, value: Bytes, options?: PutShape & CallOptions): Promise<PutResult>;

  /** Deletes one key, or all that are selected. Deleting nothing is no error, and takes no revision. */
  delete(keys: Bytes | Selection, options?: DeleteShape & CallOptions): Promise<DeleteResult>;

  /**
   * Starts a mini-transaction, the one primitive for changing data depending on data.
   *
   * @example
   * ```ts
   * const seen = await store.get('counter');
   * const { succeeded } = await store
   *   .txn()
   *   .if(compare.modRevision('counter').equals(seen?.modRevision ?? 0))
   *   .then(op.put('counter', String(Number(seen?.valueText ?? 0) + 1)))
   *   .commit();
   * ```
   */
  txn(): TxnBuilder;

  /**
   * Executes a mini-transaction that is at hand as data; `txn()` builds the same step by step. A consistency matters only
   * to one that only reads.
   */
  commit(txn: Txn, options?: ReadOptions): Promise<TxnResult>;

  /** Forgets what only revisions before this one can see; reads at them are refused from then on. */
  compact(revision: number, options?: CallOptions): Promise<void>;

  /** How the store is, as the member that answers sees it. */
  status(options?: CallOptions): Promise<StoreStatus>;

  /** Lets go of the store. Reads under way reject with `closed`, writes with `unknownOutcome`; every later call with `closed`. */
  close(): Promise<void>;
}
