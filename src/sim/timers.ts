import { type Effect, print, type Timer } from '../kernel/index.ts';
import type { NodeClock } from './clock.ts';
import { toUs } from './delay.ts';
import type { Engine } from './engine.ts';
import type { ArmedTimer, Resident } from './resident.ts';

/** The timers of a node's processes, which go by the node's own clock. */
export class Timers {
  readonly #clock: NodeClock;
  readonly #engine: Engine;

  constructor(clock: NodeClock, engine: Engine) {
    this.#clock = clock;
    this.#engine = engine;
  }

  set(resident: Resident, { timer, minMs, maxMs }: Extract<Effect, { type: 'setTimer' }>): void {
    const lengthMs = minMs === maxMs ? minMs : this.#engine.random.timers.between(minMs, maxMs);
    const key = timerKey(timer);
    const armed = resident.timers.get(key) ?? { timer, dueLocalUs: 0, queuedAt: Number.POSITIVE_INFINITY };
    armed.dueLocalUs = this.#clock.read(this.#engine.nowUs) + toUs(lengthMs);
    resident.timers.set(key, armed);
    this.#queue(resident, key, armed);
  }

  /** The timer that was queued for this time, if it is still to fire then; null if not. */
  fire(resident: Resident, key: string, queuedAt: number): Timer | null {
    const armed = resident.timers.get(key);
    if (armed === undefined || armed.queuedAt !== queuedAt) return null;
    armed.queuedAt = Number.POSITIVE_INFINITY;
    if (this.#clock.read(this.#engine.nowUs) < armed.dueLocalUs) {
      this.#queue(resident, key, armed);
      return null;
    }
    resident.timers.delete(key);
    return armed.timer;
  }

  requeue(resident: Resident): void {
    for (const [key, armed] of resident.timers) this.#queue(resident, key, armed);
  }

  /** Queues a look at the timer, unless one is queued already that is early enough to queue the next. */
  #queue(resident: Resident, key: string, armed: ArmedTimer): void {
    const { nowUs } = this.#engine;
    const at = Math.max(this.#clock.whenShows(armed.dueLocalUs, nowUs), nowUs + 1);
    if (armed.queuedAt <= at) return;
    armed.queuedAt = at;
    this.#engine.wakeTimer(at, resident, key);
  }
}

/** Timers are identified by their value. */
export function timerKey(timer: Timer): string {
  return typeof timer === 'string' ? timer : print(timer);
}
