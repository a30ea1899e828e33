import { once } from 'node:events';
import { createServer } from 'node:net';
import { DatagramLinkError } from '../host/datagrams.ts';
import { openUdpLink } from '../host/udp-link.ts';
import { CommandFailure } from './command.ts';
import { formatHostPort, type HostPort } from './host-port.ts';

/** Takes a port and gives it back; fails, in words that say what to do, if it can't be had. */
export async function checkPort(at: HostPort, who: 'clients' | 'peers' | 'request-reply'): Promise<void> {
  await taken(takeTcp(at), `cannot listen for ${who} on ${formatHostPort(at)}`);
  if (who === 'request-reply') await taken(takeUdp(at), `cannot listen for ${who} on UDP ${formatHostPort(at)}`);
}

async function takeTcp({ host, port }: HostPort): Promise<void> {
  const server = createServer();
  await once(server.listen({ host, port, exclusive: true }), 'listening');
  await new Promise<void>((resolve) => server.close(() => resolve()));
}

async function takeUdp(listen: HostPort): Promise<void> {
  const link = await openUdpLink({ listen, onDatagram: () => undefined });
  await link.close();
}

/** @param what  that failed if it was not taken */
async function taken(taking: Promise<void>, what: string): Promise<void> {
  try {
    await taking;
  } catch (error) {
    const cause = error instanceof DatagramLinkError ? error.cause : error;
    const reason = cause instanceof Error ? cause.message : String(cause);
    const remedy = cause instanceof Error && 'code' in cause ? REMEDIES.get(cause.code) : undefined;
    throw new CommandFailure(`${what}: ${remedy ?? reason}`, { cause: error });
  }
}

const REMEDIES: ReadonlyMap<unknown, string> = new Map([
  ['EADDRINUSE', 'the port is in use; stop the program that has it, or choose another one'],
  ['EADDRNOTAVAIL', 'this machine has no such address; give one of its own, or 0.0.0.0 for all of them'],
  ['ENOTFOUND', 'no such host is known; give an address of this machine'],
  ['EACCES', 'this user may not use the port; choose one above 1023'],
]);
