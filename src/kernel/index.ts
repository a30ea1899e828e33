/**
 * The kernel: what a distributed protocol is written in, and nothing it runs on.
 *
 * `Process` is the waist of the hourglass. Around it: addresses, effects and events, the interface of a node's
 * storage, and what makes state plain data useful: clone, equality, difference, hash, print, one codec for all of it,
 * a seeded random generator, and traces. Imports nothing.
 */
export * from './address.ts';
export * from './data.ts';
export * from './process.ts';
export * from './random.ts';
export * from './storage.ts';
export * from './memory-storage.ts';
export * from './trace.ts';
