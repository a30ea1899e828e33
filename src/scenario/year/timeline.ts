import { type Interval, merged, totalMs } from './intervals.ts';

/**
 * The parts of a year that are simulated, put together without the gaps between them. In a gap nothing happens to a
 * group and nobody asks it for anything: whatever was to come of what happened before has come.
 */
export class Timeline {
  readonly #parts: readonly (Interval & { readonly startMs: number })[];
  readonly lengthMs: number;

  constructor(parts: readonly Interval[]) {
    let startMs = 0;
    this.#parts = merged(parts).map((part) => {
      const placed = { ...part, startMs };
      startMs += part.toMs - part.fromMs;
      return placed;
    });
    this.lengthMs = totalMs(this.#parts);
  }

  /** When something of the year happens in the simulation; what is in a gap, when the next part begins. */
  simulated(yearMs: number): number {
    const part = this.#find(({ toMs }) => yearMs < toMs);
    if (part === undefined) return this.lengthMs;
    return part.startMs + Math.max(0, yearMs - part.fromMs);
  }

  /** When in the year it is at a time of the simulation. */
  inYear(simulatedMs: number): number {
    const part = this.#find(({ startMs, fromMs, toMs }) => simulatedMs < startMs + toMs - fromMs) ?? this.#parts.at(-1);
    return part === undefined ? simulatedMs : part.fromMs + simulatedMs - part.startMs;
  }

  /** The first part, in order, of which something holds that holds of all later ones too. */
  #find(
    holds: (part: Interval & { readonly startMs: number }) => boolean,
  ): (Interval & { readonly startMs: number }) | undefined {
    let low = 0;
    let high = this.#parts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const part = this.#parts[middle];
      if (part !== undefined && holds(part)) high = middle;
      else low = middle + 1;
    }
    return this.#parts[low];
  }
}
