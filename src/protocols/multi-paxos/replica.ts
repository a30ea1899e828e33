import { type Address, type NodeId, nodeOf } from '../../kernel/index.ts';
import { type Ballot, compareBallots, isSameBallot } from './ballot.ts';
import { Learner, type Result } from './learner.ts';
import { NO_SLOT, type Slot, slotAfter, type Vote } from './log.ts';
import {
  changed,
  everyone,
  isAcceptQuorum,
  isMember,
  isPrepareQuorum,
  isVoter,
  type Membership,
  quorumSizes,
} from './membership.ts';
import type {
  Accepted,
  ChangeMembership,
  Command,
  Heartbeat,
  HeartbeatAck,
  PaxosMessage,
  Prepare,
  PreVoteGranted,
  Promised,
  Read,
  ReadIndex,
  ReadIndexReply,
  RefusalReason,
  Rejected,
  ReplicaTimer,
  Request,
  TakeOver,
  Value,
} from './messages.ts';

/** A value proposed and not yet chosen. */
export interface Proposal {
  readonly value: Value;
  readonly votes: Set<NodeId>;
  sentAtMs: number;
}

/** What the leader knows of a member, from its last heartbeat acknowledgement. */
interface Progress {
  readonly beat: number;
  /** By the leader's clock, when the acknowledged heartbeat left. */
  readonly sentAtMs: number;
  readonly chosen: Slot;
}

/** A linearizable read that waits: `index` executed, and a heartbeat from `beat` on acknowledged by a quorum. */
interface WaitingRead {
  readonly index: Slot;
  readonly beat: number;
  readonly answer: ReadAnswer;
}

type ReadAnswer =
  | { readonly type: 'query'; readonly client: Address; readonly id: number; readonly query: unknown }
  | { readonly type: 'index'; readonly follower: Address; readonly id: number };

interface Follower {
  readonly type: 'follower';
}

interface PreCandidate {
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
  /** A membership change that waits to be proposed, and the slot of one that was. Nothing is proposed behind it. */
  change: ChangeMembership | null;
  changeSlot: Slot;
  beat: number;
  readonly progress: Map<NodeId, Progress>;
  reads: WaitingRead[];
}

type Role = Follower | PreCandidate | Candidate | Leader;

const EARLY = { early: true };

/**
 * Multi-Paxos: a replica that proposes, votes, learns and executes ("Paxos Made Simple", Lamport, 2001, section 3;
 * "Paxos Made Live", Chandra, Griesemer, Redstone, 2007; "Paxos Made Moderately Complex", van Renesse, Altinbuken,
 * 2015). The acceptor and the learner are the classes below this one; here is the proposer.
 *
 * A replica leads by completing phase 1 once, over every slot that it does not know to be chosen; from then on each
 * slot takes phase 2 only, many slots at a time. The leader speaks to its own acceptor in the same messages as to
 * the others', so that its own vote counts only when it is on its disk.
 *
 * Leases (section 5.2 of "Paxos Made Live"): acceptors that acknowledged a heartbeat promise nobody else anything
 * for `leaseMs` of their clocks. While a phase-2 quorum of such acceptors is bound, no other leader can be elected,
 * so nothing can be chosen that this leader does not know, and it reads without asking.
 */
export class Replica extends Learner {
  role: Role = { type: 'follower' };
  leader: NodeId | null = null;
  /** The highest round seen in a rejection: the next candidacy goes above it. */
  roundSeen = 0;
  /** Linearizable reads at a follower: gathered, then asked for with one question, then waiting to be executed up to. */
  readsToAsk: ReadAnswer[] = [];
  readsAsked: Map<number, ReadAnswer[]> = new Map();
  readsAwaiting: { readonly index: Slot; readonly answers: readonly ReadAnswer[] }[] = [];
  nextQuestion = 1;

  // ------------------------------------------------------------------------------------------------- dispatch

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
    this.dispatch(from, message);
    if (this.readsAwaiting.length > 0) this.answerAwaiting();
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

  // ------------------------------------------------------------------------------------------------- election

  protected awaitLeader(): void {
    const { electionMs } = this.timing;
    this.setTimer('election', electionMs, 2 * electionMs);
  }

  protected override onHeartbeat(from: Address, heartbeat: Heartbeat): void {
    super.onHeartbeat(from, heartbeat);
    if (this.leader === nodeOf(from) && this.role.type === 'follower') this.awaitLeader();
  }

