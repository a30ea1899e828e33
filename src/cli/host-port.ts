import { UsageError } from './command.ts';

export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** Reads `host:port`; an IPv6 host stands in brackets. */
export function parseHostPort(given: string, what: string): HostPort {
  const [, bracketed, plain, digits] = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(given) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  if (host === undefined || !(port >= 1 && port <= 65_535)) {
    throw new UsageError(`${what} is host:port, as in 127.0.0.1:2379: got '${given}'`);
  }
  return { host, port };
}

export function formatHostPort({ host, port }: HostPort): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Reads `name=host:port,…`. */
export function parseCluster(given: string): Map<string, HostPort> {
  const cluster = new Map<string, HostPort>();
  for (const part of given.split(',')) {
    const [, name, at] = /^([\w.-]+)=(.+)$/.exec(part.trim()) ?? [];
    if (name === undefined || at === undefined) {
      throw new UsageError(`--cluster is name=host:port,…, as in a=127.0.0.1:2380,b=127.0.0.1:12380: got '${part}'`);
    }
    if (cluster.has(name)) throw new UsageError(`--cluster names '${name}' twice: give each member a name of its own`);
    cluster.set(name, parseHostPort(at, `--cluster's ${name}`));
  }
  return cluster;
}
