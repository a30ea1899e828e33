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

/** Nobody was reached who could execute it: no server, or one that cannot reach what it needs. Safe to try again. */
export class UnreachableError extends CallError {
  override readonly name = 'UnreachableError';
  readonly code = 'unreachable';
  readonly mayHaveBeenExecuted: boolean;

  /** @param isFinal  false if it is said of one copy only, as of a method that skips the cache */
  constructor(message: string, isFinal = true, options?: ErrorOptions) {
    super(message, options);
    this.mayHaveBeenExecuted = !isFinal;
  }
}

/** Sent as often as the semantics allow and never answered, or whoever executed it cannot tell how far it came. */
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
  /** True if what keeps the call from being executed is that client and server have different rules for crashes. */
  readonly isOfOtherRule: boolean;

  /** @param isFinal  false if it is said of one copy only, as of a method that skips the cache */
  constructor(message: string, isFinal: boolean, isOfOtherRule = false) {
    super(message);
    this.mayHaveBeenExecuted = !isFinal;
    this.isOfOtherRule = isOfOtherRule;
  }
}

/** The server takes no more calls for now. */
export class OverloadedError extends CallError {
  override readonly name = 'OverloadedError';
  readonly code = 'overloaded';
  readonly mayHaveBeenExecuted: boolean;
  readonly retryAfterMs: number;

  /** @param isFinal  false if it is said of one copy only, as of a method that skips the cache */
  constructor(retryAfterMs: number, isFinal = true) {
    const told = isFinal ? 'not executed' : 'not executed, unless another copy was';
    super(`${told}: the server is overloaded; try again in ${retryAfterMs} ms`);
    this.mayHaveBeenExecuted = !isFinal;
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
 * For handlers: the call cannot be executed for now, and was not. A caller that asked for at least once or exactly once
 * goes on asking; any other is told, as `unreachable`.
 */
export class NotExecutedError extends Error {
  override readonly name = 'NotExecutedError';
  readonly code = 'notExecuted';
}

/**
 * For handlers: whether the call was executed cannot be told yet, and another copy of it is welcome. A caller that asked
 * for at least once or exactly once goes on asking; to any other the outcome is unknown.
 */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError';
  readonly code = 'noAnswer';
}

/** For handlers: the session that would tell whether the call was executed is gone. */
export class SessionLostError extends Error {
  override readonly name = 'SessionLostError';
  readonly code = 'sessionLost';
}
