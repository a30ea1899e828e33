import { type Member, SessionExpiredError, UnavailableError, UnknownOutcomeError } from '../member/api.ts';
import {
  createService,
  type IncomingCall,
  KeyValue,
  NoAnswerError,
  NotExecutedError,
  RejectedError,
  type ServerStatus,
  type ServiceDefinition,
  SessionLostError,
  sessionService,
} from '../rpc/index.ts';
import type { Compare, RangeResponse, StoreRefusal, StoreRequest, StoreResponse, TxnResponse } from '../store/api.ts';
import { EVERYTHING, increment, put, range, remove, txn } from '../store/requests.ts';

/** No value is as large: the store takes requests of up to 1.5 MiB, of which UDP carries those of 128 KiB. */
const VALUE_BYTES_MAX = 2 * 1024 * 1024;
/** Less than the shortest patience of a caller who asks for at most once. */
const TIMEOUT_MS_MAX = 4_000;
/** Of a caller's patience, for the store: what it says is to reach a caller who still waits. */
const PATIENCE_SHARE = 0.8;
const REMEDY = 'see that more than half of the members run and reach each other';
/** Without a leader. Its caller asks again, and learns why it waits. */
const SESSION_TIMEOUT_MS = 1_500;

/**
 * The store of a member as a service, and the sessions by which its calls are executed exactly once.
 *
 * @param server  tells of the server that serves it; null while there is none
 */
export function keyValueService(member: Member, server: () => ServerStatus | null = () => null): ServiceDefinition {
  const service = createService(
    KeyValue,
    {
      get: async ({ key }, call) => {
        const { kvs } = answer('range', await new Execution(member, call).execute(range(key)));
        const [found] = kvs;
        return found === undefined ? {} : { value: found.value, revision: BigInt(found.modRevision) };
      },
      put: async ({ key, value }, call) => {
        const { revision } = answer('put', await new Execution(member, call).execute(put(key, value)));
        return { revision: BigInt(revision) };
      },
      remove: async ({ key }, call) => {
        const { deleted, revision } = answer('delete', await new Execution(member, call).execute(remove(key)));
        return { removed: deleted > 0, revision: BigInt(revision) };
      },
      compareAndSet: async ({ key, expected, value }, call) => {
        const request = txn([isAsExpected(key, expected)], [put(key, value)], [range(key, { keysOnly: true })]);
        const { succeeded, revision, responses } = answer('txn', await new Execution(member, call).execute(request));
        const existed = succeeded ? expected !== undefined : keysIn(responses) > 0;
        return { succeeded, existed, revision: BigInt(revision) };
      },
      increment: async ({ key, by }, call) => {
        const { value, revision } = answer('increment', await new Execution(member, call).execute(increment(key, by)));
        return { value, revision: BigInt(revision) };
      },
      wipe: async (_request, call) => {
        const request = remove(EVERYTHING.key, { end: EVERYTHING.end });
        const { deleted, revision } = answer('delete', await new Execution(member, call).execute(request));
        return { removed: BigInt(deleted), revision: BigInt(revision) };
      },
      ping: ({ payload }) => ({ payload }),
      status: () => {
        const { name, leader, revision, members } = member.status();
        return {
          member: name,
          leader: leader ?? '',
          revision: BigInt(revision),
          members: members.map((one) => one.name),
          ...statusOf(server()),
        };
      },
    },
    { replyBytesMaxOf: { get: VALUE_BYTES_MAX, ping: VALUE_BYTES_MAX, status: 64 * 1024 } },
  );
  return {
    ...service,
    ...sessionService(() => member.openSession({ timeoutMs: SESSION_TIMEOUT_MS }).catch(tellNoSession)),
  };
}

