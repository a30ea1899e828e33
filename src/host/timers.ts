import { hashHex } from '../kernel/hash.ts';
import type { Timer } from '../kernel/process.ts';

/** A timer that was set; it stays the current one of its value until it is taken, cancelled or set again. */
export interface Armed {
  readonly timer: Timer;
  readonly dueMs: number;
  handle: NodeJS.Timeout | NodeJS.Immediate | null;
}

const TIMEOUT_MS_MAX = 2 ** 31 - 1;

/** One process's timers, by value. */
export class Timers {
  readonly #armed = new Map<string, Armed>();
  readonly #now: () => number;
  readonly #onFired: (armed: Armed) => void;

  constructor(now: () => number, onFired: (armed: Armed) => void) {
    this.#now = now;
    this.#onFired = onFired;
  }

  /** A timer of 0 ms fires after everything that has arrived by now, sockets included. */
  set(timer: Timer, afterMs: number): void {
    const key = keyOf(timer);
    const before = this.#armed.get(key);
    if (before !== undefined) stop(before);
    const armed: Armed = { timer, dueMs: this.#now() + afterMs, handle: null };
    this.#armed.set(key, armed);
    if (afterMs > 0) this.#wait(armed);
    else armed.handle = setImmediate(this.#onFired, armed);
  }

  cancel(timer: Timer): void {
    const key = keyOf(timer);
    const armed = this.#armed.get(key);
    if (armed === undefined) return;
    stop(armed);
    this.#armed.delete(key);
  }

  /** Whether a timer that fired is still wanted, now that its turn has come: it may have been cancelled or set again. */
  take(armed: Armed): boolean {
    const key = keyOf(armed.timer);
    return this.#armed.get(key) === armed && this.#armed.delete(key);
  }

  close(): void {
    for (const armed of this.#armed.values()) stop(armed);
    this.#armed.clear();
  }

  /** Node's timers may fire up to a millisecond early, and know no more than 24 days; a lease must rely on more. */
  #wait(armed: Armed): void {
    const leftMs = armed.dueMs - this.#now();
    if (leftMs <= 0) this.#onFired(armed);
    else armed.handle = setTimeout(() => this.#wait(armed), Math.min(TIMEOUT_MS_MAX, Math.ceil(leftMs)));
  }
}

function stop({ handle }: Armed): void {
  if (handle === null) return;
  if ('refresh' in handle) clearTimeout(handle);
  else clearImmediate(handle);
}

function keyOf(timer: Timer): string {
  return typeof timer === 'string' ? timer : `#${hashHex(timer)}`;
}
