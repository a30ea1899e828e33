import { DEPTH_MAX, explain, kindOf, NOT_PLAIN } from './plain.ts';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/**
 * Plain data as JSON, nothing lost and easy to read. What JSON has is itself; the rest is an object of one field whose
 * name begins with one `$`. A field of the data that begins with `$` gets another in front.
 *
 * | value                      | JSON                                              |
 * |----------------------------|---------------------------------------------------|
 * | undefined                  | `{"$undefined": true}`                            |
 * | NaN, Infinity, -0          | `{"$number": "NaN"}`, …                           |
 * | bigint                     | `{"$bigint": "12"}`                               |
 * | bytes, all printable ASCII | `{"$ascii": "text"}`                              |
 * | other bytes                | `{"$bytes": "00ff"}`                              |
 * | Map, Set                   | `{"$map": [[key, value], …]}`, `{"$set": [item, …]}` |
 *
 * Class instances are refused, as the codec does. Throws `PlainDataError`.
 */
export function toJson(value: unknown): Json {
  try {
    return write(value, 0);
  } catch (error) {
    throw error === NOT_PLAIN ? explain('write as JSON', value, 'no instances') : error;
  }
}

function write(value: unknown, depth: number): Json {
  switch (typeof value) {
    case 'boolean':
    case 'string':
      return value;
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0)
        ? value
        : { $number: Object.is(value, -0) ? '-0' : `${value}` };
    case 'bigint':
      return { $bigint: value.toString() };
    case 'undefined':
      return { $undefined: true };
    case 'object':
      return value === null ? null : writeObject(value, depth + 1);
    default:
      throw NOT_PLAIN;
  }
}

function writeObject(value: object, depth: number): Json {
  if (depth > DEPTH_MAX) throw NOT_PLAIN;
  const kind = kindOf(value);
  switch (kind) {
    case 'array':
      return Array.from(value as unknown[], (item) => write(item, depth));
    case 'map':
      return {
        $map: [...(value as Map<unknown, unknown>)].map(([key, item]) => [write(key, depth), write(item, depth)]),
      };
    case 'set':
      return { $set: [...(value as Set<unknown>)].map((item) => write(item, depth)) };
    case 'bytes':
      return writeBytes(value as Uint8Array);
    case 'object':
      return writeFields(value, depth);
    default:
      throw NOT_PLAIN;
  }
}

function writeFields(value: object, depth: number): Json {
  const result: { [name: string]: Json } = {};
  for (const [name, part] of Object.entries(value)) {
    if (name === '__proto__') throw NOT_PLAIN;
    result[name.startsWith('$') ? `$${name}` : name] = write(part, depth);
  }
  return result;
}

function writeBytes(bytes: Uint8Array): Json {
  if (bytes.every((byte) => byte >= 0x20 && byte < 0x7f)) {
    let text = '';
    for (const byte of bytes) text += String.fromCharCode(byte);
    return { $ascii: text };
  }
  let digits = '';
  for (const byte of bytes) digits += byte.toString(16).padStart(2, '0');
  return { $bytes: digits };
}

/** Restores what `toJson` wrote. Throws `TypeError` on a tag that it does not know. */
export function fromJson(json: Json): unknown {
  if (typeof json !== 'object' || json === null) return json;
  if (isList(json)) return json.map(fromJson);
  const names = Object.keys(json);
  const [tag] = names;
  if (names.length === 1 && tag !== undefined && tag.startsWith('$') && !tag.startsWith('$$')) {
    return readTagged(tag, json[tag] as Json);
  }
  const result: Record<string, unknown> = {};
  for (const name of names) {
    if (name === '__proto__') throw new TypeError("a field called '__proto__' is not plain data");
    if (name.startsWith('$') && !name.startsWith('$$'))
      throw new TypeError(`the tag '${name}' is not alone in its object`);
    result[name.startsWith('$') ? name.slice(1) : name] = fromJson(json[name] as Json);
  }
  return result;
}

function isList(json: Json): json is readonly Json[] {
  return Array.isArray(json);
}

function readTagged(tag: string, content: Json): unknown {
  switch (tag) {
    case '$undefined':
      return undefined;
    case '$number':
      return readNumber(content);
    case '$bigint':
      return readBigint(content);
    case '$ascii':
    case '$bytes':
      return readBytes(tag, content);
    case '$map':
      return new Map(listIn(tag, content).map((entry) => readEntry(entry)));
    case '$set':
      return new Set(listIn(tag, content).map(fromJson));
    default:
      throw new TypeError(`unknown tag '${tag}' in JSON: expected one of the table at toJson`);
  }
}

function readNumber(content: Json): number {
  switch (content) {
    case 'NaN':
      return Number.NaN;
    case 'Infinity':
      return Number.POSITIVE_INFINITY;
    case '-Infinity':
      return Number.NEGATIVE_INFINITY;
    case '-0':
      return -0;
    default:
      throw malformed('$number', content);
  }
}

function readBigint(content: Json): bigint {
  if (typeof content !== 'string' || !/^-?\d+$/.test(content)) throw malformed('$bigint', content);
  return BigInt(content);
}

function readBytes(tag: '$ascii' | '$bytes', content: Json): Uint8Array {
  if (typeof content !== 'string') throw malformed(tag, content);
  if (tag === '$ascii') return Uint8Array.from(content, (character) => character.charCodeAt(0));
  if (!/^([0-9a-f]{2})*$/.test(content)) throw malformed(tag, content);
  return Uint8Array.from({ length: content.length / 2 }, (_, index) =>
    Number.parseInt(content.slice(2 * index, 2 * index + 2), 16),
  );
}

function readEntry(entry: Json): [unknown, unknown] {
  if (!isList(entry) || entry.length !== 2) throw malformed('$map', entry);
  return [fromJson(entry[0] as Json), fromJson(entry[1] as Json)];
}

function listIn(tag: string, content: Json): readonly Json[] {
  if (!isList(content)) throw malformed(tag, content);
  return content;
}

function malformed(tag: string, content: Json): TypeError {
  return new TypeError(`malformed content of '${tag}' in JSON: ${JSON.stringify(content)?.slice(0, 80)}`);
}
