/**
 * What the store can be asked and what it answers, independent of any wire format. Front doors translate to it, the
 * state machine executes it. Semantics and field meanings are etcd v3's.
 */

declare const revisionBrand: unique symbol;

/** Counts committed write transactions of the store; the first write makes revision 2, as in etcd. */
export type Revision = number & { readonly [revisionBrand]: true };

/** 0 for none. 64 bits wide on the wire, hence bigint. */
export type LeaseId = bigint;

export interface KeyValue {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  readonly createRevision: Revision;
  readonly modRevision: Revision;
  /** Writes to the key since it was created; 1 after the first. */
  readonly version: number;
  readonly lease: LeaseId;
}

/**
 * Which keys: `end` null means the one key; otherwise key <= k < end, where an `end` of one zero byte means no upper
 * bound (and a `key` of one zero byte with it: every key).
 */
export interface KeyRange {
  readonly key: Uint8Array;
  readonly end: Uint8Array | null;
}

export type SortTarget = 'key' | 'version' | 'create' | 'mod' | 'value';

export interface RangeRequest extends KeyRange {
  readonly type: 'range';
  /** 0 reads the latest. */
  readonly revision: number;
  /** 0 is no limit. `count` in the response ignores it. */
  readonly limit: number;
  readonly order: 'none' | 'ascend' | 'descend';
  readonly sortBy: SortTarget;
  readonly keysOnly: boolean;
  readonly countOnly: boolean;
  /** Bounds on what is returned, each 0 for none. */
  readonly minModRevision: number;
  readonly maxModRevision: number;
  readonly minCreateRevision: number;
  readonly maxCreateRevision: number;
}

export interface PutRequest {
  readonly type: 'put';
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  readonly lease: LeaseId;
  /** Return what the key held before. */
  readonly previous: boolean;
  readonly ignoreValue: boolean;
  readonly ignoreLease: boolean;
}

export interface DeleteRequest extends KeyRange {
  readonly type: 'delete';
  readonly previous: boolean;
}

export type CompareRelation = 'equal' | 'notEqual' | 'greater' | 'less';

/**
 * Holds if every key of the range compares so. Where there is no key, numbers are compared with 0, and a compare of
 * values does not hold whatever its relation.
 */
export type Compare = KeyRange & { readonly relation: CompareRelation } & (
    | { readonly target: 'version'; readonly version: number }
    | { readonly target: 'create'; readonly revision: number }
    | { readonly target: 'mod'; readonly revision: number }
    | { readonly target: 'value'; readonly value: Uint8Array }
    | { readonly target: 'lease'; readonly lease: LeaseId }
  );

/** A mini-transaction: the compares choose one of two lists, which is executed as one step at one revision. */
export interface TxnRequest {
  readonly type: 'txn';
  readonly compares: readonly Compare[];
  readonly success: readonly Operation[];
  readonly failure: readonly Operation[];
}

export interface CompactRequest {
  readonly type: 'compact';
  readonly revision: number;
}

/**
 * Adds to the number that a key holds as decimal text, of 64 bits with a sign; a key that is not there counts as 0. Ours:
 * etcd's clients read, and compare when they write, as often as others come between.
 */
export interface IncrementRequest {
  readonly type: 'increment';
  readonly key: Uint8Array;
  readonly by: bigint;
}

export type Operation = RangeRequest | PutRequest | DeleteRequest | TxnRequest;
/** What etcd's clients can ask as well. */
export type EtcdRequest = Operation | CompactRequest;
export type StoreRequest = EtcdRequest | IncrementRequest;

/** `revision` everywhere: the store's revision when the request was executed. */
export interface RangeResponse {
  readonly type: 'range';
  readonly revision: Revision;
  readonly kvs: readonly KeyValue[];
  /** The limit cut the answer. */
  readonly more: boolean;
  readonly count: number;
}

export interface PutResponse {
  readonly type: 'put';
  readonly revision: Revision;
  readonly previous: KeyValue | null;
}

export interface DeleteResponse {
  readonly type: 'delete';
  readonly revision: Revision;
  readonly deleted: number;
  readonly previous: readonly KeyValue[];
}

export interface TxnResponse {
  readonly type: 'txn';
  readonly revision: Revision;
  readonly succeeded: boolean;
  readonly responses: readonly OperationResponse[];
}

export interface CompactResponse {
  readonly type: 'compact';
  readonly revision: Revision;
}

export interface IncrementResponse {
  readonly type: 'increment';
  readonly revision: Revision;
  /** What the key holds now. */
  readonly value: bigint;
}

export type OperationResponse = RangeResponse | PutResponse | DeleteResponse | TxnResponse;

/** Why the store refused a request; nothing was changed. The names are ours, the conditions and messages etcd's. */
export type StoreErrorCode =
  | 'compacted' // the revision asked for has been compacted
  | 'futureRevision' // the revision asked for is not there yet
  | 'duplicateKey' // one transaction puts a key twice
  | 'tooManyOperations'
  | 'emptyKey'
  | 'requestTooLarge'
  | 'responseTooLarge' // of a request that writes; ours, as etcd has no such limit
  | 'keyNotFound' // ignoreValue or ignoreLease on a key that is not there
  | 'valueProvided' // ignoreValue together with a value
  | 'leaseProvided' // ignoreLease together with a lease
  | 'leaseNotFound'
  | 'invalidSortOption'
  | 'notANumber' // an increment of what is no whole number
  | 'numberTooLarge' // an increment beyond 64 bits
  | 'malformedRequest'; // a command in the log that no encoder of ours wrote

export interface StoreRefusal {
  readonly type: 'refused';
  readonly code: StoreErrorCode;
  readonly message: string;
}

export type StoreResponse = OperationResponse | CompactResponse | IncrementResponse | StoreRefusal;
