import type { Ballot } from './ballot.ts';
import type { Value } from './messages.ts';

declare const slotBrand: unique symbol;

/** A position in the replicated log; the first is 1. */
export type Slot = number & { readonly [slotBrand]: true };

export const NO_SLOT: Slot = 0 as Slot;

export function slotAfter(slot: Slot, count = 1): Slot {
  return (slot + count) as Slot;
}

/** An acceptor's vote: the value it accepted for a slot last, and at which ballot. */
export interface Vote {
  readonly slot: Slot;
  readonly ballot: Ballot;
  readonly value: Value;
}

/**
 * An acceptor's votes by slot, from `base` (exclusive) upward. What was chosen up to `base` is in a snapshot and no
 * longer here: for those slots the acceptor can answer neither a proposer nor a learner.
 */
export class Log {
  base: Slot = NO_SLOT;
  last: Slot = NO_SLOT;
  votes: Map<Slot, Vote> = new Map();
  /** About what the votes take. */
  bytes = 0;

  get(slot: Slot): Vote | undefined {
    return this.votes.get(slot);
  }

  put(vote: Vote): void {
    if (vote.slot <= this.base) return;
    this.forget(vote.slot);
    this.votes.set(vote.slot, vote);
    this.bytes += sizeOf(vote.value);
    if (vote.slot > this.last) this.last = vote.slot;
  }

  /** Forgets every slot up to `base`. */
  dropThrough(base: Slot): void {
    if (base <= this.base) return;
    for (let slot = slotAfter(this.base); slot <= base && slot <= this.last; slot = slotAfter(slot)) this.forget(slot);
    this.base = base;
    if (this.last < base) this.last = base;
  }

  /** Forgets the oldest slots, none above `through`, until the rest is within a size. */
  shrink(through: Slot, bytesMax: number): void {
    let base = this.base;
    let bytes = this.bytes;
    while (base < through && bytes > bytesMax) {
      base = slotAfter(base);
      const vote = this.votes.get(base);
      if (vote !== undefined) bytes -= sizeOf(vote.value);
    }
    this.dropThrough(base);
  }

  private forget(slot: Slot): void {
    const vote = this.votes.get(slot);
    if (vote === undefined) return;
    this.bytes -= sizeOf(vote.value);
    this.votes.delete(slot);
  }

  /** Votes for slots from `first` on, in slot order, up to a size; `complete` if none was left out. */
  from(first: Slot, bytesMax: number): { votes: Vote[]; complete: boolean } {
    const votes: Vote[] = [];
    let bytes = 0;
    for (let slot = first; slot <= this.last; slot = slotAfter(slot)) {
      const vote = this.votes.get(slot);
      if (vote === undefined) continue;
      const size = sizeOf(vote.value);
      if (votes.length > 0 && bytes + size > bytesMax) return { votes, complete: false };
      bytes += size;
      votes.push(vote);
    }
    return { votes, complete: true };
  }
}

/** About how many bytes a value takes on the wire. */
export function sizeOf(value: Value): number {
  if (value.type !== 'commands') return 64;
  let bytes = 64;
  for (const command of value.commands) bytes += 64 + (command.type === 'execute' ? command.body.length : 0);
  return bytes;
}
