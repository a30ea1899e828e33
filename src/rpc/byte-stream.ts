/** What a reader meets that no writer wrote. */
export class MalformedError extends Error {
  readonly code = 'malformed';
}

const SIZE_MIN = 256;

/** Appends to bytes that grow. Whole numbers are varints: seven bits a byte, lowest first; text is UTF-8. */
export class ByteWriter {
  #buffer: Buffer;
  #length = 0;

  /** @param sizeHint  how many bytes it will be, about */
  constructor(sizeHint: number) {
    this.#buffer = Buffer.allocUnsafe(Math.max(SIZE_MIN, sizeHint));
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#buffer[this.#length++] = value;
  }

  /** A whole number from 0 to 2^53 - 1. */
  whole(value: number): void {
    this.#reserve(8);
    let rest = value;
    while (rest >= 0x80) {
      this.#buffer[this.#length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#buffer[this.#length++] = rest;
  }

  text(value: string): void {
    this.whole(Buffer.byteLength(value));
    this.#reserve(value.length * 3);
    this.#length += this.#buffer.write(value, this.#length);
  }

  bytes(value: Uint8Array): void {
    this.whole(value.length);
    this.#reserve(value.length);
    this.#buffer.set(value, this.#length);
    this.#length += value.length;
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#length + bytes));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }

  done(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }
}

/** Reads what a `ByteWriter` wrote. Every method throws `MalformedError`. */
export class ByteReader {
  readonly #buffer: Buffer;
  #at = 0;

  constructor(buffer: Buffer) {
    this.#buffer = buffer;
  }

  byte(): number {
    const value = this.#buffer[this.#at];
    if (value === undefined) throw new MalformedError('it ends too early');
    this.#at += 1;
    return value;
  }

  whole(): number {
    let value = 0;
    for (let scale = 1; scale <= 2 ** 49; scale *= 0x80) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        if (Number.isSafeInteger(value)) return value;
        break;
      }
    }
    throw new MalformedError('a number is above 2^53');
  }

  text(): string {
    const length = this.#length();
    this.#at += length;
    return this.#buffer.toString('utf8', this.#at - length, this.#at);
  }

  /** A copy, so that what keeps it keeps no more. */
  bytes(): Uint8Array {
    const length = this.#length();
    this.#at += length;
    return new Uint8Array(this.#buffer.subarray(this.#at - length, this.#at));
  }

  #length(): number {
    const length = this.whole();
    if (length > this.#buffer.length - this.#at) throw new MalformedError('it ends too early');
    return length;
  }

  end(): void {
    if (this.#at !== this.#buffer.length) throw new MalformedError('it goes on behind its end');
  }
}