function statusOf(server: ServerStatus | null) {
  if (server === null) return {};
  const { cache, transports, executing, calls } = server;
  return {
    executing: BigInt(executing),
    calls: Object.fromEntries(Object.entries(calls).map(([what, count]) => [what, BigInt(count)])),
    replyCache: {
      bytes: BigInt(cache.bytes),
      bytesMax: BigInt(cache.bytesMax),
      entries: BigInt(cache.entries),
      clients: BigInt(cache.clients),
    },
    transports: transports.map(({ kind, sent, received, corrupted, malformed, incomplete }) => ({
      kind,
      sent: BigInt(sent),
      received: BigInt(received),
      corrupted: BigInt(corrupted),
      malformed: BigInt(malformed),
      incomplete: BigInt(incomplete),
    })),
  };
}

/** What a call does to the store: a request of its own, or at its position in its caller's session. */
class Execution {
  readonly #member: Member;
  readonly #call: IncomingCall;

  constructor(member: Member, call: IncomingCall) {
    this.#member = member;
    this.#call = call;
  }

  async execute(request: StoreRequest): Promise<StoreResponse> {
    const { session, id, patienceMs, signal } = this.#call;
    const timeoutMs = Math.min(TIMEOUT_MS_MAX, patienceMs * PATIENCE_SHARE);
    if (session === null || request.type === 'range') {
      return this.#member.call(request, { timeoutMs, signal }).catch(tell);
    }
    return this.#member
      .callInSession({ ...session, sequence: id.sequence }, request, { timeoutMs })
      .catch(tellInSession);
  }
}

function isAsExpected(key: Uint8Array, expected: Uint8Array | undefined): Compare {
  if (expected === undefined) return { key, end: null, relation: 'equal', target: 'version', version: 0 };
  return { key, end: null, relation: 'equal', target: 'value', value: expected };
}

function keysIn(responses: TxnResponse['responses']): number {
  const ranges = responses.filter((response): response is RangeResponse => response.type === 'range');
  return ranges.reduce((sum, { kvs }) => sum + kvs.length, 0);
}

/** The response, of the type that such a request gets. */
function answer<Type extends Exclude<StoreResponse, StoreRefusal>['type']>(
  type: Type,
  response: StoreResponse,
): Extract<StoreResponse, { readonly type: Type }> {
  if (response.type === 'refused') throw new RejectedError(withoutOrigin(response.message));
  if (!isOf(type, response)) throw new Error(`the store answered a ${type} by a ${response.type}`);
  return response;
}

/** Which of the two says so is for clients of etcd, who tell errors apart by their text. */
function withoutOrigin(message: string): string {
  return message.replace(/^(etcdserver|coterie): (mvcc: )?/, '');
}

function isOf<Type extends StoreResponse['type']>(
  type: Type,
  response: StoreResponse,
): response is Extract<StoreResponse, { readonly type: Type }> {
  return response.type === type;
}

/** What a failure of the member is to the caller. One who asks again in a session does no harm. */
function tell(error: unknown): never {
  if (error instanceof SessionExpiredError) throw new SessionLostError(error.message);
  if (error instanceof UnavailableError) throw new NotExecutedError(reasonOf(error));
  if (error instanceof UnknownOutcomeError) throw new NoAnswerError(reasonOf(error));
  throw error;
}

/** The member's words are for who asks it, at a position of a session. */
function tellInSession(error: unknown): never {
  if (!(error instanceof UnknownOutcomeError)) return tell(error);
  throw new NoAnswerError(`no leader answered in time; ${REMEDY}`, { cause: error });
}

/** A session that was opened, and nobody heard of, is as good as none. */
function tellNoSession(error: unknown): never {
  if (!(error instanceof UnknownOutcomeError || error instanceof UnavailableError)) throw error;
  throw new NotExecutedError(`no leader was reached in time to open a session; ${REMEDY}`, { cause: error });
}

/** Without the outcome, which the caller is told with its call. */
function reasonOf({ message }: Error): string {
  return message.replace(/^(not executed|the outcome is unknown): /, '');
}
