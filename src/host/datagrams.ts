import { lookup } from 'node:dns/promises';
import { isIP, isIPv6 } from 'node:net';
import type { Endpoint } from './transport.ts';

/** Carries datagrams, each of which may be lost, late, doubled, out of order and corrupt. */
export interface DatagramLink {
  /** Where others reach this side; an unspecified host stands for every address of the machine. */
  readonly endpoint: Endpoint;
  /** To an endpoint as `formatEndpoint` writes it. What cannot be sent is lost. */
  send(to: string, datagram: Uint8Array): void;
  close(): Promise<void>;
}

export interface DatagramLinkOptions {
  /** Where to listen; port 0 takes a free one. Null to be reached by those only whom this side has sent something. */
  readonly listen: Endpoint | null;
  /** `from` is an endpoint as `formatEndpoint` writes it, to answer to. */
  readonly onDatagram: (datagram: Buffer, from: string) => void;
}

/** The operating system refuses the address: what it says, and what to do about it. */
export class DatagramLinkError extends Error {
  readonly code: 'addressInUse' | 'addressUnusable';

  constructor(kind: 'UDP' | 'TCP', { host, port }: Endpoint, cause: NodeJS.ErrnoException) {
    const at = formatEndpoint({ host, port });
    const isInUse = cause.code === 'EADDRINUSE';
    const remedy = isInUse ? 'the port is in use; choose another one, or 0 for any' : (cause.code ?? cause.message);
    super(`cannot listen on ${kind} ${at}: ${remedy}`, { cause });
    this.code = isInUse ? 'addressInUse' : 'addressUnusable';
  }
}

/** `127.0.0.1:80`, `[::1]:80`. */
export function formatEndpoint({ host, port }: Endpoint): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Reads what `formatEndpoint` wrote; null if it is none. */
export function parseEndpoint(text: string): Endpoint | null {
  const colon = text.lastIndexOf(':');
  const host = text.startsWith('[') ? text.slice(1, colon - 1) : text.slice(0, colon);
  const port = Number(text.slice(colon + 1));
  return colon > 0 && Number.isInteger(port) && isIP(host) !== 0 ? { host, port } : null;
}

/** The endpoint with its host as an IP address. */
export async function resolveEndpoint({ host, port }: Endpoint): Promise<Endpoint> {
  return isIP(host) === 0 ? { host: (await lookup(host)).address, port } : { host, port };
}
