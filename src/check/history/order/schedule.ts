import { type Facts, INITIALLY } from './facts.ts';
import type { Precedence } from './precedence.ts';

export type Schedule =
  | { readonly type: 'complete'; readonly order: readonly number[] }
  /** Every event that might come next would replace a version that is still to be read. */
  | { readonly type: 'stuck'; readonly version: number; readonly blocked: number };

/** Executes events one by one, none before what is known to precede it, or while what it replaces is still to be read. */
export function schedule(known: Precedence, facts: Facts, preference: readonly number[]): Schedule {
  return new Scheduler(known, facts, preference).run();
}

class Scheduler {
  readonly #known: Precedence;
  readonly #preference: readonly number[];
  readonly #size: number;
  readonly #missing: Int32Array;
  /** By event: the keys it writes, and the versions it reads. */
  readonly #writes: number[][];
  readonly #reads: { readonly writer: number; readonly key: number }[][];
  /** By key: the version it holds now. */
  readonly #current: Int32Array;
  /** By version and key: how many are still to read it. */
  readonly #unread = new Map<string, number>();
  readonly #ready: number[] = [];
  readonly #parked = new Map<number, number[]>();

  constructor(known: Precedence, { size, observations, writers }: Facts, preference: readonly number[]) {
    this.#known = known;
    this.#preference = preference;
    this.#size = size;
    this.#missing = Int32Array.from({ length: size }, (_, node) => known.entering(node).length);
    this.#writes = Array.from({ length: size }, () => []);
    this.#reads = Array.from({ length: size }, () => []);
    this.#current = new Int32Array(writers.length).fill(INITIALLY);
    writers.forEach((of, key) => {
      for (const writer of of) (this.#writes[writer] as number[]).push(key);
    });
    for (const { reader, writer, key } of observations) {
      (this.#reads[reader] as { writer: number; key: number }[]).push({ writer, key });
      this.#countUnread(writer, key, 1);
    }
  }

  run(): Schedule {
    const order: number[] = [];
    for (let node = 0; node < this.#size; node += 1) {
      if (this.#missing[node] === 0) this.#makeReady(node);
    }
    for (let node = this.#ready.pop(); node !== undefined; node = this.#ready.pop()) {
      const key = this.#blockedOn(node);
      if (key === null) {
        order.push(node);
        this.#execute(node);
      } else {
        const parked = this.#parked.get(key);
        if (parked === undefined) this.#parked.set(key, [node]);
        else parked.push(node);
      }
    }
    if (order.length === this.#size) return { type: 'complete', order };
    for (const [key, [blocked]] of this.#parked) {
      if (blocked !== undefined) return { type: 'stuck', version: this.#current[key] as number, blocked };
    }
    throw new Error('events have a circle among what precedes them');
  }

  #blockedOn(node: number): number | null {
    for (const key of this.#writes[node] as number[]) {
      const current = this.#current[key] as number;
      const own = (this.#reads[node] as { writer: number; key: number }[]).some((read) => read.key === key) ? 1 : 0;
      if (node !== current && (this.#unread.get(`${key} ${current}`) ?? 0) > own) return key;
    }
    return null;
  }

  #execute(node: number): void {
    for (const { writer, key } of this.#reads[node] as { writer: number; key: number }[]) {
      if (this.#current[key] !== writer) throw new Error('an event reads a version that was replaced');
      this.#countUnread(writer, key, -1);
      this.#unpark(key);
    }
    for (const key of this.#writes[node] as number[]) this.#current[key] = node;
    for (const { to } of this.#known.leaving(node)) {
      this.#missing[to] = (this.#missing[to] as number) - 1;
      if (this.#missing[to] === 0) this.#makeReady(to);
    }
  }

  #unpark(key: number): void {
    const parked = this.#parked.get(key) ?? [];
    this.#parked.delete(key);
    for (const node of parked) this.#makeReady(node);
  }

  /** Keeps what is ready in order, the preferred one last. */
  #makeReady(node: number): void {
    const preference = (of: number): number => this.#preference[of] ?? Number.POSITIVE_INFINITY;
    let low = 0;
    let high = this.#ready.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (preference(this.#ready[middle] as number) > preference(node)) low = middle + 1;
      else high = middle;
    }
    this.#ready.splice(low, 0, node);
  }

  #countUnread(writer: number, key: number, by: number): void {
    const id = `${key} ${writer}`;
    this.#unread.set(id, (this.#unread.get(id) ?? 0) + by);
  }
}
