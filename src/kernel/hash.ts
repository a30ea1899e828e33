import { classNameOf, DEPTH_MAX, explain, kindOf, NOT_PLAIN } from './plain.ts';

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

/** A hash that tells the order of insertion into maps, sets and objects too: it agrees with `equalInOrder`. */
export function hashInOrder(value: unknown): Hash {
  inOrder = true;
  try {
    return hash(value);
  } finally {
    inOrder = false;
  }
}

/** The hash as 16 hexadecimal digits. */
export function hashHex(value: unknown): string {
  run(value);
  return (h1 >>> 0).toString(16).padStart(8, '0') + (h2 >>> 0).toString(16).padStart(8, '0');
}

// Hashing is synchronous, hence one working space for all: the words of what is being hashed, and the two lanes.
let words = new Int32Array(1024);
let top = 0;
let h1 = 0;
let h2 = 0;
/** Whether the order of insertion counts. */
let inOrder = false;

/** The first digits of pi. */
const SEED: Seed = { h1: 0x243f6a88, h2: 0x85a308d3 | 0 };

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
const TAG_SMALL = 15;

function run(value: unknown): void {
  top = 0;
  try {
    add(value, 0);
  } catch (error) {
    throw error === NOT_PLAIN ? explain('hash', value) : error;
  }
  mix(0, SEED);
}

function word(value: number): void {
  if (top === words.length) grow();
  words[top] = value;
  top += 1;
}

function grow(): void {
  const larger = new Int32Array(words.length * 2);
  larger.set(words);
  words = larger;
}

/** Hashes the words from an index on into the lanes. A round is a bijection of them, so that no two states merge. */
function mix(from: number, seed: Seed): void {
  let a = seed.h1;
  let b = seed.h2;
  const space = words;
  const end = top;
  for (let index = from; index < end; index += 1) {
    const value = space[index] as number;
    let k = Math.imul(value, 0x239b961b);
    k = (k << 15) | (k >>> 17);
    a ^= Math.imul(k, 0xab0e9789);
    a = (a << 19) | (a >>> 13);
    a = (a + b) | 0;
    a = (Math.imul(a, 5) + 0x561ccd1b) | 0;
    k = Math.imul(value, 0x38b34ae5);
    k = (k << 17) | (k >>> 15);
    b ^= Math.imul(k, 0xa1e38b93);
    b = (b << 17) | (b >>> 15);
    b = (b + a) | 0;
    b = (Math.imul(b, 5) + 0x0bcaa747) | 0;
  }
  const length = end - from;
  a ^= length;
  b ^= length;
  a = (a + b) | 0;
  b = (b + a) | 0;
  a = avalanche(a);
  b = avalanche(b);
  h1 = (a + b) | 0;
  h2 = (b + h1) | 0;
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
    if ((integer << 4) >> 4 === integer) {
      word(TAG_SMALL | (integer << 4));
    } else {
      word(TAG_INTEGER);
      word(integer);
    }
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
  for (; index + 3 < length; index += 4) {
    const a = value.charCodeAt(index);
    const b = value.charCodeAt(index + 1);
    const c = value.charCodeAt(index + 2);
    const d = value.charCodeAt(index + 3);
    if ((a | b | c | d) < 0x100) {
      word(a | (b << 8) | (c << 16) | (d << 24));
    } else {
      word(a | (b << 16));
      word(c | (d << 16));
    }
  }
  let rest = 0;
  for (; index < length; index += 1) {
    const unit = value.charCodeAt(index);
    if (unit >= 0x100) word(rest);
    rest = (rest << 8) ^ unit;
  }
  if ((length & 3) !== 0) word(rest);
}

function addObject(value: object, depth: number): void {
  if (depth >= DEPTH_MAX) throw NOT_PLAIN;
  switch (kindOf(value)) {
    case 'object':
      word(TAG_OBJECT);
      addFields(value, depth + 1);
      break;
    case 'instance':
      word(TAG_INSTANCE);
      word(classWord(Object.getPrototypeOf(value)));
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
  if (inOrder) {
    addFieldsInOrder(value, depth);
    return;
  }
  const from = top;
  let sum1 = 0;
  let sum2 = 0;
  for (const name in value) {
    const seed = names.get(name) ?? learn(name);
    add((value as Record<string, unknown>)[name], depth);
    mix(from, seed);
    top = from;
    sum1 = (sum1 + h1) | 0;
    sum2 = (sum2 + h2) | 0;
  }
  word(sum1);
  word(sum2);
}

function addFieldsInOrder(value: object, depth: number): void {
  let count = 0;
  for (const name in value) {
    const seed = names.get(name) ?? learn(name);
    word(seed.h1);
    word(seed.h2);
    add((value as Record<string, unknown>)[name], depth);
    count += 1;
  }
  word(count);
}

/** One word for a class: the hash of its name. */
function classWord(prototype: object): number {
  let known = classWords.get(prototype);
  if (known === undefined) {
    known = learn(classNameOf(prototype)).h1;
    classWords.set(prototype, known);
  }
  return known;
}

const classWords = new WeakMap<object, number>();

/** What the lanes begin with. */
interface Seed {
  readonly h1: number;
  readonly h2: number;
}

/** The hashes of field names seen before: programs have few, in every object they hash. */
const names = new Map<string, Seed>();
const NAMES_MAX = 4096;

function learn(name: string): Seed {
  if (name === '__proto__') throw NOT_PLAIN;
  const from = top;
  addString(name);
  mix(from, SEED);
  top = from;
  const seed = { h1, h2 };
  if (names.size < NAMES_MAX) names.set(name, seed);
  return seed;
}

function addMap(value: Map<unknown, unknown>, depth: number): void {
  word(TAG_MAP | (value.size << 4));
  const from = top;
  let sum1 = 0;
  let sum2 = 0;
  for (const [key, item] of value) {
    add(key, depth);
    add(item, depth);
    if (inOrder) continue;
    mix(from, SEED);
    top = from;
    sum1 = (sum1 + h1) | 0;
    sum2 = (sum2 + h2) | 0;
  }
  word(sum1);
  word(sum2);
}

function addSet(value: Set<unknown>, depth: number): void {
  word(TAG_SET | (value.size << 4));
  const from = top;
  let sum1 = 0;
  let sum2 = 0;
  for (const item of value) {
    add(item, depth);
    if (inOrder) continue;
    mix(from, SEED);
    top = from;
    sum1 = (sum1 + h1) | 0;
    sum2 = (sum2 + h2) | 0;
  }
  word(sum1);
  word(sum2);
}
