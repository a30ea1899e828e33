import type { Member } from '../member/api.ts';
import type { StoreRequest, StoreResponse } from '../store/api.ts';
import type { Backend, BackendCall, StoreStatus } from './backend.ts';
import { DirectoryError, type DirectoryErrorCode, InUseError } from './errors.ts';

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
      throw openFailure(error);
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

/** The host's errors about a data directory, as callers are told them; every other error as it is. */
function openFailure(error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return error;
  if (error.code === 'directoryHeld') return new InUseError(error.message, { cause: error });
  return isDirectoryErrorCode(error.code) ? new DirectoryError(error.code, error.message, { cause: error }) : error;
}

const DIRECTORY_ERROR_CODES: Readonly<Record<DirectoryErrorCode, true>> = {
  directoryUnusable: true,
  directoryForeign: true,
  directoryFormat: true,
  walCorrupt: true,
  walMissing: true,
  storageOpen: true,
  nodeCannotStart: true,
};

function isDirectoryErrorCode(code: string): code is DirectoryErrorCode {
  return Object.hasOwn(DIRECTORY_ERROR_CODES, code);
}
