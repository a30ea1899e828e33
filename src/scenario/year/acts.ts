import type { Random } from '../../kernel/index.ts';
import type { Interval } from './intervals.ts';
import type { YearScenario } from './scenario.ts';

const MINUTE_MS = 60_000;
const ACTS_PER_STRETCH_MAX = 500;

/** When a client asks for something. */
export interface Act {
  readonly client: number;
  readonly atMs: number;
}

/** When each client asks for something: often while something happens to its group, now and then otherwise. */
export function drawActs({ clients }: YearScenario, busy: readonly Interval[], endMs: number, random: Random): Act[] {
  const acts: Act[] = [];
  const every = (client: number, { fromMs, toMs }: Interval, meanMs: number): void => {
    for (let atMs = fromMs + random.between(0, meanMs); atMs < toMs; atMs += random.between(0.5, 1.5) * meanMs) {
      acts.push({ client, atMs });
    }
  };
  for (let client = 0; client < clients.count; client += 1) {
    for (const part of busy) {
      // A stretch of hours, such as of lossy links, need not be looked at as closely as one of minutes.
      every(client, part, Math.max(clients.busySeconds * 1000, (part.toMs - part.fromMs) / ACTS_PER_STRETCH_MAX));
    }
    every(client, { fromMs: 0, toMs: endMs }, clients.quietMinutes * MINUTE_MS);
  }
  return acts.sort((a, b) => a.atMs - b.atMs);
}
