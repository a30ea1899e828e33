import { join } from 'node:path';
import type { Member } from '../member/api.ts';
import {
  formatEndpoint,
  KeyValue,
  NameTable,
  namingService,
  RpcServer,
  type RpcServerOptions,
  type ServerStatus,
} from '../rpc/index.ts';
import { advertisedHosts } from './advertised-hosts.ts';
import { keyValueService } from './key-value-service.ts';

type ServerOptions = Pick<RpcServerOptions, 'key' | 'agreement' | 'cacheBytesMax' | 'interceptors' | 'onFailed'>;

export interface RequestReplyOptions extends ServerOptions {
  readonly member: Member;
  readonly host: string;
  /** Of UDP and of TCP; 0 takes a free one for each. */
  readonly port: number;
  /** The hosts under which its naming service knows it. By default where it listens: `advertisedHosts`. */
  readonly advertised?: readonly string[];
  /** Where the member keeps its data: this server's is beside it. */
  readonly directory: string;
}

/**
 * Serves a member's store by request-reply, and a naming service that knows where.
 * @throws DatagramLinkError, DirectoryError, DirectoryHeldError; RejectedError  if it is advertised where nothing can be
 */
export async function serveRequestReply(options: RequestReplyOptions): Promise<RpcServer> {
  const { member, host, port, directory, advertised, ...rest } = options;
  const names = new NameTable();
  const at = { host, port };
  let status: (() => ServerStatus) | null = null;
  const server = await RpcServer.open({
    listen: { udp: at, tcp: at },
    directory: join(directory, 'request-reply'),
    services: [keyValueService(member, () => status?.() ?? null), namingService(names)],
    ...rest,
  });
  status = () => server.status;
  try {
    for (const address of addressesOf(server, advertised)) names.keep(KeyValue.typeName, address);
  } catch (error) {
    await server.close();
    throw error;
  }
  return server;
}

function addressesOf(server: RpcServer, advertised: readonly string[] | undefined): string[] {
  const at = server.endpoint('udp');
  if (at === null) return [];
  return (advertised ?? advertisedHosts(at.host)).map((host) => formatEndpoint({ host, port: at.port }));
}
