/**
 * A state of a process model: small numbers only. First each node's state by its id, then the counters below, then
 * the ids of the envelopes in flight. The library knows what the ids stand for.
 */
export type WorldState = readonly number[];

/** Where the counters stand, after the nodes. */
export const DROPS = 0;
export const DUPLICATES = 1;
export const CRASHES = 2;
export const TIMERS = 3;
export const PARTITIONS = 4;
/** The cut in force, counted from 1; 0 while the network is whole. */
export const CUT = 5;
/** One bit for each input given. */
export const INPUTS = 6;
/** The id of what the history has gathered. */
export const HISTORY = 7;
export const COUNTERS = 8;
