import { Server, ServerCredentials, status } from '@grpc/grpc-js';
import type { Member } from '../member/api.ts';
import { HealthService } from './health.ts';
import { serveKv } from './kv.ts';
import { Listener } from './listener.ts';
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
    // Bookkeeping for a protocol of debuggers; it takes a quarter of a call's time.
    'grpc.enable_channelz': 0,
  });
  const door: FrontDoor = { server, member, open: new Set() };
  serveKv(door);
  serveMaintenance(door);
  serveCluster(door);
  refuseOthers(door);
  const health = new HealthService(door);
  // Connections are ours, and lent to grpc-js: it would print its errors, and without channelz it can end none.
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  const listener = await Listener.listen(host, port, (socket) => injector.injectConnection(socket));
  let closed: Promise<void> | null = null;
  return {
    address: listener.address,
    port: listener.port,
    close: () => {
      health.close();
      closed ??= shutDown(door, listener);
      return closed;
    },
  };
}

async function shutDown({ server, open }: FrontDoor, listener: Listener): Promise<void> {
  const ended = listener.stop();
  // Has each connection end after its last call. It says at once that all have, because it did not open them.
  server.tryShutdown(() => {});
  const stopped = new Failure(status.UNAVAILABLE, STOPPED);
  const drained = setTimeout(() => {
    for (const call of [...open]) call.fail(stopped);
  }, DRAIN_MS_MAX);
  // For streams that a caller never ends.
  const forced = setTimeout(() => listener.destroy(), DRAIN_MS_MAX + FORCE_MS_AFTER);
  await ended;
  clearTimeout(drained);
  clearTimeout(forced);
}
