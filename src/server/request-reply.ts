import { join } from 'node:path';
import type { Member } from '../member/api.ts';
import { formatEndpoint, KeyValue, NameTable, namingService, RpcServer, type RpcServerOptions } from '../rpc/index.ts';
import { keyValueService } from './key-value-service.ts';

export interface RequestReplyOptions extends Pick<RpcServerOptions, 'key' | 'interceptors' | 'onFailed'> {
  readonly member: Member;
  readonly host: string;
  /** Of UDP and of TCP; 0 takes a free one for each. */
  readonly port: number;
  /** Where the member keeps its data: this server's is beside it. */
  readonly directory: string;
}

/**
 * Serves a member's store by request-reply, and a naming service that knows where.
 * @throws DatagramLinkError, DirectoryError, DirectoryHeldError
 */
export async function serveRequestReply(options: RequestReplyOptions): Promise<RpcServer> {
  const { member, host, port, directory, ...rest } = options;
  const names = new NameTable();
  const at = { host, port };
  const server = await RpcServer.open({
    listen: { udp: at, tcp: at },
    directory: join(directory, 'request-reply'),
    services: [keyValueService(member), namingService(names)],
    ...rest,
  });
  const endpoint = server.endpoint('udp');
  if (endpoint !== null) names.keep(KeyValue.typeName, formatEndpoint(endpoint));
  return server;
}
