import { decode, encode, type NodeId, type Storage } from '../../kernel/index.ts';
import type { StateMachine } from '../state-machine.ts';
import { Acceptor } from './acceptor.ts';
import { type Ballot, compareBallots, isSameBallot, NO_BALLOT } from './ballot.ts';
import { NO_SLOT, type Slot, sizeOf, slotAfter, type Vote } from './log.ts';
import { isSound, type Membership } from './membership.ts';
import type { Command, Flushed, ReplicaRecord } from './messages.ts';
import type { Limits, Timing } from './options.ts';
import { type Execution, Sessions } from './sessions.ts';

/** What a command led to: a session's number, or the execution of a session's command. */
export type Result = { readonly type: 'opened'; readonly session: number } | Execution;

const EARLY = { early: true };
export const APPLIED_ROW = 'p';
const EMPTY: Membership = { voters: [], learners: [], quorums: null };

/**
 * The learner of Multi-Paxos: executes chosen values in slot order, and moves what is executed from the log into the
 * storage (the low-water mark).
 */
export abstract class Learner extends Acceptor {
  override chosen: Slot = NO_SLOT;
  /** As of `chosen`: a change takes effect with the slot behind the one that holds it. */
  membership: Membership;
  /** The replicated clock. */
  timeMs = 0;
  readonly storage: Storage;
  readonly machine: StateMachine;
  readonly sessions: Sessions;

  /** What the storage holds was chosen at this ballot or below: to know it is to promise this much. */
  chosenBallot: Ballot = NO_BALLOT;
  /** How many lives of this replica asked a leader where the log stands. */
  askingLives = 0;
  /** What the records of an earlier life say is chosen. */
  recordedChosen: Slot = NO_SLOT;
  /** Everything up to here is in the storage, durably: the low-water mark. */
  lowWater: Slot = NO_SLOT;
  flushing = false;
  bytesSinceFlush = 0;
  /** A snapshot was adopted and is not flushed yet: a crash would take back what is chosen here. */
  adopting = false;
  /** Whom this learner asked for what it misses; null when it misses nothing. */
  source: NodeId | null = null;

  constructor(
    node: NodeId,
    timing: Timing,
    limits: Limits,
    initial: Membership | null,
    storage: Storage,
    machine: StateMachine,
  ) {
    super(node, timing, limits);
    if (initial !== null && !isSound(initial)) {
      throw new RangeError(
        'the quorums of the two phases have to intersect: their sizes must exceed the number of voters',
      );
    }
    this.membership = initial ?? EMPTY;
    this.storage = storage;
    this.machine = machine;
    this.sessions = new Sessions(storage, limits.sessionTtlMs);
  }

  /** Asks another replica for what this one misses. */
  protected abstract fetchFrom(source: NodeId): void;
  /** A slot is chosen and executed, by whatever way this replica learned of it. */
  protected abstract slotExecuted(slot: Slot): void;
  /** A command of the log was executed here. */
  protected abstract executed(command: Command, result: Result): void;
  /** A membership change was executed here. */
  protected abstract membershipChanged(before: Membership): void;

  // ---------------------------------------------------------------------------------------------- recovery

  override onRecord(record: ReplicaRecord): void {
    switch (record.type) {
      case 'promised':
        this.promised = record.ballot;
        break;
      case 'accepted':
        if (compareBallots(record.vote.ballot, this.promised) > 0) this.promised = record.vote.ballot;
        this.log.put(record.vote);
        if (record.chosen > this.recordedChosen) this.recordedChosen = record.chosen;
        break;
      case 'asking':
        this.askingLives = record.lives;
        break;
      case 'base':
        this.promised = record.ballot;
        this.log.dropThrough(record.base);
        this.recordedChosen = record.chosen;
        this.membership = record.membership;
        break;
      default:
        record satisfies never;
    }
  }

  /** Takes up where the storage was last flushed, and executes again what the log has beyond that. */
  protected recover(): void {
    const isFirstBoot = this.membership.voters.length > 0 && this.isUntouched();
    this.reload();
    // A flush may be durable, and the promise that came before it not.
    if (compareBallots(this.chosenBallot, this.promised) > 0) this.promised = this.chosenBallot;
    if (this.chosen < this.log.base) {
      throw new Error(
        `the storage ends at slot ${this.chosen}, but the log begins behind ${this.log.base}: the storage was lost or put back`,
      );
    }
    this.lowWater = this.chosen;
    this.log.dropThrough(this.chosen);
    if (isFirstBoot) this.writeBase();
    this.executeThrough(this.recordedChosen, null);
    this.setTimer('flush', this.limits.flushMs);
  }

