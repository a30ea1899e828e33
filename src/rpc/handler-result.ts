import type { requestReply as protocol } from '../protocols/index.ts';
import { isStop } from './call.ts';
import {
  type CallErrorCode,
  NoAnswerError,
  NotExecutedError,
  ReceivedRejection,
  RejectedError,
  SessionLostError,
} from './errors.ts';

type NotDone = Exclude<protocol.Result, { readonly type: 'done' }>;

/** What a handler that threw has said. If it stopped because its caller seemed to be gone, and is not, that is no failure. */
export function resultOf(error: unknown, signal: AbortSignal): NotDone {
  if (error instanceof SessionLostError) return { type: 'sessionExpired' };
  const message = error instanceof Error ? error.message : String(error);
  if (isStop(error, signal)) return { type: 'interrupted', message: `the execution was stopped: ${message}` };
  if (error instanceof NoAnswerError) return { type: 'interrupted', message };
  if (error instanceof NotExecutedError) return { type: 'unavailable', message };
  const isOwnRejection = error instanceof RejectedError && !(error instanceof ReceivedRejection);
  return { type: isOwnRejection ? 'rejected' : 'failed', message };
}

/** What a caller gets who asked once. */
export function codeOf(result: NotDone): CallErrorCode {
  switch (result.type) {
    case 'rejected':
      return 'rejected';
    case 'failed':
      return 'serverError';
    case 'unavailable':
      return 'unreachable';
    case 'interrupted':
    case 'sessionExpired':
      return 'unknownOutcome';
    default:
      return result satisfies never;
  }
}
