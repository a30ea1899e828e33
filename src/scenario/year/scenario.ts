import type { Limits, Timing } from '../../protocols/index.ts';

/** The kinds of failures that the operators of large clusters publish for a first year. */
export const FAILURE_KINDS = [
  'overheating', // most of a power unit's worth of racks goes down, and comes back rack by rack, days later
  'powerUnit', // a power unit takes all of its racks down
  'rackMove', // racks are moved: those of a power unit are down meanwhile
  'rewiring', // machines are taken down one after the other
  'rackFailure', // a rack is down
  'lossyRack', // a rack loses messages
  'connectivityLoss', // a maintenance of the network goes wrong: every minute, other racks are cut off
  'routerReload', // a router takes the racks behind it away from all others
  'routerFailure',
  'blip',
  'machineFailure', // one machine is down
  'diskFailure', // what a replica has written is gone: a new one takes its place
] as const;
export type FailureKind = (typeof FAILURE_KINDS)[number];

export interface FailureField {
  /** How many in 365 days; a fraction is a chance. */
  readonly count: number;
  /** How long each takes, drawn between the two. */
  readonly minutes: readonly [min: number, max: number];
  /** Of all machines or racks, those that it hits. */
  readonly share: number;
  /** The chance that a message to or from them is lost. */
  readonly loss: number;
}

export interface ClientField {
  /** So many of each group's. */
  readonly count: number;
  readonly keys: number;
  /** The time between two operations of a client: while nothing happens to its group, and while something does. */
  readonly quietMinutes: number;
  readonly busySeconds: number;
  readonly timeoutMs: number;
  /** An operation that takes longer than this, or fails, is an outage, until the next one that succeeds. */
  readonly slowMs: number;
}

/** A year of a cluster, as it is written in a file. */
export interface YearScenario {
  readonly system: 'year';
  readonly name: string;
  readonly about: string;
  readonly days: number;
  readonly machines: number;
  readonly racks: number;
  readonly powerUnits: number;
  readonly groups: number;
  readonly replicas: number;
  readonly failures: Readonly<Record<FailureKind, FailureField>>;
  readonly clients: ClientField;
  /** For so long after something has begun or ended, a group is simulated without a gap. */
  readonly settleSeconds: number;
  readonly timing: Partial<Timing>;
  readonly limits: Partial<Limits>;
}
