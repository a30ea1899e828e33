/** The servers under load, in a process of their own: prints where they listen as a line of JSON, ends with its stdin. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { startMember } from '../../src/member/index.ts';
import { type protocol, RpcServer, type RpcServerOptions, type ServiceDefinition } from '../../src/rpc/index.ts';
import { keyValueService } from '../../src/server/key-value-service.ts';

export const GRPC_PATH = '/bench.Echo/Echo';
export const KEY: Uint8Array = new Uint8Array(32).fill(7);
export const LOCAL = { host: '127.0.0.1', port: 0 } as const;

/** Where each server listens. */
export interface Ports {
  readonly grpc: number;
  readonly udp: number;
  readonly tcp: number;
  readonly authenticated: number;
  readonly persisted: number;
  readonly store: number;
}

const ECHO: ServiceDefinition = {
  echo: { rules: { idempotent: false, replyBytesMax: 1_024 }, execute: async ({ body }) => body },
  idempotent: { rules: { idempotent: true, replyBytesMax: 1_024 }, execute: async ({ body }) => body },
};
const CACHE_BYTES = 256 * 1024 * 1024;

async function serve(): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'coterie-bench-'));
  const open = (options: Partial<RpcServerOptions>): Promise<RpcServer> =>
    RpcServer.open({
      listen: { udp: LOCAL },
      directory: null,
      services: [ECHO],
      cacheBytesMax: CACHE_BYTES,
      ...options,
    });
  const plain = await open({ listen: { udp: LOCAL, tcp: LOCAL } });
  const authenticated = await open({ key: KEY });
  const agreement: Partial<protocol.Agreement> = { afterCrash: 'persisted' };
  const persisted = await open({ agreement, directory: join(directory, 'persisted') });
  const member = await startMember({ name: 'a', directory: join(directory, 'store'), cluster: null });
  const store = await open({ services: [keyValueService(member)] });
  const udpPort = (server: RpcServer): number => server.endpoint('udp')?.port ?? 0;
  const ports: Ports = {
    grpc: await serveGrpc(),
    udp: udpPort(plain),
    tcp: plain.endpoint('tcp')?.port ?? 0,
    authenticated: udpPort(authenticated),
    persisted: udpPort(persisted),
    store: udpPort(store),
  };
  process.stdout.write(`${JSON.stringify(ports)}\n`);
  // Each line asks for the CPU time used so far.
  process.stdin.on('data', () => {
    const { user, system } = process.cpuUsage();
    process.stdout.write(`${user + system}\n`);
  });
  process.stdin.on('end', async () => {
    await rm(directory, { recursive: true, force: true });
    process.exit(0);
  });
}

function serveGrpc(): Promise<number> {
  const server = new Server({ 'grpc.enable_channelz': 0 });
  const same = (bytes: Buffer): Buffer => bytes;
  const plain = {
    requestSerialize: same,
    requestDeserialize: same,
    responseSerialize: same,
    responseDeserialize: same,
  };
  const method = { path: GRPC_PATH, requestStream: false, responseStream: false, ...plain } as const;
  server.addService(
    { echo: method },
    {
      echo: (call: { request: Buffer }, answer: (error: null, reply: Buffer) => void) => answer(null, call.request),
    },
  );
  return new Promise((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
      if (error === null) resolve(port);
      else reject(error);
    });
  });
}

if (import.meta.main) await serve();
