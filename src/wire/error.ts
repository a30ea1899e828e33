/** Bytes that are not the message they should be, or a number that a message cannot carry. */
export class WireError extends Error {
  readonly code = 'malformed';
}
