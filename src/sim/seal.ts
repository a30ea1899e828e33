import { decode, encode, equal, type Message } from '../kernel/index.ts';

/** A message's bytes at the time it is sent; what is not plain data is refused. */
export function sealed(message: Message, failure: (why: unknown) => Error): Uint8Array {
  try {
    return encode(message);
  } catch (error) {
    throw failure(error);
  }
}

/** The message as its receiver gets it: a copy that shares nothing, if nobody changed it meanwhile. */
export function unsealed(message: Message, bytes: Uint8Array, changed: () => Error): Message {
  if (!equal(encode(message), bytes)) throw changed();
  return decode(bytes) as Message;
}
