import { open } from 'node:fs/promises';
import { UsageError } from './command.ts';

/** What a server does about calls that it may have executed before it crashed; client and server have to say the same. */
export const AFTER_CRASH = ['incarnations', 'persisted', 'silence'] as const;

const BYTES_MIN = 16;
/** More is no secret but a wrong file, or one without an end. */
const BYTES_MAX = 4_096;

/** Reads the secret that clients and servers share: the file's bytes, as they are. */
export async function readSecret(path: string, flag: string): Promise<Uint8Array> {
  const secret = await firstBytes(path, flag);
  if (secret.length >= BYTES_MIN && secret.length <= BYTES_MAX) return secret;
  const size = secret.length > BYTES_MAX ? 'more' : `${secret.length}`;
  const remedy = "make one with 'head -c 32 /dev/urandom > FILE', and give clients and servers the same bytes";
  throw new UsageError(`${flag} is a file of ${BYTES_MIN} to ${BYTES_MAX} bytes: ${path} has ${size}; ${remedy}`);
}

async function firstBytes(path: string, flag: string): Promise<Uint8Array> {
  const buffer = Buffer.alloc(BYTES_MAX + 1);
  try {
    await using file = await open(path);
    let length = 0;
    while (length < buffer.length) {
      const { bytesRead } = await file.read(buffer, length, buffer.length - length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return buffer.subarray(0, length);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(`cannot read the secret of ${flag}: ${reason}`, { cause });
  }
}
