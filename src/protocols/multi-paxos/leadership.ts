import { type Address, type NodeId, nodeOf } from '../../kernel/index.ts';
import { type Ballot, isSameBallot } from './ballot.ts';
import { Candidacy } from './candidacy.ts';
import type { Result } from './learner.ts';
import { NO_SLOT, type Slot, slotAfter } from './log.ts';
import { changed, everyone, isAcceptQuorum, quorumSizes } from './membership.ts';
import type { Accepted, ChangeMembership, Command, HeartbeatAck, RefusalReason, Request, Value } from './messages.ts';
import { type Candidate, commandBytes, foundAt, type Leader, type Progress, type Proposal } from './roles.ts';

const EARLY = { early: true };

/**
 * What a leader does: phase 2, many slots at a time, each a batch of all that arrived meanwhile. It speaks to its own
 * acceptor in the same messages as to the others', so that its own vote counts only when it is on its disk.
 *
 * Leases (section 5.2 of "Paxos Made Live"): acceptors that acknowledged a heartbeat promise nobody else anything
 * for `leaseMs` of their clocks. While a phase-2 quorum of such acceptors is bound, no other leader can be elected,
 * so nothing can be chosen that this leader does not know, and it reads without asking.
 */
export abstract class Leadership extends Candidacy {
  /** Reads that waited for a slot to be chosen, or for a heartbeat to be acknowledged, may be answerable now. */
  protected abstract answerReads(role: Leader): void;
  /** Those who have to know of a membership change may know it now. */
  protected abstract settleChange(role: Leader): void;
  protected abstract answerChange(change: ChangeMembership, refused: string | null): void;

  protected override lead({ ballot, votes }: Candidate): void {
    let foundThrough = this.chosen;
    for (const slot of votes.keys()) if (slot > foundThrough) foundThrough = slot;
    this.role = {
      type: 'leader',
      ballot,
      found: votes,
      foundThrough,
      next: slotAfter(this.chosen),
      proposals: new Map(),
      queue: [],
      queueBytes: 0,
      change: null,
      changeSlot: NO_SLOT,
      beat: 0,
      progress: new Map(),
      reads: [],
      sinceMs: this.now(),
    };
    this.cancelTimer('election');
    this.cancelTimer('retry');
    this.setLeader(this.node);
    this.output({ type: 'leading', ballot }, EARLY);
    this.onHeartbeatTimer();
    this.propose();
  }

  /** Commands that were proposed may still be chosen; those that waited will not be, by this node. */
  protected override abandon(role: Leader): void {
    for (const { value } of role.proposals.values()) {
      if (value.type !== 'commands') continue;
      for (const command of value.commands) this.refuse(command, 'noLeader', false);
    }
    for (const command of role.queue) this.refuse(command, 'noLeader', true);
    if (role.change !== null) this.answerChange(role.change, 'the leadership was lost; the change may be made yet');
  }

  protected onRequest({ command }: Request): void {
    const { role } = this;
    if (role.type !== 'leader') {
      if (this.leader === null || this.leader === this.node) return this.refuse(command, 'noLeader', true);
      return this.send(this.peer(this.leader), { type: 'request', command });
    }
    if (role.queueBytes >= this.limits.queueBytesMax) return this.refuse(command, 'overloaded', true);
    role.queue.push(command);
    role.queueBytes += commandBytes(command);
    if (role.queue.length === 1) this.setTimer('propose', 0);
  }

  protected refuse(command: Command, reason: RefusalReason, definite: boolean): void {
    const of = command.type === 'open' ? command.nonce : command.sequence;
    const session = command.type === 'open' ? 0 : command.session;
    this.send(command.client, { type: 'refused', of, session, reason, definite }, EARLY);
  }

  /** Phase 2a: fills the pipeline, first with what phase 1 found, then with batches of all that arrived meanwhile. */
  protected propose(): void {
    const { role } = this;
    if (role.type !== 'leader') return;
    while (role.proposals.size < this.limits.pipelineSlotsMax && role.changeSlot <= this.chosen) {
      const value = role.next <= role.foundThrough ? foundAt(role, role.next) : this.nextValue(role);
      if (value === null) return;
      const slot = role.next;
      role.next = slotAfter(slot);
      if (value.type === 'membership') role.changeSlot = slot;
      const proposal = { value, votes: new Set<NodeId>(), sentAtMs: this.now() };
      role.proposals.set(slot, proposal);
      for (const node of everyone(this.membership)) this.sendAccept(node, slot, value, role.ballot);
    }
  }

  protected sendAccept(node: NodeId, slot: Slot, value: Value, ballot: Ballot): void {
    this.send(this.peer(node), { type: 'accept', ballot, slot, value, chosen: this.chosen }, EARLY);
  }

  protected nextValue(role: Leader): Value | null {
    if (role.change !== null && role.changeSlot === NO_SLOT) {
      const change = role.change;
      const membership = changed(this.membership, change.change);
      if (typeof membership !== 'string') return { type: 'membership', membership };
      role.change = null;
      this.answerChange(change, membership);
    }
    if (role.queue.length === 0) return null;
    return { type: 'commands', timeMs: Math.max(this.timeMs, this.now()), commands: this.takeBatch(role) };
  }

