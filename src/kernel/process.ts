import type { Address, NodeId } from './address.ts';
import type { Storage } from './storage.ts';

/** What every message is: plain data, told apart by `type`. Immutable once sent: receivers share it with the sender. */
export interface Message {
  readonly type: string;
}

/** A timer is identified by its value: setting an equal one again re-arms it. */
export type Timer = string | { readonly type: string };

/** What can happen to a process. Nothing else ever does. */
export type Event<M = Message, T = Timer, R = unknown> =
  | { readonly type: 'recover'; readonly record: R } // each durable record, in order, before the start
  | { readonly type: 'start' }
  | { readonly type: 'message'; readonly from: Address; readonly message: M }
  | { readonly type: 'timer'; readonly timer: T };

/** What a process asks of its runtime, performed in order. */
export type Effect<M = Message, T = Timer, R = unknown, O = unknown> =
  | { readonly type: 'send'; readonly to: Address; readonly message: M; readonly early: boolean }
  | { readonly type: 'setTimer'; readonly timer: T; readonly minMs: number; readonly maxMs: number }
  | { readonly type: 'cancelTimer'; readonly timer: T }
  | { readonly type: 'persist'; readonly record: R }
  | { readonly type: 'checkpoint'; readonly records: readonly R[] }
  | { readonly type: 'flush'; readonly done: M }
  | { readonly type: 'output'; readonly output: O; readonly early: boolean };

/** What a runtime lends a process for the length of one step. */
export interface StepContext {
  readonly self: Address;
  /** The node's own clock: milliseconds, never going back; other nodes' clocks differ and drift. */
  readonly now: number;
  /** Draws a whole number in [0, count): at random, by search, or from a trace. */
  readonly choose: (count: number) => number;
}

/** A process of any protocol, as runtimes hold it. */
export type AnyProcess = Process<Message, Timer, unknown, unknown>;

/** What a booting node finds: its name, and the storage that outlived its crash. */
export interface Boot {
  readonly node: NodeId;
  /** The named storage of this node, as last flushed. Every call with one name gives the same object. */
  readonly storage: (name: string) => Storage;
}

/** Makes a node's processes by name, at its first start and again after each crash. */
export type NodeDefinition = (boot: Boot) => ReadonlyMap<string, AnyProcess>;

/** Whether what is sent may overtake the process's own unfinished `persist`s; see `Process.persist`. */
export interface Departure {
  readonly early: boolean;
}

const HELD: Departure = { early: false };

interface Frame {
  readonly context: StepContext;
  readonly effects: Effect[];
}

// A step is synchronous, so at most one is under way per thread. Keeping its frame here, and not in the process,
// leaves nothing in the process but its state: plain data that can be cloned, compared, hashed and printed.
let frame: Frame | null = null;

function during(): Frame {
  if (frame === null) throw new Error('a process acts only while a runtime steps it: call this inside a handler');
  return frame;
}

/** Gives one event to a process and returns the effects that it asked for, in order. */
export function step(process: AnyProcess, event: Event, context: StepContext): Effect[] {
  if (frame !== null) throw new Error('a step may not start another step');
  frame = { context, effects: [] };
  try {
    switch (event.type) {
      case 'message':
        process.onMessage(event.from, event.message);
        break;
      case 'timer':
        process.onTimer(event.timer);
        break;
      case 'start':
        process.onStart();
        break;
      case 'recover':
        process.onRecord(event.record);
        if (frame.effects.length > 0) throw new Error('onRecord only restores state: act in onStart');
        break;
      default:
        event satisfies never;
    }
    return frame.effects;
  } finally {
    frame = null;
  }
}

/**
 * A deterministic state machine, driven one event at a time: the waist of the hourglass. Protocols are written as
 * processes; the host, the simulator, the checker and the browser run them.
 *
 * - State is plain data in ordinary fields: numbers, strings, booleans, null, bigint, Uint8Array, arrays, Map, Set,
 *   plain objects, and classes of such. No `#private` members and no closures, so that a runtime can clone it.
 * - The order of insertion into maps, sets and objects is part of the state: the checker tells states apart by it, unless
 *   it is told of a field that its order means nothing (`unordered`).
 * - Handlers are synchronous and touch nothing outside but through the methods below. Same events, same effects.
 *
 * Type parameters: the messages that the protocol exchanges, its timers, the records it persists, its outputs.
 */
export abstract class Process<M extends Message, T extends Timer = never, R = never, O = never> {
  /** Called once per boot, after every durable record was given to `onRecord`. */
  onStart(): void {}

  abstract onMessage(from: Address, message: M): void;

  onTimer(_timer: T): void {}

  /** Restores state from a record that an earlier life persisted. May not act. */
  onRecord(_record: R): void {}

  /** This process's own address. */
  protected get self(): Address {
    return during().context.self;
  }

  /** The node's own clock in milliseconds: it never goes back; others' clocks differ and drift. */
  protected now(): number {
    return during().context.now;
  }

  /** One of the options, drawn by the runtime: at random by host and simulator, every one in turn by the checker. */
  protected choose<X>(options: readonly X[]): X {
    if (options.length === 0) throw new Error('choose needs at least one option');
    const index = options.length === 1 ? 0 : during().context.choose(options.length);
    return options[index] as X;
  }

  /**
   * Sends a message; the network may lose, delay, duplicate and reorder it. Between processes of one node, and to
   * the process itself, delivery is reliable and in order, but still an event of its own.
   *
   * A message waits until all that this process persisted before is durable; one sent `{ early: true }` does not.
   */
  protected send(to: Address, message: M, { early }: Departure = HELD): void {
    during().effects.push({ type: 'send', to, message, early });
  }

  /** Fires `onTimer(timer)` once, at least `minMs` and at most `maxMs` from now by this node's clock. */
  protected setTimer(timer: T, minMs: number, maxMs: number = minMs): void {
    if (!(minMs >= 0 && maxMs >= minMs)) throw new Error(`a timer needs 0 <= minMs <= maxMs: got ${minMs}, ${maxMs}`);
    during().effects.push({ type: 'setTimer', timer, minMs, maxMs });
  }

  protected cancelTimer(timer: T): void {
    during().effects.push({ type: 'cancelTimer', timer });
  }

  /**
   * Appends a record to the node's write-ahead log. The process goes on at once; what it sends and outputs from here
   * on leaves the node only when the record is durable (the output rule), unless sent early.
   */
  protected persist(record: R): void {
    during().effects.push({ type: 'persist', record });
  }

  /** Replaces all of this process's records, atomically: recovery begins with these, and the older ones may go. */
  protected checkpoint(records: readonly R[]): void {
    during().effects.push({ type: 'checkpoint', records });
  }

  /**
   * Makes all that this process wrote to its `Storage`, up to the end of this step, durable as one atomic unit, while
   * it goes on working; then sends it `done`. A crash before that takes the storage back to the flush before.
   */
  protected flush(done: M): void {
    during().effects.push({ type: 'flush', done });
  }

  /** Tells the world outside the protocol something: a reply to a caller, a note to an observer. Held like `send`. */
  protected output(output: O, { early }: Departure = HELD): void {
    during().effects.push({ type: 'output', output, early });
  }
}
