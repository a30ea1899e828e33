import { type Address, address, equal, type NodeId, nodeOf, Process, processOf } from '../../kernel/index.ts';
import { type Ballot, compareBallots, isSameBallot, NO_BALLOT } from './ballot.ts';
import { Log, type Slot, slotAfter, type Vote } from './log.ts';
import type {
  Accept,
  Heartbeat,
  PaxosMessage,
  Prepare,
  PreVote,
  ReplicaOutput,
  ReplicaRecord,
  ReplicaTimer,
} from './messages.ts';
import type { Limits, Timing } from './options.ts';

/** A lease granted: until then by this node's clock, the acceptor promises nothing to another node. */
export interface Grant {
  readonly ballot: Ballot;
  readonly untilMs: number;
  /** To whom. Null after a crash, which forgot it: then it binds against everybody. */
  readonly holder: NodeId | null;
}

/**
 * The acceptor of "Paxos Made Simple" (Lamport, 2001), section 2.2, over a log of slots (section 3).
 *
 * Safety rests on one fact: once a quorum has promised a ballot, nothing below it can be chosen any more, and the
 * promises together report whatever may have been.
 */
export abstract class Acceptor extends Process<PaxosMessage, ReplicaTimer, ReplicaRecord, ReplicaOutput> {
  /** The highest ballot promised. Never falls, not even in a crash. */
  promised: Ballot = NO_BALLOT;
  /** Votes cast, none at a ballot above `promised`. */
  log: Log = new Log();
  grant: Grant | null = null;

  readonly node: NodeId;
  readonly timing: Timing;
  readonly limits: Limits;

  constructor(node: NodeId, timing: Timing, limits: Limits) {
    super();
    this.node = node;
    this.timing = timing;
    this.limits = limits;
  }

  /** The highest slot up to which all are known to be chosen. */
  abstract chosen: Slot;
  /** What a vote's record may say of `chosen`: only what a crash would not take back. */
  protected abstract durablyChosen(): Slot;
  /** A message of a leader whose ballot is not below any promise was received. */
  protected abstract followed(leader: NodeId): void;
  /** The leader of `ballot` says that every slot up to `through` is chosen. */
  protected abstract learnThrough(ballot: Ballot, through: Slot, leader: NodeId): void;

  /** Would this acceptor promise? Changes nothing here, but tells a candidate that it is behind. */
  protected onPreVote(from: Address, { ballot, chosen }: PreVote): void {
    // With no leader there is nobody else to tell it, and of those who know, none may be a voter any more.
    if (chosen < this.chosen) this.tellChosen(from, chosen);
    if (compareBallots(ballot, this.promised) <= 0) return this.reject(from);
    if (this.isLeasedToOther(ballot.node, null)) return;
    if (chosen < this.log.base) return;
    this.send(from, { type: 'preVoteGranted', ballot });
  }

  /** Phase 1b: promise, and report every vote from the first slot that the candidate does not know. */
  protected onPrepare(from: Address, { ballot, from: first, released }: Prepare): void {
    if (compareBallots(ballot, this.promised) < 0) return this.reject(from);
    if (this.isLeasedToOther(ballot.node, released)) return;
    if (first <= this.log.base) return; // the votes are gone into a snapshot: the candidate has to catch up first
    this.promise(ballot);
    const { votes, complete } = this.log.from(first, this.limits.pageBytesMax);
    this.send(from, { type: 'promised', ballot, from: first, votes, complete });
  }

  /** Phase 2b: vote, unless a higher ballot was promised. */
  protected onAccept(from: Address, { ballot, slot, value, chosen }: Accept): void {
    if (compareBallots(ballot, this.promised) < 0) return this.reject(from);
    this.vote({ slot, ballot, value });
    this.send(from, { type: 'accepted', ballot, slot });
    this.followed(nodeOf(from));
    this.learnThrough(ballot, chosen, nodeOf(from));
  }

  /** Grants the lease anew. The grant is kept in memory only; see `renewGrantAfterCrash`. */
  protected onHeartbeat(from: Address, { ballot, beat, sentAtMs, chosen }: Heartbeat): void {
    if (compareBallots(ballot, this.promised) < 0) return this.reject(from);
    this.promise(ballot);
    this.grant = { ballot, untilMs: this.now() + this.timing.leaseMs, holder: ballot.node };
    this.followed(nodeOf(from));
    this.learnThrough(ballot, chosen, nodeOf(from));
    this.send(from, { type: 'heartbeatAck', ballot, beat, sentAtMs, chosen: this.chosen });
  }

  /** What is chosen; the receiver fetches what it misses. */
  protected tellChosen(to: Address, known: Slot): void {
    this.send(to, { type: 'learn', ballot: this.promised, from: slotAfter(known), values: [], chosen: this.chosen });
  }

  protected promise(ballot: Ballot): void {
    if (compareBallots(ballot, this.promised) <= 0) return;
    this.promised = ballot;
    this.persist({ type: 'promised', ballot });
  }

  protected vote(vote: Vote): void {
    // At or below the base the slot is chosen, and a leader of a higher ballot can only propose what was.
    if (vote.slot <= this.log.base) return this.promise(vote.ballot);
    const cast = this.log.get(vote.slot);
    if (cast !== undefined && isSameBallot(cast.ballot, vote.ballot)) return;
    if (cast !== undefined && vote.slot <= this.chosen) this.assertSame(cast, vote);
    if (compareBallots(vote.ballot, this.promised) > 0) this.promised = vote.ballot; // durable with the vote's record
    this.log.put(vote);
    this.persist({ type: 'accepted', vote, chosen: this.durablyChosen() });
  }

  /** The one sign by which a replica can see that others have lost what they had acknowledged. */
  protected assertSame(chosen: Vote, proposed: Vote): void {
    if (equal(chosen.value, proposed.value)) return;
    throw new Error(
      `slot ${chosen.slot} was chosen and executed here, and node ${proposed.ballot.node} proposes another value for it: ` +
        'a member has lost acknowledged data, or was put back from a copy. This node has what was chosen first',
    );
  }

  protected reject(from: Address): void {
    this.send(from, { type: 'rejected', promised: this.promised });
  }

  /**
   * A crash forgot whom this acceptor had granted a lease. The highest ballot promised does not tell: it may be one that
   * was learned of from a candidate. So for a whole lease nobody is promised anything, unless its holder lets go.
   */
  protected renewGrantAfterCrash(): void {
    if (isSameBallot(this.promised, NO_BALLOT)) return;
    this.grant = { ballot: this.promised, untilMs: this.now() + this.timing.leaseMs, holder: null };
  }

  protected isLeasedToOther(candidate: NodeId, released: Ballot | null): boolean {
    return (
      this.grant !== null &&
      this.now() < this.grant.untilMs &&
      this.grant.holder !== candidate &&
      !(released !== null && isSameBallot(released, this.grant.ballot))
    );
  }

  /** The same process on another node of the group. */
  protected peer(node: NodeId): Address {
    return address(node, processOf(this.self));
  }
}
