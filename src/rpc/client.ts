import { randomBytes } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { type Endpoint, formatEndpoint, Host } from '../host/index.ts';
import { requestReply as protocol } from '../protocols/index.ts';
import { type CallOptions, type ClientInterceptor, chain, type OutgoingCall } from './call.ts';
import { addressOf, type ChannelCounters, type ChannelOptions, type TransportKind } from './channel.ts';
import { ClientChannels } from './client-channels.ts';
import { CancelledError, DeadlineError, ReceivedRejection, UnknownOutcomeError } from './errors.ts';
import { type FragmentLimits, HEAD_BYTES_MAX } from './fragment-limits.ts';
import { NAME_BYTES_MAX } from './message-codec.ts';
import { acknowledgementOf, agreementOf, OptionError } from './options.ts';
import { errorOf, type SentCall } from './outcome-errors.ts';
import { endpointsOf, resolve } from './server-addresses.ts';

export interface RpcClientOptions {
  /**
   * One, or several that serve the same, such as the members of a cluster: calls go to the first, and when one does not
   * answer, or cannot execute them, to the next.
   */
  readonly server: Endpoint | readonly Endpoint[];
  /** Default UDP. */
  readonly transport?: TransportKind;
  /** The server's agreement; what is not given is `DEFAULT_AGREEMENT`'s. */
  readonly agreement?: Partial<protocol.Agreement>;
  /** Shared with the server, to authenticate datagrams. */
  readonly key?: Uint8Array;
  readonly limits?: Partial<FragmentLimits>;
  readonly interceptors?: readonly ClientInterceptor[];
  /**
   * A name for people to know it by, and where its lives are counted on disk: then a client that starts again there has
   * its earlier executions ended. By default a client starts once.
   */
  readonly identity?: { readonly name: string; readonly directory: string };
  /** Without a new call by then, answers are acknowledged by a datagram of their own. Default 20; null for never. */
  readonly acknowledgeAfterMs?: number | null;
}

/** What a stub needs of a client. */
export interface Caller {
  /** @throws CallError; RangeError  for semantics or a time that there is not */
  call(method: string, body: Uint8Array, options?: CallOptions): Promise<Uint8Array>;
}

interface Waiting extends SentCall {
  readonly resolve: (body: Uint8Array) => void;
  readonly reject: (error: Error) => void;
}

/** Of one client. */
interface Calls {
  readonly waiting: Map<number, Waiting>;
  /** Why the client can make no more calls; null while it can. */
  failure: Error | null;
}

const CLIENT = 'client';
const SEMANTICS: readonly string[] = [
  'maybe',
  'atLeastOnce',
  'atMostOnce',
  'exactlyOnce',
] satisfies protocol.Semantics[];
/** Of Node's timers; who waits longer waits forever. */
const TIMEOUT_MS_MAX = 2 ** 31 - 1;
/** Enough that no two clients ever have one name. */
const NAME_BYTES = 12;
/** Of its log, which holds a number. */
const SEGMENT_BYTES = 64 * 1024;

/** The calling side of request-reply on this machine: of servers that serve the same, any number of calls at once. */
export class RpcClient implements Caller {
  readonly #host: Host;
  readonly #channels: ClientChannels;
  readonly #calls: Calls;
  readonly #invoke: (call: OutgoingCall) => Promise<Uint8Array>;
  readonly #server: string;
  #lastCall = 0;
  #isClosed = false;

  /** @throws UnreachableError  if no server has an address; OptionError, DatagramLinkError, DirectoryError, DirectoryHeldError */
  static async open(options: RpcClientOptions): Promise<RpcClient> {
    const { transport = 'udp', key = null, limits = {} } = options;
    const agreement = agreementOf(options.agreement);
    const acknowledgeAfterMs = acknowledgementOf(options.acknowledgeAfterMs);
    const given = endpointsOf(options.server);
    const servers = await resolve(given);
    const calls: Calls = { waiting: new Map(), failure: null };
    const { name, directory } = options.identity ?? { name: 'client', directory: null };
    const client = clientName(name);
    let host: Host | null = null;
    const onMessage: ChannelOptions['onMessage'] = (from, message) => host?.deliver(CLIENT, message, from);
    const channels = await ClientChannels.open({ kind: transport, key, limits, onMessage }, servers);
    const process = new protocol.RequestClient({
      client,
      servers: channels.endpoints.map((endpoint) => addressOf(transport, endpoint)),
      agreement,
      isNameFresh: directory === null,
      acknowledgeAfterMs,
    });
    try {
      host = await Host.open({
        node: name,
        cluster: 'request-reply',
        directory,
        segmentBytes: SEGMENT_BYTES,
        definition: () => new Map([[CLIENT, process]]),
        listen: null,
        peers: new Map(),
        onOutput: (_process, output) => settle(calls.waiting, output as protocol.Outcome),
        onDeparture: (to, message) => channels.send(to, message as protocol.RequestReplyMessage),
        onFatal: (error) => fail(calls, error),
      });
    } catch (error) {
      await channels.close();
      throw error;
    }
    return new RpcClient(given.map(formatEndpoint).join(', '), { host, channels, calls }, options.interceptors ?? []);
  }

