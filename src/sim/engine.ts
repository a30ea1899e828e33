import type { Address, Event, Message, NodeId, Random } from '../kernel/index.ts';
import type { Network } from './network.ts';
import type { DiskOptions } from './options.ts';
import type { Recorder } from './recorder.ts';
import type { Departing, Endpoint, Parcel, Resident } from './resident.ts';
import type { Statistics } from './statistics.ts';

/** What the machines of a simulation share: time, chance, the network, and the way into a step. */
export interface Engine {
  /** True time, in microseconds. */
  readonly nowUs: number;
  readonly network: Network;
  readonly disk: DiskOptions;
  readonly statistics: Statistics;
  readonly paranoid: boolean;
  /** Null while the run is not recorded. */
  readonly recorder: Recorder | null;
  /** Separate streams of chance, so that a change of one fault does not redraw all others. */
  readonly random: { readonly disk: Random; readonly timers: Random };

  at(us: number, run: () => void): void;
  /** Wakes the resident's machine at a time, to look at its timer. */
  wakeTimer(us: number, resident: Resident, key: string): void;
  readonly choose: (count: number) => number;
  note(text: () => string): void;
  endpoint(address: Address): Endpoint;
  seal(message: Message, from: Address): Uint8Array | null;
  /** Brings a message to a process of the sender's own node. */
  deliverLocally(parcel: Parcel): void;
  deliverRemotely(from: NodeId, parcel: Parcel): void;
  recover(resident: Resident, record: unknown): void;
  step(resident: Resident, event: Event): void;
  output(resident: Resident, effect: Extract<Departing, { type: 'output' }>): void;
}
