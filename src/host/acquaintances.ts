import { readFile } from 'node:fs/promises';
import type { NodeId } from '../kernel/address.ts';
import { DirectoryError } from './directory-error.ts';
import { goesOnFrom, isSighting, type Lineage, type Sighting } from './lineage.ts';
import { isMissing, replaceDurably } from './replace-file.ts';

export const LOST_DATA_REMEDY: string =
  'they were wiped, put back from a copy, or are those of another cluster. Start it on its own data, as it was; without ' +
  'them it could break what it promised';

/**
 * Whom this node has met, and with which data. A peer that comes back without the data it had may have forgotten what it
 * promised and acknowledged, so nothing is taken from it: a quorum with it might contradict an earlier one.
 */
export class Acquaintances {
  readonly #file: string;
  readonly #sightings: Map<NodeId, Sighting>;
  readonly #onFailed: (error: Error) => void;
  #writing: Promise<void> = Promise.resolve();

  private constructor(file: string, sightings: Map<NodeId, Sighting>, onFailed: (error: Error) => void) {
    this.#file = file;
    this.#sightings = sightings;
    this.#onFailed = onFailed;
  }

  /** @throws DirectoryError if the file is there and can't be read */
  static async open(file: string, onFailed: (error: Error) => void): Promise<Acquaintances> {
    let text: string;
    try {
      text = await readFile(file, 'utf8');
    } catch (error) {
      if (isMissing(error)) return new Acquaintances(file, new Map(), onFailed);
      throw error;
    }
    return new Acquaintances(file, parse(file, text), onFailed);
  }

  /** Why a peer with such data is not to be talked to; null if it is. */
  objectionTo(node: NodeId, lineage: Lineage): string | null {
    const met = this.#sightings.get(node);
    if (met === undefined || goesOnFrom(lineage, met)) return null;
    return `node "${node}" has not the data that it had when they last met: ${LOST_DATA_REMEDY}`;
  }

  sightingOf(node: NodeId): Sighting | null {
    return this.#sightings.get(node) ?? null;
  }

  /** Remembers a peer's data; durably in a moment. */
  met(node: NodeId, { starts, lives }: Lineage): void {
    const life = lives.at(-1);
    if (life === undefined || this.#sightings.get(node)?.life === life) return;
    this.#sightings.set(node, { starts, life });
    this.#writing = this.#writing
      .then(() => replaceDurably(this.#file, `${JSON.stringify(Object.fromEntries(this.#sightings), null, 2)}\n`))
      .catch(this.#onFailed);
  }

  /** Waits until all is durable. */
  close(): Promise<void> {
    return this.#writing;
  }
}

function parse(file: string, text: string): Map<NodeId, Sighting> {
  const sightings = new Map<NodeId, Sighting>();
  for (const [node, sighting] of Object.entries(entriesOf(text) ?? refuse(file))) {
    if (!isSighting(sighting)) refuse(file);
    sightings.set(node, sighting);
  }
  return sightings;
}

function entriesOf(text: string): object | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' ? value : null;
  } catch {
    return null;
  }
}

function refuse(file: string): never {
  const message =
    `cannot tell from "${file}" which peers this node has met. Restore that file from a backup, or delete it if all ` +
    'members have the data that they had';
  throw new DirectoryError('directoryFormat', message);
}
