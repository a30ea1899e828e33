import type { requestReply as protocol } from '../protocols/index.ts';

export interface CallOptions {
  /** How often the call may be executed. Default `atMostOnce`. */
  readonly semantics?: protocol.Semantics;
  /** Gives up after this; by default when the semantics do. */
  readonly timeoutMs?: number;
  /** Gives up when it is aborted; what was sent may still be executed. */
  readonly signal?: AbortSignal;
  readonly metadata?: protocol.Metadata;
}

/** A call on its way to the network. */
export interface OutgoingCall {
  /** `package.Service/Method`. */
  readonly method: string;
  readonly body: Uint8Array;
  readonly options: CallOptions;
}

/** A call on its way to its service. */
export interface IncomingCall {
  readonly method: string;
  readonly body: Uint8Array;
  readonly id: protocol.CallId;
  /** In which the service is to filter it, if the caller asked for exactly once; null if not. */
  readonly session: { readonly session: number; readonly acknowledged: number } | null;
  /** Where the first copy came from, as `udp:host:port` or `tcp:host:port`. */
  readonly from: string;
  readonly metadata: protocol.Metadata;
  /** How long the caller goes on waiting; infinite if it always does. */
  readonly patienceMs: number;
  /** Aborted when nobody waits for the answer any more: a `DeadlineError` or a `CancelledError` says why. */
  readonly signal: AbortSignal;
}

/** Around every call of a client: may change it, its answer, or not call `next` at all. */
export type ClientInterceptor = (
  call: OutgoingCall,
  next: (call: OutgoingCall) => Promise<Uint8Array>,
) => Promise<Uint8Array>;

/** Around every execution of a server. */
export type ServerInterceptor = (
  call: IncomingCall,
  next: (call: IncomingCall) => Promise<Uint8Array>,
) => Promise<Uint8Array>;

/** One function of all interceptors, the first outermost. */
export function chain<Call>(
  interceptors: readonly ((call: Call, next: (call: Call) => Promise<Uint8Array>) => Promise<Uint8Array>)[],
  last: (call: Call) => Promise<Uint8Array>,
): (call: Call) => Promise<Uint8Array> {
  return interceptors.reduceRight<(call: Call) => Promise<Uint8Array>>(
    (next, intercept) => (call) => intercept(call, next),
    last,
  );
}

/** Whether an execution threw because of its signal: its reason, as it is or as a cause, or an `AbortError`. */
export function isStop(error: unknown, { aborted, reason }: AbortSignal): boolean {
  if (!aborted) return false;
  return error === reason || (error instanceof Error && (error.name === 'AbortError' || error.cause === reason));
}
