import { Reader } from './reader.ts';
import { Writer } from './writer.ts';

/** One message type: how it is made, written and read. Generated code provides one per message in `proto/`. */
export interface Codec<T> {
  /** A message with the given fields, and the wire's defaults for the others. */
  of(this: void, fields?: Partial<T>): T;
  encode(this: void, message: T): Buffer;
  /**
   * Bytes fields are views of `bytes`, not copies. Unknown fields are skipped.
   * @throws WireError when `bytes` is not such a message
   */
  decode(this: void, bytes: Uint8Array): T;
}

// Encoding is synchronous and never nested, so one scratch buffer serves every message.
const scratch = new Writer();

export function codec<T>(
  of: (fields?: Partial<T>) => T,
  write: (writer: Writer, message: T) => void,
  read: (reader: Reader) => T,
): Codec<T> {
  return {
    of,
    encode(message) {
      scratch.reset();
      write(scratch, message);
      return scratch.take();
    },
    decode: (bytes) => read(new Reader(bytes)),
  };
}
