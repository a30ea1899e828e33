import { decode, encode, equal, type Message, print } from '../kernel/index.ts';

/** A message's bytes at the time it is sent; what cannot be restored from them is refused. */
export function sealed(message: Message, failure: (why: string) => Error): Uint8Array {
  let bytes: Uint8Array;
  try {
    bytes = encode(message);
  } catch (error) {
    throw failure(`${String(error)} in ${print(message)}`);
  }
  if (!equal(decode(bytes), message)) throw failure(`${print(message)} is restored as ${print(decode(bytes))}`);
  return bytes;
}

/** The message as its receiver gets it: a copy that shares nothing, if nobody changed it meanwhile. */
export function unsealed(message: Message, bytes: Uint8Array, changed: () => Error): Message {
  if (!equal(encode(message), bytes)) throw changed();
  return decode(bytes) as Message;
}
