import { setTimeout } from 'node:timers/promises';
import { Random } from '../../src/kernel/index.ts';
import {
  CallError,
  type IncomingCall,
  type protocol,
  RpcClient,
  RpcServer,
  type ServiceDefinition,
} from '../../src/rpc/index.ts';
import { type ProxyCounters, type Unreliability, UnreliableProxy } from './unreliable-proxy.ts';

export interface LossyCalls {
  readonly seed: number | string;
  readonly calls: number;
  readonly inFlight: number;
  readonly clients: number;
  readonly unreliability: Unreliability;
  /** How often the server is stopped and started again meanwhile. */
  readonly restarts: number;
  /** Where the server counts its lives. */
  readonly directory: string;
  readonly onProgress?: (done: number) => void;
}

export interface LossyReport {
  /** By outcome: `answered`, or an error's code. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** Begun more than once. */
  readonly executedTwice: number;
  /** Begun, though the caller was told that they were not, or not, though they were answered. */
  readonly outcomesThatLie: number;
  /** Whose payload the service, or the caller, found altered. */
  readonly corruptedAccepted: number;
  /** Datagrams that the checksums of server and clients found altered. */
  readonly corruptedDropped: number;
  readonly proxy: Readonly<ProxyCounters>;
  readonly seconds: number;
}

/** Datagrams live at most two seconds, held back by the proxy for at most one. */
const AGREEMENT: Partial<protocol.Agreement> = {
  retry: { tries: 6, firstTimeoutMs: 50, backoff: 2, timeoutMsMax: 400, jitter: 0.2 },
  propagationMsMax: 2_000,
};
const CACHE_BYTES = 64 * 1024 * 1024;
/** One call in so many has a body of several datagrams. */
const LARGE_EVERY = 100;
const LARGE_BYTES = 5_000;
const HEAD_BYTES = 8;

/** Calls a service through a proxy that loses, doubles, holds back and corrupts datagrams, and counts what must not be. */
export async function lossyCalls(options: LossyCalls): Promise<LossyReport> {
  const executions = new Uint8Array(options.calls);
  const wrong = { executedTwice: 0, outcomesThatLie: 0, corruptedAccepted: 0 };
  const service: ServiceDefinition = {
    double: {
      rules: { idempotent: false, replyBytesMax: HEAD_BYTES + LARGE_BYTES },
      execute: async ({ body }: IncomingCall) => {
        const call = numberIn(body);
        if (call >= options.calls || !isBodyOf(call, body)) wrong.corruptedAccepted += 1;
        else executions[call] = Math.min(255, (executions[call] ?? 0) + 1);
        return body.map((byte) => (byte * 2) & 0xff);
      },
    },
  };
  const began = performance.now();
  let server = await openServer(0);
  const at = server.endpoint('udp');
  if (at === null) throw new Error('the server serves UDP');
  const proxy = await UnreliableProxy.open(at.port, options.unreliability, new Random(options.seed));
  const proxyAt = { host: '127.0.0.1', port: proxy.port };
  const clients = await Promise.all(
    Array.from({ length: options.clients }, () => RpcClient.open({ server: proxyAt, agreement: AGREEMENT })),
  );
  const outcomes: Record<string, number> = {};
  let [next, done, corruptedDropped] = [0, 0, 0];

  function openServer(port: number): Promise<RpcServer> {
    return RpcServer.open({
      listen: { udp: { host: '127.0.0.1', port } },
      directory: options.directory,
      services: [service],
      agreement: AGREEMENT,
      cacheBytesMax: CACHE_BYTES,
    });
  }

  async function caller(client: RpcClient): Promise<void> {
    for (let call = next; call < options.calls; call = next) {
      next += 1;
      const outcome = await callOnce(client, call);
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      done += 1;
      if (done % 10_000 === 0) options.onProgress?.(done);
    }
  }

  async function callOnce(client: RpcClient, call: number): Promise<string> {
    const body = bodyOf(call);
    try {
      const answer = await client.call('double', body);
      if (!isDoubled(body, answer)) wrong.corruptedAccepted += 1;
      if (executions[call] === 0) wrong.outcomesThatLie += 1;
      return 'answered';
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      if (!error.mayHaveBeenExecuted && executions[call] !== 0) wrong.outcomesThatLie += 1;
      return error.code;
    }
  }

  async function restartNowAndThen(): Promise<void> {
    for (let restart = 1; restart <= options.restarts; restart += 1) {
      while (done < (options.calls * restart) / (options.restarts + 1)) await setTimeout(10);
      corruptedDropped += server.counters('udp')?.corrupted ?? 0;
      await server.close();
      server = await openServer(at?.port ?? 0);
    }
  }

  try {
    const callers = Array.from({ length: options.inFlight }, (_, index) => clients[index % clients.length]);
    await Promise.all([
      restartNowAndThen(),
      ...callers.map((client) => (client === undefined ? null : caller(client))),
    ]);
    await setTimeout(options.unreliability.delayMsMax); // for what is still held back
    for (const count of executions) if (count > 1) wrong.executedTwice += 1;
    for (const { counters } of [
      ...clients,
      ...(server.endpoint('udp') ? [{ counters: server.counters('udp') }] : []),
    ]) {
      corruptedDropped += counters?.corrupted ?? 0;
    }
    const seconds = (performance.now() - began) / 1000;
    return { outcomes, ...wrong, corruptedDropped, proxy: proxy.counters, seconds };
  } finally {
    for (const client of clients) await client.close();
    await server.close();
    proxy.close();
  }
}

/** The call's number, and bytes that follow from it. */
function bodyOf(call: number): Uint8Array {
  const body = new Uint8Array(HEAD_BYTES + (call % LARGE_EVERY === 0 ? LARGE_BYTES : 16 + (call % 50)));
  new DataView(body.buffer).setUint32(0, call);
  for (let index = 4; index < body.length; index += 1) body[index] = byteOf(call, index);
  return body;
}

function byteOf(call: number, index: number): number {
  return Math.imul(call * 31 + index, 0x9e37_79b1) >>> 24;
}

function numberIn(body: Uint8Array): number {
  return body.length < HEAD_BYTES ? Number.MAX_SAFE_INTEGER : new DataView(body.buffer, body.byteOffset).getUint32(0);
}

function isBodyOf(call: number, body: Uint8Array): boolean {
  const expected = bodyOf(call);
  return Buffer.compare(expected, body) === 0;
}

function isDoubled(body: Uint8Array, answer: Uint8Array): boolean {
  return answer.length === body.length && answer.every((byte, index) => byte === (((body[index] ?? 0) * 2) & 0xff));
}
