/**
 * A member of a store on this machine: the store's processes on a host, and the calls of those outside.
 * The etcd front door serves one; `open()` embeds one.
 */
export * from './api.ts';
export { type MemberOptions, startMember } from './member.ts';
