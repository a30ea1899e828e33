import { once } from 'node:events';
import { createServer } from 'node:net';
import { CommandFailure } from './command.ts';
import { formatHostPort, type HostPort } from './host-port.ts';

/** Takes a port and gives it back; fails, in words that say what to do, if it can't be had. */
export async function checkPort({ host, port }: HostPort, who: 'clients' | 'peers' | 'request-reply'): Promise<void> {
  const server = createServer();
  try {
    await once(server.listen({ host, port, exclusive: true }), 'listening');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const remedy = error instanceof Error && 'code' in error ? REMEDIES.get(error.code) : undefined;
    const what = `cannot listen for ${who} on ${formatHostPort({ host, port })}`;
    throw new CommandFailure(`${what}: ${remedy ?? reason}`, { cause: error });
  }
  await new Promise<void>((resolve) => server.close(() => resolve()));
}

const REMEDIES: ReadonlyMap<unknown, string> = new Map([
  ['EADDRINUSE', 'the port is in use; stop the program that has it, or choose another one'],
  ['EADDRNOTAVAIL', 'this machine has no such address; give one of its own, or 0.0.0.0 for all of them'],
  ['ENOTFOUND', 'no such host is known; give an address of this machine'],
  ['EACCES', 'this user may not use the port; choose one above 1023'],
]);
