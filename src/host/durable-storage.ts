import type { Storage } from '../kernel/storage.ts';

/** A storage on a disk. */
export interface DurableStorage extends Storage {
  /** Sets aside what was written so far and makes it durable, as one unit; later writes are not part of it. */
  flush(): Promise<void>;
}

/** Where a node's named storages are. */
export interface StorageEngine {
  /** Every call with one name gives the same object. */
  storage(name: string): DurableStorage;
  /** Waits for flushes under way; what was not flushed is lost. */
  close(): Promise<void>;
}
