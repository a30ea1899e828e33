import { once } from 'node:events';
import { createServer } from 'node:net';
import { Server, ServerCredentials, status } from '@grpc/grpc-js';
import type { Member } from '../member/api.ts';
import { listenError } from './errors.ts';
import { HealthService } from './health.ts';
import { serveKv } from './kv.ts';
import { serveCluster, serveMaintenance } from './maintenance.ts';
import { Failure } from './status.ts';
import type { FrontDoor } from './unary.ts';
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
const FORCE_MS_AFTER = 500;
const STOPPED = 'etcdserver: server stopped: the outcome of this call is unknown, it may have been executed';

/**
 * Serves etcd's gRPC API for a member.
 * @throws ListenError
 */
export async function serveEtcd({ member, host, port }: EtcdServerOptions): Promise<EtcdServer> {
  const server = new Server({
    'grpc.max_receive_message_length': MESSAGE_BYTES_MAX,
    'grpc.max_send_message_length': -1,
  });
  const door: FrontDoor = { server, member, open: new Set() };
  serveKv(door);
  serveMaintenance(door);
  serveCluster(door);
  refuseOthers(door);
  const health = new HealthService(door);
  const bound = await listen(server, host, port);
  let closed: Promise<void> | null = null;
  return {
    address: authority(host, bound),
    port: bound,
    close: () => {
      health.close();
      closed ??= shutDown(door);
      return closed;
    },
  };
}

async function listen(server: Server, host: string, port: number): Promise<number> {
  const address = authority(host, port);
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  try {
    await probe(host, port);
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
    return await promise;
  } catch (error) {
    throw listenError(error, address);
  }
}

/** Listens for a moment, because grpc-js prints to the standard error output when it cannot. */
async function probe(host: string, port: number): Promise<void> {
  const socket = createServer().listen({ host, port, exclusive: true });
  await once(socket, 'listening');
  socket.close();
  await once(socket, 'close');
}

function shutDown({ server, open }: FrontDoor): Promise<void> {
  return new Promise((resolve) => {
    const stopped = new Failure(status.UNAVAILABLE, STOPPED);
    const drained = setTimeout(() => {
      for (const call of [...open]) call.fail(stopped);
    }, DRAIN_MS_MAX);
    // For streams that a caller never ends. Works only while channelz is on: without it grpc-js forgets its sessions.
    const forced = setTimeout(() => server.forceShutdown(), DRAIN_MS_MAX + FORCE_MS_AFTER);
    server.tryShutdown(() => {
      clearTimeout(drained);
      clearTimeout(forced);
      resolve();
    });
  });
}

/** An IPv6 address stands in brackets before a port. */
function authority(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
