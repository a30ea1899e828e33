import type { Address, NodeId } from '../../kernel/index.ts';
import { type Ballot, compareBallots } from './ballot.ts';
import type { Slot, Vote } from './log.ts';
import type { ChangeMembership, Command, Value } from './messages.ts';

/** A value proposed and not yet chosen. */
export interface Proposal {
  readonly value: Value;
  readonly votes: Set<NodeId>;
  sentAtMs: number;
}

/** What the leader knows of a member, from its last heartbeat acknowledgement. */
export interface Progress {
  readonly beat: number;
  /** By the leader's clock, when the acknowledged heartbeat left. */
  readonly sentAtMs: number;
  readonly chosen: Slot;
}

/** A linearizable read that waits: `index` executed, and a heartbeat from `beat` on acknowledged by a quorum. */
export interface WaitingRead {
  readonly index: Slot;
  readonly beat: number;
  readonly answer: ReadAnswer;
}

export type ReadAnswer =
  | { readonly type: 'query'; readonly client: Address; readonly id: number; readonly query: unknown }
  | { readonly type: 'index'; readonly follower: Address; readonly id: number };

export interface Follower {
  readonly type: 'follower';
}

export interface PreCandidate {
  readonly type: 'preCandidate';
  readonly ballot: Ballot;
  readonly granted: Set<NodeId>;
}

export interface Candidate {
  readonly type: 'candidate';
  readonly ballot: Ballot;
  readonly released: Ballot | null;
  /** The first slot that this candidate did not know to be chosen. */
  readonly from: Slot;
  /** Who has promised and reported every vote. */
  readonly promises: Set<NodeId>;
  /** Where the next page of a voter's votes begins. */
  readonly pages: Map<NodeId, Slot>;
  /** The reported vote of the highest ballot, by slot. */
  readonly votes: Map<Slot, Vote>;
}

export interface Leader {
  readonly type: 'leader';
  readonly ballot: Ballot;
  /** What phase 1 found, to be proposed again; all of it must be chosen before a read is served. */
  readonly found: Map<Slot, Vote>;
  readonly foundThrough: Slot;
  next: Slot;
  readonly proposals: Map<Slot, Proposal>;
  queue: Command[];
  queueBytes: number;
  /** A membership change asked for, and the slot of one that is not settled. Nothing is proposed behind it till chosen. */
  change: ChangeMembership | null;
  changeSlot: Slot;
  beat: number;
  readonly progress: Map<NodeId, Progress>;
  reads: WaitingRead[];
  /** By its own clock, when it was elected. */
  readonly sinceMs: number;
}

export type Role = Follower | PreCandidate | Candidate | Leader;

export function keepHighest(votes: Map<Slot, Vote>, vote: Vote): void {
  const known = votes.get(vote.slot);
  if (known === undefined || compareBallots(vote.ballot, known.ballot) > 0) votes.set(vote.slot, vote);
}

/** Phase 2 is bound to the vote of the highest ballot found; where there is none, any value will do. */
export function foundAt({ found }: Leader, slot: Slot): Value {
  return found.get(slot)?.value ?? { type: 'noop' };
}

export function commandBytes(command: Command): number {
  return 64 + (command.type === 'execute' ? command.body.length : 0);
}
