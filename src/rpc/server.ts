import { type Endpoint, Host } from '../host/index.ts';
import { requestReply as protocol } from '../protocols/index.ts';
import { chain, type IncomingCall, type ServerInterceptor } from './call.ts';
import { Channel, type ChannelCounters, type TransportKind } from './channel.ts';
import { CancelledError, DeadlineError, RejectedError } from './errors.ts';
import type { FragmentLimits } from './fragment-limits.ts';
import { resultOf } from './handler-result.ts';
import { agreementOf, boundsOf, checkBodiesFit } from './options.ts';
import type { ServiceDefinition } from './service.ts';

export interface RpcServerOptions {
  /** Where to serve, by transport; port 0 takes a free one. */
  readonly listen: { readonly [Kind in TransportKind]?: Endpoint };
  /**
   * Where it keeps in which of its lives it is, and with `afterCrash: 'persisted'` its cache. Null for a server that
   * is never started again at its address.
   */
  readonly directory: string | null;
  readonly services: readonly ServiceDefinition[];
  /** The clients' agreement; what is not given is `DEFAULT_AGREEMENT`'s. */
  readonly agreement?: Partial<protocol.Agreement>;
  /** Of the reply cache. Default 64 MiB. */
  readonly cacheBytesMax?: number;
  /** Calls under way. Default 10,000. */
  readonly executingMax?: number;
  /** Of the bodies and metadata of calls under way. Default 64 MiB. */
  readonly executingBytesMax?: number;
  /** Shared with the clients, to authenticate datagrams. */
  readonly key?: Uint8Array;
  readonly limits?: Partial<FragmentLimits>;
  readonly interceptors?: readonly ServerInterceptor[];
  /** The server's own state failed, and it has stopped. */
  readonly onFailed?: (error: Error) => void;
}

/** What a server did since it was opened, and what it holds now. */
export interface ServerStatus {
  readonly transports: readonly (ChannelCounters & { readonly kind: TransportKind })[];
  /** Of the reply cache. */
  readonly cache: {
    readonly bytes: number;
    readonly bytesMax: number;
    /** Calls that it remembers. */
    readonly entries: number;
    /** Of which it remembers up to where their calls are over. */
    readonly clients: number;
  };
  /** Calls under way. */
  readonly executing: number;
  /** What became of the copies that came, and of executions. */
  readonly calls: Readonly<Partial<Record<protocol.Counted, number>>>;
}

class CountingServer extends protocol.RequestServer {
  readonly counts: Partial<Record<protocol.Counted, number>> = {};

  protected override count(what: protocol.Counted): void {
    this.counts[what] = (this.counts[what] ?? 0) + 1;
  }
}

const SERVER = 'server';
/** Of its log, which holds little. */
const SEGMENT_BYTES = 1024 * 1024;

/** The serving side of request-reply on this machine: services, by method, over UDP, TCP or both. */
export class RpcServer {
  readonly #host: Host;
  readonly #channels: readonly Channel[];
  readonly #process: CountingServer;
  readonly #executions: Executions;

  /** @throws OptionError, DatagramLinkError, DirectoryError, DirectoryHeldError */
  static async open(options: RpcServerOptions): Promise<RpcServer> {
    const methods: ServiceDefinition = Object.assign({}, ...options.services);
    const rules = Object.fromEntries(Object.entries(methods).map(([name, method]) => [name, method.rules]));
    const bounds = boundsOf(options, rules);
    const agreement = agreementOf(options.agreement);
    const process = new CountingServer({ agreement, methods: rules, filter: true, ...bounds });
    const executions = new Executions(methods, options.interceptors ?? [], (executed) => {
      host?.deliver(SERVER, executed);
    });
    const channels: Channel[] = [];
    let host: Host | null = null;
    try {
      for (const kind of ['udp', 'tcp'] as const) {
        const listen = options.listen[kind];
        if (listen === undefined) continue;
        const { key = null, limits = {} } = options;
        const onMessage: Parameters<typeof Channel.open>[0]['onMessage'] = (from, message) =>
          host?.deliver(SERVER, message, from);
        channels.push(await Channel.open({ kind, listen, key, limits, onMessage }));
        checkBodiesFit(bounds, channels);
      }
      host = await Host.open({
        node: SERVER,
        cluster: 'request-reply',
        directory: options.directory,
        segmentBytes: SEGMENT_BYTES,
        definition: () => new Map([[SERVER, process]]),
        listen: null,
        peers: new Map(),
        onOutput: (_process, output) => executions.take(output as protocol.ServerOutput),
        onDeparture: (to, message) => {
          for (const channel of channels)
            if (channel.owns(to)) channel.send(to, message as protocol.RequestReplyMessage);
        },
        onFatal: (error) => options.onFailed?.(error),
      });
    } catch (error) {
      for (const channel of channels) await channel.close();
      throw error;
    }
    return new RpcServer(host, channels, process, executions);
  }

