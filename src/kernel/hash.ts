import { DEPTH_MAX, explain, kindOf, NOT_PLAIN } from './plain.ts';

/** 64 well-mixed bits, as two unsigned 32-bit numbers: what typed arrays and bit operations take without conversion. */
export interface Hash {
  readonly high: number;
  readonly low: number;
}

/**
 * A 64-bit hash of plain data. Equal values (as `equal` has it) have equal hashes, on every machine and in every run.
 *
 * The state is two 32-bit lanes that every word passes through, crossed as in MurmurHash3's x86 128-bit variant
 * (Appleby, 2011; public domain), whose constants and finaliser these are. Entries of maps and sets and fields of
 * objects are hashed on their own and added up, so that their order does not matter and nothing has to be sorted.
 */
export function hash(value: unknown): Hash {
  run(value);
  return { high: h1 >>> 0, low: h2 >>> 0 };
}

/** Writes the hash of a value to two elements of an array, high half first, and allocates nothing. */
export function hashInto(value: unknown, target: Uint32Array, offset: number): void {
  run(value);
  target[offset] = h1;
  target[offset + 1] = h2;
}

/** The hash as 16 hexadecimal digits. */
export function hashHex(value: unknown): string {
  run(value);
  return (h1 >>> 0).toString(16).padStart(8, '0') + (h2 >>> 0).toString(16).padStart(8, '0');
}

// The lanes are here and not in an object, because hashing is synchronous and this is twice as fast.
let h1 = 0;
let h2 = 0;

const SEED_1 = 0x243f6a88; // the first digits of pi
const SEED_2 = 0x85a308d3;

const TAG_UNDEFINED = 1;
const TAG_NULL = 2;
const TAG_FALSE = 3;
const TAG_TRUE = 4;
const TAG_INTEGER = 5;
const TAG_DOUBLE = 6;
const TAG_STRING = 7;
const TAG_BIGINT = 8;
const TAG_BYTES = 9;
const TAG_ARRAY = 10;
const TAG_MAP = 11;
const TAG_SET = 12;
const TAG_OBJECT = 13;
const TAG_INSTANCE = 14;

function run(value: unknown): void {
  h1 = SEED_1;
  h2 = SEED_2;
  try {
    add(value, 0);
  } catch (error) {
    throw error === NOT_PLAIN || error instanceof RangeError ? explain('hash', value) : error;
  }
  finish();
}

/** Passes one 32-bit word through both lanes. For each word it is a bijection of the state: no two states merge. */
function word(value: number): void {
  let k = Math.imul(value, 0x239b961b);
  k = (k << 15) | (k >>> 17);
  h1 ^= Math.imul(k, 0xab0e9789);
  h1 = (h1 << 19) | (h1 >>> 13);
  h1 = (h1 + h2) | 0;
  h1 = (Math.imul(h1, 5) + 0x561ccd1b) | 0;
  k = Math.imul(value, 0x38b34ae5);
  k = (k << 17) | (k >>> 15);
  h2 ^= Math.imul(k, 0xa1e38b93);
  h2 = (h2 << 17) | (h2 >>> 15);
  h2 = (h2 + h1) | 0;
  h2 = (Math.imul(h2, 5) + 0x0bcaa747) | 0;
}

function finish(): void {
  h1 = (h1 + h2) | 0;
  h2 = (h2 + h1) | 0;
  h1 = avalanche(h1);
  h2 = avalanche(h2);
  h1 = (h1 + h2) | 0;
  h2 = (h2 + h1) | 0;
}

function avalanche(lane: number): number {
  let h = lane;
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
}

function add(value: unknown, depth: number): void {
  switch (typeof value) {
    case 'number':
      addNumber(value);
      break;
    case 'string':
      addString(value);
      break;
    case 'boolean':
      word(value ? TAG_TRUE : TAG_FALSE);
      break;
    case 'undefined':
      word(TAG_UNDEFINED);
      break;
    case 'bigint':
      word(TAG_BIGINT);
      addString(value.toString(16));
      break;
    case 'object':
      if (value === null) word(TAG_NULL);
      else addObject(value, depth);
      break;
    default:
      throw NOT_PLAIN;
  }
}

