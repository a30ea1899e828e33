import { access, constants, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { NodeId } from '../kernel/address.ts';
import { DirectoryError } from './directory-error.ts';
import { makeDirectory } from './disk.ts';
import { isLineage, type Lineage, NO_LINEAGE, withAnotherLife } from './lineage.ts';
import { DirectoryLock } from './lock.ts';
import { isMissing, replaceDurably } from './replace-file.ts';

/** Whose data a directory holds. */
export interface Identity {
  readonly node: NodeId;
  readonly cluster: string;
}

/** What the directory says of itself. */
interface Card extends Identity {
  readonly lineage: Lineage;
}

const FORMAT = 2;
const IDENTITY_FILE = 'identity.json';

/** A node's data directory, held by this process until it is closed. */
export class DataDirectory {
  readonly path: string;
  readonly #identity: Identity;
  readonly #lock: DirectoryLock;
  #lineage: Lineage;

  private constructor(path: string, { node, cluster, lineage }: Card, lock: DirectoryLock) {
    this.path = path;
    this.#identity = { node, cluster };
    this.#lineage = lineage;
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
      return new DataDirectory(path, await cardFor(path, identity), lock);
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  get lineage(): Lineage {
    return this.#lineage;
  }

  /** Whether a node has started on it before, so that there is a log. */
  get hasLived(): boolean {
    return this.#lineage.starts > 0;
  }

  /** The node has what it needs, and is about to meet others. */
  async beginLife(): Promise<void> {
    const lineage = withAnotherLife(this.#lineage);
    await writeCard(this.path, { ...this.#identity, lineage });
    this.#lineage = lineage;
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

async function cardFor(path: string, asked: Identity): Promise<Card> {
  const found = await readCard(path);
  if (found === null) {
    await mustBeEmpty(path);
    const card = { ...asked, lineage: NO_LINEAGE };
    await writeCard(path, card);
    return card;
  }
  if (found.cluster === asked.cluster && found.node === asked.node) return found;
  throw new DirectoryError(
    'directoryForeign',
    `the data directory "${path}" belongs to node "${found.node}" of cluster "${found.cluster}", but node "${asked.node}" ` +
      `of cluster "${asked.cluster}" was asked to use it. Start the node it belongs to, or give another directory`,
  );
}

/** Data without the file that says whose they are may be anybody's. Other files are nobody's business. */
async function mustBeEmpty(path: string): Promise<void> {
  const data = (await readdir(path)).filter((name) => name === 'wal' || name === 'storage');
  if (data.length === 0) return;
  const message =
    `cannot tell whose data is in "${path}": there is ${data.join(' and ')}, but no ${IDENTITY_FILE}. Put that file ` +
    'back, or give another directory';
  throw new DirectoryError('directoryFormat', message);
}

async function readCard(path: string): Promise<Card | null> {
  const file = join(path, IDENTITY_FILE);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
  const found = parse(text);
  if (found?.['format'] === FORMAT) {
    const { node, cluster, lineage } = found;
    if (typeof node === 'string' && typeof cluster === 'string' && isLineage(lineage))
      return { node, cluster, lineage };
  }
  const what = found === null ? 'is not readable JSON' : `has format ${String(found['format'])}, expected ${FORMAT}`;
  const message = `cannot tell whose data is in "${path}": ${file} ${what}. Restore that file from a backup`;
  throw new DirectoryError('directoryFormat', message);
}

function writeCard(path: string, { node, cluster, lineage }: Card): Promise<void> {
  const { starts, lives } = lineage;
  const card = { format: FORMAT, node, cluster, lineage: { starts, lives } };
  return replaceDurably(join(path, IDENTITY_FILE), `${JSON.stringify(card, null, 2)}\n`);
}

function parse(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : null;
  } catch {
    return null;
  }
}
