/**
 * The simulator: runs nodes of processes in virtual time, from one seed, under faults of every kind.
 */
export { type Domains, EVERY_NODE, Names, nodesOfDomains, type Roles } from './domains.ts';
export * from './faults.ts';
export * from './minimise.ts';
export * from './options.ts';
export { OUTSIDE, type RunEnd, type RunLimits, Simulation } from './simulation.ts';
export type { Statistics } from './statistics.ts';
export * from './swarm.ts';
export { type Finding, InvariantViolation, ProcessFailure, type SimulatedWorld } from './world.ts';
