import { type Address, type NodeId, nodeOf } from '../../kernel/index.ts';
import { compareBallots } from './ballot.ts';
import { NO_SLOT } from './log.ts';
import { changed, everyone, isMember, isVoter, type Membership } from './membership.ts';
import type { ChangeMembership, PaxosMessage, ReplicaTimer, TakeOver } from './messages.ts';
import { Reads } from './reads.ts';
import type { Leader } from './roles.ts';

const EARLY = { early: true };

/**
 * Multi-Paxos: a replica that proposes, votes, learns and executes ("Paxos Made Simple", Lamport, 2001, section 3;
 * "Paxos Made Live", Chandra, Griesemer, Redstone, 2007; "Paxos Made Moderately Complex", van Renesse, Altinbuken,
 * 2015).
 *
 * Each step of the protocol is a class on the one before: `Acceptor` votes, `Learner` executes, `CatchUp` catches up,
 * `Candidacy` is the election and phase 1, `Leadership` phase 2 and the lease, `Reads` the reads; here are the
 * dispatch, membership and handover.
 */
export class Replica extends Reads {
  override onStart(): void {
    this.renewGrantAfterCrash();
    this.recover();
    const { electionMs } = this.timing;
    if (this.membership.voters.length === 1 && isVoter(this.membership, this.node)) this.stand(null);
    else if (this.promised.round === 0)
      this.setTimer('election', electionMs / 4, electionMs); // no lease can be running
    else this.awaitLeader();
  }

  override onMessage(from: Address, message: PaxosMessage): void {
    const before = this.chosen;
    this.dispatch(from, message);
    if (this.chosen !== before) this.advanced();
  }

  /** More is chosen: there is room for proposals, and reads may have what they waited for. */
  protected advanced(): void {
    this.answerAwaiting();
    if (this.role.type !== 'leader') return;
    this.propose();
    this.answerReads(this.role);
  }

  protected dispatch(from: Address, message: PaxosMessage): void {
    switch (message.type) {
      case 'preVote':
        return this.onPreVote(from, message);
      case 'preVoteGranted':
        return this.onPreVoteGranted(from, message);
      case 'prepare':
        return this.onPrepare(from, message);
      case 'promised':
        return this.onPromised(from, message);
      case 'accept':
        return this.onAccept(from, message);
      case 'accepted':
        return this.onAccepted(from, message);
      case 'rejected':
        return this.onRejected(message);
      case 'heartbeat':
        return this.onHeartbeat(from, message);
      case 'heartbeatAck':
        return this.onHeartbeatAck(from, message);
      case 'takeOver':
        return this.onTakeOver(message);
      case 'fetch':
        return this.onFetch(from, message);
      case 'learn':
        return this.onLearn(message, nodeOf(from));
      case 'snapshotChunk':
        return this.onSnapshotChunk(message, nodeOf(from));
      case 'flushed':
        return this.onFlushed(message);
      case 'request':
        return this.onRequest(message);
      case 'read':
        return this.onRead(from, message);
      case 'readIndex':
        return this.onReadIndex(from, message);
      case 'readIndexReply':
        return this.onReadIndexReply(from, message);
      case 'changeMembership':
        return this.onChangeMembership(message);
      case 'abdicate':
        return this.onAbdicate();
      case 'reply':
      case 'opened':
      case 'refused':
      case 'readReply':
      case 'membershipChanged':
        return; // a client's, not ours
      default:
        return message satisfies never;
    }
  }

  override onTimer(timer: ReplicaTimer): void {
    switch (timer) {
      case 'election':
        return this.onElectionTimer();
      case 'retry':
        return this.onRetryTimer();
      case 'heartbeat':
        return this.onHeartbeatTimer();
      case 'propose':
        return this.propose();
      case 'fetch':
        return this.onFetchTimer();
      case 'askIndex':
        return this.askIndex();
      case 'flush':
        return this.onFlushTimer();
      default:
        return timer satisfies never;
    }
  }

  // -------------------------------------------------------------------------------------- membership and handover

  protected onChangeMembership(message: ChangeMembership): void {
    const { role } = this;
    if (role.type === 'leader') {
      const refused = this.whyNot(role, message);
      if (refused !== null) return this.answerChange(message, refused);
      role.change = message;
      return this.propose();
    }
    if (this.leader !== null && this.leader !== this.node) return this.send(this.peer(this.leader), message);
    this.answerChange(message, 'there is no leader now: ask again');
  }

  protected whyNot(role: Leader, { change }: ChangeMembership): string | null {
    if (role.change !== null || role.changeSlot !== NO_SLOT || role.next <= role.foundThrough)
      return 'another change is under way: ask again when it is done';
    const after = changed(this.membership, change);
    if (typeof after === 'string') return after;
    if (change.type !== 'promote') return null;
    const lagMax = 10 * this.limits.pipelineSlotsMax;
    const behind = this.chosen - (role.progress.get(change.node)?.chosen ?? NO_SLOT);
    return behind <= lagMax ? null : `${change.node} is ${behind} slots behind: promote it when it has caught up`;
  }

  protected override answerChange({ client, id }: ChangeMembership, refused: string | null): void {
    this.send(client, { type: 'membershipChanged', id, refused }, EARLY);
  }

  /** A new member hears of its leader at once, and a former one, a last time, that it is none any more. */
  protected override membershipChanged(before: Membership): void {
    const { role } = this;
    if (role.type === 'leader') this.beat(role, new Set([...everyone(before), ...everyone(this.membership)]));
  }

  /**
   * A change is done, and who left may be switched off, when a quorum of those who stay knows of it: else the rest
   * could still be counting on the votes of who left. Until then a leader that is no member any more leads on.
   */
  protected override settleChange(role: Leader): void {
    const { changeSlot, change } = role;
    if (changeSlot === NO_SLOT || changeSlot > this.chosen) return;
    if (!this.isAcknowledged(role, ({ chosen }) => chosen >= changeSlot)) return;
    role.changeSlot = NO_SLOT;
    role.change = null;
    if (change !== null) this.answerChange(change, null);
    if (!isMember(this.membership, this.node)) this.handOver(role);
  }

  protected onAbdicate(): void {
    if (this.role.type === 'leader') this.handOver(this.role);
  }

  /** Leaves the leadership to the voter that has executed most, which need not wait for the lease to run out. */
  protected handOver(role: Leader): void {
    const others = this.membership.voters.filter((voter) => voter !== this.node);
    const executed = (voter: NodeId) => role.progress.get(voter)?.chosen ?? NO_SLOT;
    const [heir] = others.sort((a, b) => executed(b) - executed(a));
    if (heir === undefined) return;
    this.resign();
    this.send(this.peer(heir), { type: 'takeOver', released: role.ballot });
  }

  protected onTakeOver({ released }: TakeOver): void {
    if (this.role.type === 'leader' || !isVoter(this.membership, this.node)) return;
    if (compareBallots(released, this.promised) >= 0) this.stand(released);
  }
}