  private constructor(
    server: string,
    { host, channels, calls }: { host: Host; channels: ClientChannels; calls: Calls },
    interceptors: readonly ClientInterceptor[],
  ) {
    this.#server = server;
    this.#host = host;
    this.#channels = channels;
    this.#calls = calls;
    this.#invoke = chain(interceptors, (call) => this.#send(call));
  }

  get counters(): ChannelCounters {
    return this.#channels.counters;
  }

  call(method: string, body: Uint8Array, options: CallOptions = {}): Promise<Uint8Array> {
    return this.#invoke({ method, body, options });
  }

  #send({ method, body, options }: OutgoingCall): Promise<Uint8Array> {
    const { semantics = 'atMostOnce', signal, metadata = {} } = options;
    const timeoutMs = options.timeoutMs === undefined || options.timeoutMs > TIMEOUT_MS_MAX ? null : options.timeoutMs;
    const reason = objectionTo(method, semantics, timeoutMs) ?? this.#objection(body, metadata, signal);
    if (reason !== null) return Promise.reject(reason);
    this.#lastCall += 1;
    const call = this.#lastCall;
    return new Promise((resolve, reject) => {
      const abort = (): void => {
        this.#calls.waiting.delete(call);
        this.#host.deliver(CLIENT, { type: 'cancelCall', call });
        reject(cancelled(method, true, signal));
      };
      signal?.addEventListener('abort', abort, { once: true });
      const settled = <X>(then: (value: X) => void) => {
        return (value: X): void => {
          signal?.removeEventListener('abort', abort);
          then(value);
        };
      };
      this.#calls.waiting.set(call, {
        method,
        semantics,
        server: this.#server,
        resolve: settled(resolve),
        reject: settled(reject),
      });
      this.#host.deliver(CLIENT, { type: 'call', call, method, body, semantics, metadata, timeoutMs });
    });
  }

  /** Why not to send a call; null to send it. */
  #objection(body: Uint8Array, metadata: protocol.Metadata, signal: AbortSignal | undefined): Error | null {
    if (this.#isClosed) return new CancelledError('not sent: the client is closed', false);
    const { failure } = this.#calls;
    if (failure !== null) {
      const message = `not sent: the client has failed: ${failure.message}; open another`;
      return new CancelledError(message, false, { cause: failure });
    }
    if (signal?.aborted) return cancelled('the call', false, signal);
    let bytes = HEAD_BYTES_MAX + body.length;
    for (const [name, value] of Object.entries(metadata)) bytes += Buffer.byteLength(name) + Buffer.byteLength(value);
    const { messageBytesMax } = this.#channels;
    if (bytes <= messageBytesMax) return null;
    const message = `not sent: it has ${bytes} bytes, of at most ${messageBytesMax}; send less, or use TCP`;
    return new ReceivedRejection(message, true);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#host.deliver(CLIENT, { type: 'closeClient' });
    await setImmediate(); // for it to be handled; were it not, servers would remember a little longer
    await this.#host.close();
    await this.#channels.close();
    failAll(this.#calls.waiting, new CancelledError('the client was closed: the call may have been executed', true));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** @throws OptionError */
function clientName(given: string): string {
  const name = `${given}-${randomBytes(NAME_BYTES).toString('base64url')}`;
  const [bytes, bytesMax] = [Buffer.byteLength(given), NAME_BYTES_MAX - (name.length - given.length)];
  if (bytes <= bytesMax) return name;
  throw new OptionError('outOfRange', `identity.name has at most ${bytesMax} bytes: got ${bytes}`);
}

function cancelled(what: string, wasSent: boolean, signal: AbortSignal | undefined): CancelledError {
  const message = wasSent
    ? `${what} was cancelled: it may have been executed`
    : `${what} was cancelled before it began`;
  return new CancelledError(message, wasSent, { cause: signal?.reason });
}

function settle(waiting: Map<number, Waiting>, outcome: protocol.Outcome): void {
  const call = waiting.get(outcome.call);
  if (call === undefined) return;
  waiting.delete(outcome.call);
  const result = outcome.type === 'answered' ? outcome.result : null;
  if (result?.type === 'done') call.resolve(result.body);
  else call.reject(errorOf(call, outcome));
}

/** What untyped callers can get wrong, and calls whose time is up before they begin. */
function objectionTo(method: string, semantics: string, timeoutMs: number | null): Error | null {
  if (!SEMANTICS.includes(semantics)) {
    return new RangeError(`semantics are one of ${SEMANTICS.join(', ')}: got ${semantics}`);
  }
  if (timeoutMs === null) return null;
  if (typeof timeoutMs !== 'number' || Number.isNaN(timeoutMs)) {
    return new RangeError(`timeoutMs is a number of milliseconds: got ${timeoutMs}`);
  }
  return timeoutMs > 0 ? null : new DeadlineError(`${method} was not sent: its time was up before`, false);
}

/** The process that makes the calls has stopped. */
function fail(calls: Calls, error: Error): void {
  calls.failure = error;
  const message = `the client has failed: ${error.message}; the call may have been executed`;
  failAll(calls.waiting, new UnknownOutcomeError(message, { cause: error }));
}

function failAll(waiting: Map<number, Waiting>, error: Error): void {
  for (const { reject } of [...waiting.values()]) reject(error);
  waiting.clear();
}
