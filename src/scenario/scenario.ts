import type { ClockOptions, DiskOptions, Domains, Fault, NetworkOptions } from '../sim/index.ts';

/** A fault, and again every so often until the faults end. */
export interface RepeatedFault {
  readonly fault: Fault;
  readonly everyMs: number | null;
}

/** Faults that each seed draws, within these bounds. */
export interface SwarmField {
  readonly longestMs?: number;
  readonly skewMs?: number;
  readonly jumpMs?: number;
  readonly driftPpm?: number;
  readonly rottenDisksMax?: number;
}

/** What every scenario says, whatever system it is about: the world that the system lives in, and for how long. */
export interface Setting {
  /** What the scenario is called in messages: the file it is in. */
  readonly name: string;
  readonly about: string;
  readonly domains: Domains;
  readonly network: NetworkOptions;
  readonly disk: Partial<DiskOptions>;
  readonly clocks: Partial<ClockOptions>;
  readonly faults: readonly RepeatedFault[];
  /** Null if no fault is drawn. */
  readonly swarm: SwarmField | null;
  /** Clients work and faults begin and end within this time. */
  readonly durationMs: number;
  /** When all faults are over, what must come again comes within this time. */
  readonly healsWithinMs: number;
}
