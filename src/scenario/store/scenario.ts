import type { NodeId } from '../../kernel/index.ts';
import type { Limits, Timing } from '../../protocols/index.ts';
import type { Setting } from '../scenario.ts';

/** What must hold of the store in a scenario, each by its name. */
export const PROPERTIES = [
  'linearizable', // what clients saw of single keys is what one copy of the store could have shown
  'balances', // transfers between accounts never change what all hold together
  'revisions', // no answer shows less than an answer before it did
  'agreement', // no slot of the log is ever chosen to be two things, and the protocol's own invariants hold
  'oneLeaseholder', // never do two replicas hold the lease
  'answersWhenHealed', // when all faults are over, every member answers and has executed the same, within a bound
] as const;
export type Property = (typeof PROPERTIES)[number];

/** What a run may come by; a scenario names those that it is for, and some seed should lead to each. */
export const HAPPENINGS = [
  'election',
  'snapshot adopted',
  'log dropped',
  'session reopened',
  'membership changed',
  'crash',
  'lost records',
  'unknown outcome',
] as const;
export type Happening = (typeof HAPPENINGS)[number];

/** What clients do, each as often as its weight says. */
export const ACTIONS = ['get', 'put', 'delete', 'compareAndSet', 'transfer', 'audit'] as const;
export type Action = (typeof ACTIONS)[number];

/** Who asks for what; where there are several numbers, each seed draws one. */
export interface WorkloadField {
  readonly clients: readonly number[];
  readonly keys: readonly number[];
  readonly accounts: number;
  readonly thinkMs: readonly number[];
  readonly timeoutMs: number;
  readonly mix: Readonly<Record<Action, number>>;
}

/** Changes of the membership: drawn by the seed, about one in so long, in so many of the runs. */
export interface MembershipField {
  readonly spares: readonly NodeId[];
  readonly chance: number;
  readonly meanGapMs: number;
}

/** A scenario about the store, as it is written in a file. */
export interface StoreScenario {
  readonly system: 'store';
  readonly setting: Setting;
  /** Who votes at the beginning: each seed draws one of these. */
  readonly nodes: readonly (readonly NodeId[])[];
  readonly timing: Partial<Timing>;
  readonly limits: Partial<Limits>;
  readonly membership: MembershipField | null;
  readonly workload: WorkloadField;
  readonly holds: readonly Property[];
  readonly reaches: readonly Happening[];
}
