import { BackedStore } from './backed-store.ts';
import { describe } from './bytes.ts';
import { InvalidArgumentError } from './errors.ts';
import { RemoteBackend } from './remote.ts';
import type { Store } from './store.ts';

export interface ConnectOptions {
  /**
   * How long a call may take in all, failover included. Default 7,000: members give up after 5,000, and say whether the
   * call was executed; a write cut short before that ends as `unknownOutcome`.
   */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 7_000;

/**
 * A store that is a cluster, named by where its members serve clients: any of them takes any request, and one is
 * enough. Connects when first used, so a cluster that can't be reached shows at the first call, as `unavailable`.
 *
 * @example
 * ```ts
 * import { connect } from 'coterie';
 *
 * await using store = connect(['127.0.0.1:2379', '127.0.0.1:12379', '127.0.0.1:22379']);
 * await store.put('greeting', 'hello');
 * ```
 */
export function connect(endpoints: string | readonly string[], { timeoutMs = TIMEOUT_MS }: ConnectOptions = {}): Store {
  return new BackedStore(new RemoteBackend(toAddresses(endpoints), timeoutMs));
}

/** `host:port` of each endpoint, given as a list, or as text with commas; `http://` may stand before each. */
export function toAddresses(endpoints: string | readonly string[]): string[] {
  const given = typeof endpoints === 'string' ? endpoints.split(',') : endpoints;
  if (!Array.isArray(given) || given.length === 0) {
    throw new InvalidArgumentError(`endpoints are one host:port or more: got ${describe(endpoints)}`);
  }
  return given.map(toAddress);
}

function toAddress(endpoint: unknown): string {
  const match = typeof endpoint === 'string' ? /^(?:http:\/\/)?([^/]+):(\d{1,5})\/?$/.exec(endpoint.trim()) : null;
  const [, host, port] = match ?? [];
  if (host === undefined || Number(port) < 1 || Number(port) > 65_535) {
    throw new InvalidArgumentError(`an endpoint is host:port, as in 127.0.0.1:2379: got ${describe(endpoint)}`);
  }
  return `${host}:${port}`;
}
