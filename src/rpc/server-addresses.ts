import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { Endpoint } from '../host/index.ts';
import { UnreachableError } from './errors.ts';
import { OptionError } from './options.ts';

/** @throws OptionError  if there is none */
export function endpointsOf(server: Endpoint | readonly Endpoint[]): readonly Endpoint[] {
  const given = isSeveral(server) ? server : [server];
  if (given.length === 0) throw new OptionError('outOfRange', 'server is one endpoint or several: got none');
  return given;
}

function isSeveral(server: Endpoint | readonly Endpoint[]): server is readonly Endpoint[] {
  return Array.isArray(server);
}

/**
 * All addresses of servers. A server whose name has none is left out, if there is another.
 * @throws UnreachableError
 */
export async function resolve(servers: readonly Endpoint[]): Promise<readonly Endpoint[]> {
  const found = await Promise.allSettled(servers.map(addressesOf));
  const endpoints = found.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
  if (endpoints.length > 0) return endpoints;
  throw found.find((one) => one.status === 'rejected')?.reason;
}

async function addressesOf({ host, port }: Endpoint): Promise<Endpoint[]> {
  if (isIP(host) !== 0) return [{ host, port }];
  const found = await lookup(host, { all: true }).catch((cause: Error) => {
    const message = `no server was found: the name ${host} has no address (${cause.message})`;
    throw new UnreachableError(message, true, { cause });
  });
  return found.map(({ address }) => ({ host: address, port }));
}
