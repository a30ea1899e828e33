import type { CompactResponse, EtcdRequest, StoreResponse } from '../store/api.ts';
import {
  clusterService,
  kvService,
  MemberListRequest,
  maintenanceService,
  StatusRequest,
} from '../wire/etcdserverpb.ts';
import { type Backend, type BackendCall, isRead, type StoreStatus } from './backend.ts';
import { Endpoint } from './endpoint.ts';
import { RefusedError, UnavailableError, UnknownOutcomeError } from './errors.ts';
import { toWireDelete, toWirePut, toWireRange, toWireTxn, type UnaryCall, unaryCall } from './wire-requests.ts';
import {
  fromWireDelete,
  fromWirePut,
  fromWireRange,
  fromWireStatus,
  fromWireTxn,
  revisionOf,
} from './wire-responses.ts';

/** A read that one member leaves unanswered for so long is asked of the next. */
const READ_ATTEMPT_MS = 2_000;
const CONNECT_ATTEMPT_MS = 2_000;
/** Longer than an endpoint waits between two attempts to connect: one second and a fifth. */
const RECONNECT_MS_MAX = 1_500;
/** With less time than a member takes to give up, a write would end as unknown that is known not to be executed. */
const WRITE_ATTEMPT_MS_MIN = 2_500;

/**
 * The members of a cluster over etcd's gRPC. Requests go to one member until it fails, then to the next. A request
 * that was surely not executed is offered to each member once; a read whatever became of it; a write never again.
 */
export class RemoteBackend implements Backend {
  readonly #endpoints: readonly Endpoint[];
  readonly #timeoutMs: number;
  #preferred = 0;

  constructor(addresses: readonly string[], timeoutMs: number) {
    this.#endpoints = addresses.map((address) => new Endpoint(address));
    this.#timeoutMs = timeoutMs;
  }

  async call(request: EtcdRequest, { consistency, signal }: BackendCall): Promise<StoreResponse> {
    const read = isRead(request);
    switch (request.type) {
      case 'range': {
        const call = unaryCall(kvService.range, toWireRange(request, consistency));
        return this.#attempt(call, fromWireRange, read, signal);
      }
      case 'put':
        return this.#attempt(unaryCall(kvService.put, toWirePut(request)), fromWirePut, read, signal);
      case 'delete':
        return this.#attempt(unaryCall(kvService.deleteRange, toWireDelete(request)), fromWireDelete, read, signal);
      case 'txn':
        return this.#attempt(unaryCall(kvService.txn, toWireTxn(request, consistency)), fromWireTxn, read, signal);
      case 'compact': {
        const call = unaryCall(kvService.compact, { revision: request.revision, physical: false });
        return this.#attempt(call, fromWireCompact, read, signal);
      }
      default:
        return request satisfies never;
    }
  }

  async status(signal: AbortSignal | undefined): Promise<StoreStatus> {
    const status = await this.#attempt(unaryCall(maintenanceService.status, StatusRequest.of()), same, true, signal);
    const list = unaryCall(clusterService.memberList, MemberListRequest.of());
    return fromWireStatus(status, await this.#attempt(list, same, true, signal));
  }

  async close(): Promise<void> {
    for (const endpoint of this.#endpoints) endpoint.close();
  }

  async #attempt<Reply, Result>(
    call: UnaryCall<Reply>,
    convert: (reply: Reply) => Result,
    read: boolean,
    signal: AbortSignal | undefined,
  ): Promise<Result> {
    const deadline = Date.now() + this.#timeoutMs;
    const failures: string[] = [];
    await this.#reconnected(deadline);
    for (const [index, endpoint] of this.#inTurn()) {
      const left = deadline - Date.now();
      if (left <= 0 || (!read && failures.length > 0 && left < WRITE_ATTEMPT_MS_MIN)) break;
      if (!(await endpoint.connected(Date.now() + Math.min(CONNECT_ATTEMPT_MS, left)))) {
        failures.push(`${endpoint.address}: cannot connect`);
        continue;
      }
      signal?.throwIfAborted();
      const mayRetry = read && this.#endpoints.length > 1;
      const outcome = await endpoint.send(call, mayRetry ? Math.min(READ_ATTEMPT_MS, left) : left, signal);
      switch (outcome.type) {
        case 'reply':
          this.#preferred = index;
          return convert(outcome.reply);
        case 'refused':
          this.#preferred = index;
          throw new RefusedError(outcome.refusal.code, outcome.refusal.message);
        case 'notExecuted':
          failures.push(`${endpoint.address}: ${outcome.why}`);
          break;
        case 'unknown':
          this.#preferred = (index + 1) % this.#endpoints.length;
          if (!read) throw unknownOutcome(endpoint, outcome.why);
          failures.push(`${endpoint.address}: ${outcome.why}`);
          break;
        default:
          outcome satisfies never;
      }
    }
    throw new UnavailableError(`not executed, no member could take the request: ${failures.join('; ')}`);
  }

  /**
   * Without any connection, a call waits for the next attempt to make one. To fail at once would tell the caller what was
   * so before the call; and a caller that tries again in a loop would never let a connection come about.
   */
  async #reconnected(deadline: number): Promise<void> {
    if (!this.#endpoints.every((endpoint) => endpoint.isBackingOff())) return;
    const latest = Math.min(deadline, Date.now() + RECONNECT_MS_MAX);
    await Promise.race(this.#endpoints.map((endpoint) => endpoint.backedOff(latest)));
  }

  /** Every endpoint once, from the preferred one on. */
  *#inTurn(): Generator<readonly [number, Endpoint]> {
    const first = this.#preferred;
    for (let turn = 0; turn < this.#endpoints.length; turn += 1) {
      const index = (first + turn) % this.#endpoints.length;
      const endpoint = this.#endpoints[index];
      if (endpoint !== undefined) yield [index, endpoint];
    }
  }
}

function unknownOutcome(endpoint: Endpoint, why: string): UnknownOutcomeError {
  return new UnknownOutcomeError(
    `the outcome is unknown: the write was sent to ${endpoint.address}, and may have been executed (${why}); ` +
      'read before you write again',
  );
}

function fromWireCompact(reply: Parameters<typeof revisionOf>[0]): CompactResponse {
  return { type: 'compact', revision: revisionOf(reply) };
}

function same<T>(value: T): T {
  return value;
}
