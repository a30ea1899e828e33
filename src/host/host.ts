import { randomBytes } from 'node:crypto';
import { type Address, address, type NodeId, nodeOf, processOf } from '../kernel/address.ts';
import { decode } from '../kernel/decode.ts';
import { encode } from '../kernel/encode.ts';
import {
  type AnyProcess,
  type Effect,
  type Event,
  type Message,
  type NodeDefinition,
  step,
} from '../kernel/process.ts';
import { Random } from '../kernel/random.ts';
import { Acquaintances } from './acquaintances.ts';
import { DataDirectory } from './directory.ts';
import type { Disk } from './disk.ts';
import type { DurableStorage, StorageEngine } from './durable-storage.ts';
import { LmdbEngine } from './lmdb-engine.ts';
import { type Departing, Outbox } from './outbox.ts';
import { type Armed, Timers } from './timers.ts';
import { type Endpoint, MessageTooLargeError, Transport, type TransportMetrics } from './transport.ts';
import { Wal } from './wal.ts';

export interface HostOptions {
  readonly node: NodeId;
  /** Nodes of different clusters refuse each other, and each other's data. */
  readonly cluster: string;
  /** Null for processes whose records need not outlive them: then nothing is kept, and everything is durable at once. */
  readonly directory: string | null;
  readonly definition: NodeDefinition;
  /** Where peers reach this node; null if there are none. */
  readonly listen: Endpoint | null;
  readonly peers: ReadonlyMap<NodeId, Endpoint>;
  readonly onOutput: (process: string, output: unknown) => void;
  /** Takes the messages to nodes that are no peers; without it they are lost. */
  readonly onDeparture?: (to: Address, message: Message) => void;
  /** A process threw or the disk failed: the node has stopped, and says so once. `close` is still to be called. */
  readonly onFatal: (error: Error) => void;
  readonly onLog?: (line: string) => void;
  readonly segmentBytes?: number;
  readonly frameBytesMax?: number;
  readonly disk?: Disk;
  /** Default: LMDB in the data directory. */
  readonly openStorage?: (directory: string) => StorageEngine;
}

/** A process found that it can't go on from what its node kept. */
export class NodeStartError extends Error {
  override readonly name = 'NodeStartError';
  readonly code = 'nodeCannotStart';

  constructor(cause: Error, { node, directory }: HostOptions) {
    const where = directory === null ? '' : ` on what is in "${directory}"`;
    const remedy = directory === null ? '' : '. Put the data directory back as this node left it, all of it';
    super(`node "${node}" can not start${where}: ${cause.message}${remedy}`, { cause });
  }
}

/** A process, and what the host keeps for it. */
interface Resident {
  readonly name: string;
  readonly process: AnyProcess;
  readonly context: { readonly self: Address; now: number; readonly choose: (count: number) => number };
  readonly outbox: Outbox;
  readonly timers: Timers;
}

interface Pending {
  readonly resident: Resident;
  readonly event: Event;
  /** The timer whose event this is. */
  readonly armed: Armed | null;
}

/** What a node that keeps something has: where, whom it met, and its log. */
interface Kept {
  readonly directory: DataDirectory;
  readonly acquaintances: Acquaintances;
  readonly wal: Wal;
}

/** Longest time without a look at sockets and timers, while there are events to handle. */
const SLICE_MS_MAX = 5;
const EVENTS_PER_CLOCK_READ = 32;
/** Who sends what comes from outside the protocol. */
const OUTSIDE = 'outside';

/**
 * Runs the processes of one node on this machine: real sockets, timers and disk. All events of all of its processes
 * pass through one queue, one at a time.
 */
export class Host {
  readonly node: NodeId;
  readonly #options: HostOptions;
  readonly #kept: Kept | null;
  readonly #storage: LazyEngine;
  readonly #transport: Transport;
  readonly #residents = new Map<string, Resident>();
  readonly #outside: Address;
  #endpoint: Endpoint | null = null;
  #queue: Pending[] = [];
  #isScheduled = false;
  #isTransmitting = false;
  #closed: Promise<void> | null = null;
  #failure: Error | null = null;
  /** Whoever opens it is told of failures by `open` until then. */
  #isOpen = false;
  #state: 'starting' | 'running' | 'closing' | 'failed' = 'starting';