  protected takeBatch(role: Leader): readonly Command[] {
    let bytes = 0;
    let count = 0;
    for (const command of role.queue) {
      bytes += commandBytes(command);
      if (count > 0 && bytes > this.limits.batchBytesMax) break;
      count += 1;
    }
    const batch = role.queue.splice(0, count);
    for (const command of batch) role.queueBytes -= commandBytes(command);
    return batch;
  }

  protected onAccepted(from: Address, { ballot, slot }: Accepted): void {
    const { role } = this;
    if (role.type !== 'leader' || !isSameBallot(role.ballot, ballot)) return;
    role.proposals.get(slot)?.votes.add(nodeOf(from));
    this.chooseSlots(role);
  }

  /** Chosen: a quorum voted for it. In slot order, as the quorum of a slot depends on the changes before it. */
  protected chooseSlots(role: Leader): void {
    for (;;) {
      const slot = slotAfter(this.chosen);
      const proposal = role.proposals.get(slot);
      if (proposal === undefined || !this.isChosen(proposal)) return;
      // The quorum may not include this node's own acceptor yet: its vote is cast, though not durable.
      this.vote({ slot, ballot: role.ballot, value: proposal.value });
      this.executeThrough(slot, role.ballot);
      if (this.role !== role) return;
    }
  }

  /** Another replica may have told a leader what is chosen before its own proposal came back. */
  protected override slotExecuted(slot: Slot): void {
    const { role } = this;
    if (role.type !== 'leader') return;
    role.proposals.delete(slot);
    if (role.next <= slot) role.next = slotAfter(slot);
  }

  protected isChosen({ votes }: Proposal): boolean {
    return isAcceptQuorum(this.membership, votes);
  }

  protected override executed(command: Command, result: Result): void {
    if (this.role.type !== 'leader') return;
    if (result.type === 'refused') return this.refuse(command, result.reason, result.reason === 'sessionExpired');
    if (result.type === 'opened') {
      if (command.type !== 'open') throw new Error('only an open command opens a session');
      this.send(command.client, { type: 'opened', nonce: command.nonce, session: result.session }, EARLY);
    } else {
      if (command.type !== 'execute') throw new Error('only a command of a session is executed');
      const { session, sequence } = command;
      this.send(command.client, { type: 'reply', session, sequence, reply: result.reply }, EARLY);
    }
  }

  protected onHeartbeatTimer(): void {
    const { role } = this;
    if (role.type !== 'leader') return;
    if (!this.isHeard(role)) return this.resign();
    this.beat(role, everyone(this.membership));
    for (const [slot, proposal] of role.proposals) this.resend(slot, proposal, role);
    this.setTimer('heartbeat', this.timing.heartbeatMs);
  }

  protected beat(role: Leader, nodes: Iterable<NodeId>): void {
    role.beat += 1;
    const { ballot, beat } = role;
    const sentAtMs = this.now();
    for (const node of nodes) {
      this.send(this.peer(node), { type: 'heartbeat', ballot, beat, sentAtMs, chosen: this.chosen });
    }
  }

  protected resend(slot: Slot, proposal: Proposal, { ballot }: Leader): void {
    if (this.now() - proposal.sentAtMs < this.timing.retryMs) return;
    proposal.sentAtMs = this.now();
    for (const node of this.membership.voters) {
      if (!proposal.votes.has(node)) this.sendAccept(node, slot, proposal.value, ballot);
    }
  }

  protected onHeartbeatAck(from: Address, { ballot, beat, sentAtMs, chosen }: HeartbeatAck): void {
    const { role } = this;
    if (role.type !== 'leader' || !isSameBallot(role.ballot, ballot)) return;
    const node = nodeOf(from);
    const known = role.progress.get(node);
    if (known !== undefined && known.beat >= beat) return;
    role.progress.set(node, { beat, sentAtMs, chosen });
    this.answerReads(role);
    this.settleChange(role);
  }

  /**
   * Whether this replica may read without asking, at `nowMs` of its own clock: a phase-2 quorum acknowledged
   * heartbeats that left less than a lease ago, where its clock may run slow and theirs fast.
   */
  holdsLease(nowMs: number): boolean {
    const { role } = this;
    if (role.type !== 'leader') return false;
    const { leaseMs, driftMax } = this.timing;
    const heldMs = (leaseMs * (1 - driftMax)) / (1 + driftMax);
    return this.isAcknowledged(role, ({ sentAtMs }) => nowMs < sentAtMs + heldMs);
  }

  /** A leader whom no quorum answers goes, or those who hear its heartbeats and are not heard would wait for ever. */
  protected isHeard(role: Leader): boolean {
    const afterMs = this.now() - 2 * this.timing.electionMs;
    return role.sinceMs > afterMs || this.isAcknowledged(role, ({ sentAtMs }) => sentAtMs > afterMs);
  }

  protected isAcknowledged({ progress }: Leader, counts: (progress: Progress) => boolean): boolean {
    let count = 0;
    for (const voter of this.membership.voters) {
      const known = progress.get(voter);
      if (known !== undefined && counts(known)) count += 1;
    }
    return count >= quorumSizes(this.membership).accept;
  }
}
