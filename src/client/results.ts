import type { OperationResponse, TxnResponse } from '../store/api.ts';
import { KeyValue } from './key-value.ts';

/** `revision` everywhere: the store's revision when the request was executed. */
export interface PutResult {
  readonly revision: number;
  /** What the key held before, if it was asked for and there was something. */
  readonly previous: KeyValue | null;
}

export interface DeleteResult {
  readonly revision: number;
  readonly deleted: number;
  /** What the deleted keys held, if it was asked for. */
  readonly previous: readonly KeyValue[];
}

export interface TxnResult {
  readonly revision: number;
  /** Whether every compare held, and so `success` (the builder's `then`) was executed. */
  readonly succeeded: boolean;
  /** One for each operation executed, in order. */
  readonly results: readonly OperationResult[];
}

export type OperationResult =
  | {
      readonly type: 'get';
      readonly kvs: readonly KeyValue[];
      /** Of all selected keys, whatever the limit. */
      readonly count: number;
      /** The limit left some out. */
      readonly more: boolean;
    }
  | ({ readonly type: 'put' } & PutResult)
  | ({ readonly type: 'delete' } & DeleteResult)
  | ({ readonly type: 'txn' } & TxnResult);

export function toTxnResult({ revision, succeeded, responses }: TxnResponse): TxnResult {
  return { revision, succeeded, results: responses.map(toOperationResult) };
}

function toOperationResult(response: OperationResponse): OperationResult {
  switch (response.type) {
    case 'range':
      return { type: 'get', kvs: toKeyValues(response.kvs), count: response.count, more: response.more };
    case 'put':
      return { type: 'put', revision: response.revision, previous: toKeyValue(response.previous) };
    case 'delete':
      return {
        type: 'delete',
        revision: response.revision,
        deleted: response.deleted,
        previous: toKeyValues(response.previous),
      };
    case 'txn':
      return { type: 'txn', ...toTxnResult(response) };
    default:
      return response satisfies never;
  }
}

export function toKeyValues(kvs: readonly ConstructorParameters<typeof KeyValue>[0][]): KeyValue[] {
  return kvs.map((kv) => new KeyValue(kv));
}

export function toKeyValue(kv: ConstructorParameters<typeof KeyValue>[0] | null): KeyValue | null {
  return kv === null ? null : new KeyValue(kv);
}
