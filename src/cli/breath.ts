import { setImmediate } from 'node:timers/promises';
import type { Terminal } from './terminal.ts';

const BREATH_EVERY_MS = 50;

/** Lets a long computation see that it is to end, and show how far it is, without making it slower. */
export class Breath {
  readonly #terminal: Terminal;
  readonly #startedAt = performance.now();
  #lastAt = this.#startedAt;
  #isInterrupted = false;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
    terminal.interrupted().then(() => {
      this.#isInterrupted = true;
    });
  }

  get seconds(): number {
    return (performance.now() - this.#startedAt) / 1000;
  }

  /** To be called between pieces of work; false once the command is to end. */
  async goesOn(progress: () => string): Promise<boolean> {
    if (performance.now() - this.#lastAt < BREATH_EVERY_MS) return !this.#isInterrupted;
    this.#terminal.progress(progress());
    await setImmediate();
    this.#lastAt = performance.now();
    return !this.#isInterrupted;
  }
}
