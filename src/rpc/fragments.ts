import { FRAGMENT_HEAD_BYTES, type FragmentLimits, PART_BYTES } from './fragment-limits.ts';
import type { Seal } from './integrity.ts';

/**
 * A datagram: version and kind, for a fragment also which one of which message, content, tag.
 *
 * | bytes       | whole message | fragment                                                     |
 * |-------------|---------------|--------------------------------------------------------------|
 * | 1           | `c3`          | `c4`                                                         |
 * | 4, 2, 2     | –             | number of the message, index of the fragment, count of them  |
 * | n           | message       | a part of the message and its own tag                        |
 * | 4 or 16     | tag           | tag                                                          |
 *
 * A message that is cut has a tag of its own too, as the parts of two messages under one number must not make a third.
 */
const WHOLE = 0xc3;
const FRAGMENT = 0xc4;
const NUMBERS = 2 ** 32;

/** Cuts messages into sealed datagrams. */
export class Fragmenter {
  readonly #seal: Seal;
  readonly #limits: FragmentLimits;
  #number: number;

  /** @param firstNumber  drawn at random, so that one who starts again at an address is not taken for the one before */
  constructor(seal: Seal, limits: FragmentLimits, firstNumber: number) {
    this.#seal = seal;
    this.#limits = limits;
    this.#number = firstNumber % NUMBERS;
  }

  cut(message: Uint8Array): Buffer[] {
    const { tagBytes } = this.#seal;
    if (1 + message.length + tagBytes <= this.#limits.datagramBytesMax) return [this.#whole(message)];
    const sealed = Buffer.allocUnsafe(message.length + tagBytes);
    sealed.set(message);
    this.#seal.seal(sealed);
    const partBytes = this.#limits.datagramBytesMax - FRAGMENT_HEAD_BYTES - tagBytes;
    const count = Math.ceil(sealed.length / partBytes);
    this.#number = (this.#number + 1) % NUMBERS;
    return Array.from({ length: count }, (_, index) =>
      this.#fragment(index, count, sealed.subarray(index * partBytes, (index + 1) * partBytes)),
    );
  }

  #whole(message: Uint8Array): Buffer {
    const datagram = Buffer.allocUnsafe(1 + message.length + this.#seal.tagBytes);
    datagram[0] = WHOLE;
    datagram.set(message, 1);
    this.#seal.seal(datagram);
    return datagram;
  }

  #fragment(index: number, count: number, part: Buffer): Buffer {
    const datagram = Buffer.allocUnsafe(FRAGMENT_HEAD_BYTES + part.length + this.#seal.tagBytes);
    datagram[0] = FRAGMENT;
    datagram.writeUInt32LE(this.#number, 1);
    datagram.writeUInt16LE(index, 5);
    datagram.writeUInt16LE(count, 7);
    datagram.set(part, FRAGMENT_HEAD_BYTES);
    this.#seal.seal(datagram);
    return datagram;
  }
}

interface Incomplete {
  readonly count: number;
  readonly parts: Map<number, Buffer>;
  bytes: number;
  readonly sinceMs: number;
}

/** How often what was found wrong with datagrams. */
export interface IntegrityCounters {
  /** The tag does not fit: altered on the way, or sealed with another key. */
  corrupted: number;
  /** Sealed, and nothing that a fragmenter makes. */
  malformed: number;
  /** Messages of which fragments were lost, or that came to more than the limits allow. */
  incomplete: number;
}

/** Checks datagrams, and puts messages together again. */
export class Reassembler {
  readonly counters: IntegrityCounters = { corrupted: 0, malformed: 0, incomplete: 0 };
  readonly #seal: Seal;
  readonly #limits: FragmentLimits;
  /** By sender and number, oldest first. */
  readonly #incomplete = new Map<string, Incomplete>();
  #bytes = 0;

  constructor(seal: Seal, limits: FragmentLimits) {
    this.#seal = seal;
    this.#limits = limits;
  }

  /** The message that is complete with this datagram; null if none is. */
  take(datagram: Buffer, from: string, nowMs: number): Buffer | null {
    if (!this.#seal.isIntact(datagram)) return this.#drop('corrupted');
    const content = datagram.subarray(0, datagram.length - this.#seal.tagBytes);
    if (content[0] === WHOLE) return content.subarray(1);
    if (content[0] !== FRAGMENT || content.length <= FRAGMENT_HEAD_BYTES) return this.#drop('malformed');
    this.#expire(nowMs);
    const [number, index, count] = [content.readUInt32LE(1), content.readUInt16LE(5), content.readUInt16LE(7)];
    const part = content.subarray(FRAGMENT_HEAD_BYTES);
    if (index >= count || (count - 1) * part.length > this.#limits.messageBytesMax * 2) return this.#drop('malformed');
    return this.#add(`${number} ${from}`, { index, count, part, nowMs });
  }

  #drop(why: keyof IntegrityCounters): null {
    this.counters[why] += 1;
    return null;
  }

  #add(key: string, fragment: { index: number; count: number; part: Buffer; nowMs: number }): Buffer | null {
    const { index, count, part, nowMs } = fragment;
    let message = this.#incomplete.get(key);
    if (message === undefined) {
      message = { count, parts: new Map(), bytes: 0, sinceMs: nowMs };
      this.#incomplete.set(key, message);
    }
    if (message.count !== count) return this.#drop('malformed');
    if (message.parts.has(index)) return null; // a duplicate
    message.parts.set(index, part);
    message.bytes += part.length;
    this.#bytes += PART_BYTES + part.length;
    if (message.bytes > this.#limits.messageBytesMax + this.#seal.tagBytes) {
      this.#forget(key, message);
      return this.#drop('incomplete');
    }
    if (message.parts.size === count) return this.#complete(key, message);
    this.#makeRoom();
    return null;
  }

  #complete(key: string, message: Incomplete): Buffer | null {
    this.#forget(key, message);
    const parts = Array.from({ length: message.count }, (_, index) => message.parts.get(index) ?? Buffer.alloc(0));
    const sealed = Buffer.concat(parts);
    if (!this.#seal.isIntact(sealed)) return this.#drop('corrupted');
    return sealed.subarray(0, sealed.length - this.#seal.tagBytes);
  }

  #makeRoom(): void {
    for (const [key, message] of this.#incomplete) {
      if (this.#bytes <= this.#limits.incompleteBytesMax) return;
      this.#forget(key, message);
      this.counters.incomplete += 1;
    }
  }

  #expire(nowMs: number): void {
    for (const [key, message] of this.#incomplete) {
      if (nowMs - message.sinceMs <= this.#limits.incompleteMsMax) return;
      this.#forget(key, message);
      this.counters.incomplete += 1;
    }
  }

  #forget(key: string, message: Incomplete): void {
    this.#incomplete.delete(key);
    this.#bytes -= PART_BYTES * message.parts.size + message.bytes;
  }
}
