import {
  type Address,
  type AnyProcess,
  address,
  clone,
  type Effect,
  type Event,
  equal,
  equalInOrder,
  hashHex,
  MemoryStorage,
  type Message,
  type NodeDefinition,
  type NodeId,
  nodeOf,
  print,
  processOf,
  step,
  type Timer,
  type TraceStep,
} from '../../kernel/index.ts';
import {
  type ArmedTimer,
  type Envelope,
  type Flush,
  type Held,
  inNormalOrder,
  type LocalMessage,
  type NodeState,
  type Seen,
  type StorageState,
} from './node-state.ts';
import { StorageHandle, withStorages } from './storage-handle.ts';

/** What can happen to a node. */
export type NodeEvent =
  | { readonly type: 'boot' }
  | { readonly type: 'crash' }
  | { readonly type: 'deliver'; readonly envelope: Envelope }
  | { readonly type: 'local'; readonly message: LocalMessage }
  | { readonly type: 'timer'; readonly timer: ArmedTimer }
  /** The disk holds the oldest record that it did not hold yet. */
  | { readonly type: 'synced' }
  | { readonly type: 'flushed'; readonly flush: Flush };

/** One way an event can go, by what `choose` drew. */
export interface Branch extends Doings {
  readonly state: NodeState;
}

/** What a node did in an event, besides going to another state. */
export interface Doings {
  readonly sent: readonly Envelope[];
  readonly seen: readonly Seen[];
  readonly chosen: readonly number[];
}

/** Whether a disk is done at once, or when the checker says so. */
export type Disk = 'immediate' | 'explicit';

/** Whether clocks stand still, or a timer that fires takes its node's clock to its shortest length. */
export type Clocks = 'still' | 'byTimers';

export interface Surroundings {
  readonly node: NodeId;
  readonly definition: NodeDefinition;
  readonly disk: Disk;
  readonly clocks: Clocks;
}

/** Every way an event can go for a node in a state. Throws what a process throws. */
export function branches(state: NodeState, event: NodeEvent, around: Surroundings): Branch[] {
  const found: Branch[] = [];
  let plan: number[] | null = [];
  while (plan !== null) {
    const draw = new Draw(plan);
    found.push(new NodeStep(state, around, draw).run(event));
    plan = draw.next();
  }
  return found;
}

/** What an event that goes as chosen looks like in a trace, up to where a process throws, if one does. */
export function traceOf(
  state: NodeState,
  event: NodeEvent,
  around: Surroundings,
  { at, chosen }: { readonly at: number; readonly chosen: readonly number[] },
): TraceStep[] {
  const traced: TraceStep[] = [];
  const nodeStep = new NodeStep(state, around, new Draw(chosen), (step) => traced.push({ ...step, at }));
  try {
    nodeStep.run(event);
  } catch (error) {
    if (!traced.some((step) => 'process' in step && step.error !== undefined)) throw error;
  }
  return traced;
}

/** Draws as planned, then always the first; knows the plan that comes after in the order of all. */
class Draw {
  readonly #plan: readonly number[];
  readonly chosen: number[] = [];
  readonly #counts: number[] = [];

  constructor(plan: readonly number[]) {
    this.#plan = plan;
  }

  readonly choose = (count: number): number => {
    const index = this.#plan[this.chosen.length] ?? 0;
    this.chosen.push(index);
    this.#counts.push(count);
    return index;
  };

