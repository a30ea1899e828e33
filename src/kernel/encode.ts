import {
  COUNT_SHORT_MAX,
  STRING_SHORT_MAX,
  TAG_ARRAY,
  TAG_ARRAY_SHORT,
  TAG_BIGINT,
  TAG_BIGINT_NEGATIVE,
  TAG_BYTES,
  TAG_DOUBLE,
  TAG_FALSE,
  TAG_MAP,
  TAG_NEGATIVE,
  TAG_NULL,
  TAG_OBJECT,
  TAG_OBJECT_SHORT,
  TAG_SET,
  TAG_STRING,
  TAG_STRING_SHORT,
  TAG_TRUE,
  TAG_UNDEFINED,
  TAG_WHOLE,
} from './codec.ts';
import { DEPTH_MAX, explain, kindOf, NOT_PLAIN } from './plain.ts';
import { BYTES_PER_UNIT_MAX, writeText } from './text.ts';

/** Values are written one after another into a shared pool: a buffer for each would cost more than writing it. */
const POOL_BYTES = 8192;
/** With less room left than this, the next value begins a new pool rather than moving halfway. */
const POOL_LEFT_MIN = 256;
const VARINT_BYTES_MAX = 8;

let pool: Uint8Array = new Uint8Array(POOL_BYTES);
let start = 0;
let at = 0;

/**
 * Writes plain data as bytes, in the form described in `codec.ts`. Bytes within the value are copied, once.
 *
 * The result is a view of a pool of 8 KiB that results share, as small Buffers of Node do: its content never changes
 * again, but do not transfer its `buffer`, and copy it to keep few bytes for long. Throws `PlainDataError` for what is
 * not plain data, class instances among it.
 */
export function encode(value: unknown): Uint8Array {
  if (pool.length - start < POOL_LEFT_MIN) {
    pool = new Uint8Array(POOL_BYTES);
    start = 0;
  }
  at = start;
  try {
    write(value, 0);
  } catch (error) {
    throw error === NOT_PLAIN ? explain('encode', value, 'no instances') : error;
  }
  const result = pool.subarray(start, at);
  start = at;
  return result;
}

/** Makes room for so many more bytes, moving what this value has written if need be. */
function reserve(count: number): void {
  if (at + count > pool.length) grow(count);
}

function grow(count: number): void {
  const written = at - start;
  const larger = new Uint8Array(Math.max(POOL_BYTES, written * 4, written + count + POOL_LEFT_MIN));
  larger.set(pool.subarray(start, at));
  pool = larger;
  start = 0;
  at = written;
}

function write(value: unknown, depth: number): void {
  switch (typeof value) {
    case 'number':
      writeNumber(value);
      break;
    case 'string':
      writeString(value);
      break;
    case 'boolean':
      writeByte(value ? TAG_TRUE : TAG_FALSE);
      break;
    case 'undefined':
      writeByte(TAG_UNDEFINED);
      break;
    case 'bigint':
      writeBigint(value);
      break;
    case 'object':
      if (value === null) writeByte(TAG_NULL);
      else writeObject(value, depth + 1);
      break;
    default:
      throw NOT_PLAIN;
  }
}

function writeByte(byte: number): void {
  reserve(1);
  pool[at++] = byte;
}

