/**
 * The host runs processes on this machine: sockets, timers, a write-ahead log and a storage engine, all of one node in
 * one data directory.
 */

export { type DatagramLink, DatagramLinkError, type DatagramLinkOptions, formatEndpoint } from './datagrams.ts';
export { DirectoryError, type DirectoryErrorCode } from './directory-error.ts';
export type { DurableStorage, StorageEngine } from './durable-storage.ts';
export { Host, type HostOptions, NodeStartError } from './host.ts';
export { LmdbEngine, StorageOpenError } from './lmdb-engine.ts';
export { STORAGE_KEY_BYTES_MAX, StorageKeyError } from './lmdb-storage.ts';
export { DirectoryHeldError } from './lock.ts';
export { openTcpLink } from './tcp-link.ts';
export { type Endpoint, MessageTooLargeError, type TransportMetrics } from './transport.ts';
export { openUdpLink } from './udp-link.ts';
export { type Damage, WalCorruptError, WalMissingError, WalWriteError } from './wal-errors.ts';
