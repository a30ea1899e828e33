import { type Bytes, connect, type Selection, type Store } from '../client/index.ts';
import type { Arguments } from './arguments.ts';
import { type Flag, UsageError } from './command.ts';
import { diagnose } from './diagnosis.ts';
import type { Terminal } from './terminal.ts';

export const DEFAULT_ENDPOINT = '127.0.0.1:2379';
/** Where `serve` serves clients, and the members of `up`: whichever of them run. */
const DEFAULT_ENDPOINTS = `${DEFAULT_ENDPOINT},127.0.0.1:12379,127.0.0.1:22379`;

export const ENDPOINT_FLAGS: Readonly<Record<string, Flag>> = {
  endpoints: {
    value: 'HOST:PORT,…',
    help: "where members serve clients; any is enough (default: those of 'up')",
  },
};

export const HEX_FLAG: Readonly<Record<string, Flag>> = {
  hex: { help: 'keys and values are written in hexadecimal, two digits a byte' },
};

export const SELECTION_FLAGS: Readonly<Record<string, Flag>> = {
  prefix: { help: "all keys that start with KEY ('' for every key)" },
  range: { value: 'END', help: 'all keys from KEY up to END, END left out' },
};

export function endpointsOf(given: Arguments, env: Terminal['env']): string[] {
  const text = given.text('endpoints') ?? env.COTERIE_ENDPOINTS ?? DEFAULT_ENDPOINTS;
  return text.split(',').map((endpoint) => endpoint.trim());
}

/** Does something with the store that the flags name. What only looking at the cluster can explain is explained. */
export async function withStore<T>(
  given: Arguments,
  terminal: Terminal,
  use: (store: Store) => Promise<T>,
): Promise<T> {
  const endpoints = endpointsOf(given, terminal.env);
  await using store = connect(endpoints);
  try {
    return await use(store);
  } catch (error) {
    throw await diagnose(error, endpoints);
  }
}

/** A key or value as it was typed: text, or hexadecimal with --hex. */
export function bytesOf(given: Arguments, typed: string, what: string): Bytes {
  if (!given.has('hex')) return typed;
  if (/^(?:[0-9a-fA-F]{2})*$/.test(typed)) return Buffer.from(typed, 'hex');
  throw new UsageError(`${what} with --hex has two hexadecimal digits a byte, as in 00ff: got '${typed}'`);
}

/** The keys that KEY, --prefix and --range select together. */
export function selectionOf(given: Arguments): Selection {
  const key = bytesOf(given, given.at(0), 'KEY');
  const end = given.text('range');
  const to = end === undefined ? undefined : bytesOf(given, end, '--range');
  if (given.has('prefix') && to !== undefined) {
    throw new UsageError('--prefix and --range select different keys: give one of them');
  }
  if (given.has('prefix')) return { prefix: key };
  if (to !== undefined) return { from: key, to };
  if (key.length === 0) throw new UsageError("a key has at least one byte: for every key, write '' --prefix");
  return { key };
}
