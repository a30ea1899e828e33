import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { OptionError } from './options.ts';

/** Makes alterations of bytes evident, by a tag at their end. */
export interface Seal {
  readonly tagBytes: number;
  /** Writes the tag over the last bytes, computed from all before them. */
  seal(bytes: Buffer): void;
  isIntact(bytes: Buffer): boolean;
}

/**
 * A CRC-32: finds what noise and broken hardware do: every error of up to 32 bits in a row, every one of up to three
 * bits in datagrams of this size, and of all others all but one in 4 billion. An adversary who rewrites a datagram
 * rewrites the checksum with it.
 */
export class Checksum implements Seal {
  readonly tagBytes = 4;

  seal(bytes: Buffer): void {
    const end = bytes.length - this.tagBytes;
    bytes.writeUInt32LE(crc32(bytes.subarray(0, end)), end);
  }

  isIntact(bytes: Buffer): boolean {
    const end = bytes.length - this.tagBytes;
    return end >= 0 && crc32(bytes.subarray(0, end)) === bytes.readUInt32LE(end);
  }
}

/** Shorter keys can be guessed. */
const KEY_BYTES_MIN = 16;

/**
 * HMAC-SHA-256, cut to 128 bits (RFC 2104, section 5), under a key that both sides share: nobody without it can write or
 * rewrite a datagram. It hides nothing, and does not keep an adversary from dropping or delaying datagrams, or from
 * repeating one, which the server's cache and its stamps take care of, at another server with the same key, where nothing
 * does: give each server a key of its own.
 */
export class Authenticator implements Seal {
  readonly tagBytes = 16;
  readonly #key: KeyObject;

  /** @throws OptionError */
  constructor(key: Uint8Array) {
    if (key.length < KEY_BYTES_MIN) {
      throw new OptionError('outOfRange', `a shared key has at least ${KEY_BYTES_MIN} bytes: got ${key.length}`);
    }
    this.#key = createSecretKey(key);
  }

  seal(bytes: Buffer): void {
    const end = bytes.length - this.tagBytes;
    this.#tagOf(bytes.subarray(0, end)).copy(bytes, end, 0, this.tagBytes);
  }

  isIntact(bytes: Buffer): boolean {
    const end = bytes.length - this.tagBytes;
    if (end < 0) return false;
    const expected = this.#tagOf(bytes.subarray(0, end)).subarray(0, this.tagBytes);
    return timingSafeEqual(expected, bytes.subarray(end));
  }

  #tagOf(bytes: Buffer): Buffer {
    return createHmac('sha256', this.#key).update(bytes).digest();
  }
}
