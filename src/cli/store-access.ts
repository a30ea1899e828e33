import { connect, type Selection, type Store } from '../client/index.ts';
import type { Arguments } from './arguments.ts';
import { type Flag, UsageError } from './command.ts';
import { diagnose } from './diagnosis.ts';
import type { Terminal } from './terminal.ts';

export const DEFAULT_ENDPOINT = '127.0.0.1:2379';

export const ENDPOINT_FLAGS: Readonly<Record<string, Flag>> = {
  endpoints: { value: 'HOST:PORT,…', help: 'where the store serves clients; any member is enough' },
};

export const SELECTION_FLAGS: Readonly<Record<string, Flag>> = {
  prefix: { help: "all keys that start with KEY ('' for every key)" },
  range: { value: 'END', help: 'all keys from KEY up to END, END left out' },
};

export function endpointsOf(given: Arguments, terminal: Terminal): string[] {
  const text = given.text('endpoints') ?? terminal.env.COTERIE_ENDPOINTS ?? DEFAULT_ENDPOINT;
  return text.split(',').map((endpoint) => endpoint.trim());
}

/** Does something with the store that the flags name. What only looking at the cluster can explain is explained. */
export async function withStore<T>(
  given: Arguments,
  terminal: Terminal,
  use: (store: Store) => Promise<T>,
): Promise<T> {
  const endpoints = endpointsOf(given, terminal);
  await using store = connect(endpoints);
  try {
    return await use(store);
  } catch (error) {
    throw await diagnose(error, endpoints);
  }
}

/** The keys that KEY, --prefix and --range select together. */
export function selectionOf(given: Arguments): Selection {
  const key = given.at(0);
  const to = given.text('range');
  if (given.has('prefix') && to !== undefined) {
    throw new UsageError('--prefix and --range select different keys: give one of them');
  }
  if (given.has('prefix')) return { prefix: key };
  if (to !== undefined) return { from: key, to };
  if (key === '') throw new UsageError("a key has at least one byte: for every key, write '' --prefix");
  return { key };
}
