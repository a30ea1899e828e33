/**
 * What can become of a call other than the service's answer. None can be mistaken for an error of the service's own
 * making, which is `rejected` or `serverError`.
 */
export type CallErrorCode =
  | 'deadline'
  | 'cancelled'
  | 'unreachable'
  | 'unknownOutcome'
  | 'rejected'
  | 'overloaded'
  | 'serverError';

export abstract class CallError extends Error {
  abstract readonly code: CallErrorCode;
  /** False only if the call was not executed, and never will be. */
  abstract readonly mayHaveBeenExecuted: boolean;
}

/** The caller's time was up. */
export class DeadlineError extends CallError {
  override readonly name = 'DeadlineError';
  readonly code = 'deadline';
  readonly mayHaveBeenExecuted: boolean;

  constructor(message: string, wasSent = true, options?: ErrorOptions) {
    super(message, options);
    this.mayHaveBeenExecuted = wasSent;
  }
}

/** The caller gave up: the cause is its signal's reason. */
export class CancelledError extends CallError {
  override readonly name = 'CancelledError';
  readonly code = 'cancelled';
  readonly mayHaveBeenExecuted: boolean;

  constructor(message: string, wasSent: boolean, options?: ErrorOptions) {
    super(message, options);
    this.mayHaveBeenExecuted = wasSent;
  }
}

/** No server answered at all, not even to say which life it is in: safe to try again. */
export class UnreachableError extends CallError {
  override readonly name = 'UnreachableError';
  readonly code = 'unreachable';
  readonly mayHaveBeenExecuted = false;
}

/** Sent as often as the semantics allow and never answered, or the server crashed over it: zero times or once. */
export class UnknownOutcomeError extends CallError {
  override readonly name = 'UnknownOutcomeError';
  readonly code = 'unknownOutcome';
  readonly mayHaveBeenExecuted = true;
}

/** The service refuses the call and has changed nothing. Handlers throw it to say so. */
export class RejectedError extends CallError {
  override readonly name = 'RejectedError';
  readonly code = 'rejected';
  readonly mayHaveBeenExecuted: boolean = false;
}

/**
 * The rejection that a client got for a call of its own. A handler that lets it through has not rejected the call it
 * executes: it failed, perhaps in part.
 */
export class ReceivedRejection extends RejectedError {
  override readonly mayHaveBeenExecuted: boolean;

  /** @param wasResent  an earlier copy may have been executed, if the method skips the cache */
  constructor(message: string, wasResent: boolean) {
    super(message);
    this.mayHaveBeenExecuted = wasResent;
  }
}

/** The server takes no more calls for now. */
export class OverloadedError extends CallError {
  override readonly name = 'OverloadedError';
  readonly code = 'overloaded';
  readonly mayHaveBeenExecuted: boolean;
  readonly retryAfterMs: number;

  /** @param wasResent  an earlier copy may have been executed, if the method skips the cache */
  constructor(retryAfterMs: number, wasResent = false) {
    const told = wasResent ? 'the last copy was not executed, an earlier one may have been' : 'not executed';
    super(`${told}: the server is overloaded; try again in ${retryAfterMs} ms`);
    this.mayHaveBeenExecuted = wasResent;
    this.retryAfterMs = retryAfterMs;
  }
}

/** The service failed at the call and may have done a part of it. */
export class ServerFailureError extends CallError {
  override readonly name = 'ServerFailureError';
  readonly code = 'serverError';
  readonly mayHaveBeenExecuted = true;
}

/**
 * For handlers: nothing can be said of this call yet, and another copy of it is welcome. A caller that asked for at
 * least once or exactly once goes on asking; to one that asked for at most once the outcome is unknown.
 */
export class NoAnswerError extends Error {
  readonly code = 'noAnswer';
}

/** For handlers: the session that would tell whether the call was executed is gone. */
export class SessionLostError extends Error {
  readonly code = 'sessionLost';
}
