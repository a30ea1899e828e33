import {
  type Address,
  address,
  clone,
  decode,
  type Effect,
  encode,
  MemoryStorage,
  type Message,
  type NodeDefinition,
  type NodeId,
  print,
  type Timer,
} from '../kernel/index.ts';
import type { NodeClock } from './clock.ts';
import { drawUs, toUs } from './delay.ts';
import type { Engine } from './engine.ts';
import type { Delay } from './options.ts';
import { type ArmedTimer, type Departing, Resident } from './resident.ts';
import { type Wreckage, WriteAheadLog } from './write-ahead-log.ts';

/** A flush that the disk has yet to finish. */
interface Flush {
  readonly resident: Resident;
  readonly done: Message;
  readonly storages: readonly MemoryStorage[];
}

/** One simulated node: its clock, its disk, and, while it is up, its processes. */
export class Machine {
  readonly id: NodeId;
  readonly clock: NodeClock;
  readonly residents: Map<string, Resident> = new Map();
  /** Counts the crashes, and so tells what belongs to an earlier life. */
  life = 0;
  isUp = false;
  /** What makes its disk slow now: each by how many times. */
  readonly diskFactors: Map<object, number> = new Map();
  /** Until then the disk does nothing at all. */
  diskStalledUntil = 0;
  readonly #engine: Engine;
  readonly #definition: NodeDefinition;
  readonly #log = new WriteAheadLog();
  readonly #storages = new Map<string, MemoryStorage>();
  #isSyncing = false;
  #isPaused = false;
  #pausedUntil = 0;
  /** What happened while the node was paused, in order. */
  #backlog: (() => void)[] = [];
  readonly #flushes: Flush[] = [];

