import type { requestReply as protocol } from '../protocols/index.ts';
import {
  type CallError,
  DeadlineError,
  OverloadedError,
  ReceivedRejection,
  ServerFailureError,
  UnknownOutcomeError,
  UnreachableError,
} from './errors.ts';

/** What its caller's error says of a call. */
export interface SentCall {
  readonly method: string;
  readonly semantics: protocol.Semantics;
  /** As people write it. */
  readonly server: string;
}

/** What a caller is told of a call that was not answered by what it returned. */
export function errorOf(call: SentCall, outcome: protocol.Outcome): CallError {
  const { method, server } = call;
  switch (outcome.type) {
    case 'answered':
      return errorOfResult(call, outcome);
    case 'refused':
      return errorOfRefusal(method, outcome);
    case 'unreachable': {
      const silence = outcome.isServerThere
        ? `its time was up before it could be sent to be; the server at ${server} answers, perhaps too slowly`
        : `no server answers at ${server}; see that one runs there`;
      const why = outcome.told ?? silence;
      return new UnreachableError(`${method} was not executed: ${why}`);
    }
    case 'unknownOutcome':
      return errorOfSilence(call, outcome);
    default:
      return outcome satisfies never;
  }
}

function errorOfResult(call: SentCall, { result, final }: protocol.Outcome & { readonly type: 'answered' }): CallError {
  const { method } = call;
  switch (result.type) {
    case 'rejected':
      return new ReceivedRejection(result.message, final);
    case 'failed':
      return new ServerFailureError(`the service failed at ${method}: ${result.message}`);
    case 'unavailable': {
      const told = final ? 'was not executed' : 'was not executed, unless another copy was';
      return new UnreachableError(`${method} ${told}: ${result.message}`, final);
    }
    case 'interrupted':
      return new UnknownOutcomeError(`it is unknown whether ${method} was executed: ${result.message}`);
    case 'sessionExpired':
      return errorOfSilence(call, { why: 'sessionExpired', told: null });
    case 'done':
      throw new Error(`${method} was done`);
    default:
      return result satisfies never;
  }
}

function errorOfRefusal(
  method: string,
  { reason, retryAfterMs, final }: protocol.Outcome & { readonly type: 'refused' },
): CallError {
  switch (reason) {
    case 'overloaded':
      return new OverloadedError(retryAfterMs, final);
    case 'noSuchMethod':
      return new ReceivedRejection(`the server has no method ${method}`, final);
    case 'otherRule':
      return new ReceivedRejection(
        `${method} was not executed: the server goes by another rule for crashes; give both the same afterCrash`,
        final,
        true,
      );
    case 'longerSpan':
      return new ReceivedRejection(
        `${method} was not executed: the client sends copies for longer than the server remembers calls; give both the same retry policy`,
        final,
      );
    case 'noSessions':
      return new ReceivedRejection(
        `${method} was not executed: to be called exactly once it needs a service with sessions; ask for at most once`,
        final,
      );
    default:
      return reason satisfies never;
  }
}

type Silence = Pick<protocol.Outcome & { readonly type: 'unknownOutcome' }, 'why' | 'told'>;

/** How often a call was executed of which nobody knows. */
const TIMES: { readonly [Semantics in protocol.Semantics]: string } = {
  maybe: 'not at all, once, or more often if the network doubled it',
  atLeastOnce: 'any number of times, or not at all',
  atMostOnce: 'once or not at all',
  exactlyOnce: 'once or not at all',
};

function errorOfSilence({ method, semantics }: SentCall, { why, told }: Silence): CallError {
  const times = TIMES[semantics];
  const last = told === null ? '' : `; the server said last: ${told}`;
  switch (why) {
    case 'deadline':
      return new DeadlineError(
        `${method} was not answered in its time: it may have been executed, or may still be${last}`,
      );
    case 'triesUsed':
      return new UnknownOutcomeError(`${method} was never answered: it was executed ${times}${last}`);
    case 'serverRestarted':
      return new UnknownOutcomeError(`the server restarted: before, ${method} was executed ${times}`);
    case 'sessionExpired':
      return new UnknownOutcomeError(`the session of ${method} expired: it was executed ${times}`);
    default:
      return why satisfies never;
  }
}
