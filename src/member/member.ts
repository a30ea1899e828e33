import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { type Endpoint, Host } from '../host/index.ts';
import { type AnyProcess, address, type Boot, type NodeDefinition, type NodeId } from '../kernel/index.ts';
import {
  type Call,
  type CallOutcome,
  type Cancel,
  DEFAULT_TIMING,
  membershipOf,
  type Query,
  Replica,
  type Timing,
} from '../protocols/index.ts';
import type { StoreRequest, StoreResponse } from '../store/api.ts';
import { encodeRequest } from '../store/codec.ts';
import { StoreMachine } from '../store/machine.ts';
import { GATEWAY, REPLICA, storeNode } from '../store/node.ts';
import { isReadOnly, validate } from '../store/validate.ts';
import { Announcer } from './announcer.ts';
import {
  type CallOptions,
  type Member,
  type MemberDescription,
  type MemberStatus,
  type ReadConsistency,
  UnavailableError,
} from './api.ts';
import { Calls } from './calls.ts';
import { idOf } from './identity.ts';
import { SessionCalls } from './session-calls.ts';
import { type Open, type Relay, type Relayed, type SessionPosition, SessionRelay } from './session-relay.ts';

const TIMEOUT_DEFAULT_MS = 5_000;
const ANNOUNCER = 'announcer';
const RELAY = 'relay';
/** For the message that hands over to reach the heir. */
const HANDOVER_MS = 20;

export interface MemberOptions {
  readonly name: NodeId;
  /** The data directory; made if it is not there. */
  readonly directory: string;
  /** Where each member of the cluster listens for the others, this one included; null for a store of one node. */
  readonly cluster: ReadonlyMap<NodeId, Endpoint> | null;
  /** Where this member listens for the others, if that is not its address in the cluster (behind a proxy, say). */
  readonly listen?: Endpoint;
  /** Where this member serves clients, for member lists; empty if nowhere. */
  readonly clientAddress?: string;
  readonly timing?: Partial<Timing>;
  /** What the host has to say of connections: a line each. */
  readonly onLog?: (line: string) => void;
  /** The member stopped by itself: its disk failed, or a process found its state impossible. */
  readonly onFailed?: (error: Error) => void;
}

/**
 * Starts a member of a store in this process.
 * @throws errors of the host: the directory is another's, in use, damaged or not writable; the address is in use
 */
export async function startMember(options: MemberOptions): Promise<Member> {
  const { name, cluster } = options;
  const voters = cluster === null ? [name] : [...cluster.keys()].sort();
  if (!voters.includes(name)) {
    throw new RangeError(`the cluster has no member '${name}': it names ${voters.join(', ')}`);
  }
  const clusterName = voters.join(',');
  const calls = new Calls();
  const sessionCalls = new SessionCalls();
  const failure: { error: Error | null } = { error: null };
  const host = await Host.open({
    node: name,
    cluster: clusterName,
    directory: options.directory,
    definition: definitionOf(options, voters),
    listen: cluster === null ? null : (options.listen ?? cluster.get(name) ?? null),
    peers: new Map([...(cluster ?? [])].filter(([node]) => node !== name)),
    onOutput: (process, output) => {
      if (process === GATEWAY) calls.settle(output as CallOutcome);
      if (process === RELAY) sessionCalls.settle(output as Relayed);
    },
    onFatal: (error) => {
      failure.error = error;
      calls.failAll(`member ${name} has stopped`);
      sessionCalls.failAll(`member ${name} has stopped`);
      options.onFailed?.(error);
    },
    ...(options.onLog === undefined ? {} : { onLog: options.onLog }),
  });
  return new RunningMember(options, host, { calls, sessionCalls }, failure, clusterName);
}

function definitionOf({ name, clientAddress = '', timing = {} }: MemberOptions, voters: string[]): NodeDefinition {
  const store = storeNode({ initial: membershipOf(voters), timing });
  const announcer = new Announcer(
    name,
    voters.filter((voter) => voter !== name),
    clientAddress,
  );
  const { retryMs } = { ...DEFAULT_TIMING, ...timing };
  const relay = new SessionRelay({ replica: address(name, REPLICA), retryMs });
  return (boot: Boot): ReadonlyMap<string, AnyProcess> =>
    new Map<string, AnyProcess>([...store(boot), [ANNOUNCER, announcer], [RELAY, relay]]);
}

class RunningMember implements Member {
  readonly name: string;
  readonly #options: MemberOptions;
  readonly #host: Host;
  readonly #calls: Calls;
  readonly #sessionCalls: SessionCalls;
  readonly #failure: { readonly error: Error | null };
  readonly #clusterName: string;
  #closing: Promise<void> | null = null;

