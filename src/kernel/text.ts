/**
 * UTF-8 by hand, as the kernel knows neither TextEncoder nor Buffer. A surrogate without its partner, which a
 * JavaScript string may hold and UTF-8 has no form for, takes the three bytes of its code unit (WTF-8, Simon Sapin),
 * so that every string comes back as it was.
 */

/** How many bytes a string takes at most per code unit. */
export const BYTES_PER_UNIT_MAX = 3;

/** Writes a string and returns the offset after it. The target has room for three bytes a code unit. */
export function writeText(text: string, target: Uint8Array, start: number): number {
  const length = text.length;
  let at = start;
  for (let index = 0; index < length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit >= 0x80) return writeWideText(text, index, target, at);
    target[at++] = unit;
  }
  return at;
}

function writeWideText(text: string, from: number, target: Uint8Array, start: number): number {
  let at = start;
  for (let index = from; index < text.length; index += 1) {
    const point = text.codePointAt(index) as number;
    if (point < 0x80) {
      target[at++] = point;
    } else if (point < 0x800) {
      target[at++] = 0xc0 | (point >> 6);
      target[at++] = 0x80 | (point & 0x3f);
    } else if (point < 0x10000) {
      target[at++] = 0xe0 | (point >> 12);
      target[at++] = 0x80 | ((point >> 6) & 0x3f);
      target[at++] = 0x80 | (point & 0x3f);
    } else {
      index += 1; // two code units made this code point
      target[at++] = 0xf0 | (point >> 18);
      target[at++] = 0x80 | ((point >> 12) & 0x3f);
      target[at++] = 0x80 | ((point >> 6) & 0x3f);
      target[at++] = 0x80 | (point & 0x3f);
    }
  }
  return at;
}

/** Reads the string in [start, end); null if the bytes are not what `writeText` writes. */
export function readText(bytes: Uint8Array, start: number, end: number): string | null {
  let text = '';
  let at = start;
  while (at + 4 <= end) {
    const a = bytes[at] as number;
    const b = bytes[at + 1] as number;
    const c = bytes[at + 2] as number;
    const d = bytes[at + 3] as number;
    if ((a | b | c | d) >= 0x80) return readWideText(bytes, at, end, text);
    text += String.fromCharCode(a, b, c, d);
    at += 4;
  }
  for (; at < end; at += 1) {
    const unit = bytes[at] as number;
    if (unit >= 0x80) return readWideText(bytes, at, end, text);
    text += String.fromCharCode(unit);
  }
  return text;
}

function readWideText(bytes: Uint8Array, start: number, end: number, before: string): string | null {
  let text = before;
  let at = start;
  while (at < end) {
    const lead = bytes[at] as number;
    const more = lead < 0x80 ? 0 : lead < 0xc2 ? -1 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : lead < 0xf5 ? 3 : -1;
    if (more === -1 || at + more >= end) return null;
    let point = more === 0 ? lead : lead & (0x3f >> more);
    for (let index = 1; index <= more; index += 1) {
      const byte = bytes[at + index] as number;
      if ((byte & 0xc0) !== 0x80) return null;
      point = (point << 6) | (byte & 0x3f);
    }
    if ((more === 2 && point < 0x800) || (more === 3 && (point < 0x10000 || point > 0x10ffff))) return null;
    text += String.fromCodePoint(point);
    at += more + 1;
  }
  return text;
}
