import { randomUUID } from 'node:crypto';
import { access, constants, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { NodeId } from '../kernel/address.ts';
import { makeDirectory, syncDirectory } from './disk.ts';
import { DirectoryLock } from './lock.ts';

/** Whose data a directory holds. */
export interface Identity {
  readonly node: NodeId;
  readonly cluster: string;
}

export type DirectoryErrorCode = 'directoryUnusable' | 'directoryForeign' | 'directoryFormat';

export class DirectoryError extends Error {
  override readonly name = 'DirectoryError';
  readonly code: DirectoryErrorCode;

  constructor(code: DirectoryErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'DirectoryError';
    this.code = code;
  }
}

const FORMAT = 1;
const IDENTITY_FILE = 'identity.json';

/** A node's data directory, held by this process until it is closed. */
export class DataDirectory {
  readonly path: string;
  readonly #lock: DirectoryLock;

  private constructor(path: string, lock: DirectoryLock) {
    this.path = path;
    this.#lock = lock;
  }

  /**
   * Takes a directory for a node, creating it if needed.
   * @throws DirectoryError if it can't be used, or belongs to another node; DirectoryHeldError if a process holds it
   */
  static async open(path: string, identity: Identity): Promise<DataDirectory> {
    await ensureWritable(path);
    const lock = await DirectoryLock.take(path);
    try {
      await checkIdentity(path, identity);
      return new DataDirectory(path, lock);
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  /** The path of something within. */
  file(name: string): string {
    return join(this.path, name);
  }

  close(): Promise<void> {
    return this.#lock.release();
  }
}

async function ensureWritable(path: string): Promise<void> {
  try {
    await makeDirectory(path);
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const message = `cannot use "${path}" as the data directory: ${reason}. Give a directory that this user may write to`;
    throw new DirectoryError('directoryUnusable', message, error);
  }
}

async function checkIdentity(path: string, asked: Identity): Promise<void> {
  const found = await readIdentity(path);
  if (found === null) return writeIdentity(path, asked);
  if (found.cluster === asked.cluster && found.node === asked.node) return;
  throw new DirectoryError(
    'directoryForeign',
    `the data directory "${path}" belongs to node "${found.node}" of cluster "${found.cluster}", but node "${asked.node}" ` +
      `of cluster "${asked.cluster}" was asked to use it. Start the node it belongs to, or give another directory`,
  );
}

async function readIdentity(path: string): Promise<Identity | null> {
  const file = join(path, IDENTITY_FILE);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
  const found = parse(text);
  if (found?.format === FORMAT && typeof found.node === 'string' && typeof found.cluster === 'string') {
    return { node: found.node, cluster: found.cluster };
  }
  const what = found === null ? 'is not readable JSON' : `has format ${String(found.format)}, expected ${FORMAT}`;
  const message = `cannot tell whose data is in "${path}": ${file} ${what}. Restore that file from a backup`;
  throw new DirectoryError('directoryFormat', message);
}

/** Under its name the file is complete: it is written aside, and renamed when it is on the disk. */
async function writeIdentity(path: string, { node, cluster }: Identity): Promise<void> {
  const aside = join(path, `${IDENTITY_FILE}.${randomUUID()}`);
  const text = `${JSON.stringify({ format: FORMAT, node, cluster }, null, 2)}\n`;
  await writeDurably(aside, text);
  await rename(aside, join(path, IDENTITY_FILE));
  await syncDirectory(path);
}

async function writeDurably(file: string, text: string): Promise<void> {
  const handle = await open(file, 'wx');
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function parse(text: string): { format?: unknown; node?: unknown; cluster?: unknown } | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : null;
  } catch {
    return null;
  }
}

export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
