import { hashHex } from '../../kernel/index.ts';

/** Where each name of a node goes. */
export type Renaming = ReadonlyMap<string, string>;

/**
 * A copy of plain data with nodes renamed: every string that is a node's name, or an address on it, wherever it stands,
 * as a key too. What is in fields of the names given comes sorted, for its order is to mean nothing.
 */
export function renamed<T>(value: T, renaming: Renaming, unordered: ReadonlySet<string>): T {
  return rename(value, renaming, unordered) as T;
}

function rename(value: unknown, renaming: Renaming, unordered: ReadonlySet<string>): unknown {
  if (typeof value === 'string') return renameText(value, renaming);
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return value.map((item) => rename(item, renaming, unordered));
  if (value instanceof Set) return new Set([...value].map((item) => rename(item, renaming, unordered)));
  if (value instanceof Map) {
    return new Map(
      [...value].map((entry) => entry.map((part) => rename(part, renaming, unordered)) as [unknown, unknown]),
    );
  }
  const result: object = Object.create(Object.getPrototypeOf(value));
  for (const [name, part] of Object.entries(value)) {
    const moved = rename(part, renaming, unordered);
    Reflect.set(result, renameText(name, renaming) as string, unordered.has(name) ? inAnyOrder(moved) : moved);
  }
  return result;
}

/** The one form of an array, map, set or plain object whose order means nothing. */
function inAnyOrder(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return sorted(value);
  if (value instanceof Set) return new Set(sorted([...value]));
  if (value instanceof Map) return new Map(sorted([...value]) as [unknown, unknown][]);
  if (Object.getPrototypeOf(value) === Object.prototype) {
    return Object.fromEntries(sorted(Object.entries(value)) as [string, unknown][]);
  }
  return value;
}

function renameText(text: unknown, renaming: Renaming): unknown {
  if (typeof text !== 'string') return text;
  const slash = text.indexOf('/');
  if (slash === -1) return renaming.get(text) ?? text;
  const node = renaming.get(text.slice(0, slash));
  return node === undefined ? text : node + text.slice(slash);
}

function sorted(items: readonly unknown[]): unknown[] {
  const keyed = items.map((item) => [hashHex(item), item] as const);
  return keyed.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, item]) => item);
}
