import type {
  Compare,
  CompareRelation,
  DeleteRequest,
  KeyRange,
  Operation,
  PutRequest,
  RangeRequest,
  TxnRequest,
} from '../store/api.ts';
import { type Bytes, describe, toBytes, toKey } from './bytes.ts';
import { InvalidArgumentError } from './errors.ts';
import { type Selection, toKeyRange } from './selection.ts';

/** What to read of the selected keys, and in which order. */
export interface ReadShape {
  /** Reads the store as it was at this revision; without it, as it is. */
  readonly revision?: number;
  /** At most so many keys. */
  readonly limit?: number;
  /** By `sortBy`; without it, ascending. */
  readonly order?: 'ascend' | 'descend';
  /** Without it, by key. */
  readonly sortBy?: 'key' | 'version' | 'create' | 'mod' | 'value';
  /** Leaves the values out. */
  readonly keysOnly?: boolean;
  /** Only keys last written at this revision or later. */
  readonly minModRevision?: number;
  readonly maxModRevision?: number;
  readonly minCreateRevision?: number;
  readonly maxCreateRevision?: number;
}

export interface PutShape {
  /** Also return what the key held before. */
  readonly previous?: boolean;
  /** Ties the key to a lease. */
  readonly lease?: bigint;
}

export interface DeleteShape {
  /** Also return what the deleted keys held. */
  readonly previous?: boolean;
}

/** A mini-transaction as data: every compare holds and `success` is executed, or else `failure`; as one step. */
export interface Txn {
  readonly compares?: readonly Compare[];
  readonly success?: readonly Operation[];
  readonly failure?: readonly Operation[];
}

/** What a transaction does, and the requests of which everything else is made. */
export const op: {
  get(keys: Selection | Bytes, shape?: ReadShape): RangeRequest;
  count(keys: Selection | Bytes): RangeRequest;
  put(key: Bytes, value: Bytes, shape?: PutShape): PutRequest;
  delete(keys: Selection | Bytes, shape?: DeleteShape): DeleteRequest;
  txn(txn: Txn): TxnRequest;
} = {
  get: (keys, shape = {}) => rangeRequest(toKeyRange(keys), shape, false),
  count: (keys) => rangeRequest(toKeyRange(keys), {}, true),
  put: (key, value, { previous = false, lease = 0n } = {}) => ({
    type: 'put',
    key: toKey(key),
    value: toBytes(value, 'a value'),
    lease,
    previous,
    ignoreValue: false,
    ignoreLease: false,
  }),
  delete: (keys, { previous = false } = {}) => ({ type: 'delete', ...toKeyRange(keys), previous }),
  txn: (txn) => ({
    type: 'txn',
    compares: txn.compares ?? [],
    success: txn.success ?? [],
    failure: txn.failure ?? [],
  }),
};

export function rangeRequest(range: KeyRange, shape: ReadShape, countOnly: boolean): RangeRequest {
  return {
    type: 'range',
    ...range,
    revision: wholeNumber(shape.revision, 'revision'),
    limit: wholeNumber(shape.limit, 'limit'),
    order: shape.order ?? (shape.sortBy === undefined ? 'none' : 'ascend'),
    sortBy: shape.sortBy ?? 'key',
    keysOnly: shape.keysOnly ?? false,
    countOnly,
    minModRevision: wholeNumber(shape.minModRevision, 'minModRevision'),
    maxModRevision: wholeNumber(shape.maxModRevision, 'maxModRevision'),
    minCreateRevision: wholeNumber(shape.minCreateRevision, 'minCreateRevision'),
    maxCreateRevision: wholeNumber(shape.maxCreateRevision, 'maxCreateRevision'),
  };
}

/** A bound or revision; 0 if it is not given. */
export function wholeNumber(value: number | undefined, what: string): number {
  if (value === undefined) return 0;
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new InvalidArgumentError(`${what} is a whole number, 0 or more: got ${describe(value)}`);
}

/** One side of a comparison; the relation and the other side make it a condition. */
export interface Comparison<V> {
  equals(value: V): Compare;
  notEquals(value: V): Compare;
  greaterThan(value: V): Compare;
  lessThan(value: V): Compare;
}

/**
 * Conditions of a transaction. Over several keys, a condition holds if it holds of each; over none, it holds.
 * A missing key has version, create and mod revision 0, and equals no value.
 */
export const compare: {
  version(keys: Selection | Bytes): Comparison<number>;
  createRevision(keys: Selection | Bytes): Comparison<number>;
  modRevision(keys: Selection | Bytes): Comparison<number>;
  value(keys: Selection | Bytes): Comparison<Bytes>;
  lease(keys: Selection | Bytes): Comparison<bigint>;
} = {
  version: (keys) =>
    comparison((relation, version: number) => {
      return { ...toKeyRange(keys), relation, target: 'version', version: wholeNumber(version, 'version') };
    }),
  createRevision: (keys) =>
    comparison((relation, revision: number) => {
      return { ...toKeyRange(keys), relation, target: 'create', revision: wholeNumber(revision, 'revision') };
    }),
  modRevision: (keys) =>
    comparison((relation, revision: number) => {
      return { ...toKeyRange(keys), relation, target: 'mod', revision: wholeNumber(revision, 'revision') };
    }),
  value: (keys) =>
    comparison((relation, value: Bytes) => {
      return { ...toKeyRange(keys), relation, target: 'value', value: toBytes(value, 'a value') };
    }),
  lease: (keys) => comparison((relation, lease: bigint) => ({ ...toKeyRange(keys), relation, target: 'lease', lease })),
};

function comparison<V>(make: (relation: CompareRelation, value: V) => Compare): Comparison<V> {
  return {
    equals: (value) => make('equal', value),
    notEquals: (value) => make('notEqual', value),
    greaterThan: (value) => make('greater', value),
    lessThan: (value) => make('less', value),
  };
}
