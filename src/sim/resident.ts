import type { Address, AnyProcess, Effect, Message, StepContext, Timer } from '../kernel/index.ts';
import type { Machine } from './machine.ts';

/** What waits until the process's earlier records are durable. */
export type Departing = Extract<Effect, { type: 'send' | 'output' }>;

export interface ArmedTimer {
  readonly timer: Timer;
  /** When it is due by the node's own clock; infinity while it is not armed. */
  dueLocalUs: number;
  /** True time of the queue entry that will look at it next; infinity if there is none. */
  queuedAt: number;
}

/** A process in one life of its node. */
export class Resident {
  readonly machine: Machine;
  readonly life: number;
  readonly name: string;
  readonly address: Address;
  readonly process: AnyProcess;
  readonly timers: Map<string, ArmedTimer> = new Map();
  readonly held: { readonly after: number; readonly effect: Departing }[] = [];
  /** The log's number of the last record that this process persisted. */
  persisted = 0;
  /** What the process sees during a step; `now` is set before each. */
  readonly context: { -readonly [K in keyof StepContext]: StepContext[K] };

  constructor(
    machine: Machine,
    name: string,
    address: Address,
    process: AnyProcess,
    choose: (count: number) => number,
  ) {
    this.machine = machine;
    this.life = machine.life;
    this.name = name;
    this.address = address;
    this.process = process;
    this.context = { self: address, now: 0, choose };
  }

  /** Whether the life that this process belongs to is still going on. */
  get isAlive(): boolean {
    return this.machine.isUp && this.machine.life === this.life;
  }
}

/** Where an address leads; made once per address, so that a message finds its way without parsing. */
export interface Endpoint {
  readonly address: Address;
  readonly node: string;
  readonly process: string;
  /** The process there now; null while its node is down. */
  resident: Resident | null;
}

/** A message on its way. */
export interface Parcel {
  readonly from: Address;
  readonly to: Endpoint;
  readonly message: Message;
  /** What the message was when it was sent, in paranoid runs; null otherwise. */
  readonly sealed: Uint8Array | null;
}
