/** Writes a value whose length was measured first, so that its bytes are allocated once. */
export class ByteWriter {
  readonly bytes: Uint8Array;
  private at = 0;

  constructor(length: number) {
    this.bytes = allocate(length);
  }

  byte(value: number): void {
    this.bytes[this.at++] = value;
  }

  /** A whole number from 0 to 2^53 - 1: seven bits a byte, lowest first. */
  count(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.bytes[this.at++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.bytes[this.at++] = rest;
  }

  /** Any whole number, also one that only a wire format of 64 bits can hold. */
  number(value: number): void {
    eight.setFloat64(0, value);
    this.raw(eightBytes);
  }

  int64(value: bigint): void {
    eight.setBigInt64(0, value);
    this.raw(eightBytes);
  }

  /** Bytes with their length before them. */
  blob(value: Uint8Array): void {
    this.count(value.length);
    this.raw(value);
  }

  /** Bytes whose length the reader knows. */
  raw(value: Uint8Array): void {
    this.bytes.set(value, this.at);
    this.at += value.length;
  }
}

/** Reads what a `ByteWriter` wrote. What it returns are views of the bytes it reads. */
export class ByteReader {
  private readonly bytes: Uint8Array;
  private at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  byte(): number {
    const value = this.bytes[this.at];
    if (value === undefined) throw new MalformedBytesError(`bytes end at ${this.bytes.length}, inside a value`);
    this.at += 1;
    return value;
  }

  count(): number {
    let value = 0;
    for (let weight = 1; weight <= HIGHEST_WEIGHT; weight *= 0x80) {
      const byte = this.byte();
      value += (byte & 0x7f) * weight;
      if (byte < 0x80) return value;
    }
    throw new MalformedBytesError(`a count before byte ${this.at} does not end`);
  }

  number(): number {
    eightBytes.set(this.raw(8));
    const value = eight.getFloat64(0);
    if (!Number.isInteger(value)) throw new MalformedBytesError(`a number before byte ${this.at} is not whole`);
    return value;
  }

  int64(): bigint {
    eightBytes.set(this.raw(8));
    return eight.getBigInt64(0);
  }

  blob(): Uint8Array {
    return this.raw(this.count());
  }

  raw(length: number): Uint8Array {
    const end = this.at + length;
    if (end > this.bytes.length) {
      throw new MalformedBytesError(`bytes end at ${this.bytes.length}, inside a value that reaches to ${end}`);
    }
    const value = new Uint8Array(this.bytes.buffer, this.bytes.byteOffset + this.at, length);
    this.at = end;
    return value;
  }

  rest(): Uint8Array {
    return this.raw(this.bytes.length - this.at);
  }

  end(): void {
    if (this.at !== this.bytes.length) {
      throw new MalformedBytesError(`bytes go on after the value: it ends at ${this.at} of ${this.bytes.length}`);
    }
  }
}

/** Bytes that no writer here wrote. */
export class MalformedBytesError extends Error {
  override readonly name = 'MalformedBytesError';
  readonly code = 'malformedBytes';
}

export const NUMBER_BYTES = 8;
export const INT64_BYTES = 8;

export function countBytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest >= 0x80; rest /= 0x80) bytes += 1;
  return bytes;
}

export function blobBytes(value: Uint8Array): number {
  return countBytes(value.length) + value.length;
}

/** Small values are cut from shared slabs: an engine takes five times as long to make a buffer as a view of one. */
function allocate(length: number): Uint8Array {
  if (length > SLAB_BYTES / 16) return new Uint8Array(length);
  if (slabUsed + length > SLAB_BYTES) {
    slab = new ArrayBuffer(SLAB_BYTES);
    slabUsed = 0;
  }
  const bytes = new Uint8Array(slab, slabUsed, length);
  slabUsed += length;
  return bytes;
}

const SLAB_BYTES = 32 * 1024;
let slab = new ArrayBuffer(SLAB_BYTES);
let slabUsed = 0;

const HIGHEST_WEIGHT = 2 ** 49;

const eightBytes = new Uint8Array(8);
const eight = new DataView(eightBytes.buffer);
