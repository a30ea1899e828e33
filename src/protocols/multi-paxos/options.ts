/** All durations by the node's own clock, in milliseconds. */
export interface Timing {
  readonly heartbeatMs: number;
  /** An acceptor that acknowledged a heartbeat promises nobody else anything for so long. */
  readonly leaseMs: number;
  /** A follower that hears no leader for between this and twice this asks to lead. At least `leaseMs`. */
  readonly electionMs: number;
  /** Unanswered questions are asked again after this. */
  readonly retryMs: number;
  /** No clock runs faster or slower than real time by more than this fraction: leases stand on it. */
  readonly driftMax: number;
}

export interface Limits {
  readonly batchBytesMax: number;
  /** Slots proposed and not yet chosen. */
  readonly pipelineSlotsMax: number;
  /** Commands that wait for a place in the pipeline; beyond it new ones are refused as overload. */
  readonly queueBytesMax: number;
  /** Of one message of votes, values or snapshot rows. */
  readonly pageBytesMax: number;
  /** Storage is flushed, and the log before it dropped, after so much log or so much time. */
  readonly flushBytes: number;
  readonly flushMs: number;
  /** Of log kept in memory below the low-water mark, so that a replica a little behind needs no snapshot. */
  readonly retainedBytes: number;
  /** Silent for longer, a session goes. Clients of request-reply use none that was idle for half as long by default. */
  readonly sessionTtlMs: number;
}

export const DEFAULT_TIMING: Timing = {
  heartbeatMs: 100,
  leaseMs: 1_000,
  electionMs: 1_000,
  retryMs: 250,
  driftMax: 0.01,
};

export const DEFAULT_LIMITS: Limits = {
  batchBytesMax: 1 << 20,
  pipelineSlotsMax: 16,
  queueBytesMax: 64 << 20,
  pageBytesMax: 1 << 20,
  flushBytes: 32 << 20,
  flushMs: 10_000,
  retainedBytes: 64 << 20,
  sessionTtlMs: 60_000,
};
