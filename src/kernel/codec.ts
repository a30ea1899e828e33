/**
 * The default codec: any plain data without class instances as self-describing bytes, for messages, records and
 * commands that cross sockets and disks. The order of fields and of entries in maps and sets is kept.
 *
 * A value is a tag byte and what follows it; lengths and whole numbers are varints (seven bits a byte, lowest first).
 *
 * | tag          | value                                                                    |
 * |--------------|--------------------------------------------------------------------------|
 * | `00`…`7f`    | the whole numbers 0 to 127                                               |
 * | `80`…`9f`    | a string of 0 to 31 bytes of UTF-8                                       |
 * | `a0`…`af`    | an array of 0 to 15 items                                                |
 * | `b0`…`bf`    | an object of 0 to 15 fields: each a varint length, the name, the value   |
 * | `c0`…`c3`    | undefined, null, false, true                                             |
 * | `c4` `c5`    | a whole number n from 128, a whole number -1 - n; up to 2^53             |
 * | `c6`         | any other number: IEEE 754 double, little-endian                         |
 * | `c7` `c8`    | a string, bytes: varint length, content                                  |
 * | `c9` `ca`    | an array, an object: varint count, content                               |
 * | `cb` `cc`    | a Map (key, value, …), a Set: varint count, content                      |
 * | `cd` `ce`    | a bigint n, a bigint -1 - n: varint length, bytes of n, lowest first     |
 */
export const TAG_STRING_SHORT = 0x80;
export const TAG_ARRAY_SHORT = 0xa0;
export const TAG_OBJECT_SHORT = 0xb0;
export const TAG_UNDEFINED = 0xc0;
export const TAG_NULL = 0xc1;
export const TAG_FALSE = 0xc2;
export const TAG_TRUE = 0xc3;
export const TAG_WHOLE = 0xc4;
export const TAG_NEGATIVE = 0xc5;
export const TAG_DOUBLE = 0xc6;
export const TAG_STRING = 0xc7;
export const TAG_BYTES = 0xc8;
export const TAG_ARRAY = 0xc9;
export const TAG_OBJECT = 0xca;
export const TAG_MAP = 0xcb;
export const TAG_SET = 0xcc;
export const TAG_BIGINT = 0xcd;
export const TAG_BIGINT_NEGATIVE = 0xce;

export const STRING_SHORT_MAX = 31;
export const COUNT_SHORT_MAX = 15;

export type CodecErrorCode =
  | 'truncated' // the bytes end before the value does
  | 'trailing' // the value ends before the bytes do
  | 'badTag'
  | 'badText' // not UTF-8
  | 'badName' // a field called __proto__, which would replace the object's prototype
  | 'badNumber' // a varint above 2^53, or longer than it needs to be
  | 'duplicate' // a key of a map, an item of a set or a field comes twice
  | 'tooDeep';

/** Bytes that are no value. `offset` is where, from the start of the value. */
export class CodecError extends Error {
  override readonly name = 'CodecError';
  readonly code: CodecErrorCode;
  readonly offset: number;

  constructor(code: CodecErrorCode, offset: number, message: string) {
    super(`cannot decode at byte ${offset}: ${message}`);
    this.code = code;
    this.offset = offset;
  }
}
