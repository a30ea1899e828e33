import { type ServerWritableStream, status } from '@grpc/grpc-js';
import type { Member } from '../member/api.ts';
import { WireError } from '../wire/error.ts';
import { type HealthCheckRequest, type HealthCheckResponse, healthService, ServingStatus } from '../wire/health.ts';
import { errorFailure, Failure } from './status.ts';
import { type FrontDoor, received, registerUnary } from './unary.ts';

/** How soon a watcher hears of a leader lost or found. */
const WATCH_INTERVAL_MS = 200;

/** What health can be asked for by name; the empty name stands for the server as a whole. */
const SERVICES: ReadonlySet<string> = new Set([
  '',
  'etcdserverpb.KV',
  'etcdserverpb.Cluster',
  'etcdserverpb.Maintenance',
  'grpc.health.v1.Health',
]);

type Watcher = ServerWritableStream<HealthCheckRequest | WireError, HealthCheckResponse>;

/**
 * The health protocol of gRPC: a member serves while it knows a leader. Watchers are told of changes, and at the end
 * that it serves no more.
 */
export class HealthService {
  readonly #member: Member;
  readonly #watchers: Set<Watcher> = new Set();
  #timer: NodeJS.Timeout | undefined;
  #told: number = ServingStatus.UNKNOWN;
  #isClosing = false;

  constructor(door: FrontDoor) {
    this.#member = door.member;
    registerUnary(door, healthService.check, ({ service }) => {
      if (SERVICES.has(service)) return { status: this.#status() };
      return new Failure(status.NOT_FOUND, `coterie: there is no service '${service}'`);
    });
    door.server.register<HealthCheckRequest | WireError, HealthCheckResponse>(
      healthService.watch.path,
      (call: Watcher) => this.#watch(call),
      healthService.watch.responseSerialize,
      received(healthService.watch.requestDeserialize),
      'serverStream',
    );
  }

  /** Tells watchers that the end has come, and ends their streams, which would hold up the server's end. */
  close(): void {
    this.#isClosing = true;
    this.#tell();
    for (const watcher of this.#watchers) watcher.end();
  }

  #status(): number {
    const isServing = !this.#isClosing && this.#member.status().leader !== null;
    return isServing ? ServingStatus.SERVING : ServingStatus.NOT_SERVING;
  }

  #watch(call: Watcher): void {
    if (call.request instanceof WireError) {
      call.emit('error', errorFailure(call.request, true));
      return;
    }
    this.#tell();
    this.#watchers.add(call);
    call.once('cancelled', () => this.#forget(call));
    // The protocol has a watcher of an unknown service wait for it to appear; here none ever does.
    call.write({ status: isKnown(call) ? this.#told : ServingStatus.SERVICE_UNKNOWN });
    this.#timer ??= setInterval(() => this.#tell(), WATCH_INTERVAL_MS).unref();
  }

  #tell(): void {
    const now = this.#status();
    if (now === this.#told) return;
    this.#told = now;
    for (const watcher of this.#watchers) if (isKnown(watcher)) watcher.write({ status: now });
  }

  #forget(call: Watcher): void {
    this.#watchers.delete(call);
    if (this.#watchers.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

function isKnown({ request }: Watcher): boolean {
  return !(request instanceof WireError) && SERVICES.has(request.service);
}