  next(): number[] | null {
    for (let last = this.chosen.length - 1; last >= 0; last -= 1) {
      const index = (this.chosen[last] ?? 0) + 1;
      if (index < (this.#counts[last] ?? 0)) return [...this.chosen.slice(0, last), index];
    }
    return null;
  }
}

/** Performs one event on a copy of a node's state, copying only what the event touches. */
class NodeStep {
  readonly #around: Surroundings;
  readonly #draw: Draw;
  readonly #sent: Envelope[] = [];
  readonly #seen: Seen[] = [];
  readonly #record: ((step: TraceStep) => void) | null;

  #now: number;
  #up: boolean;
  #processes: ReadonlyMap<string, AnyProcess>;
  #timers: readonly ArmedTimer[];
  #local: readonly LocalMessage[];
  #records: ReadonlyMap<string, readonly unknown[]>;
  #held: readonly Held[];
  #flushes: readonly Flush[];
  #storages: ReadonlyMap<string, StorageState>;
  readonly #ownStorages = new Set<string>();

  constructor(state: NodeState, around: Surroundings, draw: Draw, record: ((step: TraceStep) => void) | null = null) {
    this.#around = around;
    this.#draw = draw;
    this.#record = record;
    this.#now = state.now;
    this.#up = state.up;
    this.#processes = state.processes;
    this.#timers = state.timers;
    this.#local = state.local;
    this.#records = state.records;
    this.#held = state.held;
    this.#flushes = state.flushes;
    this.#storages = state.storages;
  }

  run(event: NodeEvent): Branch {
    switch (event.type) {
      case 'boot':
        this.#boot();
        break;
      case 'crash':
        this.#crash();
        break;
      case 'deliver':
        this.#give(processOf(event.envelope.to), event.envelope.from, event.envelope.message);
        break;
      case 'local':
        this.#local = withoutFirst(this.#local, (message) => message === event.message);
        this.#give(event.message.to, this.#at(event.message.from), event.message.message);
        break;
      case 'timer':
        this.#timers = withoutFirst(this.#timers, (timer) => timer === event.timer);
        this.#now = Math.max(this.#now, event.timer.dueMs);
        this.#step(event.timer.process, { type: 'timer', timer: event.timer.timer });
        break;
      case 'synced':
        this.#syncRecord();
        break;
      case 'flushed':
        this.#flushes = withoutFirst(this.#flushes, (flush) => flush === event.flush);
        this.#completeFlush(event.flush);
        break;
      default:
        event satisfies never;
    }
    return { state: this.#state(), sent: this.#sent, seen: this.#seen, chosen: this.#draw.chosen };
  }

  #state(): NodeState {
    return {
      now: this.#now,
      up: this.#up,
      processes: this.#processes,
      timers: inNormalOrder(this.#timers, (timer) => `${timer.process}/${hashHex(timer)}`),
      local: inQueueOrder(this.#local),
      records: this.#records,
      held: this.#held,
      flushes: this.#flushes,
      storages: this.#storages,
    };
  }

  #boot(): void {
    const { node, definition } = this.#around;
    this.#note({ at: 0, node, type: 'boot' });
    this.#up = true;
    const boot = { node, storage: (name: string) => new StorageHandle(node, name) };
    this.#processes = this.#withStorages(() => definition(boot), null);
    for (const name of this.#processes.keys()) {
      for (const record of this.#records.get(name) ?? []) this.#step(name, { type: 'recover', record: clone(record) });
      this.#step(name, { type: 'start' });
    }
  }

  #crash(): void {
    this.#note({ at: 0, node: this.#around.node, type: 'crash' });
    this.#up = false;
    this.#processes = new Map();
    this.#timers = [];
    this.#local = [];
    this.#held = [];
    this.#flushes = [];
    for (const name of this.#storages.keys()) this.#storage(name, null).crash();
  }

  #give(to: string, from: Address, message: Message): void {
    if (this.#processes.has(to)) this.#step(to, { type: 'message', from, message });
  }

  #step(name: string, event: Event): void {
    const before = this.#processes.get(name);
    if (before === undefined) return;
    const process = clone(before);
    const effects = this.#effects(name, process, event);
    this.#processes = new Map(this.#processes).set(name, process);
    for (const effect of effects) this.#perform(name, effect);
  }

  #effects(name: string, process: AnyProcess, event: Event): Effect[] {
    const context = { self: this.#at(name), now: this.#now, choose: this.#draw.choose };
    const drawn = this.#draw.chosen.length;
    const traced = { at: 0, now: this.#now, process: context.self, event };
    try {
      const given = event.type === 'message' ? { ...event, message: clone(event.message) } : event;
      const effects = this.#withStorages(() => step(process, given, context), name);
      if (event.type === 'message' && given.type === 'message' && !equalInOrder(given.message, event.message)) {
        throw new Error(
          `${context.self} changes the message that it receives, which its sender and others share: into ${print(given.message)}; have it change a copy`,
        );
      }
      this.#note({ ...traced, choices: this.#draw.chosen.slice(drawn), effects });
      return effects;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#note({ ...traced, choices: this.#draw.chosen.slice(drawn), effects: [], error: message });
      throw error;
    }
  }

  #note(step: TraceStep): void {
    this.#record?.(step);
  }

  #perform(name: string, effect: Effect): void {
    switch (effect.type) {
      case 'send':
      case 'output':
        if (!effect.early && this.#holds(name)) this.#held = [...this.#held, { process: name, effect }];
        else this.#leave(name, effect);
        break;
      case 'setTimer':
        this.#cancel(name, effect.timer);
        this.#arm(name, effect);
        break;
      case 'cancelTimer':
        this.#cancel(name, effect.timer);
        break;
      case 'persist':
      case 'checkpoint':
        if (this.#around.disk === 'explicit') this.#held = [...this.#held, { process: name, effect }];
        else this.#makeDurable(name, effect);
        break;
      case 'flush':
        this.#flush({ process: name, done: effect.done });
        break;
      default:
        effect satisfies never;
    }
  }

  #holds(name: string): boolean {
    return this.#held.some(({ process, effect }) => process === name && isRecord(effect));
  }

  #leave(name: string, effect: Extract<Effect, { type: 'send' | 'output' }>): void {
    const at = this.#at(name);
    if (effect.type === 'output') {
      this.#seen.push({ type: 'output', at, output: effect.output });
    } else if (nodeOf(effect.to) === this.#around.node) {
      this.#local = [...this.#local, { from: name, to: processOf(effect.to), message: effect.message }];
    } else {
      this.#sent.push({ from: at, to: effect.to, message: effect.message });
    }
  }

  #arm(process: string, { timer, minMs, maxMs }: Extract<Effect, { type: 'setTimer' }>): void {
    const dueMs = this.#around.clocks === 'byTimers' ? this.#now + minMs : 0;
    this.#timers = [...this.#timers, { process, timer, minMs, maxMs, dueMs }];
  }

  #cancel(name: string, timer: Timer): void {
    this.#timers = withoutFirst(this.#timers, (armed) => armed.process === name && equal(armed.timer, timer));
  }