  protected override followed(leader: NodeId): void {
    if (leader === this.node || (this.leader === leader && this.role.type === 'follower')) return;
    this.retire();
    this.setLeader(leader);
    this.awaitLeader();
  }

  /** Having promised another a higher ballot, this node neither leads nor stands any more. */
  protected override onPrepare(from: Address, prepare: Prepare): void {
    super.onPrepare(from, prepare);
    const { role } = this;
    if (role.type === 'follower' || compareBallots(this.promised, role.ballot) <= 0) return;
    this.resign();
  }

  protected setLeader(leader: NodeId | null): void {
    if (this.leader === leader) return;
    this.leader = leader;
    this.output({ type: 'following', leader }, EARLY);
    if (leader !== null && this.readsToAsk.length > 0) this.setTimer('askIndex', 0);
  }

  protected onElectionTimer(): void {
    if (this.role.type === 'leader') return;
    this.setLeader(null);
    this.awaitLeader();
    if (!isVoter(this.membership, this.node)) return;
    this.role = { type: 'preCandidate', ballot: this.nextBallot(), granted: new Set() };
    this.onRetryTimer();
  }

  protected nextBallot(): Ballot {
    return { round: Math.max(this.promised.round, this.roundSeen) + 1, node: this.node };
  }

  /** Asks those who have not answered, first and again. */
  protected onRetryTimer(): void {
    const { role } = this;
    if (role.type === 'preCandidate') {
      for (const voter of this.membership.voters) {
        if (!role.granted.has(voter)) {
          this.send(this.peer(voter), { type: 'preVote', ballot: role.ballot, chosen: this.chosen });
        }
      }
    } else if (role.type === 'candidate') {
      for (const voter of this.electors(role)) if (!role.promises.has(voter)) this.prepare(voter, role);
    } else return;
    this.setTimer('retry', this.timing.retryMs);
  }

  protected onPreVoteGranted(from: Address, { ballot }: PreVoteGranted): void {
    const { role } = this;
    if (role.type !== 'preCandidate' || !isSameBallot(role.ballot, ballot)) return;
    role.granted.add(nodeOf(from));
    if (isPrepareQuorum(this.membership, role.granted)) this.stand(null);
  }

  /** Phase 1a. The ballot is durable before anyone hears it: a crash must not let this node use it twice. */
  protected stand(released: Ballot | null): void {
    const ballot = this.nextBallot();
    this.promise(ballot);
    this.role = {
      type: 'candidate',
      ballot,
      released,
      from: slotAfter(this.chosen),
      promises: new Set(),
      pages: new Map(),
      votes: new Map(),
    };
    this.awaitLeader();
    this.onRetryTimer();
  }

  protected prepare(voter: NodeId, { ballot, from, pages, released }: Candidate): void {
    this.send(this.peer(voter), { type: 'prepare', ballot, from: pages.get(voter) ?? from, released });
  }

  protected onPromised(from: Address, { ballot, from: first, votes, complete }: Promised): void {
    const { role } = this;
    if (role.type !== 'candidate' || !isSameBallot(role.ballot, ballot)) return;
    const voter = nodeOf(from);
    if (first !== (role.pages.get(voter) ?? role.from) || role.promises.has(voter)) return;
    for (const vote of votes) keepHighest(role.votes, vote);
    const end = votes.at(-1);
    if (complete || end === undefined) role.promises.add(voter);
    else {
      role.pages.set(voter, slotAfter(end.slot));
      this.prepare(voter, role);
    }
    if (this.isElected(role)) this.lead(role);
    else for (const elector of this.electors(role)) if (!this.isAsked(role, elector)) this.prepare(elector, role);
  }

  protected isAsked(role: Candidate, voter: NodeId): boolean {
    return role.promises.has(voter) || role.pages.has(voter) || isVoter(this.membership, voter);
  }

  /**
   * The memberships that decide the slots ahead: the present one, and those that the votes found so far would bring.
   * A quorum in each is needed, as a value behind a change may have been chosen by the later members alone.
   */
  protected memberships({ votes }: Candidate): Membership[] {
    const memberships = [this.membership];
    for (const { value } of votes.values()) if (value.type === 'membership') memberships.push(value.membership);
    return memberships;
  }

  protected electors(role: Candidate): Set<NodeId> {
    return new Set(this.memberships(role).flatMap(({ voters }) => voters));
  }

  protected isElected(role: Candidate): boolean {
    return this.memberships(role).every((membership) => isPrepareQuorum(membership, role.promises));
  }

