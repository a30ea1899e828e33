import { classNameOf, DEPTH_MAX, fieldStep, kindOf } from './plain.ts';

const BYTES_SHOWN = 24;

/**
 * Plain data on one line, for people: `{type: "prepare", ballot: 3}`, `Acceptor {votes: Map {"a" => 1}}`, `b"text"`,
 * `0x00ff`. Long bytes are cut, and it shows anything at all, so it can't be read back: `toJson` is for that.
 */
export function print(value: unknown): string {
  return show(value, 0);
}

function show(value: unknown, depth: number): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'number':
      return Object.is(value, -0) ? '-0' : String(value);
    case 'bigint':
      return `${value}n`;
    case 'function':
      return `[function ${value.name}]`;
    case 'object':
      return value === null ? 'null' : showObject(value, depth);
    default:
      return String(value);
  }
}

function showObject(value: object, depth: number): string {
  if (depth > DEPTH_MAX) return '…';
  const kind = kindOf(value);
  switch (kind) {
    case 'array':
      return `[${showAll(value as unknown[], depth)}]`;
    case 'set':
      return `Set ${braced(showAll(value as Set<unknown>, depth))}`;
    case 'map':
      return `Map ${braced(showEntries(value as Map<unknown, unknown>, depth))}`;
    case 'bytes':
      return showBytes(value as Uint8Array);
    case 'object':
      return braced(showFields(value, depth));
    case 'instance':
      return `${classNameOf(value)} ${braced(showFields(value, depth))}`;
    case 'other':
      return `[${classNameOf(value)}]`;
    default:
      return kind satisfies never;
  }
}

function braced(content: string): string {
  return `{${content}}`;
}

function showAll(items: Iterable<unknown>, depth: number): string {
  const parts: string[] = [];
  for (const item of items) parts.push(show(item, depth + 1));
  return parts.join(', ');
}

function showEntries(map: Map<unknown, unknown>, depth: number): string {
  const parts: string[] = [];
  for (const [key, value] of map) parts.push(`${show(key, depth + 1)} => ${show(value, depth + 1)}`);
  return parts.join(', ');
}

function showFields(value: object, depth: number): string {
  const parts: string[] = [];
  for (const [name, part] of Object.entries(value)) {
    const step = fieldStep(name);
    parts.push(`${step.startsWith('.') ? name : JSON.stringify(name)}: ${show(part, depth + 1)}`);
  }
  return parts.join(', ');
}

function showBytes(bytes: Uint8Array): string {
  const shown = bytes.subarray(0, BYTES_SHOWN);
  const more = bytes.length > BYTES_SHOWN ? `… ${bytes.length} bytes` : '';
  if (shown.every((byte) => byte >= 0x20 && byte < 0x7f)) {
    return `b${JSON.stringify(String.fromCharCode(...shown))}${more}`;
  }
  let digits = '0x';
  for (const byte of shown) digits += byte.toString(16).padStart(2, '0');
  return digits + more;
}
