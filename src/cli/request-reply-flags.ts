import { open } from 'node:fs/promises';
import { isHost, isWildcard } from '../rpc/service-address.ts';
import { advertisedHosts } from '../server/advertised-hosts.ts';
import type { RequestReplyOptions } from '../server/request-reply.ts';
import type { Arguments } from './arguments.ts';
import { type Flag, UsageError } from './command.ts';
import { shellWord } from './shell-word.ts';

/** What a server does about calls that it may have executed before it crashed; client and server have to say the same. */
export const AFTER_CRASH = ['incarnations', 'persisted', 'silence'] as const;

/** Where `serve --request-reply 4600` serves calls. */
export const DEFAULT_SERVER = '127.0.0.1:4600';

/** Of the commands that start a server. */
export const SERVE_FLAGS: Readonly<Record<string, Flag>> = {
  'request-reply': { value: 'PORT', help: 'serve UDP and TCP clients there too, by request-reply (see call)' },
  'request-reply-key': { value: 'FILE', help: 'take only datagrams of clients that have this secret (call --key)' },
  'request-reply-after-crash': { value: 'RULE', help: `${AFTER_CRASH.join(', ')} (default ${AFTER_CRASH[0]})` },
  'request-reply-cache': { value: 'BYTES', help: 'of the reply cache, as in 256MiB (default 64MiB)' },
};

/** Also of those that serve no request-reply. */
export const ADVERTISE_FLAG: Readonly<Record<'advertise', Flag>> = {
  advertise: { value: 'HOST', help: 'where clients find it, if it listens at a host that is none to connect to' },
};

export type RequestReplyFlags = Omit<RequestReplyOptions, 'member' | 'directory' | 'onFailed'>;

/** Below it there is hardly room for a call at a time of each client. */
const CACHE_BYTES_MIN = 64 * 1024;

/** Of a secret. */
const BYTES_MIN = 16;
/** More is no secret but a wrong file, or one without an end. */
const BYTES_MAX = 4_096;

/**
 * What a server is to be opened with, by `SERVE_FLAGS`; null if it is not to be.
 * @throws UsageError
 */
export async function requestReplyOf(
  given: Arguments,
  host: string,
  advertised: string | undefined,
): Promise<RequestReplyFlags | null> {
  const port = given.number('request-reply', { min: 1, max: 65_535 });
  const keyFile = given.text('request-reply-key');
  const afterCrash = given.oneOf('request-reply-after-crash', AFTER_CRASH);
  const cacheBytesMax = given.bytes('request-reply-cache', { min: CACHE_BYTES_MIN });
  if (port === undefined) {
    const idle = Object.keys(SERVE_FLAGS).find((flag) => given.has(flag));
    if (idle !== undefined) throw new UsageError(`--${idle} needs a server: give it a port with --request-reply PORT`);
    return null;
  }
  return {
    host,
    port,
    ...(advertised !== undefined && { advertised: [advertised] }),
    ...(advertised === undefined && isWildcard(host) && { advertised: advertisedHosts(host) }),
    ...(keyFile !== undefined && { key: await readSecret(keyFile, '--request-reply-key') }),
    ...(afterCrash !== undefined && { agreement: { afterCrash } }),
    ...(cacheBytesMax !== undefined && { cacheBytesMax }),
  };
}

/** By which `call` reaches members that were started with these flags and serve there: words for a shell. */
export function callFlags(given: Arguments, servers: readonly string[]): string[] {
  const keyFile = given.text('request-reply-key');
  const afterCrash = given.text('request-reply-after-crash');
  return [
    ...(servers.join() === DEFAULT_SERVER ? [] : ['--server', servers.join()]),
    ...(keyFile === undefined ? [] : ['--key', keyFile]),
    ...(afterCrash === undefined ? [] : ['--after-crash', afterCrash]),
  ].map(shellWord);
}

/** @throws UsageError */
export function advertisedHost(given: Arguments): string | undefined {
  const text = given.text('advertise');
  if (text === undefined) return undefined;
  const host = text.replace(/^\[(.*)\]$/, '$1');
  if (isHost(host) && !isWildcard(host)) return host;
  const expected = 'a host that clients can connect to, without a port, as in db1.example or 10.0.0.7';
  throw new UsageError(`--advertise is ${expected}: got '${text}'`);
}

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
