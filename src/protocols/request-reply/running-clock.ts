/**
 * Counts the time during which a process surely ran. The network's promise about how long a datagram can take ends
 * where the process was stopped with datagrams waiting at its door: they are handled late, after timers that came due
 * meanwhile. So what waits for the last duplicate waits by this clock, which a stop of any length takes on by one
 * beat only.
 */
export class RunningClock {
  ms = 0;
  lastMs: number | null = null;
  readonly beatMs: number;

  /** @param beatMs  the process looks at the clock at least this often, while anything waits by it */
  constructor(beatMs: number) {
    this.beatMs = beatMs;
  }

  /** What it shows, given what the node's clock shows. */
  read(nowMs: number): number {
    if (this.lastMs !== null) this.ms += Math.min(nowMs - this.lastMs, this.beatMs);
    this.lastMs = nowMs;
    return this.ms;
  }
}
