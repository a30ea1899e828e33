/**
 * A node's own clock: a piecewise linear function of true time, with an offset and a rate that faults may change.
 * Its reading never goes back within a life: a clock set back stands still until it has caught up with itself.
 *
 * All times are microseconds.
 */
export class NodeClock {
  #rate: number;
  #baseTrue = 0;
  #baseLocal: number;
  #highest = Number.NEGATIVE_INFINITY;

  constructor({ offsetUs, driftPpm }: { readonly offsetUs: number; readonly driftPpm: number }) {
    this.#baseLocal = offsetUs;
    this.#rate = 1 + driftPpm / 1e6;
  }

  /** What the clock shows at a true time. Asked for rising times only. */
  read(trueUs: number): number {
    const reading = Math.floor(this.#baseLocal + (trueUs - this.#baseTrue) * this.#rate);
    if (reading > this.#highest) this.#highest = reading;
    return this.#highest;
  }

  /** The first true time, not before `trueUs`, at which the clock shows at least `localUs`, if nobody touches it. */
  whenShows(localUs: number, trueUs: number): number {
    const at = Math.ceil(this.#baseTrue + (localUs - this.#baseLocal) / this.#rate);
    return Math.max(at, trueUs);
  }

  /** From now on the clock gains (or loses) this many millionths. */
  drift(trueUs: number, driftPpm: number): void {
    this.#rebase(trueUs);
    this.#rate = 1 + driftPpm / 1e6;
  }

  jump(trueUs: number, byUs: number): void {
    this.#rebase(trueUs);
    this.#baseLocal += byUs;
  }

  /** A new life has no memory of what an earlier one read. */
  reboot(): void {
    this.#highest = Number.NEGATIVE_INFINITY;
  }

  #rebase(trueUs: number): void {
    this.#baseLocal += (trueUs - this.#baseTrue) * this.#rate;
    this.#baseTrue = trueUs;
  }
}
