import type { Address } from '../../kernel/index.ts';
import type { Ballot } from './ballot.ts';
import type { Slot, Vote } from './log.ts';
import type { Membership, MembershipChange } from './membership.ts';

/** What a slot of the log can hold. */
export type Value =
  | { readonly type: 'noop' }
  | { readonly type: 'commands'; readonly timeMs: number; readonly commands: readonly Command[] }
  | { readonly type: 'membership'; readonly membership: Membership };

export type Command = OpenSession | Execute;

/** Begins a client session; the nonce pairs the reply. */
export type OpenSession = { readonly type: 'open'; readonly client: Address; readonly nonce: string };

/** A command of a session: executed once however often it is sent. */
export type Execute = {
  readonly type: 'execute';
  readonly client: Address;
  readonly session: number;
  readonly sequence: number;
  /** The client wants no reply again for this sequence number and those below. */
  readonly acknowledged: number;
  readonly body: Uint8Array;
};

// Pre-vote: would you promise? It disturbs nobody, so a node that comes back from a partition can ask at will.
export type PreVote = { readonly type: 'preVote'; readonly ballot: Ballot; readonly chosen: Slot };
export type PreVoteGranted = { readonly type: 'preVoteGranted'; readonly ballot: Ballot };

// Phase 1, once per leadership, over every slot from `from` on. Long answers are read in pages.
export type Prepare = {
  readonly type: 'prepare'; //                                                                                    1a
  readonly ballot: Ballot;
  readonly from: Slot;
  /** The leadership that was handed over to this candidate: its lease binds the acceptor no longer. */
  readonly released: Ballot | null;
};
export type Promised = {
  readonly type: 'promised'; //                                                                                   1b
  readonly ballot: Ballot;
  readonly from: Slot;
  readonly votes: readonly Vote[];
  readonly complete: boolean;
};

// Phase 2, once per slot.
export type Accept = {
  readonly type: 'accept'; //                                                                                     2a
  readonly ballot: Ballot;
  readonly slot: Slot;
  readonly value: Value;
  /** The high-water mark: every slot up to it is chosen. */
  readonly chosen: Slot;
};
export type Accepted = { readonly type: 'accepted'; readonly ballot: Ballot; readonly slot: Slot }; //            2b

/** The answer to a stale ballot. */
export type Rejected = { readonly type: 'rejected'; readonly promised: Ballot };

// Leadership: a heartbeat renews the lease and carries the high-water mark.
export type Heartbeat = {
  readonly type: 'heartbeat';
  readonly ballot: Ballot;
  readonly beat: number;
  /** By the leader's clock, echoed: from here on the acceptor votes for nobody else for the length of a lease. */
  readonly sentAtMs: number;
  readonly chosen: Slot;
};
export type HeartbeatAck = {
  readonly type: 'heartbeatAck';
  readonly ballot: Ballot;
  readonly beat: number;
  readonly sentAtMs: number;
  readonly chosen: Slot;
};
/** A leader that goes asks the most advanced voter to take over without waiting for the lease to run out. */
export type TakeOver = { readonly type: 'takeOver'; readonly released: Ballot };

// Catching up: by the log while it is there, by a snapshot in chunks when it is not.
export type Fetch = {
  readonly type: 'fetch';
  readonly from: Slot;
  readonly snapshot: SnapshotPosition | null;
};
export type Learn = {
  readonly type: 'learn';
  readonly ballot: Ballot;
  readonly from: Slot;
  readonly values: readonly Value[];
  readonly chosen: Slot;
};
export type SnapshotChunk = {
  readonly type: 'snapshotChunk';
  readonly slot: Slot;
  /** The chunk begins behind this key; empty for the first. */
  readonly after: string;
  readonly entries: readonly (readonly [string, Uint8Array])[];
  readonly last: boolean;
};
export type SnapshotPosition = { readonly slot: Slot; readonly after: string };

// Clients.
export type Request = { readonly type: 'request'; readonly command: Command };
export type Reply = {
  readonly type: 'reply';
  readonly session: number;
  readonly sequence: number;
  readonly reply: unknown;
};
export type Opened = { readonly type: 'opened'; readonly nonce: string; readonly session: number };
export type Refused = {
  readonly type: 'refused';
  /** The command's sequence number, the nonce of an open, or the id of a read. */
  readonly of: number | string;
  readonly session: number;
  readonly reason: RefusalReason;
  /** This copy of the request will never be executed. Otherwise it may have been, or may still be. */
  readonly definite: boolean;
};
export type RefusalReason = 'noLeader' | 'overloaded' | 'sessionExpired' | 'acknowledged';

export type Read = {
  readonly type: 'read';
  readonly id: number;
  readonly query: unknown;
  readonly consistency: 'linearizable' | 'stale';
};
export type ReadReply = { readonly type: 'readReply'; readonly id: number; readonly reply: unknown };
/** A follower asks how far it must have executed before it may answer the reads it holds. */
export type ReadIndex = { readonly type: 'readIndex'; readonly id: number };
export type ReadIndexReply = {
  readonly type: 'readIndexReply';
  readonly id: number;
  readonly ballot: Ballot;
  readonly index: Slot;
};

export type ChangeMembership = {
  readonly type: 'changeMembership';
  readonly client: Address;
  readonly id: number;
  readonly change: MembershipChange;
};
export type MembershipChanged = {
  readonly type: 'membershipChanged';
  readonly id: number;
  /** Null when done; else why not. */
  readonly refused: string | null;
};

/** From outside: leave the leadership to another, as before a planned stop. */
export type Abdicate = { readonly type: 'abdicate' };

/** The storage holds everything up to `chosen`, durably. */
export type Flushed = { readonly type: 'flushed'; readonly chosen: Slot };

export type PaxosMessage =
  | PreVote
  | PreVoteGranted
  | Prepare
  | Promised
  | Accept
  | Accepted
  | Rejected
  | Heartbeat
  | HeartbeatAck
  | TakeOver
  | Fetch
  | Learn
  | SnapshotChunk
  | Request
  | Reply
  | Opened
  | Refused
  | Read
  | ReadReply
  | ReadIndex
  | ReadIndexReply
  | ChangeMembership
  | MembershipChanged
  | Abdicate
  | Flushed;

export type ReplicaTimer =
  | 'election' // no leader was heard from
  | 'retry' // a candidate asks again
  | 'heartbeat'
  | 'propose' // everything that arrived meanwhile becomes one batch
  | 'fetch'
  | 'askIndex'
  | 'flush';

/** What an acceptor must not forget, in the node's write-ahead log. */
export type ReplicaRecord =
  | { readonly type: 'promised'; readonly ballot: Ballot }
  | {
      readonly type: 'accepted';
      readonly vote: Vote;
      /** Known to be chosen, here and up to this slot, when the vote was cast; 0 if that stands on nothing durable. */
      readonly chosen: Slot;
    }
  /** How many lives of this replica asked a leader where the log stands: each numbers its questions anew. */
  | { readonly type: 'asking'; readonly lives: number }
  /** Where the log starts after its older part went into the storage. */
  | {
      readonly type: 'base';
      readonly ballot: Ballot;
      readonly base: Slot;
      readonly chosen: Slot;
      readonly membership: Membership;
    };

export type ReplicaOutput =
  /** The value is chosen, and executed here. */
  | { readonly type: 'chosen'; readonly slot: Slot; readonly value: Value }
  | { readonly type: 'leading'; readonly ballot: Ballot }
  | { readonly type: 'following'; readonly leader: string | null };
