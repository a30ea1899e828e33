import { DEPTH_MAX, explain, kindOf, NOT_PLAIN, setField } from './plain.ts';

/**
 * A deep copy of plain data that shares nothing with the original, with every object's prototype kept.
 *
 * What is referred to twice within the value is copied twice. A value that contains itself is refused, with the path
 * to where it does. Throws `PlainDataError`.
 */
export function clone<T>(value: T): T {
  try {
    return copy(value, 0) as T;
  } catch (error) {
    throw error === NOT_PLAIN || error instanceof RangeError ? explain('clone', value) : error;
  }
}

function copy(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) {
    if (typeof value === 'function' || typeof value === 'symbol') throw NOT_PLAIN;
    return value;
  }
  if (depth > DEPTH_MAX) throw NOT_PLAIN;
  switch (kindOf(value)) {
    case 'object':
    case 'instance':
      return copyFields(value, depth);
    case 'array':
      return copyArray(value as unknown[], depth);
    case 'map':
      return copyMap(value as Map<unknown, unknown>, depth);
    case 'set':
      return copySet(value as Set<unknown>, depth);
    case 'bytes':
      return new Uint8Array(value as Uint8Array);
    default:
      throw NOT_PLAIN;
  }
}

function copyFields(value: object, depth: number): object {
  const result: object = Object.create(Object.getPrototypeOf(value));
  for (const name of Object.keys(value)) {
    setField(result, name, copy((value as Record<string, unknown>)[name], depth + 1));
  }
  return result;
}

function copyArray(value: unknown[], depth: number): unknown[] {
  const result = value.slice();
  for (let index = 0; index < result.length; index += 1) {
    const item = result[index];
    if (typeof item === 'object' ? item !== null : typeof item === 'function' || typeof item === 'symbol') {
      result[index] = copy(item, depth + 1);
    }
  }
  return result;
}

function copyMap(value: Map<unknown, unknown>, depth: number): Map<unknown, unknown> {
  const result = new Map<unknown, unknown>();
  for (const [key, item] of value) result.set(copy(key, depth + 1), copy(item, depth + 1));
  return result;
}

function copySet(value: Set<unknown>, depth: number): Set<unknown> {
  const result = new Set<unknown>();
  for (const item of value) result.add(copy(item, depth + 1));
  return result;
}
