import { type Address, type NodeId, nodeOf } from '../../kernel/index.ts';
import { type Ballot, compareBallots, isSameBallot } from './ballot.ts';
import { CatchUp } from './catch-up.ts';
import { slotAfter } from './log.ts';
import { isPrepareQuorum, isVoter, type Membership } from './membership.ts';
import type { Heartbeat, Learn, Prepare, PreVoteGranted, Promised, Rejected } from './messages.ts';
import { type Candidate, keepHighest, type Leader, type Role } from './roles.ts';

const EARLY = { early: true };

/**
 * How a replica comes to lead: it hears no leader, asks whether the others would promise (pre-vote, so that a node
 * that comes back disturbs nobody), and completes phase 1 once, over every slot that it does not know to be chosen.
 */
export abstract class Candidacy extends CatchUp {
  role: Role = { type: 'follower' };
  leader: NodeId | null = null;
  /** The highest round seen in a rejection: the next candidacy goes above it. */
  roundSeen = 0;

  /** A quorum has promised. */
  protected abstract lead(candidate: Candidate): void;
  /** Led until now. */
  protected abstract abandon(leader: Leader): void;
  protected abstract leaderFound(): void;

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
    this.yieldTo(this.promised);
  }

  /** A leader that knows what a later ballot chose must not tell it as if its own had. */
  protected override onLearn(learn: Learn, source: NodeId): void {
    this.yieldTo(learn.ballot);
    super.onLearn(learn, source);
  }

  protected override adoptSnapshot(): void {
    super.adoptSnapshot();
    this.yieldTo(this.promised);
  }

  protected yieldTo(ballot: Ballot): void {
    const { role } = this;
    if (role.type !== 'follower' && compareBallots(ballot, role.ballot) > 0) this.resign();
  }

  protected setLeader(leader: NodeId | null): void {
    if (this.leader === leader) return;
    this.leader = leader;
    this.output({ type: 'following', leader }, EARLY);
    if (leader !== null) this.leaderFound();
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

  /** Back to following. */
  protected retire(): void {
    const { role } = this;
    this.role = { type: 'follower' };
    this.cancelTimer('retry');
    this.cancelTimer('heartbeat');
    if (role.type === 'leader') this.abandon(role);
  }
}
