import { toJson } from '../../../kernel/index.ts';

/**
 * The same for values that differ only in the order of the keys of a map or of the elements of a set, which means
 * nothing in EDN, nor in JSON, nor does the sign of a zero: versions are told apart by their text, which has an order.
 */
export function inOneOrder(value: unknown): unknown {
  if (value === 0) return 0;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(inOneOrder);
  if (value instanceof Set) return new Set(sorted([...value].map(inOneOrder), (item) => item));
  const isMap = value instanceof Map;
  const pairs = [...(isMap ? value : Object.entries(value))];
  const ordered = sorted(
    pairs.map(([name, item]): [unknown, unknown] => [inOneOrder(name), inOneOrder(item)]),
    ([name]) => name,
  );
  return isMap ? new Map(ordered) : Object.fromEntries(ordered);
}

/** By the text of a part of each; what has the same is there once. */
function sorted<Item>(items: readonly Item[], partOf: (item: Item) => unknown): Item[] {
  const byText = new Map(items.map((item) => [JSON.stringify(toJson(partOf(item))), item]));
  return [...byText].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item);
}
