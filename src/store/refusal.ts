import type { StoreErrorCode, StoreRefusal } from './api.ts';

/** Word for word etcd's (its api/v3rpc/rpctypes/error.go), because clients tell errors apart by their text. */
const MESSAGES: { readonly [Code in StoreErrorCode]: string } = {
  compacted: 'etcdserver: mvcc: required revision has been compacted',
  futureRevision: 'etcdserver: mvcc: required revision is a future revision',
  duplicateKey: 'etcdserver: duplicate key given in txn request',
  tooManyOperations: 'etcdserver: too many operations in txn request',
  emptyKey: 'etcdserver: key is not provided',
  requestTooLarge: 'etcdserver: request is too large',
  responseTooLarge: 'coterie: a request that writes may answer with 16 MiB at most: read in a request of its own',
  keyNotFound: 'etcdserver: key not found',
  valueProvided: 'etcdserver: value is provided',
  leaseProvided: 'etcdserver: lease is provided',
  leaseNotFound: 'etcdserver: requested lease not found',
  invalidSortOption: 'etcdserver: invalid sort option',
  notANumber: 'coterie: the key holds no whole number',
  numberTooLarge: 'coterie: the number would not fit into 64 bits',
  malformedRequest: 'coterie: the request is not one that this version of the store can read',
};

export function refuse(code: StoreErrorCode): StoreRefusal {
  return { type: 'refused', code, message: MESSAGES[code] };
}
