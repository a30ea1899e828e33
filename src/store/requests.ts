import type {
  CompactRequest,
  Compare,
  DeleteRequest,
  IncrementRequest,
  KeyRange,
  Operation,
  PutRequest,
  RangeRequest,
  TxnRequest,
} from './api.ts';

/** Requests with etcd's defaults for all that is not given. */

type Options<Request> = Partial<Omit<Request, 'type' | 'key'>>;

export function put(key: Uint8Array, value: Uint8Array, options: Options<PutRequest> = {}): PutRequest {
  return { type: 'put', key, value, lease: 0n, previous: false, ignoreValue: false, ignoreLease: false, ...options };
}

export function range(key: Uint8Array, options: Options<RangeRequest> = {}): RangeRequest {
  return {
    type: 'range',
    key,
    end: null,
    revision: 0,
    limit: 0,
    order: 'none',
    sortBy: 'key',
    keysOnly: false,
    countOnly: false,
    minModRevision: 0,
    maxModRevision: 0,
    minCreateRevision: 0,
    maxCreateRevision: 0,
    ...options,
  };
}

export function remove(key: Uint8Array, options: Options<DeleteRequest> = {}): DeleteRequest {
  return { type: 'delete', key, end: null, previous: false, ...options };
}

export function txn(
  compares: readonly Compare[],
  success: readonly Operation[],
  failure: readonly Operation[] = [],
): TxnRequest {
  return { type: 'txn', compares, success, failure };
}

export function increment(key: Uint8Array, by: bigint): IncrementRequest {
  return { type: 'increment', key, by };
}

export function compact(revision: number): CompactRequest {
  return { type: 'compact', revision };
}

/** Every key there is. */
export const EVERYTHING: KeyRange = { key: new Uint8Array(1), end: new Uint8Array(1) };
