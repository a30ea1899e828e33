import type { Random } from '../kernel/index.ts';
import type { Delay } from './options.ts';

/** The simulator counts whole microseconds, so that sums of times are exact. */
export function toUs(ms: number): number {
  return Math.round(ms * 1000);
}

/** One length of a delay, in microseconds; at least one, so that time always goes on. */
export function drawUs({ minMs, meanMs, maxMs }: Delay, random: Random): number {
  const ms = meanMs <= minMs ? minMs : Math.min(maxMs, minMs + random.exponential(meanMs - minMs));
  return Math.max(1, Math.round(ms * 1000));
}
