import { isIPv4, isIPv6 } from 'node:net';
import type { Endpoint } from '../host/index.ts';

/** Of DNS, in RFC 1035's text form. */
const HOST_CHARACTERS_MAX = 253;
/** The longest: a host name, a colon, five digits. */
export const ADDRESS_CHARACTERS_MAX: number = HOST_CHARACTERS_MAX + 6;
const NAME_CHARACTERS_MAX = 255;
const SHOWN_CHARACTERS_MAX = 80;

/** Reads a service's address, `host:port`; null if it is none. */
export function parseServiceAddress(address: string): Endpoint | null {
  if (address.length > ADDRESS_CHARACTERS_MAX) return null;
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:[\]]+)):([1-9]\d{0,4})$/.exec(address) ?? [];
  const port = Number(digits);
  if (!(port <= 65_535)) return null;
  if (bracketed !== undefined) return isIPv6(bracketed) && isHost(bracketed) ? { host: bracketed, port } : null;
  return plain !== undefined && isHost(plain) ? { host: plain, port } : null;
}

/** Whether it is an IP address or a host's name. */
export function isHost(host: string): boolean {
  if (isIPv6(host)) return !host.includes('%'); // a zone, as in fe80::1%eth0, says something to its own machine only
  if (isIPv4(host)) return true;
  if (host.length > HOST_CHARACTERS_MAX || !/^[\w-]{1,63}(\.[\w-]{1,63})*$/.test(host)) return false;
  return !/(^|\.)\d+$/.test(host); // so ends what is meant to be an IPv4 address
}

/** Whether it stands for every address of a machine: a server can listen there, and no client can find it. */
export function isWildcard(host: string): boolean {
  return isIPv4(host) ? host === '0.0.0.0' : isIPv6(host) && /^[0:]+(:0\.0\.0\.0)?$|^::ffff:0\.0\.0\.0$/i.test(host);
}

/** What is wrong with a service's address; null if nothing is. */
export function objectionToAddress(address: string): string | null {
  const endpoint = parseServiceAddress(address);
  if (endpoint === null) {
    return `an address is host:port, as in 10.0.0.7:4600, db.example:4600 or [::1]:4600: got '${shown(address)}'`;
  }
  if (!isWildcard(endpoint.host)) return null;
  return `no client can connect to ${shown(address)}, which stands for every address of a machine: give one of them`;
}

/** What is wrong with a service's name; null if nothing is. */
export function objectionToName(service: string): string | null {
  const isName = service.length <= NAME_CHARACTERS_MAX && /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/.test(service);
  if (isName) return null;
  const expected = `the full name from its .proto, as coterie.KeyValue, of at most ${NAME_CHARACTERS_MAX} characters`;
  return `a service's name is ${expected}: got '${shown(service)}'`;
}

function shown(text: string): string {
  return text.length <= SHOWN_CHARACTERS_MAX ? text : `${text.slice(0, SHOWN_CHARACTERS_MAX)}…`;
}
