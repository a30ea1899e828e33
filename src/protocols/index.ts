/**
 * The catalogue: one protocol a file or folder, each a `Process` that reads like its paper, its specification
 * beside it. Imports the kernel only.
 */
export * from './multi-paxos/index.ts';
export * as requestReply from './request-reply/index.ts';
export type { Moment, StateMachine } from './state-machine.ts';
