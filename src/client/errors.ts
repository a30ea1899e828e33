import type { StoreErrorCode } from '../store/api.ts';

export { UnavailableError, UnknownOutcomeError } from '../member/api.ts';

/**
 * Every `code` that an error of this package carries:
 *
 * - a `StoreErrorCode` (`compacted`, `futureRevision`, …): the store refused the request; nothing was changed
 * - `unavailable`: not executed, nobody could take it in time; safe to try again
 * - `unknownOutcome`: a write was sent and never answered; it may have been executed, or may still be
 * - `closed`: the store was closed by this program before the call, or while it read
 * - `inUse`: another process holds the directory
 * - `invalidArgument`: a call that can't be right, whatever the store holds
 * - a `DirectoryErrorCode` (`directoryUnusable`, …), of `open` only: the directory can't be used as it is
 *
 * An aborted call rejects with its signal's `reason`, whatever that is.
 */
export type ErrorCode =
  | StoreErrorCode
  | 'unavailable'
  | 'unknownOutcome'
  | 'closed'
  | 'inUse'
  | 'invalidArgument'
  | DirectoryErrorCode;

/**
 * Why a directory can't be opened:
 *
 * - `directoryUnusable`: it can't be made, read or written to
 * - `directoryForeign`: it holds the data of another member
 * - `directoryFormat`: another version of this package wrote it, or something else did
 * - `walCorrupt`: what was acknowledged can't be read any more; the message says in which file, and where
 * - `walMissing`: the log of what was acknowledged is not there any more
 * - `storageOpen`: the files of the storage engine can't be read
 * - `nodeCannotStart`: parts of it do not fit together
 */
export type DirectoryErrorCode =
  | 'directoryUnusable'
  | 'directoryForeign'
  | 'directoryFormat'
  | 'walCorrupt'
  | 'walMissing'
  | 'storageOpen'
  | 'nodeCannotStart';

/** The store refused the request, for the reason that `code` names; nothing was changed. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** The store was used after `close()`, or closed while it read. */
export class ClosedError extends Error {
  override readonly name = 'ClosedError';
  readonly code = 'closed';
}

/** Another process has the directory open; the message says which. */
export class InUseError extends Error {
  override readonly name = 'InUseError';
  readonly code = 'inUse';
}

/** The directory can't be opened, for the reason that `code` names; the message says what to do. */
export class DirectoryError extends Error {
  override readonly name = 'DirectoryError';
  readonly code: DirectoryErrorCode;

  constructor(code: DirectoryErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** A call that can't be right: what was given, and what to give instead. */
export class InvalidArgumentError extends TypeError {
  override readonly name = 'InvalidArgumentError';
  readonly code = 'invalidArgument';
}