  private constructor(host: Host, channels: readonly Channel[], process: CountingServer, executions: Executions) {
    this.#host = host;
    this.#channels = channels;
    this.#process = process;
    this.#executions = executions;
  }

  /** Where it serves over a transport; null if it does not. */
  endpoint(kind: TransportKind): Endpoint | null {
    return this.#channels.find((channel) => channel.kind === kind)?.endpoint ?? null;
  }

  counters(kind: TransportKind): ChannelCounters | null {
    return this.#channels.find((channel) => channel.kind === kind)?.counters ?? null;
  }

  get status(): ServerStatus {
    const { cache, executing, counts } = this.#process;
    const { bytes, bytesMax, entries, clients } = cache;
    const transports = this.#channels.map(({ kind, counters }) => ({ kind, ...counters }));
    const remembered = { bytes, bytesMax, entries: entries.size, clients: clients.size };
    return { transports, cache: remembered, executing: executing.size, calls: { ...counts } };
  }

  async close(): Promise<void> {
    for (const channel of this.#channels) await channel.close();
    await this.#host.close();
    this.#executions.abortAll();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** The executions under way, by ticket. */
class Executions {
  readonly #run: (call: IncomingCall) => Promise<Uint8Array>;
  readonly #onExecuted: (executed: protocol.Executed) => void;
  readonly #underWay = new Map<number, AbortController>();

  constructor(
    methods: ServiceDefinition,
    interceptors: readonly ServerInterceptor[],
    onExecuted: (executed: protocol.Executed) => void,
  ) {
    this.#onExecuted = onExecuted;
    this.#run = chain(interceptors, async (call) => {
      const method = methods[call.method];
      if (method === undefined) throw new RejectedError(`the server has no method ${call.method}`);
      return method.execute(call);
    });
  }

  take(output: protocol.ServerOutput): void {
    switch (output.type) {
      case 'execute':
        return this.#execute(output);
      case 'orphaned':
        return this.#underWay.get(output.ticket)?.abort(reasonFor(output));
      default:
        return output satisfies never;
    }
  }

  #execute({ ticket, method, body, id, session, acknowledged, from, metadata, patienceMs }: protocol.Execute): void {
    const abort = new AbortController();
    this.#underWay.set(ticket, abort);
    const filter = session === 0 ? null : { session, acknowledged };
    const call = { method, body, id, session: filter, from, metadata, patienceMs, signal: abort.signal };
    this.#run(call).then(
      (answer) => this.#finish(ticket, { type: 'done', body: answer }),
      (error: unknown) => this.#finish(ticket, resultOf(error, call.signal)),
    );
  }

  #finish(ticket: number, result: protocol.Result): void {
    this.#underWay.delete(ticket);
    this.#onExecuted({ type: 'executed', ticket, result });
  }

  abortAll(): void {
    for (const abort of this.#underWay.values()) abort.abort(new CancelledError('the server was closed', true));
  }
}

/** Why an execution is to stop; for metrics, whether its caller's time was up or it was called off. */
function reasonFor({ why }: protocol.Orphaned): Error {
  const message = `nobody waits any more: ${why}`;
  return why === 'expired' ? new DeadlineError(message) : new CancelledError(message, true);
}
