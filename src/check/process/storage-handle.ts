import type { MemoryStorage, NodeId, Storage, View } from '../../kernel/index.ts';

/** Finds the storage that a handle stands for in the world that is being stepped or looked at. */
export type FindStorage = (node: NodeId, name: string, use: 'read' | 'write') => MemoryStorage;

// One step or look at a time, as in the kernel. What lies here is no state: it is set before each use.
let find: FindStorage | null = null;

/** Has handles stand for the storages of one world while `use` runs. */
export function withStorages<T>(finder: FindStorage, use: () => T): T {
  const before = find;
  find = finder;
  try {
    return use();
  } finally {
    find = before;
  }
}

/**
 * What a process holds in place of its storage: only a name. So cloning or hashing a process does not touch what it
 * stored, and processes of a node that share a storage still share it in the copy.
 */
export class StorageHandle implements Storage {
  readonly node: NodeId;
  readonly name: string;

  constructor(node: NodeId, name: string) {
    this.node = node;
    this.name = name;
  }

  get(key: string): Uint8Array | undefined {
    return this.use('read').get(key);
  }

  entries(from: string, to: string): Iterable<readonly [string, Uint8Array]> {
    return this.use('read').entries(from, to);
  }

  set(key: string, value: Uint8Array): void {
    this.use('write').set(key, value);
  }

  delete(key: string): void {
    this.use('write').delete(key);
  }

  pin(name: string): void {
    this.use('write').pin(name);
  }

  pinned(name: string): View | undefined {
    return this.use('read').pinned(name);
  }

  unpin(name: string): void {
    this.use('write').unpin(name);
  }

  stage(key: string, value: Uint8Array): void {
    this.use('write').stage(key, value);
  }

  clearStage(): void {
    this.use('write').clearStage();
  }

  adoptStage(): void {
    this.use('write').adoptStage();
  }

  private use(use: 'read' | 'write'): MemoryStorage {
    if (find === null) throw new Error(`storage '${this.name}' of ${this.node} is used outside of any step`);
    return find(this.node, this.name, use);
  }
}
