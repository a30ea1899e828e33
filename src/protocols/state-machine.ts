/** Where in the replicated log a command stands. */
export interface Moment {
  readonly slot: number;
  /** The replicated clock: set by the leader, the same for all replicas, never going back. Milliseconds. */
  readonly timeMs: number;
}

/**
 * What a replicated log executes. Deterministic: replicas that execute the same commands have the same state and
 * give the same replies. It keeps its state in a kernel `Storage`, which the replica makes durable from time to time.
 */
export interface StateMachine {
  /** Executes a command. Never throws for bad input: a refusal is a reply. Replies are plain data. */
  apply(command: Uint8Array, at: Moment): unknown;

  /** Answers a query from the present state, without changing it. */
  read(query: unknown): unknown;

  /** Rebuilds what it keeps in memory: at boot, and after the storage's content was replaced by a snapshot. */
  reload(): void;
}
