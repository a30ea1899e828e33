import type { Member } from '../member/api.ts';
import type { StoreRequest, StoreResponse } from '../store/api.ts';
import type { Backend, BackendCall, StoreStatus } from './backend.ts';
import { InUseError } from './errors.ts';

/** The only member of a store, in this process: no server, no port. */
export class EmbeddedBackend implements Backend {
  readonly #member: Member;

  private constructor(member: Member) {
    this.#member = member;
  }

  static async start(directory: string, name: string): Promise<EmbeddedBackend> {
    // Loaded only here, so that whoever only connects needs no storage engine.
    const { startMember } = await import('../member/index.ts');
    try {
      return new EmbeddedBackend(await startMember({ name, directory, cluster: null }));
    } catch (error) {
      if (!isHeld(error)) throw error;
      throw new InUseError(error.message, { cause: error });
    }
  }

  call(request: StoreRequest, { consistency, signal }: BackendCall): Promise<StoreResponse> {
    return this.#member.call(request, signal === undefined ? { consistency } : { consistency, signal });
  }

  async status(): Promise<StoreStatus> {
    return this.#member.status();
  }

  close(): Promise<void> {
    return this.#member.close();
  }
}

/** The host's error about a data directory that a process holds; its message says which. */
function isHeld(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && error.code === 'directoryHeld';
}
