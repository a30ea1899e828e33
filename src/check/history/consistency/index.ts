/** What clients of a weaker memory may see. */
export type { AccessInput } from './accesses.ts';
export { type ConsistencyLimits, checkCausalConsistency } from './causal.ts';
export * from './guarantees.ts';
export * from './result.ts';
export { checkSequentialConsistency } from './sequential.ts';
