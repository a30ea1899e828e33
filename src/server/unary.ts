import type { Metadata, MethodDefinition, Server, ServerUnaryCall, sendUnaryData } from '@grpc/grpc-js';
import type { Member } from '../member/api.ts';
import { WireError } from '../wire/error.ts';
import { errorFailure, Failure } from './status.ts';

/** Who asked: how long it waits, whether it still does, and how it is told more than the response. */
export interface Caller {
  /** Aborted when the caller cancels, goes away, or its deadline passes. */
  readonly signal: AbortSignal;
  /** What was left of the caller's deadline when the call came; undefined if it set none. */
  readonly timeoutMs: number | undefined;
  readonly sendMetadata: (metadata: Metadata) => void;
}

/** A method's work: a response, or a failure that was to be expected; what it throws becomes a failure, too. */
export type UnaryHandler<Q, S> = (request: Q, caller: Caller) => Promise<S | Failure> | S | Failure;

/** Lets the server answer a method without streams. */
export function registerUnary<Q, S>(
  server: Server,
  member: Member,
  method: MethodDefinition<Q, S>,
  handle: UnaryHandler<Q, S>,
): void {
  const answer = async (call: ServerUnaryCall<Q | WireError, S>, caller: Caller): Promise<S | Failure> => {
    try {
      if (call.request instanceof WireError) throw call.request;
      return await handle(call.request, caller);
    } catch (error) {
      return errorFailure(error, member.status().leader !== null);
    }
  };
  server.register<Q | WireError, S>(
    method.path,
    (call: ServerUnaryCall<Q | WireError, S>, respond: sendUnaryData<S>) => {
      const abort = new AbortController();
      let answered = false;
      // grpc-js reports every call's end as a cancellation, also that of an answered one.
      call.on('cancelled', () => {
        if (!answered) abort.abort();
      });
      const caller = {
        signal: abort.signal,
        timeoutMs: timeLeft(call.getDeadline()),
        sendMetadata: (metadata: Metadata) => call.sendMetadata(metadata),
      };
      answer(call, caller).then((result) => {
        answered = true;
        if (result instanceof Failure) respond(result);
        else respond(null, result);
      });
    },
    method.responseSerialize,
    received(method.requestDeserialize),
    'unary',
  );
}

/** Bytes that are no request become the reason why: thrown, grpc-js would answer INTERNAL and leave the reason out. */
export function received<Q>(deserialize: (bytes: Buffer) => Q): (bytes: Buffer) => Q | WireError {
  return (bytes) => {
    try {
      return deserialize(bytes);
    } catch (error) {
      if (error instanceof WireError) return error;
      throw error;
    }
  };
}

function timeLeft(deadline: Date | number): number | undefined {
  const at = Number(deadline);
  return at === Number.POSITIVE_INFINITY ? undefined : Math.max(0, at - Date.now());
}
