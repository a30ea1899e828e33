import { kindOf, type ObjectKind } from './plain.ts';

/**
 * Whether two plain values are the same data.
 *
 * - Numbers as `Object.is` has it: NaN equals NaN, and 0 does not equal -0.
 * - Objects and class instances: the same prototype and the same fields, in any order. A field that is `undefined` is
 *   not one that is missing.
 * - Maps and sets: the same entries *in any order*, and `hash` agrees. `equalInOrder` tells the order too.
 * - Bytes by content, whichever subclass of `Uint8Array` holds them.
 */
export function equal(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  const kind = kindOf(a);
  return kind === kindOf(b) && equalObjects(kind, a, b);
}

function equalObjects(kind: ObjectKind, a: object, b: object): boolean {
  switch (kind) {
    case 'object':
      return equalFields(a, b);
    case 'instance':
      return Object.getPrototypeOf(a) === Object.getPrototypeOf(b) && equalFields(a, b);
    case 'array':
      return equalArrays(a as unknown[], b as unknown[]);
    case 'bytes':
      return equalBytes(a as Uint8Array, b as Uint8Array);
    case 'map':
      return equalMaps(a as Map<unknown, unknown>, b as Map<unknown, unknown>);
    case 'set':
      return equalSets(a as Set<unknown>, b as Set<unknown>);
    case 'other':
      return false;
    default:
      return kind satisfies never;
  }
}

function equalFields(a: object, b: object): boolean {
  let left = 0;
  for (const _ in b) left += 1;
  for (const name in a) {
    const part = (b as Record<string, unknown>)[name];
    if (part === undefined && !Object.hasOwn(b, name)) return false;
    if (!equal((a as Record<string, unknown>)[name], part)) return false;
    left -= 1;
  }
  return left === 0;
}

function equalArrays(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index += 1) {
    if (!equal(a[index], b[index])) return false;
  }
  return true;
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index += 1) {
    if (a[index] !== b[index]) return false;
  }
  return true;
}

function equalMaps(a: Map<unknown, unknown>, b: Map<unknown, unknown>): boolean {
  if (a.size !== b.size) return false;
  const structured: [unknown, unknown][] = [];
  for (const [key, value] of a) {
    if (typeof key === 'object' && key !== null) structured.push([key, value]);
    else if (!b.has(key) || !equal(value, b.get(key))) return false;
  }
  return structured.length === 0 || matchAll(structured, [...b]);
}

function equalSets(a: Set<unknown>, b: Set<unknown>): boolean {
  if (a.size !== b.size) return false;
  const structured: unknown[] = [];
  for (const item of a) {
    if (typeof item === 'object' && item !== null) structured.push(item);
    else if (!b.has(item)) return false;
  }
  return structured.length === 0 || matchAll(structured, [...b]);
}

/** Pairs off each item of one list with an equal one of the other. Equality being transitive, any equal one will do. */
function matchAll(items: readonly unknown[], among: unknown[]): boolean {
  for (const item of items) {
    const found = among.findIndex((other) => equal(item, other));
    if (found === -1) return false;
    among.splice(found, 1);
  }
  return true;
}

/**
 * Whether two plain values are the same data, inserted into maps, sets and objects in the same order: so that no program
 * can tell them apart. `hashInOrder` agrees. What the checker takes for one state is equal in this sense.
 */
export function equalInOrder(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  const kind = kindOf(a);
  if (kind !== kindOf(b)) return false;
  switch (kind) {
    case 'object':
      return equalFieldsInOrder(a, b);
    case 'instance':
      return Object.getPrototypeOf(a) === Object.getPrototypeOf(b) && equalFieldsInOrder(a, b);
    case 'array':
      return allEqualInOrder(a as unknown[], b as unknown[]);
    case 'bytes':
      return equalBytes(a as Uint8Array, b as Uint8Array);
    case 'map':
      return equalMapsInOrder(a as Map<unknown, unknown>, b as Map<unknown, unknown>);
    case 'set':
      return allEqualInOrder([...(a as Set<unknown>)], [...(b as Set<unknown>)]);
    case 'other':
      return false;
    default:
      return kind satisfies never;
  }
}

/** The names of the fields of all objects that are being compared, the innermost last. */
const names: string[] = [];

/** The engine reads the names of fields fastest in a for-in loop, and lists of entries would have to be collected again. */
function equalFieldsInOrder(a: object, b: object): boolean {
  const from = names.length;
  for (const name in a) names.push(name);
  const isEqual = hasNamesFrom(b, from) && hasEqualFields(a, b, from, names.length);
  names.length = from;
  return isEqual;
}

function hasNamesFrom(value: object, from: number): boolean {
  let index = from;
  for (const name in value) {
    if (names[index] !== name) return false;
    index += 1;
  }
  return index === names.length;
}

function hasEqualFields(a: object, b: object, from: number, to: number): boolean {
  for (let index = from; index < to; index += 1) {
    const name = names[index] as string;
    if (!equalInOrder((a as Fields)[name], (b as Fields)[name])) return false;
  }
  return true;
}

type Fields = Readonly<Record<string, unknown>>;

function equalMapsInOrder(a: ReadonlyMap<unknown, unknown>, b: ReadonlyMap<unknown, unknown>): boolean {
  if (a.size !== b.size) return false;
  const others = b.entries();
  for (const [key, item] of a) {
    const other = others.next().value;
    if (other === undefined || !equalInOrder(key, other[0]) || !equalInOrder(item, other[1])) return false;
  }
  return true;
}

function allEqualInOrder(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, index) => equalInOrder(item, b[index]));
}
