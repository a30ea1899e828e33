export * from './agreement.ts';
export * from './client.ts';
export * from './messages.ts';
export * from './objection.ts';
export { CLIENT_BYTES, ENTRY_BYTES, ReplyCache } from './reply-cache.ts';
export * from './server.ts';
export * from './spec.ts';