  constructor(id: NodeId, definition: NodeDefinition, clock: NodeClock, engine: Engine) {
    this.id = id;
    this.clock = clock;
    this.#definition = definition;
    this.#engine = engine;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Starts the node's processes, giving each its durable records first. */
  boot(): void {
    if (this.isUp) throw new Error(`node '${this.id}' is up already`);
    this.isUp = true;
    this.clock.reboot();
    this.#log.recover();
    const processes = this.#definition({ node: this.id, storage: (name) => this.#storage(name) });
    const { choices } = this.#engine.random;
    const choose = (count: number): number => choices.integer(count);
    for (const [name, process] of processes) {
      const resident = new Resident(this, name, address(this.id, name), process, choose);
      this.residents.set(name, resident);
      this.#engine.endpoint(resident.address).resident = resident;
    }
    const started = [...this.residents.values()];
    for (const resident of started) this.#recover(resident);
    for (const resident of started) {
      if (resident.isAlive) this.#engine.step(resident, { type: 'start' });
    }
  }

  /** Ends this life: memory is gone, and of what was not yet durable, some may be. */
  crash(wreckage?: Wreckage): void {
    if (!this.isUp) throw new Error(`node '${this.id}' is down already`);
    this.isUp = false;
    this.life += 1;
    for (const resident of this.residents.values()) this.#engine.endpoint(resident.address).resident = null;
    this.residents.clear();
    this.#backlog = [];
    this.#isPaused = false;
    this.#pausedUntil = 0;
    this.#isSyncing = false;
    this.#crashDisk(wreckage ?? this.#drawWreckage());
  }

  /** Nothing is processed until then, or until `resume`; the clock goes on and messages queue up. */
  pause(until: number): void {
    this.#isPaused = true;
    this.#pausedUntil = Math.max(this.#pausedUntil, until);
    if (until < Number.POSITIVE_INFINITY) this.#engine.at(until, () => this.#drain());
  }

  resume(): void {
    this.#pausedUntil = 0;
    this.#drain();
  }

  /** Runs what belongs to a life of this node: now, when it is no longer paused, or never if that life is over. */
  whenRunning(life: number, run: () => void): void {
    if (!this.isUp || this.life !== life) return;
    if (this.#isPaused) this.#backlog.push(run);
    else run();
  }

  /** Performs what a step asked for, in order. */
  perform(resident: Resident, effects: readonly Effect[]): void {
    for (let index = 0; index < effects.length; index += 1) {
      this.#performOne(resident, effects[index] as Effect);
      if (!resident.isAlive) return;
    }
    if (this.#log.unsyncedCount > 0 && !this.#isSyncing) this.#startSync();
  }

  /** Looks at a timer at the time for which it was queued. */
  onTimerDue(resident: Resident, key: string, queuedAt: number): void {
    if (!resident.isAlive) return;
    if (this.#isPaused) {
      this.#backlog.push(() => this.onTimerDue(resident, key, queuedAt));
      return;
    }
    const armed = resident.timers.get(key);
    if (armed === undefined || armed.queuedAt !== queuedAt) return;
    armed.queuedAt = Number.POSITIVE_INFINITY;
    if (this.clock.read(this.#engine.nowUs) < armed.dueLocalUs) {
      this.#queueTimer(resident, key, armed);
      return;
    }
    resident.timers.delete(key);
    this.#engine.statistics.timersFired += 1;
    this.#engine.step(resident, { type: 'timer', timer: armed.timer });
  }

  /** The clock was changed: what was computed from it is computed anew. */
  onClockChange(): void {
    for (const resident of this.residents.values()) {
      for (const [key, armed] of resident.timers) this.#queueTimer(resident, key, armed);
    }
  }

  #performOne(resident: Resident, effect: Effect): void {
    switch (effect.type) {
      case 'send':
      case 'output':
        if (effect.early || resident.persisted <= this.#log.durable) this.#depart(resident, effect);
        else resident.held.push({ after: resident.persisted, effect });
        return;
      case 'setTimer':
        this.#setTimer(resident, effect);
        return;
      case 'cancelTimer':
        resident.timers.delete(timerKey(effect.timer));
        return;
      case 'persist':
        this.#engine.statistics.records += 1;
        resident.persisted = this.#log.append(resident.name, this.#write(effect.record));
        return;
      case 'checkpoint':
        resident.persisted = this.#log.checkpoint(
          resident.name,
          effect.records.map((record) => this.#write(record)),
        );
        return;
      case 'flush':
        this.#beginFlush(resident, effect.done);
        return;
      default:
        effect satisfies never;
    }
  }

  #depart(resident: Resident, effect: Departing): void {
    const engine = this.#engine;
    if (effect.type === 'output') {
      engine.output(resident, effect);
      return;
    }
    this.#sendTo(resident, effect.to, effect.message);
  }

  #sendTo(resident: Resident, at: Address, message: Message): void {
    const to = this.#engine.endpoint(at);
    const parcel = { from: resident.address, to, message, sealed: this.#engine.seal(message, resident.address) };
    if (to.node === this.id) this.#engine.deliverLocally(resident, parcel);
    else this.#engine.deliverRemotely(this.id, parcel);
  }

  #setTimer(resident: Resident, effect: Extract<Effect, { type: 'setTimer' }>): void {
    const { minMs, maxMs } = effect;
    const lengthMs = minMs === maxMs ? minMs : this.#engine.random.timers.between(minMs, maxMs);
    const key = timerKey(effect.timer);
    const dueLocalUs = this.clock.read(this.#engine.nowUs) + Math.max(1, Math.min(toUs(lengthMs), toUs(maxMs)));
    const armed = resident.timers.get(key) ?? { timer: effect.timer, dueLocalUs, queuedAt: Number.POSITIVE_INFINITY };
    armed.dueLocalUs = dueLocalUs;
    resident.timers.set(key, armed);
    this.#queueTimer(resident, key, armed);
  }

  /** Queues a look at the timer, unless one is queued already that is early enough to queue the next. */
  #queueTimer(resident: Resident, key: string, armed: ArmedTimer): void {
    const { nowUs } = this.#engine;
    const at = Math.max(this.clock.whenShows(armed.dueLocalUs, nowUs), nowUs + 1);
    if (armed.queuedAt <= at) return;
    armed.queuedAt = at;
    this.#engine.wakeTimer(at, resident, key);
  }

  #drain(): void {
    if (!this.#isPaused || this.#engine.nowUs < this.#pausedUntil) return;
    this.#isPaused = false;
    const backlog = this.#backlog;
    this.#backlog = [];
    const { life } = this;
    for (const run of backlog) {
      // What one of them does may pause or crash the node again.
      this.whenRunning(life, run);
    }
  }

  /** One sync at a time; all that is written meanwhile joins the next. */
  #startSync(): void {
    this.#isSyncing = true;
    const upTo = this.#log.last;
    const { life } = this;
    this.#engine.statistics.syncs += 1;
    this.#engine.at(this.#diskDone(this.#engine.disk.sync), () => {
      if (!this.isUp || this.life !== life) return;
      this.#log.makeDurable(upTo);
      this.whenRunning(life, () => this.#onSynced());
    });
  }

