import { Server, ServerCredentials } from '@grpc/grpc-js';
import type { Member } from '../member/api.ts';
import { listenError } from './errors.ts';
import { HealthService } from './health.ts';
import { serveKv } from './kv.ts';
import { serveCluster, serveMaintenance } from './maintenance.ts';
import { refuseOthers } from './unserved.ts';

export interface EtcdServerOptions {
  readonly member: Member;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
}

export interface EtcdServer {
  /** `host:port`, as clients are told it. */
  readonly address: string;
  readonly port: number;
  /** Takes no more calls, waits a while for those under way, and then ends them. */
  close(): Promise<void>;
}

/**
 * What a message may measure: more than `REQUEST_BYTES_MAX`, which etcd answers with a text of its own; what is larger
 * than this is not even read.
 */
const MESSAGE_BYTES_MAX = 2 * 1024 * 1024;
const DRAIN_MS_MAX = 2_000;

/**
 * Serves etcd's gRPC API for a member.
 * @throws ListenError
 */
export async function serveEtcd({ member, host, port }: EtcdServerOptions): Promise<EtcdServer> {
  const server = new Server({
    'grpc.max_receive_message_length': MESSAGE_BYTES_MAX,
    'grpc.max_send_message_length': -1,
    // Bookkeeping for a debugging protocol that nobody here speaks; it costs a tenth of a call.
    'grpc.enable_channelz': 0,
  });
  serveKv(server, member);
  serveMaintenance(server, member);
  serveCluster(server, member);
  refuseOthers(server, member);
  const health = new HealthService(server, member);
  const bound = await listen(server, host, port);
  return {
    address: authority(host, bound),
    port: bound,
    close: () => {
      health.close();
      return shutDown(server);
    },
  };
}

function listen(server: Server, host: string, port: number): Promise<number> {
  const address = authority(host, port);
  return new Promise((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(listenError(error, address));
    });
  });
}

function shutDown(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const force = setTimeout(() => server.forceShutdown(), DRAIN_MS_MAX);
    server.tryShutdown(() => {
      clearTimeout(force);
      resolve();
    });
  });
}

/** An IPv6 address stands in brackets before a port. */
function authority(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
