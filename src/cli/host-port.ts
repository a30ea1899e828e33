import { UsageError } from './command.ts';

export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** Reads `host:port`; an IPv6 host stands in brackets. */
export function parseHostPort(given: string, what: string, example = '127.0.0.1:2379'): HostPort {
  const [, bracketed, plain, digits] = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]+)):(\d+)$/.exec(given) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined) throw new UsageError(`${what} is host:port, as in ${example}: got '${given}'`);
  const port = Number(digits);
  if (port >= 1 && port <= 65_535) return { host, port };
  throw new UsageError(`the port of ${what} is a whole number from 1 to 65535: got '${given}'`);
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
