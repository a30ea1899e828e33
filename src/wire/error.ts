/** Bytes that are not the message they should be, or a number that a message cannot carry. */
export class WireError extends Error {
  override readonly name = 'WireError';
  readonly code = 'malformed';
}
