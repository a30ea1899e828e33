import type { Address, Message, NodeDefinition, NodeId } from '../../kernel/index.ts';
import type { Seen } from './node-state.ts';
import type { Clocks, Disk } from './node-stepper.ts';
import type { CheckedWorld } from './world.ts';

/** How many times each fault may happen in one run. None by default. */
export interface Budgets {
  readonly drops?: number;
  readonly duplicates?: number;
  /** Each is followed by a restart at any later time, or never. */
  readonly crashes?: number;
  /** Each cuts the network in two, along one of the `cuts`, until it heals at any later time. */
  readonly partitions?: number;
  /** Timers that fire, all together; no bound by default. */
  readonly timers?: number;
}

/** A message from outside of the model. */
export interface Input {
  readonly to: Address;
  /** By default an address that is no one's. */
  readonly from?: Address;
  readonly message: Message;
}

/**
 * What the network between nodes may do with messages that are neither dropped nor duplicated:
 * - `multiset`: delivers each copy that was sent once, in any order. The default.
 * - `fifo`: delivers each once, in order for each pair of processes.
 * - `set`: delivers what was sent any number of times from then on, in any order: so loses and duplicates without budget.
 */
export type Network = 'multiset' | 'fifo' | 'set';

/** Folds what an observer sees of a run into a plain value that properties can ask about. Part of the state. */
export interface HistoryFold<H> {
  readonly start: H;
  readonly next: (history: H, seen: Seen) => H;
}

/** What the model is of. */
export interface SystemOptions {
  readonly nodes: ReadonlyMap<NodeId, NodeDefinition>;
  /** Each is given once. */
  readonly inputs?: readonly Input[];
  /** Inputs come in any order and at any time, or at any time in the order listed. By default `any`. */
  readonly inputOrder?: 'any' | 'listed';
  readonly budgets?: Budgets;
  readonly network?: Network;
  /**
   * `immediate`: records and flushes are durable before the step ends. `explicit`: each becomes durable in a step of
   * its own; a crash loses those that have not, and what the output rule holds for them. By default immediate.
   */
  readonly disk?: Disk;
  /**
   * What `now()` shows. `still`: always 0; time has no place in the search but in the order of timers. `byTimers`: a
   * timer that fires takes its node's clock at least to its shortest length after it was set, and nothing else moves
   * it; there may be no end of states then: limit the timers. By default still.
   */
  readonly clocks?: Clocks;
  /** The nodes that may crash, if crashes are budgeted. By default all. */
  readonly crashing?: readonly NodeId[];
  /** Each is one side of a partition; the other nodes are the other. By default each node on its own. */
  readonly cuts?: readonly (readonly NodeId[])[];
  /** Groups of nodes of which it does not matter which is which. Does not go with `eventually`. */
  readonly symmetric?: readonly (readonly NodeId[])[];
  /**
   * Fields of processes, messages and the history that hold arrays, maps, sets or plain objects whose order means nothing,
   * neither to a process nor to a property: states that differ only in it are one, but for `eventually`. Any other order
   * tells states apart.
   */
  readonly unordered?: readonly string[];
  /**
   * Leave out what no property could tell: losses and deliveries that change nothing, if messages may come late anyway;
   * and any order but one of a disk's work with the rest, where no crash can come between. Every verdict stays the
   * same; counts get smaller. By default true.
   */
  readonly reduce?: boolean;
}

/** What the model is of, and what must hold of it: a protocol's `Spec` can be spread into this. */
export interface ProcessModelOptions<H> extends SystemOptions {
  readonly history?: HistoryFold<H>;
  readonly invariants?: Readonly<Record<string, (world: CheckedWorld<H>) => string | null>>;
  /** Storages that processes hold show what they hold after the step. */
  readonly steps?: Readonly<Record<string, (before: CheckedWorld<H>, after: CheckedWorld<H>) => string | null>>;
  readonly goals?: Readonly<Record<string, (world: CheckedWorld<H>) => boolean>>;
  readonly eventually?: Readonly<Record<string, (world: CheckedWorld<H>) => boolean>>;
  readonly outcomes?: Readonly<Record<string, (world: CheckedWorld<H>) => string>>;
  /** Says that the search need not go on from here. */
  readonly prune?: (world: CheckedWorld<H>) => boolean;
}
