import { WireError } from './error.ts';

const INITIAL_BYTES = 16 * 1024;
/** A scratch buffer that one large message grew beyond this is given back. */
const KEPT_BYTES_MAX = 1024 * 1024;
/** Below this a plain loop copies faster than a call into the engine. */
const LOOP_COPY_MAX = 24;
const HIGH_UNIT = 4_294_967_296; // 2^32

/**
 * Writes the protobuf wire format from the back: the last field first, a value before its tag. So when the length in
 * front of a nested message is due, the message is there and its length known, and no pass has to compute it before.
 */
export class Writer {
  #buffer: Buffer = Buffer.allocUnsafeSlow(INITIAL_BYTES);
  /** Where what is written so far begins. */
  #at: number = INITIAL_BYTES;

  reset(): void {
    if (this.#buffer.length > KEPT_BYTES_MAX) this.#buffer = Buffer.allocUnsafeSlow(INITIAL_BYTES);
    this.#at = this.#buffer.length;
  }

  /** A copy of what was written. */
  take(): Buffer {
    const length = this.#buffer.length - this.#at;
    const taken = Buffer.allocUnsafe(length);
    taken.set(this.#buffer.subarray(this.#at), 0);
    return taken;
  }

  /** How much is written: what `nested` needs to know of the time before the nested message. */
  get length(): number {
    return this.#buffer.length - this.#at;
  }

  tag(tag: number): void {
    this.#varint(tag, 0);
  }

  /** Closes a nested message: the length in front of all that was written since `before`. */
  nested(before: number): void {
    this.#varint(this.length - before, 0);
  }

  bool(value: boolean): void {
    this.#varint(value ? 1 : 0, 0);
  }

  /** An enum's number, or an int32: negative ones take ten bytes, as every negative integer on this wire. */
  int32(value: number): void {
    this.#varint(value >>> 0, value < 0 ? 0xffff_ffff : 0);
  }

  int64AsNumber(value: number): void {
    if (!Number.isSafeInteger(value)) throw new WireError(`cannot write ${value} as a 64-bit integer`);
    this.#varint(value >>> 0, Math.floor(value / HIGH_UNIT) >>> 0);
  }

  uint64AsNumber(value: number): void {
    if (value < 0) throw new WireError(`cannot write ${value} as an unsigned integer`);
    this.int64AsNumber(value);
  }

  int64(value: bigint): void {
    if (BigInt.asIntN(64, value) !== value) throw new WireError(`cannot write ${value}: it needs more than 64 bits`);
    this.#varint64(value);
  }

  uint64(value: bigint): void {
    if (BigInt.asUintN(64, value) !== value) throw new WireError(`cannot write ${value} as an unsigned 64-bit integer`);
    this.#varint64(value);
  }

  bytes(value: Uint8Array): void {
    const length = value.length;
    this.#make(length);
    const at = this.#at - length;
    if (length < LOOP_COPY_MAX) for (let i = 0; i < length; i += 1) this.#buffer[at + i] = value[i] ?? 0;
    else this.#buffer.set(value, at);
    this.#at = at;
    this.#varint(length, 0);
  }

  string(value: string): void {
    this.bytes(Buffer.from(value));
  }

  #varint64(value: bigint): void {
    this.#varint(Number(BigInt.asUintN(32, value)), Number(BigInt.asUintN(32, value >> 32n)));
  }

  /** Writes 64 bits, given as two halves of 32 unsigned bits. */
  #varint(low: number, high: number): void {
    if (low < 0x80 && high === 0) {
      this.#make(1);
      this.#at -= 1;
      this.#buffer[this.#at] = low;
      return;
    }
    const size = varintSize(low, high);
    this.#make(size);
    this.#at -= size;
    for (let at = this.#at; at < this.#at + size - 1; at += 1) {
      this.#buffer[at] = (low & 0x7f) | 0x80;
      low = ((low >>> 7) | (high << 25)) >>> 0;
      high >>>= 7;
    }
    this.#buffer[this.#at + size - 1] = low;
  }

  /** Sees to it that so many more bytes fit in front. */
  #make(count: number): void {
    if (this.#at >= count) return;
    const written = this.#buffer.subarray(this.#at);
    const larger = Buffer.allocUnsafeSlow(Math.max(2 * this.#buffer.length, written.length + count));
    larger.set(written, larger.length - written.length);
    this.#buffer = larger;
    this.#at = larger.length - written.length;
  }
}

function varintSize(low: number, high: number): number {
  const bits = high === 0 ? 32 - Math.clz32(low) : 64 - Math.clz32(high);
  return Math.ceil(bits / 7);
}