  /**
   * Takes the directory, gives each process its durable records, and starts them all.
   * @throws DirectoryError, DirectoryHeldError, WalCorruptError, WalMissingError, WalWriteError, NodeStartError, or what
   *   `listen` fails with
   */
  static async open(options: HostOptions): Promise<Host> {
    return options.directory === null ? Host.#openInMemory(options) : Host.#openIn(options.directory, options);
  }

  static async #openInMemory(options: HostOptions): Promise<Host> {
    const storage = new LazyEngine(() => {
      throw new Error('a host without a directory has no storage: give it one');
    });
    const host = new Host(options, storage, null);
    try {
      await host.#start(new Map());
    } catch (error) {
      await host.#transport.close();
      throw error;
    }
    return host;
  }

  static async #openIn(path: string, options: HostOptions): Promise<Host> {
    const { node, cluster } = options;
    const directory = await DataDirectory.open(path, { node, cluster });
    const closing: (() => Promise<void>)[] = [() => directory.close()];
    try {
      const acquaintances = await Acquaintances.open(directory.file('peers.json'), ({ message }) =>
        options.onLog?.(`cannot note which peers were met: ${message}`),
      );
      closing.push(() => acquaintances.close());
      const storage = new LazyEngine(() => (options.openStorage ?? LmdbEngine.open)(directory.file('storage')));
      closing.push(() => storage.close());
      let host: Host | null = null;
      const { wal, records } = await Wal.open({
        directory: directory.file('wal'),
        owner: `${cluster}/${node}`,
        mustExist: directory.hasLived,
        onDurable: (position) => {
          if (host !== null) host.#onDurable(position);
        },
        onFailed: (error) => {
          if (host !== null) host.#fail(error);
        },
        ...(options.segmentBytes === undefined ? {} : { segmentBytes: options.segmentBytes }),
        ...(options.disk === undefined ? {} : { disk: options.disk }),
      });
      closing.push(() => wal.close());
      await directory.beginLife();
      host = new Host(options, storage, { directory, acquaintances, wal });
      const transport = host.#transport;
      closing.push(() => transport.close());
      await host.#start(records);
      return host;
    } catch (error) {
      for (const close of closing.reverse()) await close();
      throw error;
    }
  }

  private constructor(options: HostOptions, storage: LazyEngine, kept: Kept | null) {
    this.node = options.node;
    this.#options = options;
    this.#storage = storage;
    this.#kept = kept;
    this.#outside = address(options.node, OUTSIDE);
    this.#transport = new Transport({
      node: options.node,
      cluster: options.cluster,
      peers: new Map(),
      onMessage: (to, from, message) => this.#onMessage(to, address(from.node, from.process), message),
      ...(kept === null ? {} : { lineage: kept.directory.lineage, acquaintances: kept.acquaintances }),
      ...(options.onLog === undefined ? {} : { onLog: options.onLog }),
      ...(options.frameBytesMax === undefined ? {} : { frameBytesMax: options.frameBytesMax }),
    });
  }

  /** Where peers reach this node: with the port that was taken if 0 was asked for. */
  get endpoint(): Endpoint | null {
    return this.#endpoint;
  }

  get metrics(): Readonly<TransportMetrics> {
    return this.#transport.metrics;
  }

  /**
   * Gives a process a message from outside of the protocol, or from a node that is no peer. It is handled soon, not
   * before this returns.
   */
  deliver<M extends Message>(process: string, message: M, from: Address = this.#outside): void {
    this.#enqueue(this.#resident(process), { type: 'message', from, message });
  }

  /** A process's state, to be read and never to be changed. */
  inspect(process: string): AnyProcess {
    return this.#resident(process).process;
  }

  isConnected(node: NodeId): boolean {
    return this.#transport.isConnected(node);
  }

  setPeers(peers: ReadonlyMap<NodeId, Endpoint>): void {
    this.#transport.setPeers(peers);
  }

  /** Stops handling events, writes what was persisted, and lets go of the directory. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#stop('closing');
    await this.#transport.close();
    await this.#kept?.wal.close(); // what becomes durable by that is still output
    await this.#storage.close();
    await this.#kept?.acquaintances.close();
    await this.#kept?.directory.close();
  }

  async #start(records: ReadonlyMap<string, readonly Uint8Array[]>): Promise<void> {
    const random = new Random(randomBytes(16).toString('hex'));
    const processes = this.#options.definition({ node: this.node, storage: (name) => this.#storage.storage(name) });
    for (const [name, process] of processes) this.#residents.set(name, this.#settle(name, process, random));
    for (const name of records.keys()) {
      if (!processes.has(name))
        throw new Error(`the log has records of process "${name}", which this node does not run`);
    }
    for (const resident of this.#residents.values()) {
      for (const bytes of records.get(resident.name) ?? []) {
        resident.context.now = now();
        step(resident.process, { type: 'recover', record: decode(bytes) }, resident.context);
      }
    }
    if (this.#options.listen !== null) this.#endpoint = await this.#transport.listen(this.#options.listen);
    for (const resident of this.#residents.values()) this.#enqueue(resident, { type: 'start' });
    this.#state = 'running';
    this.#transport.setPeers(this.#options.peers);
    this.#schedule();
    await Promise.resolve(); // the processes have started by now
    this.#isOpen = true;
    if (this.#failure !== null) throw new NodeStartError(this.#failure, this.#options);
  }

  #settle(name: string, process: AnyProcess, random: Random): Resident {
    const self = address(this.node, name);
    const resident: Resident = {
      name,
      process,
      context: { self, now: now(), choose: (count) => random.integer(count) },
      outbox: new Outbox((effect) => this.#depart(resident, effect)),
      timers: new Timers(now, (armed) => this.#enqueue(resident, { type: 'timer', timer: armed.timer }, armed)),
    };
    return resident;
  }

  #resident(name: string): Resident {
    const resident = this.#residents.get(name);
    if (resident === undefined) throw new Error(`node "${this.node}" has no process "${name}"`);
    return resident;
  }

  #onMessage(to: string, from: Address, message: Message): void {
    const resident = this.#residents.get(to);
    if (resident === undefined)
      this.#options.onLog?.(`a message '${message.type}' from ${from} is for no process: "${to}"`);
    else this.#enqueue(resident, { type: 'message', from, message });
  }

  #enqueue(resident: Resident, event: Event, armed: Armed | null = null): void {
    if (this.#state === 'closing' || this.#state === 'failed') return;
    this.#queue.push({ resident, event, armed });
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled || this.#state !== 'running') return;
    this.#isScheduled = true;
    queueMicrotask(() => this.#drain());
  }

  /** Handles what is queued, including what that adds. */
  #drain(): void {
    const endMs = performance.now() + SLICE_MS_MAX;
    let handled = 0;
    let hasTimer = false;
    try {
      for (; handled < this.#queue.length && this.#state === 'running'; handled += 1) {
        if (handled % EVENTS_PER_CLOCK_READ === EVENTS_PER_CLOCK_READ - 1 && performance.now() > endMs) break;
        const pending = this.#queue[handled] as Pending;
        this.#handle(pending);
        hasTimer ||= pending.armed !== null;
      }
      if (hasTimer) this.#transport.flush(); // a timer that gathered a batch has waited long enough
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)));
    }
    this.#queue = handled >= this.#queue.length ? [] : this.#queue.slice(handled);
    this.#isScheduled = this.#queue.length > 0 && this.#state === 'running';
    if (this.#isScheduled) setImmediate(() => this.#drain()); // sockets and timers get their turn first
  }

  #handle({ resident, event, armed }: Pending): void {
    if (armed !== null && !resident.timers.take(armed)) return;
    resident.context.now = now();
    const effects = step(resident.process, event, resident.context);
    for (const effect of effects) this.#perform(resident, effect);
  }

  #perform(resident: Resident, effect: Effect): void {
    const wal = this.#kept?.wal;
    switch (effect.type) {
      case 'send':
      case 'output':
        resident.outbox.add(effect);
        break;
      case 'persist':
        if (wal !== undefined) resident.outbox.persisted(wal.append(resident.name, encode(effect.record)));
        break;
      case 'checkpoint':
        if (wal !== undefined) {
          resident.outbox.persisted(wal.checkpoint(resident.name, effect.records.map(encode)));
        }
        break;
      case 'setTimer':
        resident.timers.set(effect.timer, effect.minMs + Math.random() * (effect.maxMs - effect.minMs));
        break;
      case 'cancelTimer':
        resident.timers.cancel(effect.timer);
        break;
      case 'flush':
        this.#flush(resident, effect.done);
        break;
      default:
        effect satisfies never;
    }
  }

  /** What the output rule lets go. */
  #depart(resident: Resident, effect: Departing): void {
    if (effect.type === 'output') {
      this.#options.onOutput(resident.name, effect.output);
    } else if (nodeOf(effect.to) === this.node) {
      this.#onMessage(processOf(effect.to), resident.context.self, effect.message);
    } else if (this.#options.onDeparture !== undefined && !this.#transport.isPeer(nodeOf(effect.to))) {
      this.#options.onDeparture(effect.to, effect.message);
    } else {
      this.#transmit(effect.to, resident.context.self, effect.message);
    }
  }

  /** A message that no connection takes is lost, as messages may be: a node must not stop for what it was asked. */
  #transmit(to: Address, from: Address, message: Message): void {
    try {
      this.#transport.send(to, from, message);
    } catch (error) {
      if (!(error instanceof MessageTooLargeError)) throw error;
      this.#options.onLog?.(`a message from ${from} to ${to} is lost: ${error.message}`);
    }
    this.#scheduleTransmission();
  }

  /** One write a peer for all that is sent while the event loop goes through what has arrived: worth 10 times the speed. */
  #scheduleTransmission(): void {
    if (this.#isTransmitting) return;
    this.#isTransmitting = true;
    setImmediate(() => {
      this.#isTransmitting = false;
      this.#transport.flush();
    });
  }

  /** A process's storage is the one of its name; one without flushes all of its node's. */
  #flush(resident: Resident, done: Message): void {
    const flushed = this.#storage.opened(resident.name).map((storage) => storage.flush());
    Promise.all(flushed).then(
      () => this.#enqueue(resident, { type: 'message', from: resident.context.self, message: done }),
      (error) =>
        this.#fail(new Error(`cannot flush the storage of "${resident.name}": ${String(error)}`, { cause: error })),
    );
  }

  #onDurable(position: number): void {
    if (this.#state === 'failed') return;
    try {
      for (const resident of this.#residents.values()) resident.outbox.release(position);
      this.#transport.flush();
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** A node stops before it lies: nothing more is handled, sent or output. */
  #fail(error: Error): void {
    if (this.#state === 'failed' || this.#state === 'closing') return;
    this.#stop('failed');
    this.#failure = error;
    void this.#transport.close();
    if (this.#isOpen) this.#options.onFatal(error);
  }

  #stop(state: 'closing' | 'failed'): void {
    this.#state = state;
    this.#queue = [];
    for (const { timers } of this.#residents.values()) timers.close();
  }
}

/** Never going back, and the same for all processes of this machine's runs: close to the time of day. */
function now(): number {
  return performance.timeOrigin + performance.now();
}

/** Opens the storage engine when the first storage is asked for: most protocols need none. */
class LazyEngine {
  readonly #open: () => StorageEngine;
  readonly #storages = new Map<string, DurableStorage>();
  #engine: StorageEngine | null = null;

  constructor(open: () => StorageEngine) {
    this.#open = open;
  }

  storage(name: string): DurableStorage {
    let storage = this.#storages.get(name);
    if (storage === undefined) {
      this.#engine ??= this.#open();
      storage = this.#engine.storage(name);
      this.#storages.set(name, storage);
    }
    return storage;
  }

  /** The process's own storage, or else all. */
  opened(process: string): DurableStorage[] {
    const own = this.#storages.get(process);
    return own === undefined ? [...this.#storages.values()] : [own];
  }

  async close(): Promise<void> {
    await this.#engine?.close();
  }
}
