/**
 * The checker: searches every state that a protocol can reach, and finds the shortest run to one that must not be.
 *
 * `explore` works on any `Model`; `processModel` makes one of nodes that run processes. Imports only the kernel.
 */

export * from './explore.ts';
export type { Fingerprint } from './fingerprint.ts';
export { Hasher } from './fingerprint.ts';
export * from './history/index.ts';
export { asksSomething, checkModel } from './known-fields.ts';
export * from './model.ts';
export * from './options.ts';
export type { Packing } from './packed-queue.ts';
export type { Action } from './process/action.ts';
export { checkOptionNames, checkOptions } from './process/check-options.ts';
export type { WorldState } from './process/layout.ts';
export type { Envelope, NodeState, Seen } from './process/node-state.ts';
export * from './process/options.ts';
export type { ProcessModel } from './process/process-model.ts';
export { processModel } from './process/process-model.ts';
export * from './process/run-trace.ts';
export type { CheckedWorld } from './process/world.ts';
export * from './result.ts';
export * from './tell.ts';
