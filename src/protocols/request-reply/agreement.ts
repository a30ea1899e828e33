/** How often and when a client sends a call again that was not answered. */
export interface RetryPolicy {
  /** Copies in all, the first included. */
  readonly tries: number;
  /** How long the first copy is given. */
  readonly firstTimeoutMs: number;
  /** Each later copy is given this many times as long as the one before. At least 1. */
  readonly backoff: number;
  /** No copy is given longer. */
  readonly timeoutMsMax: number;
  /** Each time is drawn from this fraction below to this fraction above, so that clients do not fall into step. */
  readonly jitter: number;
}

/** What a server does about calls that it may have executed before it crashed. */
export type AfterCrash =
  /** Nothing: they may be executed again. For comparison only. */
  | 'nothing'
  /** The cache is on disk: a record before each execution, one after. */
  | 'persisted'
  /** Takes no request until no copy of an old one can arrive. */
  | 'silence'
  /** Takes no request that was not meant for its present life. */
  | 'incarnations';

/** What client and server have to agree on for a server to know when a duplicate can no longer arrive. */
export interface Agreement {
  readonly retry: RetryPolicy;
  /**
   * From when a client hands a datagram to its network until the server handles it, at most; what takes longer has
   * to be lost. A duplicate made by the network counts as its original. A server that goes by incarnations sees to it
   * itself: `isTimely`. Where another rule is agreed on, it is assumed of the network.
   */
  readonly propagationMsMax: number;
  /** No clock runs faster or slower than true time by more than this fraction. */
  readonly driftMax: number;
  readonly afterCrash: AfterCrash;
}

export const DEFAULT_AGREEMENT: Agreement = {
  retry: { tries: 5, firstTimeoutMs: 200, backoff: 2, timeoutMsMax: 5_000, jitter: 0.2 },
  propagationMsMax: 2_000,
  driftMax: 0.001,
  afterCrash: 'incarnations',
};

/** How long the copy of that number, from 0, is given. */
export function timeoutOf(retry: RetryPolicy, copy: number): { readonly minMs: number; readonly maxMs: number } {
  const timeoutMs = Math.min(retry.timeoutMsMax, retry.firstTimeoutMs * retry.backoff ** copy);
  return { minMs: timeoutMs * (1 - retry.jitter), maxMs: timeoutMs * (1 + retry.jitter) };
}

/** From the first copy of a call to the last, at most, by the client's clock. */
export function retrySpanMs(retry: RetryPolicy): number {
  let spanMs = 0;
  for (let copy = 0; copy < retry.tries - 1; copy += 1) spanMs += timeoutOf(retry, copy).maxMs;
  return spanMs;
}

/** The same, as clients tell it to servers: in whole milliseconds. */
export function spanMs(retry: RetryPolicy): number {
  return Math.ceil(retrySpanMs(retry));
}

/** From the first copy until the client gives up, at most, by the client's clock. */
export function patienceMs(retry: RetryPolicy): number {
  return retrySpanMs(retry) + timeoutOf(retry, retry.tries - 1).maxMs;
}

/**
 * How long after the first copy of a call another can arrive, at most, by the server's clock: so long does a cache
 * have to know the call, and so long does a server have to be silent that came back with an empty one.
 *
 * The last copy leaves within the span of the retries by the client's clock, which may run slow, and arrives within the
 * longest propagation; meanwhile the server's clock may run fast.
 */
export function duplicateLifetimeMs({ retry, propagationMsMax, driftMax }: Agreement): number {
  return (retrySpanMs(retry) / (1 - driftMax) + propagationMsMax) * (1 + driftMax);
}

/**
 * Whether a datagram has certainly not been under way longer than the agreement allows; by the way that messages of a
 * timed asynchronous system become aware of their delays (Cristian and Fetzer, 1999). The client echoes a stamp of the
 * server's clock and says how long it had it; the rest of the time that passed is what the stamp and this datagram took
 * together. No clocks are compared, and no delay of the network can make a late datagram seem a timely one.
 */
export function isTimely(
  { stampMs, sinceStampMs }: { readonly stampMs: number; readonly sinceStampMs: number },
  nowMs: number,
  { propagationMsMax, driftMax }: Agreement,
): boolean {
  const underWayMs = nowMs - stampMs - (sinceStampMs * (1 - driftMax)) / (1 + driftMax);
  return underWayMs <= propagationMsMax * (1 - driftMax);
}
