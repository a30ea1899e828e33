/** How wide an operation of median length is drawn, and the widest stretch in which nothing begins or ends. */
const TYPICAL_PX = 64;
/** Short histories are drawn up to three times as wide. */
const WIDTH_PX_MIN = 1100;
const STRETCHED_MAX = 3;
const STRETCH_PX_MAX = 160;
const TICK_EVERY_PX = 160;

export interface Tick {
  readonly at: number;
  readonly time: number;
}

/**
 * Where times are drawn, in pixels. In proportion, but for long stretches in which nothing begins or ends, which are
 * drawn shorter; so that operations can be read, however many there are and however long the pauses between them.
 */
export class TimeAxis {
  readonly width: number;
  readonly ticks: readonly Tick[];
  readonly #places = new Map<number, number>();

  constructor(operations: readonly { readonly invokeAt: number; readonly completeAt: number | null }[]) {
    const times = operations.flatMap(({ invokeAt, completeAt }) => [invokeAt, completeAt ?? invokeAt]);
    const sorted = [...new Set(times)].sort((a, b) => a - b);
    const scale = TYPICAL_PX / typicalLength(operations);
    const steps = sorted.map((time, index) => Math.min((time - (sorted[index - 1] ?? time)) * scale, STRETCH_PX_MAX));
    const whole = steps.reduce((sum, step) => sum + step, 0);
    const stretch = Math.min(STRETCHED_MAX, Math.max(1, WIDTH_PX_MIN / whole));
    const ticks: Tick[] = [];
    let place = 0;
    sorted.forEach((time, index) => {
      place += stretch * (steps[index] as number);
      this.#places.set(time, place);
      if (place >= (ticks.at(-1)?.at ?? -TICK_EVERY_PX) + TICK_EVERY_PX) ticks.push({ at: place, time });
    });
    this.ticks = ticks;
    this.width = place + TYPICAL_PX;
  }

  /** Of a time at which something begins or ends. */
  placeOf(time: number): number {
    const place = this.#places.get(time);
    if (place === undefined) throw new RangeError(`nothing begins or ends at ${time}`);
    return place;
  }
}

function typicalLength(
  operations: readonly { readonly invokeAt: number; readonly completeAt: number | null }[],
): number {
  const lengths = operations
    .flatMap(({ invokeAt, completeAt }) =>
      completeAt === null || completeAt === invokeAt ? [] : completeAt - invokeAt,
    )
    .sort((a, b) => a - b);
  return lengths[lengths.length >> 1] ?? 1;
}
