import type { Effect } from '../kernel/process.ts';

/** What leaves a process: the two effects that the output rule is about. */
export type Departing = Extract<Effect, { type: 'send' | 'output' }>;

/**
 * The output rule for one process: what it sends and outputs after persisting something waits here, in order, until
 * that is durable. `position`s are those of the write-ahead log.
 */
export class Outbox {
  readonly #depart: (effect: Departing) => void;
  #lastPersisted = 0;
  #durable = 0;
  #held: { readonly after: number; readonly effect: Departing }[] = [];

  constructor(depart: (effect: Departing) => void) {
    this.#depart = depart;
  }

  /** The process persisted a record: what it sends from here on waits for it. */
  persisted(position: number): void {
    this.#lastPersisted = position;
  }

  add(effect: Departing): void {
    if (effect.early || this.#lastPersisted <= this.#durable) this.#depart(effect);
    else this.#held.push({ after: this.#lastPersisted, effect });
  }

  /** All records up to this position are durable. */
  release(durable: number): void {
    this.#durable = durable;
    if (this.#held.length === 0) return;
    const kept = this.#held.findIndex(({ after }) => after > durable);
    const released = kept === -1 ? this.#held : this.#held.slice(0, kept);
    this.#held = kept === -1 ? [] : this.#held.slice(kept);
    for (const { effect } of released) this.#depart(effect);
  }
}
