import {
  type Address,
  type AnyProcess,
  address,
  decode,
  encode,
  type NodeDefinition,
  type NodeId,
  Process,
  type Storage,
} from '../../src/kernel/index.ts';
import { type Membership, type MembershipChange, membershipOf } from '../../src/protocols/multi-paxos/membership.ts';
import type { PaxosMessage } from '../../src/protocols/multi-paxos/messages.ts';
import { DEFAULT_LIMITS, DEFAULT_TIMING, type Limits, type Timing } from '../../src/protocols/multi-paxos/options.ts';
import { Replica } from '../../src/protocols/multi-paxos/replica.ts';
import {
  type Call,
  type CallOutcome,
  type Query,
  SessionClient,
} from '../../src/protocols/multi-paxos/session-client.ts';
import { multiPaxosSpec, oneLeaseholder } from '../../src/protocols/multi-paxos/spec.ts';
import type { StateMachine } from '../../src/protocols/state-machine.ts';
import { Simulation, type SimulationOptions } from '../../src/sim/index.ts';

/** Keeps every command in order; a query gives all of them. The simplest state machine that shows every mistake. */
export class Journal implements StateMachine {
  readonly storage: Storage;

  constructor(storage: Storage) {
    this.storage = storage;
  }

  apply(command: Uint8Array): number {
    const entries = this.read();
    this.storage.set('journal', encode([...entries, decode(command)]));
    return entries.length + 1;
  }

  read(): unknown[] {
    const row = this.storage.get('journal');
    return row === undefined ? [] : (decode(row) as unknown[]);
  }

  reload(): void {}
}

/** Asks for membership changes and keeps the answers. */
class Asker extends Process<PaxosMessage> {
  answers: (string | null)[] = [];

  override onMessage(_from: Address, message: PaxosMessage): void {
    if (message.type === 'membershipChanged') this.answers.push(message.refused);
  }
}

export interface GroupOptions {
  readonly initial?: Membership;
  readonly timing?: Partial<Timing>;
  readonly limits?: Partial<Limits>;
  readonly replica?: typeof Replica;
  readonly simulation?: Partial<SimulationOptions>;
}

/** A simulated Multi-Paxos group of nodes `a`, `b`, `c`, …, each with a client on it. */
export class Group {
  readonly sim: Simulation;
  readonly outcomes: Map<number, CallOutcome> = new Map();
  readonly #options: GroupOptions;
  #next = 1;

  constructor(names: string, options: GroupOptions = {}) {
    this.#options = options;
    const nodes = [...names];
    const initial = options.initial ?? membershipOf(nodes);
    this.sim = new Simulation({
      seed: 1,
      nodes: new Map(nodes.map((node) => [node, this.definition(initial)])),
      spec: multiPaxosSpec,
      invariants: { oneLeaseholder },
      onOutput: (output) => {
        const outcome = output as CallOutcome | { readonly type: 'chosen' | 'leading' | 'following' };
        if ('id' in outcome) this.outcomes.set(outcome.id, outcome);
      },
      ...options.simulation,
    });
  }

  definition(initial: Membership | null): NodeDefinition {
    const { replica: ReplicaClass = Replica, timing, limits } = this.#options;
    const time = { ...DEFAULT_TIMING, ...timing };
    return ({ node, storage }) => {
      const rows = storage('replica');
      const limit = { ...DEFAULT_LIMITS, ...limits };
      return new Map<string, AnyProcess>([
        ['replica', new ReplicaClass(node, time, limit, initial, rows, new Journal(rows))],
        ['asker', new Asker()],
        ['client', new SessionClient({ node, replica: address(node, 'replica'), retryMs: time.retryMs })],
      ]);
    };
  }

  /** Adds a node that no membership names yet. */
  join(node: NodeId): void {
    this.sim.add(node, this.definition(null));
  }

  replica(node: NodeId): Replica {
    const process = this.sim.process(address(node, 'replica'));
    if (!(process instanceof Replica)) throw new Error(`${node} is down`);
    return process;
  }

  journal(node: NodeId): unknown[] {
    return this.replica(node).machine.read(null) as unknown[];
  }

  /** The node that leads, after letting the group find one. */
  lead(): NodeId {
    this.run(30_000, () => this.leaders().length === 1);
    const [leader] = this.leaders();
    if (leader === undefined) throw new Error('nobody leads');
    return leader;
  }

  leaders(): NodeId[] {
    return this.sim.nodes.filter((node) => this.sim.isUp(node) && this.replica(node).role.type === 'leader');
  }

  others(...than: NodeId[]): NodeId[] {
    return this.sim.nodes.filter((node) => !than.includes(node));
  }

  /** Lets time pass: so long, or until the condition holds. */
  run(ms: number, until: () => boolean = () => false): void {
    this.sim.run({ untilMs: this.sim.nowMs + ms, until });
  }

  /** Asks the client on a node to execute a command. */
  command(node: NodeId, body: unknown, timeoutMs = 10_000): number {
    return this.#ask(node, (id) => ({ type: 'call', id, body: encode(body), timeoutMs }));
  }

  query(node: NodeId, consistency: 'linearizable' | 'stale' = 'linearizable', timeoutMs = 10_000): number {
    return this.#ask(node, (id) => ({ type: 'query', id, query: null, consistency, timeoutMs }));
  }

  /** What becomes of a command or query, after letting it be answered. */
  outcome(id: number): CallOutcome {
    this.run(60_000, () => this.outcomes.has(id));
    const outcome = this.outcomes.get(id);
    if (outcome === undefined) throw new Error(`call ${id} was never settled`);
    return outcome;
  }

  /** Asks a node for a membership change; null when it is made, else why it was refused. */
  change(node: NodeId, change: MembershipChange): string | null {
    const at = address(node, 'asker');
    const asker = this.sim.process(at);
    if (!(asker instanceof Asker)) throw new Error(`${node} is down`);
    const before = asker.answers.length;
    this.toReplica(node, { type: 'changeMembership', client: at, id: before, change });
    this.run(30_000, () => asker.answers.length > before);
    const answer = asker.answers[before];
    if (answer === undefined) throw new Error('the change was never answered');
    return answer;
  }

  toReplica(node: NodeId, message: PaxosMessage): void {
    this.sim.deliver(node, 'replica', message);
  }

  /** Executes a command and returns its reply. */
  execute(node: NodeId, body: unknown): unknown {
    const outcome = this.outcome(this.command(node, body));
    if (outcome.type !== 'answered') throw new Error(`not answered: ${outcome.type}`);
    return outcome.reply;
  }

  #ask(node: NodeId, message: (id: number) => Call | Query): number {
    const id = this.#next;
    this.#next += 1;
    this.sim.deliver(node, 'client', message(id));
    return id;
  }
}
