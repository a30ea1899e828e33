import { Journal } from '../../../test/simulation/group.ts';
import {
  type Address,
  type AnyProcess,
  address,
  decode,
  type Effect,
  type Event,
  encode,
  MemoryStorage,
  type Message,
  nodeOf,
  processOf,
  step,
} from '../../kernel/index.ts';
import { membershipOf } from './membership.ts';
import type { Command, PaxosMessage } from './messages.ts';
import { DEFAULT_LIMITS, DEFAULT_TIMING, type Limits } from './options.ts';
import { Replica } from './replica.ts';
import { type CallOutcome, SessionClient } from './session-client.ts';

export interface Parcel {
  readonly from: Address;
  readonly to: Address;
  readonly message: PaxosMessage;
}

interface HandNode {
  readonly storage: MemoryStorage;
  readonly records: Map<string, readonly unknown[]>;
  processes: ReadonlyMap<string, AnyProcess>;
  timers: Set<string>;
  flushes: { readonly process: string; readonly done: Message }[];
  offsetMs: number;
  isUp: boolean;
}

interface Due {
  readonly node: string;
  readonly process: string;
  readonly timer: string;
}

const OUTSIDE = address('outside', 'client');
const LEASES_ARE_OVER_MS = 5_000;
const HEARTBEAT_MS = 100;
const ROUNDS_MAX = 10_000;

/**
 * A group whose every message, timer, flush and crash happens when the test says so: for runs too rare for random
 * faults. Records are durable at once; what is sent stays on the network until it is delivered or taken off.
 */
export class HandGroup {
  nowMs = 0;
  network: Parcel[] = [];
  readonly outcomes: CallOutcome[] = [];
  readonly #names: readonly string[];
  readonly #limits: Limits;
  readonly #nodes = new Map<string, HandNode>();
  #due: Due[] = [];