  constructor(
    options: MemberOptions,
    host: Host,
    { calls, sessionCalls }: { readonly calls: Calls; readonly sessionCalls: SessionCalls },
    failure: { readonly error: Error | null },
    clusterName: string,
  ) {
    this.name = options.name;
    this.#options = options;
    this.#host = host;
    this.#calls = calls;
    this.#sessionCalls = sessionCalls;
    this.#failure = failure;
    this.#clusterName = clusterName;
  }

  async call(request: StoreRequest, options: CallOptions = {}): Promise<StoreResponse> {
    const { signal, consistency = 'linearizable', timeoutMs = TIMEOUT_DEFAULT_MS } = options;
    this.#assertRunning();
    signal?.throwIfAborted();
    const refusal = validate(request);
    if (refusal !== null) return refusal;
    return this.#calls.start(
      isReadOnly(request),
      signal,
      (id) => this.#toGateway(messageOf(id, request, consistency, timeoutMs)),
      (id) => this.#toGateway({ type: 'cancel', id }),
    );
  }

  async openSession({ timeoutMs = TIMEOUT_DEFAULT_MS }: Pick<CallOptions, 'timeoutMs'> = {}): Promise<number> {
    this.#assertRunning();
    return this.#sessionCalls.open((id) => this.#toRelay({ type: 'openSession', id, timeoutMs }));
  }

  async callInSession(
    at: SessionPosition,
    request: StoreRequest,
    { timeoutMs = TIMEOUT_DEFAULT_MS }: Pick<CallOptions, 'timeoutMs'> = {},
  ): Promise<StoreResponse> {
    this.#assertRunning();
    const refusal = validate(request);
    if (refusal !== null) return refusal;
    const body = encodeRequest(request);
    return this.#sessionCalls.call((id) => this.#toRelay({ type: 'relay', id, at, body, timeoutMs }));
  }

  #assertRunning(): void {
    if (this.#failure.error === null && this.#closing === null) return;
    throw new UnavailableError(`not executed: member ${this.name} is ${this.#closing ? 'closed' : 'stopped'}`);
  }

  #toRelay(message: Open | Relay): void {
    this.#host.deliver(RELAY, message);
  }

  #toGateway(message: Call | Query | Cancel): void {
    this.#host.deliver(GATEWAY, message);
  }

  status(): MemberStatus {
    const replica = this.#replica();
    const { machine } = replica;
    if (!(machine instanceof StoreMachine)) throw new Error('a member executes a store');
    const { revision, bytes } = machine.stats();
    const { leader } = replica;
    return {
      clusterId: idOf('cluster', this.#clusterName),
      memberId: this.#memberId(this.name),
      name: this.name,
      members: this.#members(replica),
      leader,
      leaderId: leader === null ? 0n : this.#memberId(leader),
      round: replica.promised.round,
      chosenSlot: replica.chosen,
      appliedSlot: replica.chosen,
      revision,
      storageBytes: Math.max(bytesBelow(join(this.#options.directory, 'storage')), bytes),
      storageBytesInUse: bytes,
    };
  }

  #replica(): Replica {
    const replica = this.#host.inspect(REPLICA);
    if (!(replica instanceof Replica)) throw new Error('a member has a replica');
    return replica;
  }

  #memberId(name: NodeId): bigint {
    return idOf('member', this.#clusterName, name);
  }

  #members({ membership }: Replica): MemberDescription[] {
    const { clientAddresses } = this.#host.inspect(ANNOUNCER) as Announcer;
    const describe = (name: NodeId, learner: boolean): MemberDescription => {
      const at = this.#options.cluster?.get(name);
      return {
        id: this.#memberId(name),
        name,
        peerAddress: at === undefined ? '' : `${at.host}:${at.port}`,
        clientAddress: clientAddresses.get(name) ?? '',
        learner,
      };
    };
    return [
      ...membership.voters.map((name) => describe(name, false)),
      ...membership.learners.map((name) => describe(name, true)),
    ];
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** A leader hands over first, so that the others need not wait for its lease to run out. */
  async #close(): Promise<void> {
    if (this.#failure.error === null && this.#replica().role.type === 'leader') {
      this.#host.deliver(REPLICA, { type: 'abdicate' });
      await setTimeout(HANDOVER_MS);
    }
    await this.#host.close();
    this.#calls.failAll(`member ${this.name} was closed`);
    this.#sessionCalls.failAll(`member ${this.name} was closed`);
  }
}

function messageOf(id: number, request: StoreRequest, consistency: ReadConsistency, timeoutMs: number): Call | Query {
  if (isReadOnly(request)) return { type: 'query', id, query: request, consistency, timeoutMs };
  return { type: 'call', id, body: encodeRequest(request), timeoutMs };
}

function bytesBelow(directory: string): number {
  const files = readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isFile());
  return files.reduce((bytes, { name }) => bytes + statSync(join(directory, name)).size, 0);
}
