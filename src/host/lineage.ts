import { randomBytes } from 'node:crypto';

/**
 * The lives of a node's data, newest last: each start adds one, drawn at random. Data that was wiped, or put back from
 * a copy, does not have the lives that came after; so those who met the node can tell.
 */
export interface Lineage {
  /** How many lives there were in all. */
  readonly starts: number;
  /** The names of the last ones. */
  readonly lives: readonly string[];
}

/** What one remembers of another's data. */
export interface Sighting {
  readonly starts: number;
  readonly life: string;
}

export const NO_LINEAGE: Lineage = { starts: 0, lives: [] };
const LIVES_MAX = 64;
const LIFE_BYTES = 6;

export function withAnotherLife({ starts, lives }: Lineage): Lineage {
  const life = randomBytes(LIFE_BYTES).toString('hex');
  return { starts: starts + 1, lives: [...lives, life].slice(-LIVES_MAX) };
}

/** Whether these are the data of then, with what they went through since. Of lives too long past nobody can tell. */
export function goesOnFrom({ starts, lives }: Lineage, then: Sighting): boolean {
  return lives.includes(then.life) || starts - lives.length >= then.starts;
}

export function isSighting(value: unknown): value is Sighting {
  if (typeof value !== 'object' || value === null) return false;
  const { starts, life } = { ...value } as Record<string, unknown>;
  return Number.isSafeInteger(starts) && typeof life === 'string';
}

export function isLineage(value: unknown): value is Lineage {
  if (typeof value !== 'object' || value === null) return false;
  const { starts, lives } = { ...value } as Record<string, unknown>;
  return Number.isSafeInteger(starts) && Array.isArray(lives) && lives.every((life) => typeof life === 'string');
}
