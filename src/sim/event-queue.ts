/**
 * What will happen, in the order of virtual time; events of one instant keep the order in which they were put in.
 *
 * A binary heap over typed arrays, since the queue is touched twice per event: keys lie side by side, and an event's
 * object is never moved. Times are whole microseconds.
 */
export class EventQueue<E> {
  #times = new Float64Array(INITIAL_CAPACITY);
  #sequences = new Float64Array(INITIAL_CAPACITY);
  #slots = new Int32Array(INITIAL_CAPACITY);
  readonly #events: (E | undefined)[] = [];
  readonly #freeSlots: number[] = [];
  #size = 0;
  #nextSequence = 0;

  get size(): number {
    return this.#size;
  }

  /** When the next event is due, in microseconds; infinity if there is none. */
  get nextAt(): number {
    return this.#size === 0 ? Number.POSITIVE_INFINITY : (this.#times[0] as number);
  }

  push(at: number, event: E): void {
    if (this.#size === this.#times.length) this.#grow();
    const slot = this.#freeSlots.pop() ?? this.#events.length;
    this.#events[slot] = event;
    const sequence = this.#nextSequence;
    this.#nextSequence += 1;
    let hole = this.#size;
    this.#size += 1;
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      // A new event has the highest sequence number: it passes only what is strictly later.
      if ((this.#times[parent] as number) <= at) break;
      this.#move(parent, hole);
      hole = parent;
    }
    this.#put(hole, at, sequence, slot);
  }

  /** Removes and returns the next event; undefined if there is none. */
  pop(): E | undefined {
    if (this.#size === 0) return undefined;
    const slot = this.#slots[0] as number;
    const event = this.#events[slot];
    this.#events[slot] = undefined;
    this.#freeSlots.push(slot);
    this.#size -= 1;
    if (this.#size > 0) this.#sinkLast();
    return event;
  }

  /** Puts the last entry of the heap at its root, and from there down to its place. */
  #sinkLast(): void {
    const times = this.#times;
    const last = this.#size;
    const at = times[last] as number;
    const sequence = this.#sequences[last] as number;
    let hole = 0;
    for (;;) {
      let child = 2 * hole + 1;
      if (child >= this.#size) break;
      const right = child + 1;
      if (right < this.#size && this.#isBefore(right, times[child] as number, this.#sequences[child] as number)) {
        child = right;
      }
      if (!this.#isBefore(child, at, sequence)) break;
      this.#move(child, hole);
      hole = child;
    }
    this.#put(hole, at, sequence, this.#slots[last] as number);
  }

  #isBefore(index: number, at: number, sequence: number): boolean {
    const time = this.#times[index] as number;
    return time < at || (time === at && (this.#sequences[index] as number) < sequence);
  }

  #move(from: number, to: number): void {
    this.#put(to, this.#times[from] as number, this.#sequences[from] as number, this.#slots[from] as number);
  }

  #put(index: number, at: number, sequence: number, slot: number): void {
    this.#times[index] = at;
    this.#sequences[index] = sequence;
    this.#slots[index] = slot;
  }

  #grow(): void {
    const capacity = this.#times.length * 2;
    const times = new Float64Array(capacity);
    const sequences = new Float64Array(capacity);
    const slots = new Int32Array(capacity);
    times.set(this.#times);
    sequences.set(this.#sequences);
    slots.set(this.#slots);
    this.#times = times;
    this.#sequences = sequences;
    this.#slots = slots;
  }
}

const INITIAL_CAPACITY = 1024;
