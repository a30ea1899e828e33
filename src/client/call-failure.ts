import { type ServiceError, status } from '@grpc/grpc-js';
import type { StoreErrorCode, StoreRefusal } from '../store/api.ts';
import { refuse } from '../store/refusal.ts';

/** What became of a call that got no response. */
export type CallFailure =
  | { readonly type: 'refused'; readonly refusal: StoreRefusal }
  | { readonly type: 'notExecuted'; readonly why: string }
  | { readonly type: 'unknown'; readonly why: string };

/**
 * Reads a gRPC status. What is not known to mean "not executed" means that nobody knows: the connection may have
 * broken after the request was on its way.
 */
export function toCallFailure({ code, details }: Pick<ServiceError, 'code' | 'details'>): CallFailure {
  const refusal = REFUSALS.get(details);
  if (refusal !== undefined) return { type: 'refused', refusal };
  return isNotExecuted(code, details) ? { type: 'notExecuted', why: details } : { type: 'unknown', why: details };
}

function isNotExecuted(code: status, details: string): boolean {
  switch (code) {
    case status.INVALID_ARGUMENT:
    case status.UNAUTHENTICATED:
    case status.PERMISSION_DENIED:
    case status.UNIMPLEMENTED:
      return true;
    default:
      return NOT_EXECUTED.some((known) => details.includes(known));
  }
}

/** Texts of statuses that say that a request had no effect: the server's own, etcd's, and grpc-js's before it sends. */
const NOT_EXECUTED = [
  'not executed',
  'etcdserver: no leader',
  'etcdserver: too many requests',
  'No connection established',
];

const CODES: Readonly<Record<StoreErrorCode, true>> = {
  compacted: true,
  futureRevision: true,
  duplicateKey: true,
  tooManyOperations: true,
  emptyKey: true,
  requestTooLarge: true,
  responseTooLarge: true,
  keyNotFound: true,
  valueProvided: true,
  leaseProvided: true,
  leaseNotFound: true,
  invalidSortOption: true,
  notANumber: true,
  numberTooLarge: true,
  malformedRequest: true,
};

const REFUSALS: ReadonlyMap<string, StoreRefusal> = new Map(
  (Object.keys(CODES) as StoreErrorCode[]).map((code) => {
    const refusal = refuse(code);
    return [refusal.message, refusal];
  }),
);
