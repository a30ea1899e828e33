/**
 * The kernel: what a distributed protocol is written in, and nothing it runs on.
 *
 * `Process` is the waist of the hourglass. Around it: addresses, effects and events, the interface of a node's
 * storage, and what makes state plain data useful: clone, equality, difference, hash, print, one codec for all of it,
 * a seeded random generator, and traces. Imports nothing.
 */
export * from './address.ts';
export * from './clone.ts';
export { CodecError, type CodecErrorCode } from './codec.ts';
export * from './decode.ts';
export * from './diff.ts';
export * from './encode.ts';
export * from './equal.ts';
export * from './hash.ts';
export * from './json.ts';
export * from './logarithm.ts';
export * from './memory-storage.ts';
export { DEPTH_MAX, PlainDataError, type PlainDataErrorCode } from './plain.ts';
export * from './print.ts';
export * from './process.ts';
export * from './random.ts';
export * from './replay.ts';
export * from './sorted-map.ts';
export * from './spec.ts';
export * from './storage.ts';
export * from './trace.ts';