/** Needs `VARINT_BYTES_MAX` bytes reserved. */
function writeVarint(value: number): void {
  let rest = value;
  while (rest > 0x7fffffff) {
    pool[at++] = (rest % 128) | 0x80;
    rest = Math.floor(rest / 128);
  }
  while (rest > 0x7f) {
    pool[at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  pool[at++] = rest;
}

function varintBytes(value: number): number {
  let count = 1;
  for (let rest = value; rest > 0x7f; rest = Math.floor(rest / 128)) count += 1;
  return count;
}

const double = new Float64Array(1);
const doubleBytes = new Uint8Array(double.buffer);

function writeNumber(value: number): void {
  reserve(1 + VARINT_BYTES_MAX);
  if (!Number.isSafeInteger(value) || Object.is(value, -0)) {
    writeDouble(value);
  } else if (value < 0) {
    pool[at++] = TAG_NEGATIVE;
    writeVarint(-1 - value);
  } else if (value < TAG_STRING_SHORT) {
    pool[at++] = value;
  } else {
    pool[at++] = TAG_WHOLE;
    writeVarint(value);
  }
}

function writeDouble(value: number): void {
  double[0] = value;
  pool[at++] = TAG_DOUBLE;
  for (let index = 0; index < 8; index += 1) pool[at++] = doubleBytes[index] as number;
}

function writeString(value: string): void {
  reserve(1 + VARINT_BYTES_MAX + value.length * BYTES_PER_UNIT_MAX);
  const tagAt = at;
  if (value.length <= STRING_SHORT_MAX) {
    const end = writeText(value, pool, tagAt + 1);
    const length = end - tagAt - 1;
    if (length <= STRING_SHORT_MAX) {
      pool[tagAt] = TAG_STRING_SHORT | length;
      at = end;
      return;
    }
  }
  pool[at++] = TAG_STRING;
  writeCountedText(value);
}

/** A varint of the length in bytes, then the text. Needs room for both. */
function writeCountedText(value: string): void {
  // The length in bytes is known only after writing: guess that all is ASCII, and move the text if it was not.
  const lengthAt = at;
  writeVarint(value.length);
  const textAt = at;
  const end = writeText(value, pool, textAt);
  const length = end - textAt;
  at = end;
  if (length === value.length) return;
  const shift = varintBytes(length) - (textAt - lengthAt);
  if (shift > 0) pool.copyWithin(textAt + shift, textAt, end);
  at = lengthAt;
  writeVarint(length);
  at = end + shift;
}

function writeBigint(value: bigint): void {
  let digits = (value < 0n ? -1n - value : value).toString(16);
  if (digits.length % 2 === 1) digits = `0${digits}`;
  const length = digits.length / 2;
  reserve(1 + VARINT_BYTES_MAX + length);
  pool[at++] = value < 0n ? TAG_BIGINT_NEGATIVE : TAG_BIGINT;
  writeVarint(length);
  for (let index = length - 1; index >= 0; index -= 1) {
    pool[at++] = Number.parseInt(digits.slice(2 * index, 2 * index + 2), 16);
  }
}

function writeObject(value: object, depth: number): void {
  if (depth > DEPTH_MAX) throw NOT_PLAIN;
  switch (kindOf(value)) {
    case 'object':
      writeFields(value, depth);
      break;
    case 'array':
      writeArray(value as unknown[], depth);
      break;
    case 'bytes':
      writeBytes(value as Uint8Array);
      break;
    case 'map':
      writeMap(value as Map<unknown, unknown>, depth);
      break;
    case 'set':
      writeSet(value as Set<unknown>, depth);
      break;
    default:
      throw NOT_PLAIN;
  }
}

function writeCount(count: number, short: number, long: number): void {
  reserve(1 + VARINT_BYTES_MAX);
  if (count <= COUNT_SHORT_MAX) {
    pool[at++] = short | count;
  } else {
    pool[at++] = long;
    writeVarint(count);
  }
}

function writeFields(value: object, depth: number): void {
  let count = 0;
  for (const _ in value) count += 1;
  writeCount(count, TAG_OBJECT_SHORT, TAG_OBJECT);
  for (const name in value) {
    if (name === '__proto__') throw NOT_PLAIN;
    reserve(VARINT_BYTES_MAX + name.length * BYTES_PER_UNIT_MAX);
    writeCountedText(name);
    write((value as Record<string, unknown>)[name], depth);
  }
}

function writeArray(value: readonly unknown[], depth: number): void {
  writeCount(value.length, TAG_ARRAY_SHORT, TAG_ARRAY);
  for (let index = 0; index < value.length; index += 1) write(value[index], depth);
}

function writeBytes(value: Uint8Array): void {
  reserve(1 + VARINT_BYTES_MAX + value.length);
  pool[at++] = TAG_BYTES;
  writeVarint(value.length);
  pool.set(value, at);
  at += value.length;
}

function writeMap(value: Map<unknown, unknown>, depth: number): void {
  reserve(1 + VARINT_BYTES_MAX);
  pool[at++] = TAG_MAP;
  writeVarint(value.size);
  for (const [key, item] of value) {
    write(key, depth);
    write(item, depth);
  }
}

function writeSet(value: Set<unknown>, depth: number): void {
  reserve(1 + VARINT_BYTES_MAX);
  pool[at++] = TAG_SET;
  writeVarint(value.size);
  for (const item of value) write(item, depth);
}
