import type { EtcdRequest, RangeRequest, RangeResponse, StoreResponse } from '../store/api.ts';
import { type Backend, isRead, type StoreStatus } from './backend.ts';
import { type Bytes, successor } from './bytes.ts';
import { ClosedError, InvalidArgumentError, RefusedError, UnavailableError, UnknownOutcomeError } from './errors.ts';
import type { KeyValue } from './key-value.ts';
import { type DeleteShape, op, type PutShape, rangeRequest, type Txn, wholeNumber } from './operations.ts';
import { PageSize } from './page-size.ts';
import { type DeleteResult, type PutResult, type TxnResult, toKeyValue, toKeyValues, toTxnResult } from './results.ts';
import { type Selection, toKeyRange } from './selection.ts';
import type { CallOptions, CountOptions, GetOptions, RangeOptions, ReadOptions, Store } from './store.ts';
import { TxnBuilder } from './txn-builder.ts';

/** The one implementation of `Store`; backends differ in where requests go. */
export class BackedStore implements Store {
  readonly #backend: Backend;
  /** How to end each call under way before its time. */
  readonly #underway = new Set<() => void>();
  #closed: Promise<void> | null = null;

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  async get(key: Bytes, options: GetOptions = {}): Promise<KeyValue | null> {
    const response = await this.#read(
      op.get({ key }, { revision: wholeNumber(options.revision, 'revision') }),
      options,
    );
    return toKeyValue(response.kvs[0] ?? null);
  }

  range(keys: Selection, options: RangeOptions = {}): AsyncIterable<KeyValue> {
    const whole = rangeRequest(toKeyRange(keys), options, false);
    const { pageSize } = options;
    if (pageSize !== undefined && wholeNumber(pageSize, 'pageSize') === 0) {
      throw new InvalidArgumentError('pageSize is at least 1: got 0');
    }
    const pages = (): AsyncGenerator<readonly KeyValue[]> =>
      whole.sortBy === 'key' ? this.#pages(whole, new PageSize(pageSize), options) : this.#onePage(whole, options);
    return { [Symbol.asyncIterator]: () => flatten(pages()) };
  }

  async count(keys: Selection, options: CountOptions = {}): Promise<number> {
    const shape = { revision: wholeNumber(options.revision, 'revision') };
    const response = await this.#read(rangeRequest(toKeyRange(keys), shape, true), options);
    return response.count;
  }

  async put(key: Bytes, value: Bytes, options: PutShape & CallOptions = {}): Promise<PutResult> {
    const response = await this.#call(op.put(key, value, options), options);
    if (response.type !== 'put') throw unexpected('put', response);
    return { revision: response.revision, previous: toKeyValue(response.previous) };
  }

  async delete(keys: Bytes | Selection, options: DeleteShape & CallOptions = {}): Promise<DeleteResult> {
    const response = await this.#call(op.delete(keys, options), options);
    if (response.type !== 'delete') throw unexpected('delete', response);
    return { revision: response.revision, deleted: response.deleted, previous: toKeyValues(response.previous) };
  }

  txn(): TxnBuilder {
    return new TxnBuilder((txn, options) => this.commit(txn, options));
  }

  async commit(txn: Txn, options: ReadOptions = {}): Promise<TxnResult> {
    const response = await this.#call(op.txn(txn), options);
    if (response.type !== 'txn') throw unexpected('txn', response);
    return toTxnResult(response);
  }

  async compact(revision: number, options: CallOptions = {}): Promise<void> {
    const response = await this.#call({ type: 'compact', revision: wholeNumber(revision, 'revision') }, options);
    if (response.type !== 'compact') throw unexpected('compact', response);
  }

  status(options: CallOptions = {}): Promise<StoreStatus> {
    return this.#guarded(options.signal, true, () => this.#backend.status(options.signal));
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    for (const giveUp of this.#underway) giveUp();
    await this.#backend.close();
  }

  /** In key order each page begins where the last one ended, all at the revision that the first one was read at. */
  async *#pages(whole: RangeRequest, size: PageSize, options: ReadOptions): AsyncGenerator<readonly KeyValue[]> {
    let rest = whole;
    let left = whole.limit === 0 ? Number.POSITIVE_INFINITY : whole.limit;
    while (left > 0) {
      const page = await this.#page({ ...rest, limit: left }, size, options);
      const last = page.kvs.at(-1);
      yield toKeyValues(page.kvs);
      if (!page.more || last === undefined || (whole.order === 'descend' && isLeast(last.key))) return;
      left -= page.kvs.length;
      const revision = rest.revision === 0 ? page.revision : rest.revision;
      rest =
        whole.order === 'descend'
          ? { ...rest, revision, end: last.key }
          : { ...rest, revision, key: successor(last.key) };
    }
  }

  /** One page; if it can't be had, because it is too heavy perhaps, a smaller one. */
  async #page(rest: RangeRequest, size: PageSize, options: ReadOptions): Promise<RangeResponse> {
    const read = (): Promise<RangeResponse> => this.#read({ ...rest, limit: Math.min(size.keys, rest.limit) }, options);
    const page = await read().catch((error: unknown) => {
      if (error instanceof UnavailableError && size.shrink()) return read();
      throw error;
    });
    size.adapt(page.kvs);
    return page;
  }

  async *#onePage(whole: RangeRequest, options: ReadOptions): AsyncGenerator<readonly KeyValue[]> {
    const page = await this.#read(whole, options);
    yield toKeyValues(page.kvs);
  }

  async #read(request: RangeRequest, options: ReadOptions): Promise<RangeResponse> {
    const response = await this.#call(request, options);
    if (response.type !== 'range') throw unexpected('range', response);
    return response;
  }

  #call(request: EtcdRequest, options: ReadOptions): Promise<Exclude<StoreResponse, { type: 'refused' }>> {
    const consistency = options.consistency ?? 'linearizable';
    return this.#guarded(options.signal, isRead(request), async () => {
      const response = await this.#backend.call(request, { consistency, signal: options.signal });
      if (response.type === 'refused') throw new RefusedError(response.code, response.message);
      return response;
    });
  }

  /** A call ends when it is done, when its caller gives it up, or when the store is closed, whichever is first. */
  #guarded<T>(signal: AbortSignal | undefined, read: boolean, call: () => Promise<T>): Promise<T> {
    if (this.#closed !== null) return Promise.reject(new ClosedError('the store was closed: open it again to use it'));
    if (signal?.aborted) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      const abort = (): void => reject(signal?.reason);
      const giveUp = (): void => reject(closedUnderway(read));
      this.#underway.add(giveUp);
      signal?.addEventListener('abort', abort, { once: true });
      call()
        .then(resolve, reject)
        .finally(() => {
          this.#underway.delete(giveUp);
          signal?.removeEventListener('abort', abort);
        });
    });
  }
}

async function* flatten(pages: AsyncIterable<readonly KeyValue[]>): AsyncGenerator<KeyValue> {
  for await (const page of pages) yield* page;
}

/** No key is below one zero byte; as a range's end it would stand for no bound. */
function isLeast(key: Uint8Array): boolean {
  return key.length === 1 && key[0] === 0;
}

function closedUnderway(read: boolean): ClosedError | UnknownOutcomeError {
  if (read) return new ClosedError('the store was closed while this call was under way');
  return new UnknownOutcomeError(
    'the outcome is unknown: the store was closed while this write was under way, so it may have been executed, or may ' +
      'still be; wait for writes before you close the store',
  );
}

function unexpected(asked: string, response: StoreResponse): Error {
  return new Error(`the store answered a ${asked} with a ${response.type}: client and server do not fit`);
}