const double = new Float64Array(1);
const doubleWords = new Uint32Array(double.buffer);

function addNumber(value: number): void {
  const integer = value | 0;
  if (integer === value && (integer !== 0 || 1 / value > 0)) {
    word(TAG_INTEGER);
    word(integer);
    return;
  }
  double[0] = value;
  word(TAG_DOUBLE);
  // NaN has many bit patterns, and is one value.
  word(Number.isNaN(value) ? 0 : (doubleWords[0] as number));
  word(Number.isNaN(value) ? 0x7ff80000 : (doubleWords[1] as number));
}

function addString(value: string): void {
  const length = value.length;
  word(TAG_STRING | (length << 4));
  let index = 0;
  for (; index + 1 < length; index += 2) word(value.charCodeAt(index) | (value.charCodeAt(index + 1) << 16));
  if (index < length) word(value.charCodeAt(index));
}

function addObject(value: object, depth: number): void {
  if (depth > DEPTH_MAX) throw NOT_PLAIN;
  switch (kindOf(value)) {
    case 'object':
      word(TAG_OBJECT);
      addFields(value, depth + 1);
      break;
    case 'instance':
      word(TAG_INSTANCE);
      addFields(value, depth + 1);
      break;
    case 'array':
      addArray(value as unknown[], depth + 1);
      break;
    case 'map':
      addMap(value as Map<unknown, unknown>, depth + 1);
      break;
    case 'set':
      addSet(value as Set<unknown>, depth + 1);
      break;
    case 'bytes':
      addBytes(value as Uint8Array);
      break;
    default:
      throw NOT_PLAIN;
  }
}

function addArray(value: readonly unknown[], depth: number): void {
  word(TAG_ARRAY | (value.length << 4));
  for (let index = 0; index < value.length; index += 1) add(value[index], depth);
}

function addBytes(value: Uint8Array): void {
  const length = value.length;
  word(TAG_BYTES | (length << 4));
  let index = 0;
  for (; index + 3 < length; index += 4) {
    const low = (value[index] as number) | ((value[index + 1] as number) << 8);
    word(low | ((value[index + 2] as number) << 16) | ((value[index + 3] as number) << 24));
  }
  for (; index < length; index += 1) word(value[index] as number);
}

function addFields(value: object, depth: number): void {
  const outer1 = h1;
  const outer2 = h2;
  let sum1 = 0;
  let sum2 = 0;
  for (const name of Object.keys(value)) {
    h1 = SEED_1;
    h2 = SEED_2;
    addString(name);
    add((value as Record<string, unknown>)[name], depth);
    finish();
    sum1 = (sum1 + h1) | 0;
    sum2 = (sum2 + h2) | 0;
  }
  resume(outer1, outer2, sum1, sum2);
}

function addMap(value: Map<unknown, unknown>, depth: number): void {
  word(TAG_MAP | (value.size << 4));
  const outer1 = h1;
  const outer2 = h2;
  let sum1 = 0;
  let sum2 = 0;
  for (const [key, item] of value) {
    h1 = SEED_1;
    h2 = SEED_2;
    add(key, depth);
    add(item, depth);
    finish();
    sum1 = (sum1 + h1) | 0;
    sum2 = (sum2 + h2) | 0;
  }
  resume(outer1, outer2, sum1, sum2);
}

function addSet(value: Set<unknown>, depth: number): void {
  word(TAG_SET | (value.size << 4));
  const outer1 = h1;
  const outer2 = h2;
  let sum1 = 0;
  let sum2 = 0;
  for (const item of value) {
    h1 = SEED_1;
    h2 = SEED_2;
    add(item, depth);
    finish();
    sum1 = (sum1 + h1) | 0;
    sum2 = (sum2 + h2) | 0;
  }
  resume(outer1, outer2, sum1, sum2);
}

function resume(outer1: number, outer2: number, sum1: number, sum2: number): void {
  h1 = outer1;
  h2 = outer2;
  word(sum1);
  word(sum2);
}
