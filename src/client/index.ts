/**
 * Coterie's store for TypeScript: `open(path)` runs it inside this process, `connect(endpoints)` talks to a cluster;
 * both give a `Store`.
 */
export type { StoreStatus } from './backend.ts';
export type { Bytes } from './bytes.ts';
export { type ConnectOptions, connect } from './connect.ts';
export {
  ClosedError,
  DirectoryError,
  type DirectoryErrorCode,
  type ErrorCode,
  InUseError,
  InvalidArgumentError,
  RefusedError,
  UnavailableError,
  UnknownOutcomeError,
} from './errors.ts';
export type { KeyValue } from './key-value.ts';
export { type OpenOptions, open } from './open.ts';
export {
  type Comparison,
  compare,
  type DeleteShape,
  op,
  type PutShape,
  type ReadShape,
  type Txn,
} from './operations.ts';
export type { DeleteResult, OperationResult, PutResult, TxnResult } from './results.ts';
export type { Selection } from './selection.ts';
export type { CallOptions, CountOptions, GetOptions, RangeOptions, ReadOptions, Store } from './store.ts';
export type { TxnBuilder } from './txn-builder.ts';
