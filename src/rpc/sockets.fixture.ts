import type { TestContext } from 'node:test';
import type { Endpoint } from '../host/index.ts';
import type { TransportKind } from './channel.ts';
import { RpcClient, type RpcClientOptions } from './client.ts';
import { RpcServer, type RpcServerOptions } from './server.ts';

export const LOCAL: Endpoint = { host: '127.0.0.1', port: 0 };

export interface Pair {
  readonly server: RpcServer;
  readonly client: RpcClient;
}

export interface PairOptions extends Partial<Omit<RpcServerOptions, 'interceptors'>> {
  readonly kind?: TransportKind;
  readonly at?: Endpoint;
  readonly client?: Partial<RpcClientOptions>;
  readonly serverInterceptors?: RpcServerOptions['interceptors'];
}

/** A server on a free port of this machine and a client of it, both gone after the test. */
export async function openPair(t: TestContext, options: PairOptions): Promise<Pair> {
  const { kind = 'udp', at = LOCAL, client: clientOptions, serverInterceptors = [], ...rest } = options;
  const server = await RpcServer.open({
    listen: { [kind]: at },
    directory: null,
    services: [],
    interceptors: serverInterceptors,
    ...rest,
  });
  t.after(() => server.close());
  const client = await openClient(t, server, kind, { ...(rest.key && { key: rest.key }), ...clientOptions });
  return { server, client };
}

export async function openClient(
  t: TestContext,
  server: RpcServer,
  kind: TransportKind,
  options: Partial<RpcClientOptions> = {},
): Promise<RpcClient> {
  const endpoint = server.endpoint(kind);
  if (endpoint === null) throw new Error(`the server does not serve ${kind}`);
  const client = await RpcClient.open({ server: endpoint, transport: kind, ...options });
  t.after(() => client.close());
  return client;
}
