import type { Metadata, MethodDefinition, Server, ServerUnaryCall, sendUnaryData } from '@grpc/grpc-js';
import type { Member } from '../member/api.ts';
import { WireError } from '../wire/error.ts';
import { errorFailure, Failure } from './status.ts';

/** What every method of a front door needs: where it is registered, who executes it, and who is waiting. */
export interface FrontDoor {
  readonly server: Server;
  readonly member: Member;
  /** Calls not answered yet. */
  readonly open: Set<OpenCall>;
}

/** A call that waits for its answer. */
export interface OpenCall {
  /** Ends the call, if it was not answered yet. */
  fail(failure: Failure): void;
}

/** Who asked: how long it waits, whether it still does, and how it is told more than the response. */
export interface Caller {
  /** Aborted when the caller cancels, goes away, or its deadline passes. */
  readonly signal: AbortSignal;
  /** What was left of the caller's deadline when the call came; undefined if it set none. */
  readonly timeoutMs: number | undefined;
  sendMetadata(metadata: Metadata): void;
}

/** A method's work: a response, or a failure that was to be expected; what it throws becomes a failure, too. */
export type UnaryHandler<Q, S> = (request: Q, caller: Caller) => Promise<S | Failure> | S | Failure;

/** Has the server answer a method without streams. */
export function registerUnary<Q, S>(door: FrontDoor, method: MethodDefinition<Q, S>, handle: UnaryHandler<Q, S>): void {
  const answer = async (request: Q | WireError, caller: Caller): Promise<S | Failure> => {
    try {
      if (request instanceof WireError) throw request;
      return await handle(request, caller);
    } catch (error) {
      return errorFailure(error, door.member.status().leader !== null);
    }
  };
  door.server.register<Q | WireError, S>(
    method.path,
    (grpc: ServerUnaryCall<Q | WireError, S>, respond: sendUnaryData<S>) => {
      const call = new UnaryCall(grpc, respond, door.open);
      answer(grpc.request, call).then((result) => call.end(result));
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

class UnaryCall<Q, S> implements Caller, OpenCall {
  readonly #grpc: ServerUnaryCall<Q, S>;
  readonly #respond: sendUnaryData<S>;
  readonly #open: Set<OpenCall>;
  readonly #abort: AbortController = new AbortController();

  constructor(grpc: ServerUnaryCall<Q, S>, respond: sendUnaryData<S>, open: Set<OpenCall>) {
    this.#grpc = grpc;
    this.#respond = respond;
    this.#open = open;
    open.add(this);
    // grpc-js reports the end of every call as a cancellation, also of an answered one.
    grpc.on('cancelled', () => {
      if (open.delete(this)) this.#abort.abort();
    });
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  get timeoutMs(): number | undefined {
    const deadline = Number(this.#grpc.getDeadline());
    return deadline === Number.POSITIVE_INFINITY ? undefined : Math.max(0, deadline - Date.now());
  }

  sendMetadata(metadata: Metadata): void {
    this.#grpc.sendMetadata(metadata);
  }

  end(result: S | Failure): void {
    if (!this.#open.delete(this)) return;
    if (result instanceof Failure) this.#respond(result);
    else this.#respond(null, result);
  }

  fail(failure: Failure): void {
    this.end(failure);
    this.#abort.abort();
  }
}
