import { SortedMap } from './sorted-map.ts';
import type { Storage, View } from './storage.ts';

/** Writes over some content: null stands for a deleted key. `replaces`: nothing of the content below shows through. */
interface Layer {
  replaces: boolean;
  readonly writes: SortedMap<Uint8Array | null>;
}

/** The last flushed state of some moment: what has been flushed over it since is put back by `undo`. */
interface Pin {
  /** Null while it is the storage's own flushed content that `undo` lies over. */
  replaced: SortedMap<Uint8Array> | null;
  readonly undo: SortedMap<Uint8Array | null>;
}

/**
 * A storage in memory that loses in a crash exactly what a real one would: for the simulator, the checker and tests.
 *
 * What is flushed lies at the bottom; writes lie in a layer over it until `beginFlush` sets that layer aside, and
 * `completeFlush` puts the oldest one set aside into the flushed content. So a crash only drops layers, whatever the
 * size of the content. A pin keeps what flushes change after it. All of it is plain data, and nothing is allocated
 * before it is needed, so that an unused storage costs a checker almost nothing.
 *
 * Values are kept, not copied: neither side may change them afterwards.
 */
export class MemoryStorage implements Storage {
  private flushed: SortedMap<Uint8Array> | null = null;
  /** Oldest first; null if there is none. */
  private flushing: Layer[] | null = null;
  private written: Layer | null = null;
  private staged: SortedMap<Uint8Array | null> | null = null;
  private pins: Map<string, Pin> | null = null;

  get(key: string): Uint8Array | undefined {
    const layers = this.flushing === null ? 0 : this.flushing.length;
    for (let index = layers; index >= 0; index -= 1) {
      const layer = index === layers ? this.written : this.flushing?.[index];
      const value = layer?.writes.get(key);
      if (value !== undefined) return value ?? undefined;
      if (layer?.replaces) return undefined;
    }
    return this.flushed?.get(key);
  }

  entries(from: string, to: string): Iterable<readonly [string, Uint8Array]> {
    let below = entriesOf(this.flushed, from, to);
    for (const layer of this.flushing ?? []) below = entriesWith(layer, below, from, to);
    return this.written === null ? below : entriesWith(this.written, below, from, to);
  }

  set(key: string, value: Uint8Array): void {
    this.layer().writes.set(key, value);
  }

  delete(key: string): void {
    this.layer().writes.set(key, null);
  }

  pin(name: string): void {
    this.pins ??= new Map();
    this.pins.set(name, { replaced: null, undo: new SortedMap() });
  }

  pinned(name: string): View | undefined {
    const pin = this.pins?.get(name);
    return pin === undefined ? undefined : new PinnedView(pin, () => pin.replaced ?? this.flushed);
  }

  unpin(name: string): void {
    this.pins?.delete(name);
    if (this.pins?.size === 0) this.pins = null;
  }

  stage(key: string, value: Uint8Array): void {
    this.staged ??= new SortedMap();
    this.staged.set(key, value);
  }

  clearStage(): void {
    this.staged = null;
  }

  adoptStage(): void {
    this.written = { replaces: true, writes: this.staged ?? new SortedMap() };
    this.staged = null;
  }

  /** Sets aside what has been written since the last call, to become durable. */
  beginFlush(): void {
    this.flushing ??= [];
    this.flushing.push(this.layer());
    this.written = null;
  }

  /** Makes what the oldest uncompleted `beginFlush` set aside durable, as one; without one it does nothing. */
  completeFlush(): void {
    const layer = this.flushing?.shift();
    if (layer === undefined) return;
    if (this.flushing?.length === 0) this.flushing = null;
    if (layer.replaces) this.replaceFlushed();
    this.flushed ??= new SortedMap();
    for (const [key, value] of layer.writes.entries()) {
      this.keepForPins(key);
      if (value === null) this.flushed.delete(key);
      else this.flushed.set(key, value);
    }
    if (this.flushed.size === 0) this.flushed = null;
  }

  /** Loses what a crash of the node loses: everything since the last completed flush, pins and the stage. */
  crash(): void {
    this.flushing = null;
    this.written = null;
    this.staged = null;
    this.pins = null;
  }

  private layer(): Layer {
    this.written ??= { replaces: false, writes: new SortedMap() };
    return this.written;
  }

  private replaceFlushed(): void {
    for (const pin of this.pins?.values() ?? []) pin.replaced ??= this.flushed ?? new SortedMap();
    this.flushed = null;
  }

  private keepForPins(key: string): void {
    if (this.pins === null) return;
    const before = this.flushed?.get(key) ?? null;
    for (const { replaced, undo } of this.pins.values()) {
      if (replaced === null && !undo.has(key)) undo.set(key, before);
    }
  }
}

class PinnedView implements View {
  private readonly pin: Pin;
  private readonly below: () => SortedMap<Uint8Array> | null;

  constructor(pin: Pin, below: () => SortedMap<Uint8Array> | null) {
    this.pin = pin;
    this.below = below;
  }

  get(key: string): Uint8Array | undefined {
    const kept = this.pin.undo.get(key);
    return kept === undefined ? this.below()?.get(key) : (kept ?? undefined);
  }

  entries(from: string, to: string): Iterable<readonly [string, Uint8Array]> {
    return merged(entriesOf(this.below(), from, to), this.pin.undo.entries(from, to));
  }
}

type Entry = readonly [string, Uint8Array];

function entriesOf(map: SortedMap<Uint8Array> | null, from: string, to: string): Iterable<Entry> {
  return map === null ? [] : map.entries(from, to);
}

function entriesWith(layer: Layer, below: Iterable<Entry>, from: string, to: string): Iterable<Entry> {
  const over = layer.writes.entries(from, to);
  return layer.replaces ? present(over) : merged(below, over);
}

function* present(writes: Iterable<readonly [string, Uint8Array | null]>): Iterable<Entry> {
  for (const [key, value] of writes) {
    if (value !== null) yield [key, value];
  }
}

/** The entries below with the writes over them, both in key order. */
function* merged(below: Iterable<Entry>, over: Iterable<readonly [string, Uint8Array | null]>): Iterable<Entry> {
  const writes = over[Symbol.iterator]();
  let write = writes.next();
  for (const entry of below) {
    while (write.done !== true && write.value[0] < entry[0]) {
      if (write.value[1] !== null) yield [write.value[0], write.value[1]];
      write = writes.next();
    }
    if (write.done === true || write.value[0] !== entry[0]) yield entry;
  }
  for (; write.done !== true; write = writes.next()) {
    if (write.value[1] !== null) yield [write.value[0], write.value[1]];
  }
}
