import type { Address, AnyProcess, Effect, MemoryStorage, Message, Timer } from '../../kernel/index.ts';

/** All there is to one node between two events. Plain data, never changed once made: steps make a new one. */
export interface NodeState {
  /** What its clock shows. */
  readonly now: number;
  readonly up: boolean;
  /** By name; empty while the node is down. */
  readonly processes: ReadonlyMap<string, AnyProcess>;
  /** In the order in which they were set, as far as that can matter. */
  readonly timers: readonly ArmedTimer[];
  /** Messages between processes of the node. */
  readonly local: readonly LocalMessage[];
  /** Each process's durable records. */
  readonly records: ReadonlyMap<string, readonly unknown[]>;
  /** Records that the disk does not hold yet, and what has to wait for them, in order. */
  readonly held: readonly Held[];
  /** Flushes that the disk has not completed, in order. */
  readonly flushes: readonly Flush[];
  readonly storages: ReadonlyMap<string, StorageState>;
}

export interface ArmedTimer {
  readonly process: string;
  readonly timer: Timer;
  readonly minMs: number;
  readonly maxMs: number;
  /** What the clock shows at least when it fires; 0 if clocks stand still. */
  readonly dueMs: number;
}

export interface LocalMessage {
  readonly from: string;
  readonly to: string;
  readonly message: Message;
}

export interface Held {
  readonly process: string;
  readonly effect: Extract<Effect, { type: 'persist' | 'checkpoint' | 'send' | 'output' }>;
}

export interface Flush {
  readonly process: string;
  readonly done: Message;
}

export interface StorageState {
  readonly storage: MemoryStorage;
  /** The processes that write to it, whose flushes cover it. */
  readonly writers: readonly string[];
}

/** A message on its way between two nodes. */
export interface Envelope {
  readonly from: Address;
  readonly to: Address;
  readonly message: Message;
}

/** What an observer outside sees of a run. */
export type Seen =
  | { readonly type: 'input'; readonly to: Address; readonly message: Message }
  | { readonly type: 'output'; readonly at: Address; readonly output: unknown }
  /** A message to an address that is not part of the model. */
  | { readonly type: 'departed'; readonly envelope: Envelope };

export const NEVER_BOOTED: NodeState = {
  now: 0,
  up: false,
  processes: new Map(),
  timers: [],
  local: [],
  records: new Map(),
  held: [],
  flushes: [],
  storages: new Map(),
};

/**
 * Timers in an order that depends only on what can still matter: those that may fire in either order come sorted by
 * name. (The lexicographic normal form of a partially commutative word.)
 */
export function inNormalOrder(
  timers: readonly ArmedTimer[],
  nameOf: (timer: ArmedTimer) => string,
): readonly ArmedTimer[] {
  if (timers.length < 2) return timers;
  const left = timers.map((timer) => ({ timer, name: nameOf(timer) }));
  const ordered: ArmedTimer[] = [];
  while (left.length > 0) {
    let best = -1;
    for (const [index, entry] of left.entries()) {
      const free = left
        .slice(0, index)
        .every(({ timer }) => !firesBefore(timer, entry.timer) && !firesBefore(entry.timer, timer));
      if (free && (best === -1 || entry.name < (left[best]?.name ?? ''))) best = index;
    }
    const [next] = left.splice(best, 1);
    if (next !== undefined) ordered.push(next.timer);
  }
  return ordered;
}

/** Whether a timer set earlier is over before one set later can fire. */
export function firesBefore(earlier: ArmedTimer, later: ArmedTimer): boolean {
  return earlier.process === later.process && earlier.maxMs <= later.minMs;
}