  protected isUntouched(): boolean {
    return this.promised.round === 0 && this.log.last === NO_SLOT && this.storage.get(APPLIED_ROW) === undefined;
  }

  protected reload(): void {
    const row = this.storage.get(APPLIED_ROW);
    if (row !== undefined) {
      [this.chosen, this.timeMs, this.membership, this.chosenBallot] = decode(row) as [
        Slot,
        number,
        Membership,
        Ballot,
      ];
    }
    this.sessions.reload();
    this.machine.reload();
  }

  // --------------------------------------------------------------------------------------------- execution

  protected override durablyChosen(): Slot {
    return this.adopting ? NO_SLOT : this.chosen;
  }

  protected override learnThrough(ballot: Ballot, through: Slot, leader: NodeId): void {
    this.executeThrough(through, ballot);
    if (this.chosen < through && this.source === null) this.fetchFrom(leader);
  }

  /**
   * Executes on while this node's own vote is known to be the chosen value: a vote at the ballot of the leader that
   * says so (a leader proposes one value a slot), or any vote that an earlier life recorded as chosen.
   */
  protected executeThrough(through: Slot, ballot: Ballot | null): void {
    while (this.chosen < through) {
      const vote = this.log.get(slotAfter(this.chosen));
      if (vote === undefined) return;
      if (ballot !== null && !isSameBallot(vote.ballot, ballot)) return;
      this.execute(vote);
    }
  }

  protected execute({ slot, value }: Vote): void {
    this.chosen = slot;
    this.bytesSinceFlush += sizeOf(value);
    switch (value.type) {
      case 'noop':
        break;
      case 'membership':
        this.changeMembership(value.membership);
        break;
      case 'commands':
        this.executeCommands(slot, value.timeMs, value.commands);
        break;
      default:
        value satisfies never;
    }
    this.slotExecuted(slot);
    this.output({ type: 'chosen', slot, value }, EARLY); // chosen is durable on a quorum, whatever this disk still does
    // In a step of its own, as a flush takes all that its step writes, and more may be executed in this one.
    if (this.bytesSinceFlush >= this.limits.flushBytes && !this.flushing) this.setTimer('flush', 0);
  }

  protected changeMembership(membership: Membership): void {
    const before = this.membership;
    this.membership = membership;
    this.membershipChanged(before);
  }

  protected executeCommands(slot: Slot, timeMs: number, commands: readonly Command[]): void {
    // What an earlier leader with a faster clock proposed may come first.
    this.timeMs = Math.max(this.timeMs, timeMs);
    this.sessions.expire(this.timeMs);
    const moment = { slot, timeMs: this.timeMs };
    for (const command of commands) {
      if (command.type === 'open') {
        this.executed(command, { type: 'opened', session: this.sessions.open(this.timeMs) });
      } else {
        const run = () => this.machine.apply(command.body, moment);
        this.executed(command, this.sessions.execute(command, this.timeMs, run));
      }
    }
  }

  // -------------------------------------------------------------------------------------- the low-water mark

  protected onFlushTimer(): void {
    this.flushStorage();
    this.setTimer('flush', this.limits.flushMs);
  }

  /** Makes what is executed durable in the storage, so that the log before it can go. */
  protected flushStorage(): void {
    if (this.flushing || this.chosen === this.lowWater) return;
    this.flushing = true;
    this.bytesSinceFlush = 0;
    this.sessions.save();
    this.storage.set(APPLIED_ROW, encode([this.chosen, this.timeMs, this.membership, this.promised]));
    this.flush({ type: 'flushed', chosen: this.chosen });
  }

  protected onFlushed({ chosen }: Flushed): void {
    this.flushing = false;
    this.lowWater = chosen;
    this.adopting = false;
    this.log.shrink(chosen, this.limits.retainedBytes);
    this.writeBase();
  }

  /** Begins the write-ahead log anew: the promise, and the votes above the low-water mark. */
  protected writeBase(): void {
    const base: ReplicaRecord = {
      type: 'base',
      ballot: this.promised,
      base: this.lowWater,
      chosen: this.chosen,
      membership: this.membership,
    };
    const { votes } = this.log.from(slotAfter(this.lowWater), Number.POSITIVE_INFINITY);
    const asking: ReplicaRecord = { type: 'asking', lives: this.askingLives };
    const accepted = votes.map((vote): ReplicaRecord => ({ type: 'accepted', vote, chosen: NO_SLOT }));
    this.checkpoint([base, asking, ...accepted]);
  }
}
