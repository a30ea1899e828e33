import { type Address, decode, encode, MAX_KEY, type NodeId, type Storage } from '../../kernel/index.ts';
import type { StateMachine } from '../state-machine.ts';
import { Acceptor } from './acceptor.ts';
import { type Ballot, compareBallots, isSameBallot } from './ballot.ts';
import { NO_SLOT, type Slot, sizeOf, slotAfter, type Vote } from './log.ts';
import { isSound, type Membership } from './membership.ts';
import type {
  Command,
  Fetch,
  Flushed,
  Learn,
  ReplicaRecord,
  SnapshotChunk,
  SnapshotPosition,
  Value,
} from './messages.ts';
import type { Limits, Timing } from './options.ts';
import { type Execution, Sessions } from './sessions.ts';

/** A snapshot that this node is sending: pinned under its slot's name until nobody asks for it any more. */
interface Offer {
  readonly slot: Slot;
  askedAtMs: number;
}

/** What a command led to: a session's number, or the execution of a session's command. */
export type Result = { readonly type: 'opened'; readonly session: number } | Execution;

const EARLY = { early: true };
const APPLIED_ROW = 'p';
const EMPTY: Membership = { voters: [], learners: [], quorums: null };

/**
 * The learner of Multi-Paxos: executes chosen values in slot order, catches up by log or by snapshot, and moves what
 * is executed from the log into the storage (the low-water mark).
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

  /** What the records of an earlier life say is chosen. */
  recordedChosen: Slot = NO_SLOT;
  /** Everything up to here is in the storage, durably: the low-water mark. */
  lowWater: Slot = NO_SLOT;
  flushing = false;
  bytesSinceFlush = 0;
  /** A snapshot was adopted and is not flushed yet: a crash would take back what is chosen here. */
  adopting = false;
  /** Where the snapshot being received stands. */
  receiving: SnapshotPosition | null = null;
  offer: Offer | null = null;
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
      [this.chosen, this.timeMs, this.membership] = decode(row) as [Slot, number, Membership];
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
    this.timeMs = timeMs;
    this.sessions.expire(timeMs);
    const moment = { slot, timeMs };
    for (const command of commands) {
      if (command.type === 'open') {
        this.executed(command, { type: 'opened', session: this.sessions.open(timeMs) });
      } else {
        const run = () => this.machine.apply(command.body, moment);
        this.executed(command, this.sessions.execute(command, timeMs, run));
      }
    }
  }

  // -------------------------------------------------------------------------------------- the low-water mark

  protected onFlushTimer(): void {
    this.flushStorage();
    const offerIdleMs = 10 * this.limits.flushMs;
    if (this.offer !== null && this.now() - this.offer.askedAtMs > offerIdleMs) this.withdrawOffer();
    this.setTimer('flush', this.limits.flushMs);
  }

  /** Makes what is executed durable in the storage, so that the log before it can go. */
  protected flushStorage(): void {
    if (this.flushing || this.chosen === this.lowWater) return;
    this.flushing = true;
    this.bytesSinceFlush = 0;
    this.sessions.save();
    this.storage.set(APPLIED_ROW, encode([this.chosen, this.timeMs, this.membership]));
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
    this.checkpoint([base, ...votes.map((vote): ReplicaRecord => ({ type: 'accepted', vote, chosen: NO_SLOT }))]);
  }

  // ---------------------------------------------------------------------------------------------- catching up

  protected fetchFrom(source: NodeId): void {
    this.source = source;
    this.send(this.peer(source), { type: 'fetch', from: slotAfter(this.chosen), snapshot: this.receiving });
    this.setTimer('fetch', this.timing.retryMs);
  }

  /** The answer was lost, or the source is gone: the next heartbeat of a leader starts over. */
  protected onFetchTimer(): void {
    this.source = null;
  }

  /** Answers from the log while it has the slot, else with the next chunk of a snapshot. */
  protected onFetch(from: Address, { from: first, snapshot }: Fetch): void {
    if (first > this.chosen) return;
    if (first > this.log.base) this.sendValues(from, first);
    else this.sendChunk(from, snapshot);
  }

  protected sendValues(to: Address, first: Slot): void {
    const values: Value[] = [];
    let bytes = 0;
    for (let slot = first; slot <= this.chosen && bytes < this.limits.pageBytesMax; slot = slotAfter(slot)) {
      const vote = this.log.get(slot);
      if (vote === undefined) break;
      values.push(vote.value);
      bytes += sizeOf(vote.value);
    }
    this.send(to, { type: 'learn', ballot: this.promised, from: first, values, chosen: this.chosen });
  }

  /**
   * What was chosen. Kept as votes at the higher of the sender's ballot and the one promised here: a slot's value was
   * chosen at a ballot no higher than that, so no other value can be proposed at it.
   */
  protected onLearn({ ballot, from: first, values, chosen }: Learn, leader: NodeId): void {
    const at = compareBallots(ballot, this.promised) < 0 ? this.promised : ballot;
    values.forEach((value, index) => {
      const slot = slotAfter(first, index);
      if (slot > this.chosen) this.vote({ slot, ballot: at, value });
    });
    this.executeThrough(slotAfter(first, values.length - 1), at);
    this.source = null;
    this.cancelTimer('fetch');
    this.learnThrough(at, chosen, leader);
  }

  // ------------------------------------------------------------------------------------------------ snapshots

  protected sendChunk(to: Address, position: SnapshotPosition | null): void {
    const offer = this.currentOffer();
    if (offer === null) return;
    const after = position !== null && position.slot === offer.slot ? position.after : '';
    const view = this.storage.pinned(offerName(offer.slot));
    if (view === undefined) return;
    const entries: (readonly [string, Uint8Array])[] = [];
    let bytes = 0;
    let last = true;
    for (const entry of view.entries(after === '' ? '' : `${after}\0`, MAX_KEY)) {
      if (bytes >= this.limits.pageBytesMax) {
        last = false;
        break;
      }
      entries.push(entry);
      bytes += entry[0].length + entry[1].length;
    }
    this.send(to, { type: 'snapshotChunk', slot: offer.slot, after, entries, last }, EARLY);
  }

  /** The snapshot on offer; a new one when the log no longer reaches back to it. */
  protected currentOffer(): Offer | null {
    if (this.offer === null || this.offer.slot < this.log.base) {
      if (this.lowWater < this.log.base || this.lowWater === NO_SLOT) return null;
      this.withdrawOffer();
      this.offer = { slot: this.lowWater, askedAtMs: this.now() };
      this.storage.pin(offerName(this.lowWater));
    }
    this.offer.askedAtMs = this.now();
    return this.offer;
  }

  protected withdrawOffer(): void {
    if (this.offer !== null) this.storage.unpin(offerName(this.offer.slot));
    this.offer = null;
  }

  protected onSnapshotChunk(chunk: SnapshotChunk, source: NodeId): void {
    if (chunk.slot <= this.chosen || this.flushing) return;
    if (chunk.after === '' && this.receiving?.slot !== chunk.slot) {
      this.storage.clearStage();
      this.receiving = { slot: chunk.slot, after: '' };
    }
    if (this.receiving?.slot !== chunk.slot || this.receiving.after !== chunk.after) return;
    for (const [key, value] of chunk.entries) this.storage.stage(key, value);
    const end = chunk.entries.at(-1);
    if (end !== undefined) this.receiving = { slot: chunk.slot, after: end[0] };
    if (chunk.last) this.adoptSnapshot(chunk.slot);
    else this.fetchFrom(source);
  }

  protected adoptSnapshot(slot: Slot): void {
    this.receiving = null;
    this.source = null;
    this.cancelTimer('fetch');
    this.storage.adoptStage();
    this.reload();
    this.log.dropThrough(slot);
    this.adopting = true;
    this.flushing = true;
    this.bytesSinceFlush = 0;
    this.flush({ type: 'flushed', chosen: slot });
  }
}

function offerName(slot: Slot): string {
  return `snapshot-${slot}`;
}
