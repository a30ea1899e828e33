import type { StoreRequest, StoreResponse } from '../store/api.ts';
import type { SessionPosition } from './session-relay.ts';

/** How fresh a read must be: see every write acknowledged before it began, or whatever this member has applied. */
export type ReadConsistency = 'linearizable' | 'stale';

export interface CallOptions {
  /** Only matters to pure reads. Default linearizable. */
  readonly consistency?: ReadConsistency;
  /** Gives up waiting; a write already sent may still happen. */
  readonly signal?: AbortSignal;
  /** Default 5,000. */
  readonly timeoutMs?: number;
}

/** One running member of a store: a node of its cluster in this process, or the only one. */
export interface Member {
  readonly name: string;

  /**
   * Executes a request, on whichever member leads.
   * @throws UnavailableError  not executed: no leader was reached in time, or the store is overloaded; safe to try again
   * @throws UnknownOutcomeError  sent, never answered: it may have been executed, or may still be
   */
  call(request: StoreRequest, options?: CallOptions): Promise<StoreResponse>;

  /**
   * Opens a session for a client elsewhere: part of the replicated state, until the client is silent too long.
   * @throws UnknownOutcomeError  no leader was reached in time
   */
  openSession(options?: Pick<CallOptions, 'timeoutMs'>): Promise<number>;

  /**
   * Executes a request in such a session, unless one was executed at this position before: then gives the first answer.
   * @throws SessionExpiredError  nobody knows any more whether it was executed
   * @throws UnknownOutcomeError  ask again, at the same position, at any member
   */
  callInSession(
    at: SessionPosition,
    request: StoreRequest,
    options?: Pick<CallOptions, 'timeoutMs'>,
  ): Promise<StoreResponse>;

  status(): MemberStatus;

  close(): Promise<void>;
}

export interface MemberStatus {
  readonly clusterId: bigint;
  readonly memberId: bigint;
  readonly name: string;
  readonly members: readonly MemberDescription[];
  /** The leader this member follows (or is), by name; null while there is none. */
  readonly leader: string | null;
  readonly leaderId: bigint;
  /** The ballot's round: etcd's raft term. */
  readonly round: number;
  /** The last slot known to be chosen: etcd's raft index. */
  readonly chosenSlot: number;
  /** The last slot executed: etcd's applied index. */
  readonly appliedSlot: number;
  /** The store's revision here. */
  readonly revision: number;
  readonly storageBytes: number;
  readonly storageBytesInUse: number;
}

export interface MemberDescription {
  readonly id: bigint;
  readonly name: string;
  readonly peerAddress: string;
  /** Empty while unknown: a member announces it when it starts. */
  readonly clientAddress: string;
  readonly learner: boolean;
}

export class UnavailableError extends Error {
  override readonly name = 'UnavailableError';
  readonly code = 'unavailable';
}

export class UnknownOutcomeError extends Error {
  override readonly name = 'UnknownOutcomeError';
  readonly code = 'unknownOutcome';
}

export class SessionExpiredError extends Error {
  readonly code = 'sessionExpired';
}
