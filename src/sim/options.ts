import type { Address, NodeDefinition, NodeId, Spec } from '../kernel/index.ts';
import type { Domains, Roles } from './domains.ts';
import type { Fault } from './faults.ts';
import type { SimulatedWorld } from './world.ts';

/** A random length: at least `minMs`, `meanMs` on average, and an exponential tail that ends at `maxMs`. */
export interface Delay {
  readonly minMs: number;
  readonly meanMs: number;
  readonly maxMs: number;
}

/** How one direction of a link behaves. */
export interface LinkOptions {
  /** Drawn for each message, so messages overtake each other where it varies. Default 0.2 to 10 ms, 1 on average. */
  readonly latency: Delay;
  /** The chance that a message is lost. Default 0. */
  readonly loss: number;
  /** The chance that a message arrives twice. Default 0. */
  readonly duplication: number;
  /** Keeps messages in order, as TCP does. Default false. */
  readonly fifo: boolean;
  /** What fits through; messages wait for those before them. Default: any amount, at once. */
  readonly bytesPerSecond: number;
  /** What would have to wait behind more bytes than this is lost. Default 1 MiB. */
  readonly queueBytesMax: number;
}

/** Overrides for the links it matches; an end that is not named matches every node. Later ones win. */
export interface LinkOverride extends Partial<LinkOptions> {
  /** A node, or a domain. */
  readonly from?: string;
  readonly to?: string;
}

export interface NetworkOptions extends Partial<LinkOptions> {
  readonly links?: readonly LinkOverride[];
}

export interface DiskOptions {
  /** How long a sync of the write-ahead log takes. Default 0.1 to 5 ms, 0.5 on average. */
  readonly sync: Delay;
  /** How long the flush of a storage takes. Default 1 to 100 ms, 10 on average. */
  readonly flush: Delay;
  /** The chance that a crash leaves some of the records that were not yet durable. Default 0.5. */
  readonly survival: number;
  /** The chance that the first record lost in a crash leaves a torn piece behind. Default 0.5. */
  readonly tornWrites: number;
}

export interface ClockOptions {
  /** Every clock starts this far ahead of true time, plus its skew. Default 0. */
  readonly epochMs: number;
  /** The clocks of two nodes differ by at most this much at the start. Default 0. */
  readonly skewMs: number;
  /** A clock gains or loses at most this many millionths. Default 0. */
  readonly driftPpm: number;
}

/** What an output comes with. */
export interface Observed {
  readonly from: Address;
  readonly atMs: number;
}

export interface SimulationOptions {
  /** The same seed and options give the same run, byte for byte. */
  readonly seed: number;
  readonly nodes: ReadonlyMap<NodeId, NodeDefinition>;
  readonly network?: NetworkOptions;
  readonly disk?: Partial<DiskOptions>;
  readonly clocks?: Partial<ClockOptions>;
  /** Failure domains: what shares a rack, a power unit, a data centre. */
  readonly domains?: Domains;
  /** Names for who plays a part at the time when a fault begins: `leader`, for one. */
  readonly roles?: Roles;
  /** What goes wrong and when. */
  readonly faults?: readonly Fault[];
  /** What must hold after every step. */
  readonly invariants?: Readonly<Record<string, (world: SimulatedWorld) => string | null>>;
  /**
   * The protocol's own specification: its invariants are checked like `invariants`, its goals noted when reached, its
   * step invariants checked at every step (which costs a copy of the process at each). `eventually` is not looked at:
   * whether a run gets somewhere in the end is for its caller to ask.
   */
  readonly spec?: Spec;
  /** Checks invariants and goals after every this many steps, and at the end of a run. Default 1. */
  readonly checkEverySteps?: number;
  readonly onOutput?: (output: unknown, observed: Observed) => void;
  /** Passes messages and records through the codec, and finds those that cannot be, or change after. Default true. */
  readonly paranoid?: boolean;
  /** Records the run as a trace; costs time and memory. Default false. */
  readonly record?: boolean;
  /** What the trace calls the nodes' definitions, for whoever replays it. */
  readonly subject?: string;
  /** What else they need to know, as plain data: the `options` of the trace's header. */
  readonly about?: unknown;
  /** The command that runs a seed again, for messages of failure. */
  readonly repro?: (seed: number) => string;
}

export const DEFAULT_LINK: LinkOptions = {
  latency: { minMs: 0.2, meanMs: 1, maxMs: 10 },
  loss: 0,
  duplication: 0,
  fifo: false,
  bytesPerSecond: Number.POSITIVE_INFINITY,
  queueBytesMax: 1 << 20,
};

export const DEFAULT_DISK: DiskOptions = {
  sync: { minMs: 0.1, meanMs: 0.5, maxMs: 5 },
  flush: { minMs: 1, meanMs: 10, maxMs: 100 },
  survival: 0.5,
  tornWrites: 0.5,
};

export const DEFAULT_CLOCKS: ClockOptions = { epochMs: 0, skewMs: 0, driftPpm: 0 };