  protected lead({ ballot, votes }: Candidate): void {
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
    };
    this.cancelTimer('election');
    this.cancelTimer('retry');
    this.setLeader(this.node);
    this.output({ type: 'leading', ballot }, EARLY);
    this.onHeartbeatTimer();
    this.propose();
  }

  /** A higher ballot exists: whoever leads or stands at a lower one has to begin again above it. */
  protected onRejected({ promised }: Rejected): void {
    if (promised.round > this.roundSeen) this.roundSeen = promised.round;
    const { role } = this;
    if (role.type === 'follower' || compareBallots(promised, role.ballot) <= 0) return;
    this.resign();
  }

  protected resign(): void {
    this.retire();
    this.setLeader(null);
    this.awaitLeader();
  }

  /** Back to following. Commands that were proposed may still be chosen; those that waited will not be, by this node. */
  protected retire(): void {
    const { role } = this;
    this.role = { type: 'follower' };
    this.cancelTimer('retry');
    this.cancelTimer('heartbeat');
    if (role.type !== 'leader') return;
    for (const { value } of role.proposals.values()) {
      if (value.type !== 'commands') continue;
      for (const command of value.commands) this.refuse(command, 'noLeader', false);
    }
    for (const command of role.queue) this.refuse(command, 'noLeader', true);
    if (role.change !== null) this.answerChange(role.change, 'the leadership was lost; the change may be made yet');
    for (const { answer } of role.reads) this.refuseRead(answer);
  }

  // -------------------------------------------------------------------------------------------------- phase 2

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
    if (role.change !== null) {
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
    const before = this.chosen;
    for (;;) {
      const slot = slotAfter(this.chosen);
      const proposal = role.proposals.get(slot);
      if (proposal === undefined || !this.isChosen(proposal)) break;
      // The quorum may not include this node's own acceptor yet: its vote is cast, though not durable.
      this.vote({ slot, ballot: role.ballot, value: proposal.value });
      role.proposals.delete(slot);
      this.executeThrough(slot, role.ballot);
      if (this.role !== role) return;
    }
    if (this.chosen === before) return;
    this.propose();
    this.answerReads(role);
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

  // -------------------------------------------------------------------------------------- heartbeats and leases

  protected onHeartbeatTimer(): void {
    const { role } = this;
    if (role.type !== 'leader') return;
    role.beat += 1;
    const sentAtMs = this.now();
    const { ballot, beat } = role;
    for (const node of everyone(this.membership)) {
      this.send(this.peer(node), { type: 'heartbeat', ballot, beat, sentAtMs, chosen: this.chosen });
    }
    for (const [slot, proposal] of role.proposals) this.resend(slot, proposal, role);
    this.setTimer('heartbeat', this.timing.heartbeatMs);
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

  protected isAcknowledged({ progress }: Leader, counts: (progress: Progress) => boolean): boolean {
    let count = 0;
    for (const voter of this.membership.voters) {
      const known = progress.get(voter);
      if (known !== undefined && counts(known)) count += 1;
    }
    return count >= quorumSizes(this.membership).accept;
  }

  // ------------------------------------------------------------------------------------------------------ reads

  protected onRead(client: Address, { id, query, consistency }: Read): void {
    const answer: ReadAnswer = { type: 'query', client, id, query };
    if (consistency === 'stale') return this.answerRead(answer, this.chosen);
    if (this.role.type === 'leader') return this.confirmRead(this.role, answer);
    if (this.leader === null) return this.refuseRead(answer);
    this.readsToAsk.push(answer);
    if (this.readsToAsk.length === 1) this.setTimer('askIndex', 0);
  }

  /**
   * A leader reads what is chosen now, once everything that phase 1 found is, and once it is certain to be the
   * leader still: by its lease, or by a quorum's answer to a heartbeat that left after the read arrived.
   */
  protected confirmRead(role: Leader, answer: ReadAnswer): void {
    const index = Math.max(this.chosen, role.foundThrough) as Slot;
    if (this.chosen >= index && this.holdsLease(this.now())) return this.answerRead(answer, index);
    if (role.reads.length === 0) this.setTimer('heartbeat', 0);
    role.reads.push({ index, beat: role.beat + 1, answer });
  }

  protected refuseRead(answer: ReadAnswer): void {
    if (answer.type === 'index') return; // the follower's client asks again
    const { client, id } = answer;
    this.send(client, { type: 'refused', of: id, session: 0, reason: 'noLeader', definite: true }, EARLY);
  }

  protected answerReads(role: Leader): void {
    if (role.reads.length === 0) return;
    const holdsLease = this.holdsLease(this.now());
    const waiting: WaitingRead[] = [];
    for (const read of role.reads) {
      const isConfirmed = holdsLease || this.isAcknowledged(role, ({ beat }) => beat >= read.beat);
      if (isConfirmed && this.chosen >= read.index) this.answerRead(read.answer, read.index);
      else waiting.push(read);
    }
    role.reads = waiting;
  }

  protected answerRead(answer: ReadAnswer, index: Slot): void {
    switch (answer.type) {
      case 'index':
        return this.send(
          answer.follower,
          { type: 'readIndexReply', id: answer.id, ballot: this.promised, index },
          EARLY,
        );
      case 'query':
        return this.send(
          answer.client,
          { type: 'readReply', id: answer.id, reply: this.machine.read(answer.query) },
          EARLY,
        );
      default:
        return answer satisfies never;
    }
  }

  /** A follower asks the leader once for all reads that arrived meanwhile. */
  protected askIndex(): void {
    if (this.role.type === 'leader') {
      for (const answer of this.readsToAsk.splice(0)) this.confirmRead(this.role, answer);
    } else if (this.leader !== null && this.readsToAsk.length > 0) {
      const id = this.nextQuestion;
      this.nextQuestion += 1;
      this.readsAsked.set(id, this.readsToAsk);
      this.readsToAsk = [];
      this.forgetOldQuestions();
      this.send(this.peer(this.leader), { type: 'readIndex', id }, EARLY);
    }
  }

  /** Clients ask again when no answer comes; what they asked long ago is not waited for. */
  protected forgetOldQuestions(): void {
    const questionsMax = 1_000;
    for (const id of this.readsAsked.keys()) {
      if (this.readsAsked.size <= questionsMax) return;
      this.readsAsked.delete(id);
    }
  }

  protected onReadIndex(follower: Address, { id }: ReadIndex): void {
    if (this.role.type === 'leader') this.confirmRead(this.role, { type: 'index', follower, id });
  }

  protected onReadIndexReply(from: Address, { id, ballot, index }: ReadIndexReply): void {
    const answers = this.readsAsked.get(id);
    if (answers === undefined) return;
    this.readsAsked.delete(id);
    this.readsAwaiting.push({ index, answers });
    this.learnThrough(ballot, index, nodeOf(from));
  }

  protected answerAwaiting(): void {
    const ready = this.readsAwaiting.filter(({ index }) => index <= this.chosen);
    if (ready.length === 0) return;
    this.readsAwaiting = this.readsAwaiting.filter(({ index }) => index > this.chosen);
    for (const { index, answers } of ready) for (const answer of answers) this.answerRead(answer, index);
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
    if (role.change !== null || role.changeSlot > this.chosen)
      return 'another change is under way: ask again when it is done';
    const after = changed(this.membership, change);
    if (typeof after === 'string') return after;
    if (change.type !== 'promote') return null;
    const lagMax = 10 * this.limits.pipelineSlotsMax;
    const behind = this.chosen - (role.progress.get(change.node)?.chosen ?? NO_SLOT);
    return behind <= lagMax ? null : `${change.node} is ${behind} slots behind: promote it when it has caught up`;
  }

  protected answerChange({ client, id }: ChangeMembership, refused: string | null): void {
    this.send(client, { type: 'membershipChanged', id, refused }, EARLY);
  }

  protected override membershipChanged(): void {
    const { role } = this;
    if (role.type !== 'leader') return;
    if (role.change !== null && role.changeSlot === this.chosen) {
      this.answerChange(role.change, null);
      role.change = null;
    }
    if (!isMember(this.membership, this.node)) this.handOver(role);
    else this.onHeartbeatTimer(); // a new member hears of its leader at once
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

function keepHighest(votes: Map<Slot, Vote>, vote: Vote): void {
  const known = votes.get(vote.slot);
  if (known === undefined || compareBallots(vote.ballot, known.ballot) > 0) votes.set(vote.slot, vote);
}

/** Phase 2 is bound to the vote of the highest ballot found; where there is none, any value will do. */
function foundAt({ found }: Leader, slot: Slot): Value {
  return found.get(slot)?.value ?? { type: 'noop' };
}

function commandBytes(command: Command): number {
  return 64 + (command.type === 'execute' ? command.body.length : 0);
}