  #makeDurable(name: string, effect: Extract<Effect, { type: 'persist' | 'checkpoint' }>): void {
    const before = this.#records.get(name) ?? [];
    const after = effect.type === 'persist' ? [...before, clone(effect.record)] : clone(effect.records);
    this.#records = withEntry(this.#records, name, after);
  }

  /** The log is one queue for the node: the oldest record becomes durable, and what its process held goes on to the next. */
  #syncRecord(): void {
    const oldest = this.#held.find(({ effect }) => isRecord(effect));
    if (oldest === undefined) return;
    const { process } = oldest;
    if (oldest.effect.type === 'persist' || oldest.effect.type === 'checkpoint') {
      this.#makeDurable(process, oldest.effect);
    }
    const kept: Held[] = [];
    let waits = false;
    for (const held of this.#held) {
      if (held === oldest) continue;
      if (held.process === process && isRecord(held.effect)) waits = true;
      const free = held.process === process && !waits;
      if (free && (held.effect.type === 'send' || held.effect.type === 'output')) this.#leave(process, held.effect);
      else kept.push(held);
    }
    this.#held = kept;
  }

  #flush(flush: Flush): void {
    for (const [name, { writers }] of this.#storages) {
      if (!writers.includes(flush.process)) continue;
      this.#note({ at: 0, node: this.#around.node, type: 'beginFlush', storage: name });
      this.#storage(name, flush.process).beginFlush();
    }
    if (this.#around.disk === 'explicit') this.#flushes = [...this.#flushes, flush];
    else this.#completeFlush(flush);
  }

  #completeFlush({ process, done }: Flush): void {
    for (const [name, { writers }] of this.#storages) {
      if (!writers.includes(process)) continue;
      this.#note({ at: 0, node: this.#around.node, type: 'completeFlush', storage: name });
      this.#storage(name, process).completeFlush();
    }
    this.#local = [...this.#local, { from: process, to: process, message: done }];
  }

  #withStorages<T>(use: () => T, writer: string | null): T {
    return withStorages((_node, name, how) => {
      if (how === 'write') return this.#storage(name, writer);
      return this.#storages.get(name)?.storage ?? new MemoryStorage();
    }, use);
  }

  /** The step's own copy of a storage. */
  #storage(name: string, writer: string | null): MemoryStorage {
    const known = this.#storages.get(name);
    const writers = known?.writers ?? [];
    const named = writer === null || writers.includes(writer) ? writers : [...writers, writer].sort();
    if (known !== undefined && this.#ownStorages.has(name) && named === writers) return known.storage;
    const storage = known === undefined ? new MemoryStorage() : clone(known.storage);
    this.#ownStorages.add(name);
    this.#storages = withEntry(this.#storages, name, { storage, writers: named });
    return storage;
  }

  #at(name: string): Address {
    return address(this.#around.node, name);
  }
}

/** A copy with an entry set, in an order that does not tell which came first. */
function withEntry<T>(entries: ReadonlyMap<string, T>, name: string, value: T): ReadonlyMap<string, T> {
  const all = new Map(entries).set(name, value);
  return entries.has(name) ? all : new Map([...all].sort(([a], [b]) => compare(a, b)));
}

function isRecord(effect: Held['effect']): boolean {
  return effect.type === 'persist' || effect.type === 'checkpoint';
}

function withoutFirst<T>(items: readonly T[], matches: (item: T) => boolean): readonly T[] {
  const index = items.findIndex(matches);
  return index === -1 ? items : items.toSpliced(index, 1);
}

/** Only the order within a pair of processes can be told, so pairs come sorted. */
function inQueueOrder(messages: readonly LocalMessage[]): readonly LocalMessage[] {
  return messages.length < 2 ? messages : messages.toSorted((a, b) => compare(a.from, b.from) || compare(a.to, b.to));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
