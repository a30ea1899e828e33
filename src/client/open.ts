import { BackedStore } from './backed-store.ts';
import { describe } from './bytes.ts';
import { EmbeddedBackend } from './embedded.ts';
import { InvalidArgumentError } from './errors.ts';
import type { Store } from './store.ts';

export interface OpenOptions {
  /** The name of the store's one member, fixed when the directory is made. Default `a`, as of `coterie serve`. */
  readonly name?: string;
}

/**
 * A store in this process, kept in a directory, which is made if it is not there. Durable: a write that was
 * acknowledged survives a crash of the process and of the machine. `coterie serve --data` can serve the same directory
 * later to others.
 *
 * @throws InUseError if a process has it open; the message says which
 * @throws DirectoryError if it can't be used: not writable, another's, of another version, or damaged
 *
 * @example
 * ```ts
 * import { open } from 'coterie';
 *
 * await using store = await open('./data');
 * await store.put('greeting', 'hello');
 * ```
 */
export async function open(directory: string, { name = 'a' }: OpenOptions = {}): Promise<Store> {
  if (typeof directory !== 'string' || directory === '') {
    throw new InvalidArgumentError(`a store is opened by the path of its directory: got ${describe(directory)}`);
  }
  return new BackedStore(await EmbeddedBackend.start(directory, name));
}
