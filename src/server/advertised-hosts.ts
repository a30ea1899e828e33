import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';
import { isWildcard } from '../rpc/service-address.ts';

/** A machine of containers has an address for each; the operator of one says which is meant. */
const HOSTS_MAX = 16;

type Interfaces = Readonly<Record<string, readonly Pick<NetworkInterfaceInfo, 'address' | 'family' | 'internal'>[]>>;

/**
 * Where clients find a server that listens at a host. A wildcard is no address to connect to: in its place stand those
 * of the machine's interfaces, or its loopback address if there are no others (a client elsewhere would look for that one
 * on its own machine). Which of them a client can reach is the operator's to say.
 */
export function advertisedHosts(host: string, interfaces: Interfaces = thisMachine()): string[] {
  if (!isWildcard(host)) return [host];
  const takesIPv6 = host.includes(':');
  const hosts = Object.values(interfaces)
    .flat()
    .filter(({ internal, family }) => !internal && (takesIPv6 || family === 'IPv4'))
    .map(({ address }) => address)
    .filter((address) => !isLinkLocal(address));
  return hosts.length > 0 ? hosts.slice(0, HOSTS_MAX) : [takesIPv6 ? '::1' : '127.0.0.1'];
}

function thisMachine(): Interfaces {
  return Object.fromEntries(Object.entries(networkInterfaces()).map(([name, found]) => [name, found ?? []]));
}

/** Of use to those on the same link who say on which of theirs it is. */
function isLinkLocal(address: string): boolean {
  return /^fe[89ab][0-9a-f]:/i.test(address) || address.startsWith('169.254.');
}