  constructor(names: string, limits: Partial<Limits> = {}) {
    this.#names = [...names];
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
    for (const name of names) {
      this.#nodes.set(name, {
        storage: new MemoryStorage(),
        records: new Map(),
        processes: new Map(),
        timers: new Set(),
        flushes: [],
        offsetMs: 0,
        isUp: false,
      });
      this.boot(name);
    }
  }

  replica(name: string): Replica {
    const process = this.#node(name).processes.get('replica');
    if (!(process instanceof Replica)) throw new Error('every node has a replica');
    return process;
  }

  journal(name: string): unknown[] {
    return this.#node(name).isUp ? new Journal(this.#node(name).storage).read() : [];
  }

  setClockAhead(name: string, ms: number): void {
    this.#node(name).offsetMs = ms;
  }

  boot(name: string): void {
    const node = this.#node(name);
    const { storage } = node;
    const journal = new Journal(storage);
    node.isUp = true;
    node.timers = new Set();
    node.flushes = [];
    node.processes = new Map<string, AnyProcess>([
      ['replica', new Replica(name, DEFAULT_TIMING, this.#limits, membershipOf(this.#names), storage, journal)],
      [
        'gateway',
        new SessionClient({ node: name, replica: address(name, 'replica'), retryMs: DEFAULT_TIMING.retryMs }),
      ],
    ]);
    for (const process of node.processes.keys()) {
      for (const record of node.records.get(process) ?? []) {
        this.#step(name, process, { type: 'recover', record: decode(encode(record)) });
      }
    }
    for (const process of node.processes.keys()) this.#step(name, process, { type: 'start' });
  }

  /** What is on the network stays there. */
  crash(name: string): void {
    const node = this.#node(name);
    node.isUp = false;
    node.storage.crash();
    this.network = this.network.filter(({ from, to }) => !(nodeOf(from) === name && nodeOf(to) === name));
  }

  fire(name: string, timer: string, process = 'replica'): void {
    if (this.#node(name).timers.delete(`${process} ${timer}`)) this.#step(name, process, { type: 'timer', timer });
  }

  give<M extends Message>(name: string, message: M, process = 'replica', from: Address = OUTSIDE): void {
    this.#step(name, process, { type: 'message', from, message });
  }

  deliver({ from, to, message }: Parcel): void {
    const node = this.#nodes.get(nodeOf(to));
    if (node?.isUp && node.processes.has(processOf(to))) this.give(nodeOf(to), message, processOf(to), from);
  }

  /** Delivers all that travels among these nodes until nothing more does; what `keeps` stays, and the rest is lost. */
  settle(among: string, keeps: (parcel: Parcel) => boolean = () => false): void {
    const kept: Parcel[] = [];
    for (let round = 0; ; round += 1) {
      if (round > ROUNDS_MAX) throw new Error('they talk without end');
      const parcel = this.network.shift();
      if (parcel === undefined) {
        const due = this.#due.shift();
        if (due === undefined) break;
        if (this.#node(due.node).isUp) this.fire(due.node, due.timer, due.process);
        continue;
      }
      const [from, to] = [nodeOf(parcel.from), nodeOf(parcel.to)];
      if (keeps(parcel)) kept.push(parcel);
      else if (from === to || (among.includes(from) && among.includes(to))) this.deliver(parcel);
    }
    this.network.unshift(...kept);
  }

  /** Takes messages off the network. */
  take(which: (parcel: Parcel) => boolean): Parcel[] {
    const taken = this.network.filter(which);
    this.network = this.network.filter((parcel) => !which(parcel));
    return taken;
  }

  elect(name: string, among: string): void {
    this.nowMs += LEASES_ARE_OVER_MS;
    this.fire(name, 'election');
    this.settle(among);
    if (this.replica(name).role.type !== 'leader') throw new Error(`${name} does not lead`);
  }

  /** Elects a leader that has opened a session, number 1, which all know of. */
  begin(leader: string): void {
    const all = this.#names.join('');
    this.elect(leader, all);
    this.give(leader, request({ type: 'open', client: OUTSIDE, nonce: 'n' }));
    this.settle(all);
    this.heartbeat(leader, all);
  }

  heartbeat(name: string, among: string): void {
    this.nowMs += HEARTBEAT_MS;
    this.fire(name, 'heartbeat');
    this.settle(among);
  }

  flush(name: string): void {
    this.fire(name, 'flush');
    this.settle(name);
    this.finishFlush(name);
  }

  finishFlush(name: string): void {
    for (const done of this.writeFlush(name)) this.give(name, done, 'replica', address(name, 'replica'));
    this.settle(name);
  }

  /** The storage is written, and the replica has yet to hear of it. */
  writeFlush(name: string): Message[] {
    const node = this.#node(name);
    return node.flushes.splice(0).map(({ done }) => {
      node.storage.completeFlush();
      return done;
    });
  }

  #node(name: string): HandNode {
    const node = this.#nodes.get(name);
    if (node === undefined) throw new Error(`there is no node ${name}`);
    return node;
  }

  #step(name: string, process: string, event: Event): void {
    const node = this.#node(name);
    const running = node.processes.get(process);
    if (running === undefined) throw new Error(`node ${name} has no process ${process}`);
    const context = { self: address(name, process), now: this.nowMs + node.offsetMs, choose: () => 0 };
    for (const effect of step(running, event, context)) this.#perform(name, process, effect);
  }

  #perform(name: string, process: string, effect: Effect): void {
    const node = this.#node(name);
    switch (effect.type) {
      case 'send':
        this.network.push({ from: address(name, process), to: effect.to, message: effect.message as PaxosMessage });
        return;
      case 'persist':
        node.records.set(process, [...(node.records.get(process) ?? []), effect.record]);
        return;
      case 'checkpoint':
        node.records.set(process, [...effect.records]);
        return;
      case 'setTimer':
        node.timers.add(`${process} ${effect.timer}`);
        if (effect.minMs === 0) this.#due.push({ node: name, process, timer: `${effect.timer}` });
        return;
      case 'cancelTimer':
        node.timers.delete(`${process} ${effect.timer}`);
        return;
      case 'flush':
        node.storage.beginFlush();
        node.flushes.push({ process, done: effect.done });
        return;
      case 'output':
        if (process === 'gateway') this.outcomes.push(effect.output as CallOutcome);
        return;
      default:
        effect satisfies never;
    }
  }
}

export function request(command: Command): PaxosMessage {
  return { type: 'request', command };
}

/** A command of the session that `begin` opened. */
export function run(sequence: number, body: string): PaxosMessage {
  return request({ type: 'execute', client: OUTSIDE, session: 1, sequence, acknowledged: 0, body: encode(body) });
}
