import { status } from '@grpc/grpc-js';
import { UnavailableError, UnknownOutcomeError } from '../member/api.ts';
import type { StoreErrorCode, StoreRefusal } from '../store/api.ts';
import { WireError } from '../wire/error.ts';

/** What a call ends with instead of a response: a gRPC status. */
export class Failure {
  readonly code: status;
  readonly details: string;

  constructor(code: status, details: string) {
    this.code = code;
    this.details = details;
  }
}

/** A request that has no meaning for the store, because it names something that is not there. */
export class InvalidRequestError extends Error {
  override readonly name = 'InvalidRequestError';
  readonly code = 'invalidRequest';
}

/** As etcd has them in its rpctypes. */
const REFUSAL_STATUS: { readonly [Code in StoreErrorCode]: status } = {
  compacted: status.OUT_OF_RANGE,
  futureRevision: status.OUT_OF_RANGE,
  duplicateKey: status.INVALID_ARGUMENT,
  tooManyOperations: status.INVALID_ARGUMENT,
  emptyKey: status.INVALID_ARGUMENT,
  requestTooLarge: status.INVALID_ARGUMENT,
  responseTooLarge: status.RESOURCE_EXHAUSTED,
  keyNotFound: status.INVALID_ARGUMENT,
  valueProvided: status.INVALID_ARGUMENT,
  leaseProvided: status.INVALID_ARGUMENT,
  leaseNotFound: status.NOT_FOUND,
  invalidSortOption: status.INVALID_ARGUMENT,
  notANumber: status.INVALID_ARGUMENT,
  numberTooLarge: status.INVALID_ARGUMENT,
  malformedRequest: status.INVALID_ARGUMENT,
};

export function refusalFailure({ code, message }: StoreRefusal): Failure {
  return new Failure(REFUSAL_STATUS[code], message);
}

/**
 * The status for what was thrown on the way to a response. UNAVAILABLE stands for both "not executed" and "unknown":
 * etcd's clients repeat a read after it, and never a write; the text tells a person which of the two it is.
 */
export function errorFailure(error: unknown, hasLeader: boolean): Failure {
  if (error instanceof UnavailableError) {
    const details = hasLeader ? `coterie: not executed, try again: ${error.message}` : 'etcdserver: no leader';
    return new Failure(status.UNAVAILABLE, details);
  }
  if (error instanceof UnknownOutcomeError) {
    const details = `etcdserver: request timed out, its outcome is unknown: it may have been executed (${error.message})`;
    return new Failure(status.UNAVAILABLE, details);
  }
  if (error instanceof InvalidRequestError) return new Failure(status.INVALID_ARGUMENT, error.message);
  if (error instanceof WireError) return new Failure(status.INVALID_ARGUMENT, `coterie: ${error.message}`);
  if (isAbort(error)) return new Failure(status.CANCELLED, 'coterie: the caller cancelled the call');
  const message = error instanceof Error ? error.message : String(error);
  return new Failure(status.INTERNAL, `coterie: internal error: ${message}`);
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}
