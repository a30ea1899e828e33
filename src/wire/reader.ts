import { WireError } from './error.ts';

/** No reader goes deeper into nested messages than this, so that hostile bytes cannot exhaust the stack. */
export const NESTING_MAX = 100;

export const NO_BYTES: Uint8Array = new Uint8Array(0);

const HIGH_UNIT = 4_294_967_296; // 2^32
const text = new TextDecoder('utf-8', { fatal: true });

/** Reads the protobuf wire format from the front. Every read checks the bound of the message that it is in. */
export class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;
  #end: number;
  #depth = 0;
  /** The two halves of the varint read last: 32 unsigned bits each. */
  #low = 0;
  #high = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#end = bytes.length;
  }

  /** Whether the message being read has more fields. */
  more(): boolean {
    return this.#at < this.#end;
  }

  /** The number and wire type of the next field, as one number: (number << 3) | type. */
  tag(): number {
    this.#varint();
    if (this.#high !== 0 || this.#low < 8) throw this.#error(`a field's tag is ${this.#low}, which names no field`);
    return this.#low;
  }

  bool(): boolean {
    this.#varint();
    return this.#low !== 0 || this.#high !== 0;
  }

  /** An enum's number, or an int32. */
  int32(): number {
    this.#varint();
    return this.#low | 0;
  }

  /** An int64 that must be an exact number. */
  int64AsNumber(): number {
    this.#varint();
    return this.#exact((this.#high | 0) * HIGH_UNIT + this.#low);
  }

  /** A uint64 that must be an exact number. */
  uint64AsNumber(): number {
    this.#varint();
    return this.#exact(this.#high * HIGH_UNIT + this.#low);
  }

  int64(): bigint {
    this.#varint();
    if (this.#high === 0) return BigInt(this.#low);
    return (BigInt(this.#high | 0) << 32n) | BigInt(this.#low);
  }

  uint64(): bigint {
    this.#varint();
    if (this.#high === 0) return BigInt(this.#low);
    return (BigInt(this.#high) << 32n) | BigInt(this.#low);
  }

  /** A view, not a copy. */
  bytes(): Uint8Array {
    const length = this.#length();
    if (length === 0) return NO_BYTES;
    const from = this.#at;
    this.#at += length;
    return this.#bytes.subarray(from, this.#at);
  }

  string(): string {
    const from = this.#at;
    try {
      return text.decode(this.bytes());
    } catch (error) {
      if (error instanceof WireError) throw error;
      throw new WireError(`cannot read the text at byte ${from}: it is not UTF-8`, { cause: error });
    }
  }

  /** Goes into the message that is the next field's value; returns what `leave` needs to come out again. */
  enter(): number {
    const length = this.#length();
    this.#depth += 1;
    if (this.#depth > NESTING_MAX) throw this.#error(`messages are nested deeper than ${NESTING_MAX}`);
    const outer = this.#end;
    this.#end = this.#at + length;
    return outer;
  }

  leave(outer: number): void {
    this.#end = outer;
    this.#depth -= 1;
  }

  /** Passes over a field that is not known here. */
  skip(tag: number): void {
    const type = tag & 7;
    if (type === 0) this.#varint();
    else if (type === 1) this.#advance(8);
    else if (type === 2) this.#advance(this.#length());
    else if (type === 3) this.#skipGroup(tag);
    else if (type === 5) this.#advance(4);
    else throw this.#error(`field ${tag >>> 3} has the wire type ${type}, which does not exist here`);
  }

  #skipGroup(start: number): void {
    this.#depth += 1;
    if (this.#depth > NESTING_MAX) throw this.#error(`messages are nested deeper than ${NESTING_MAX}`);
    const stop = start + 1;
    for (let tag = this.tag(); tag !== stop; tag = this.tag()) this.skip(tag);
    this.#depth -= 1;
  }

  #length(): number {
    this.#varint();
    const length = this.#low;
    if (this.#high !== 0 || length > this.#end - this.#at) {
      throw this.#error(`a field claims ${this.#high * HIGH_UNIT + length} bytes and ${this.#end - this.#at} are left`);
    }
    return length;
  }

  #advance(count: number): void {
    if (count > this.#end - this.#at) throw this.#error('the message ends inside a field');
    this.#at += count;
  }

  #varint(): void {
    const bytes = this.#bytes;
    let at = this.#at;
    const first = at < this.#end ? (bytes[at] ?? 0) : 0x80;
    if (first < 0x80) {
      this.#at = at + 1;
      this.#low = first;
      this.#high = 0;
      return;
    }
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (at >= this.#end) throw this.#error('the message ends inside a number');
      const byte = bytes[at] ?? 0;
      at += 1;
      if (shift < 28) low |= (byte & 0x7f) << shift;
      else if (shift === 28) {
        low |= (byte & 0x0f) << 28;
        high = (byte & 0x70) >>> 4;
      } else if (shift < 63) high |= (byte & 0x7f) << (shift - 32);
      else high |= (byte & 1) << 31;
      if (byte < 0x80) {
        this.#at = at;
        this.#low = low >>> 0;
        this.#high = high >>> 0;
        return;
      }
    }
    throw this.#error('a number is longer than ten bytes');
  }

  #exact(value: number): number {
    if (!Number.isSafeInteger(value)) throw this.#error(`a number is beyond ±(2^53 - 1), which is the most we hold`);
    return value;
  }

  #error(reason: string): WireError {
    return new WireError(`cannot read the message at byte ${this.#at} of ${this.#bytes.length}: ${reason}`);
  }
}
