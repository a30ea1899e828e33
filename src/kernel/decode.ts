import {
  CodecError,
  type CodecErrorCode,
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
import { DEPTH_MAX } from './plain.ts';
import { readText } from './text.ts';

let bytes: Uint8Array = new Uint8Array(0);
let at = 0;

/**
 * Reads what `encode` wrote, all of it. Bytes within the value are *views* of the input, not copies: whoever reuses
 * the input's memory has to copy it first. Throws `CodecError` for bytes that are no value, and never reads beyond
 * the end, nests deeper than `DEPTH_MAX`, or allocates more than the input's length warrants.
 */
export function decode(input: Uint8Array): unknown {
  bytes = input;
  at = 0;
  try {
    const value = read(0);
    if (at !== bytes.length) throw failure('trailing', at, `the value ends here, ${bytes.length - at} bytes too early`);
    return value;
  } finally {
    bytes = EMPTY;
  }
}

const EMPTY: Uint8Array = new Uint8Array(0);

function failure(code: CodecErrorCode, offset: number, message: string): CodecError {
  return new CodecError(code, offset, message);
}

function truncated(wanted: string): CodecError {
  return failure('truncated', at, `the bytes end within ${wanted}`);
}

function read(depth: number): unknown {
  if (at >= bytes.length) throw truncated('a value');
  const tag = bytes[at] as number;
  at += 1;
  if (tag < TAG_STRING_SHORT) return tag;
  if (tag < TAG_ARRAY_SHORT) return readString(tag - TAG_STRING_SHORT);
  if (tag < TAG_OBJECT_SHORT) return readArray(tag - TAG_ARRAY_SHORT, depth + 1);
  if (tag < TAG_UNDEFINED) return readFields(tag - TAG_OBJECT_SHORT, depth + 1);
  return readLong(tag, depth + 1);
}

function readLong(tag: number, depth: number): unknown {
  switch (tag) {
    case TAG_UNDEFINED:
      return undefined;
    case TAG_NULL:
      return null;
    case TAG_FALSE:
      return false;
    case TAG_TRUE:
      return true;
    case TAG_WHOLE:
      return readVarint();
    case TAG_NEGATIVE:
      return -1 - readVarint();
    case TAG_DOUBLE:
      return readDouble();
    case TAG_STRING:
      return readString(readVarint());
    case TAG_BYTES:
      return readBytes(readVarint());
    case TAG_ARRAY:
      return readArray(readVarint(), depth);
    case TAG_OBJECT:
      return readFields(readVarint(), depth);
    case TAG_MAP:
      return readMap(readVarint(), depth);
    case TAG_SET:
      return readSet(readVarint(), depth);
    case TAG_BIGINT:
      return readBigint(readVarint());
    case TAG_BIGINT_NEGATIVE:
      return -1n - readBigint(readVarint());
    default:
      throw failure('badTag', at - 1, `0x${tag.toString(16)} is no tag`);
  }
}

function readVarint(): number {
  const from = at;
  let value = 0;
  let scale = 1;
  for (;;) {
    if (at >= bytes.length) throw truncated('a number');
    const byte = bytes[at] as number;
    at += 1;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) {
      if (value > Number.MAX_SAFE_INTEGER) throw failure('badNumber', from, 'a number above 2^53');
      if (byte === 0 && scale > 1) throw failure('badNumber', from, 'a number written longer than it needs to be');
      return value;
    }
    if (scale > 2 ** 49) throw failure('badNumber', from, 'a number above 2^53');
    scale *= 128;
  }
}

const double = new Float64Array(1);
const doubleBytes = new Uint8Array(double.buffer);

function readDouble(): number {
  need(8, 'a number');
  for (let index = 0; index < 8; index += 1) doubleBytes[index] = bytes[at + index] as number;
  at += 8;
  return double[0] as number;
}

function need(count: number, what: string): void {
  if (count > bytes.length - at) throw truncated(what);
}

function readString(length: number): string {
  need(length, 'a string');
  const text = readText(bytes, at, at + length);
  if (text === null) throw failure('badText', at, 'a string that is not UTF-8');
  at += length;
  return text;
}

const NAME_BYTES_MAX = 32;
const names: string[] = new Array(512).fill('');

/**
 * A field name. Few names come again and again, and making a string that can be one takes longer than to recognise it:
 * each is kept at a place that its bytes determine, until another needs the place.
 */
function readName(length: number): string {
  need(length, 'a name');
  if (length > NAME_BYTES_MAX) return readString(length);
  let place = length;
  for (let index = 0; index < length; index += 1) place = (Math.imul(place, 31) + (bytes[at + index] as number)) | 0;
  place = (place ^ (place >>> 9)) & (names.length - 1);
  const known = names[place] as string;
  if (!isNext(known, length)) {
    const name = readString(length);
    if (name.length === length) names[place] = name;
    return name;
  }
  at += length;
  return known;
}

/** Whether the next bytes are that name, of as many bytes as characters. */
function isNext(name: string, length: number): boolean {
  if (name.length !== length) return false;
  for (let index = 0; index < length; index += 1) {
    if (name.charCodeAt(index) !== bytes[at + index]) return false;
  }
  return true;
}

/** A plain Uint8Array, even of a subclass's memory. */
function readBytes(length: number): Uint8Array {
  need(length, 'bytes');
  const view = new Uint8Array(bytes.buffer, bytes.byteOffset + at, length);
  at += length;
  return view;
}

function readBigint(length: number): bigint {
  need(length, 'a bigint');
  let digits = '0x0';
  for (let index = length - 1; index >= 0; index -= 1) {
    digits += (bytes[at + index] as number).toString(16).padStart(2, '0');
  }
  at += length;
  return BigInt(digits);
}

/** Every part takes at least a byte, so a count above what is left is refused before anything is allocated. */
function enter(count: number, bytesEach: number, depth: number): void {
  if (depth > DEPTH_MAX) throw failure('tooDeep', at, `nested deeper than ${DEPTH_MAX} levels`);
  need(count * bytesEach, `a collection of ${count}`);
}

function readArray(count: number, depth: number): unknown[] {
  enter(count, 1, depth);
  const result: unknown[] = [];
  for (let index = 0; index < count; index += 1) result.push(read(depth));
  return result;
}

function readFields(count: number, depth: number): object {
  enter(count, 2, depth);
  const from = at;
  const result: Record<string, unknown> = {};
  for (let index = 0; index < count; index += 1) {
    const name = readName(readVarint());
    if (name === '__proto__') throw failure('badName', from, "an object with a field called '__proto__'");
    result[name] = read(depth);
  }
  let distinct = 0;
  for (const _ in result) distinct += 1;
  if (distinct !== count) throw failure('duplicate', from, 'an object with the same field twice');
  return result;
}

function readMap(count: number, depth: number): Map<unknown, unknown> {
  enter(count, 2, depth);
  const from = at;
  const result = new Map<unknown, unknown>();
  for (let index = 0; index < count; index += 1) {
    const key = read(depth);
    result.set(key, read(depth));
  }
  if (result.size !== count) throw failure('duplicate', from, 'a map with the same key twice');
  return result;
}

function readSet(count: number, depth: number): Set<unknown> {
  enter(count, 1, depth);
  const from = at;
  const result = new Set<unknown>();
  for (let index = 0; index < count; index += 1) result.add(read(depth));
  if (result.size !== count) throw failure('duplicate', from, 'a set with the same item twice');
  return result;
}