  #onSynced(): void {
    this.#isSyncing = false;
    if (this.#log.unsyncedCount > 0) this.#startSync();
    for (const resident of this.residents.values()) this.#release(resident);
  }

  #release(resident: Resident): void {
    const { held } = resident;
    let count = 0;
    while (count < held.length && (held[count] as (typeof held)[number]).after <= this.#log.durable) count += 1;
    for (const { effect } of held.splice(0, count)) {
      if (!resident.isAlive) return;
      this.#depart(resident, effect);
    }
  }

  /** What is written is set aside at once; the disk takes one flush after the other. */
  #beginFlush(resident: Resident, done: Message): void {
    const storages = this.#storagesOf(resident);
    for (const storage of storages) storage.beginFlush();
    this.#flushes.push({ resident, done, storages });
    if (this.#flushes.length === 1) this.#runFlush();
  }

  #runFlush(): void {
    const [flush] = this.#flushes;
    if (flush === undefined) return;
    this.#engine.at(this.#diskDone(this.#engine.disk.flush), () => {
      if (this.#flushes[0] !== flush) return;
      for (const storage of flush.storages) storage.completeFlush();
      this.#flushes.shift();
      const { resident, done } = flush;
      this.whenRunning(resident.life, () => this.#sendTo(resident, resident.address, done));
      this.#runFlush();
    });
  }

  /** The storage that has the process's name; a process that has none of its own flushes all of its node's. */
  #storagesOf(resident: Resident): MemoryStorage[] {
    const own = this.#storages.get(resident.name);
    return own === undefined ? [...this.#storages.values()] : [own];
  }

  #diskDone(delay: Delay): number {
    const { nowUs, random } = this.#engine;
    let duration = drawUs(delay, random.disk);
    for (const factor of this.diskFactors.values()) duration *= factor;
    return Math.max(nowUs, this.diskStalledUntil) + Math.max(1, Math.round(duration));
  }

  #drawWreckage(): Wreckage {
    const { disk, random } = this.#engine;
    const { unsyncedCount } = this.#log;
    if (unsyncedCount === 0) return { survivors: 0, torn: false };
    const survivors = random.disk.chance(disk.survival) ? random.disk.integer(unsyncedCount + 1) : 0;
    return { survivors, torn: random.disk.chance(disk.tornWrites) };
  }

  #crashDisk(wreckage: Wreckage): void {
    const { statistics } = this.#engine;
    const survivors = Math.min(wreckage.survivors, this.#log.unsyncedCount);
    const lost = this.#log.unsyncedCount - survivors;
    statistics.survivingRecords += survivors;
    statistics.lostRecords += lost;
    if (wreckage.torn && lost > 0) statistics.tornRecords += 1;
    this.#log.crash(wreckage);
    statistics.lostFlushes += this.#flushes.length;
    this.#flushes.length = 0;
    for (const storage of this.#storages.values()) storage.crash();
  }

  #recover(resident: Resident): void {
    for (const record of this.#log.recordsOf(resident.name)) {
      this.#engine.recover(resident, this.#read(record));
    }
  }

  /** On its way to the disk a record becomes bytes; outside of paranoid runs that is only pretended. */
  #write(record: unknown): unknown {
    return this.#engine.paranoid ? encode(record) : record;
  }

  #read(stored: unknown): unknown {
    return this.#engine.paranoid ? decode(stored as Uint8Array) : clone(stored);
  }

  #storage(name: string): MemoryStorage {
    let storage = this.#storages.get(name);
    if (storage === undefined) {
      storage = new MemoryStorage();
      this.#storages.set(name, storage);
    }
    return storage;
  }
}

function timerKey(timer: Timer): string {
  return typeof timer === 'string' ? timer : print(timer);
}
