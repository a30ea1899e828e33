import { clone, decode, encode, MemoryStorage } from '../kernel/index.ts';
import { drawUs } from './delay.ts';
import type { Engine } from './engine.ts';
import type { Delay } from './options.ts';
import { type Wreckage, WriteAheadLog } from './write-ahead-log.ts';

const FLUSH_NOTE_US_MAX = 5_000;

/** Storages by name, all of which become durable together. */
type Flushing = readonly (readonly [name: string, storage: MemoryStorage])[];

/** A flush that the disk has yet to finish. */
interface Flush {
  readonly storages: Flushing;
  readonly done: () => void;
}

/** A sync of the write-ahead log that the disk has yet to finish. */
interface Sync {
  readonly upTo: number;
  readonly done: () => void;
}

/** What of a node outlives its crashes: its write-ahead log and its storages. */
export class Disk {
  readonly #node: string;
  readonly #engine: Engine;
  readonly #log = new WriteAheadLog();
  readonly #storages = new Map<string, MemoryStorage>();
  readonly #slownesses = new Map<object, number>();
  readonly #fillings = new Set<object>();
  #isRotten = false;
  #hasFlushed = false;
  #flushes: Flush[] = [];
  #syncs = new Set<Sync>();
  #stalledUntil = 0;

  constructor(node: string, engine: Engine) {
    this.#node = node;
    this.#engine = engine;
  }

  /** The number of the last entry that is durable for certain. */
  get durable(): number {
    return this.#log.durable;
  }

  get hasUnsynced(): boolean {
    return this.#log.unsyncedCount > 0;
  }

  append(process: string, record: unknown): number {
    this.#engine.statistics.records += 1;
    return this.#log.append(process, this.#write(record));
  }

  checkpoint(process: string, records: readonly unknown[]): number {
    const written = records.map((record) => this.#write(record));
    return this.#log.checkpoint(process, written);
  }

  recordsOf(process: string): unknown[] {
    return this.#log.recordsOf(process).map((stored) => this.#read(stored));
  }

  storage(name: string): MemoryStorage {
    let storage = this.#storages.get(name);
    if (storage === undefined) {
      storage = new MemoryStorage();
      this.#storages.set(name, storage);
    }
    return storage;
  }

  /** Makes all entries of now durable in a while, unless the node crashes before. */
  sync(done: () => void): void {
    const sync: Sync = { upTo: this.#log.last, done };
    this.#engine.statistics.syncs += 1;
    this.#syncs.add(sync);
    this.#runSync(sync);
  }

  /**
   * Sets aside at once what is in the process's storage; the disk takes one flush after the other. The storage of a
   * process is the one that has its name; a process that has none of its own flushes all of its node's.
   */
  flush(process: string, done: () => void): void {
    const own = this.#storages.get(process);
    const storages: Flushing = own === undefined ? [...this.#storages] : [[process, own]];
    for (const [name, storage] of storages) {
      this.#record('beginFlush', name);
      storage.beginFlush();
    }
    this.#flushes.push({ storages, done });
    if (this.#flushes.length === 1) this.#runFlush();
  }

  crash(wreckage: Wreckage | undefined): void {
    const { statistics } = this.#engine;
    const { survivors, torn } = wreckage ?? this.#drawWreckage();
    const surviving = Math.min(survivors, this.#log.unsyncedCount);
    const lost = this.#log.unsyncedCount - surviving;
    statistics.survivingRecords += surviving;
    statistics.lostRecords += lost;
    if (torn && lost > 0) statistics.tornRecords += 1;
    statistics.lostFlushes += this.#flushes.length;
    this.#syncs.clear();
    this.#log.crash({ survivors: surviving, torn });
    this.#flushes = [];
    for (const storage of this.#storages.values()) storage.crash();
  }

  recover(): void {
    if (this.#log.recover().cutTornTail) this.#engine.note(() => `${this.#node} cuts a torn record off its log`);
  }

  /** Whether recovery would find something on it that is not as it was written. */
  get isRotten(): boolean {
    return this.#isRotten;
  }

  get isFull(): boolean {
    return this.#fillings.size > 0;
  }

  /** Damages something durable; false if there is nothing yet. */
  rot(): boolean {
    this.#isRotten ||= this.#log.hasDurable || this.#hasFlushed;
    return this.#isRotten;
  }

  /** From now on there is no room, until the function returned is called. */
  fill(): () => void {
    const key = {};
    this.#fillings.add(key);
    return () => {
      this.#fillings.delete(key);
    };
  }

  /** From now on everything takes this many times as long, until the function returned is called. */
  slow(factor: number): () => void {
    const key = {};
    this.#slownesses.set(key, factor);
    return () => {
      this.#slownesses.delete(key);
      this.#hasten();
    };
  }

  /** What begins before this time begins at this time. */
  stall(until: number): void {
    this.#stalledUntil = Math.max(this.#stalledUntil, until);
  }

  /** What is under way goes on at the new speed, if that is sooner: whichever end comes first is the one that counts. */
  #hasten(): void {
    for (const sync of this.#syncs) this.#runSync(sync);
    this.#runFlush();
  }

  #runSync(sync: Sync): void {
    this.#engine.at(this.#finishes(this.#engine.disk.sync), () => {
      if (!this.#syncs.delete(sync)) return;
      this.#log.makeDurable(sync.upTo);
      sync.done();
    });
  }

  #runFlush(): void {
    const [flush] = this.#flushes;
    if (flush === undefined) return;
    this.#engine.at(this.#finishes(this.#engine.disk.flush), () => {
      if (this.#flushes[0] !== flush) return;
      this.#flushes.shift();
      for (const [name, storage] of flush.storages) {
        this.#record('completeFlush', name);
        storage.completeFlush();
      }
      this.#hasFlushed = true;
      // Nobody hears of it at once: meanwhile what is read of the storage is newer than what its process knows of.
      this.#engine.at(this.#engine.nowUs + this.#engine.random.disk.integer(FLUSH_NOTE_US_MAX), flush.done);
      this.#runFlush();
    });
  }

  /** When something that begins now is finished. */
  #finishes(delay: Delay): number {
    const { nowUs, random } = this.#engine;
    // Not their product: slownesses that overlap would make one sync outlast the run.
    const factor = Math.max(1, ...this.#slownesses.values());
    return Math.max(nowUs, this.#stalledUntil) + Math.max(1, Math.round(drawUs(delay, random.disk) * factor));
  }

  #drawWreckage(): Wreckage {
    const { disk, random } = this.#engine;
    const { unsyncedCount } = this.#log;
    if (unsyncedCount === 0) return { survivors: 0, torn: false };
    const survivors = random.disk.chance(disk.survival) ? random.disk.integer(unsyncedCount + 1) : 0;
    return { survivors, torn: random.disk.chance(disk.tornWrites) };
  }

  /** On its way to the disk a record becomes bytes; outside of paranoid runs that is only pretended. */
  #write(record: unknown): unknown {
    return this.#engine.paranoid ? encode(record) : record;
  }

  #read(stored: unknown): unknown {
    return this.#engine.paranoid ? decode(stored as Uint8Array) : clone(stored);
  }

  #record(type: 'beginFlush' | 'completeFlush', storage: string): void {
    this.#engine.recorder?.onNode({ at: this.#engine.nowUs / 1000, node: this.#node, type, storage });
  }
}
