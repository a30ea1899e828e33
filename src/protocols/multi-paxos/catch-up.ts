import { type Address, decode, MAX_KEY, type NodeId } from '../../kernel/index.ts';
import { compareBallots } from './ballot.ts';
import { APPLIED_ROW, Learner } from './learner.ts';
import { NO_SLOT, type Slot, sizeOf, slotAfter } from './log.ts';
import type { Fetch, Learn, SnapshotChunk, SnapshotPosition, Value } from './messages.ts';

const EARLY = { early: true };

/** A snapshot that this node is sending: pinned under its slot's name until nobody asks for it any more. */
interface Offer {
  readonly slot: Slot;
  askedAtMs: number;
}

/**
 * How a replica that missed something catches up, and lets others: by the log while it reaches back far enough, else by
 * a snapshot in chunks, each asked for by the key behind which it begins, so that a lost one is asked for again.
 */
export abstract class CatchUp extends Learner {
  /** Where the snapshot being received stands. */
  receiving: SnapshotPosition | null = null;
  offer: Offer | null = null;

  protected override onFlushTimer(): void {
    super.onFlushTimer();
    const offerIdleMs = 10 * this.limits.flushMs;
    if (this.offer !== null && this.now() - this.offer.askedAtMs > offerIdleMs) this.withdrawOffer();
  }

  // ---------------------------------------------------------------------------------------------- catching up

  protected override fetchFrom(source: NodeId): void {
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
  protected onLearn({ ballot, from: first, values, chosen }: Learn, source: NodeId): void {
    const at = compareBallots(ballot, this.promised) < 0 ? this.promised : ballot;
    values.forEach((value, index) => {
      const slot = slotAfter(first, index);
      if (slot > this.chosen) this.vote({ slot, ballot: at, value });
    });
    this.executeThrough(slotAfter(first, values.length - 1), at);
    this.source = null;
    this.cancelTimer('fetch');
    // What the votes here are worth, only a leader can say: the sender's ballot may be that of none.
    if (this.chosen < chosen) this.fetchFrom(source);
  }

  // ------------------------------------------------------------------------------------------------ snapshots

  protected sendChunk(to: Address, position: SnapshotPosition | null): void {
    const offer = this.currentOffer();
    if (offer === null) return;
    const after = position !== null && position.slot === offer.slot ? position.after : '';
    const view = this.storage.pinned(OFFER);
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
      // What is pinned may be a flush whose end is not noted here yet: it says itself what it is.
      this.storage.pin(OFFER);
      const row = this.storage.pinned(OFFER)?.get(APPLIED_ROW);
      if (row === undefined) throw new Error('what was flushed says up to which slot it goes');
      this.offer = { slot: (decode(row) as [Slot])[0], askedAtMs: this.now() };
    }
    this.offer.askedAtMs = this.now();
    return this.offer;
  }

  protected withdrawOffer(): void {
    if (this.offer !== null) this.storage.unpin(OFFER);
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
    if (chunk.last) this.adoptSnapshot();
    else this.fetchFrom(source);
  }

  protected adoptSnapshot(): void {
    this.receiving = null;
    this.source = null;
    this.cancelTimer('fetch');
    this.storage.adoptStage();
    this.reload();
    this.promise(this.chosenBallot);
    this.log.dropThrough(this.chosen);
    this.adopting = true;
    this.flushing = true;
    this.bytesSinceFlush = 0;
    this.flush({ type: 'flushed', chosen: this.chosen });
  }
}

const OFFER = 'snapshot';
