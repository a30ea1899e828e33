import {
  type Address,
  type AnyProcess,
  address,
  clone,
  type Effect,
  type Event,
  type Message,
  type NodeDefinition,
  type NodeId,
  nodeOf,
  print,
  processOf,
  Random,
  step,
  type Trace,
  type TraceHeader,
} from '../kernel/index.ts';
import { Checks } from './checks.ts';
import { NodeClock } from './clock.ts';
import { toUs } from './delay.ts';
import type { Engine } from './engine.ts';
import { EventQueue } from './event-queue.ts';
import { type DirectedLink, scheduleFault } from './faults.ts';
import { Machine } from './machine.ts';
import { type Degradation, type Link, Network } from './network.ts';
import { DEFAULT_CLOCKS, DEFAULT_DISK, type SimulationOptions } from './options.ts';
import { Recorder } from './recorder.ts';
import type { Departing, Endpoint, Parcel, Resident } from './resident.ts';
import { sealed, unsealed } from './seal.ts';
import { noStatistics, type Statistics } from './statistics.ts';
import { type Finding, InvariantViolation, ProcessFailure, type SimulatedWorld, WorldBefore } from './world.ts';
import type { Wreckage } from './write-ahead-log.ts';

/** Where messages come from that no node sent. */
export const OUTSIDE: Address = address('outside');

/** When a run stops: at whichever comes first. With none, when nothing is left to happen. */
export interface RunLimits {
  /** True time since the start of the simulation. */
  readonly untilMs?: number;
  /** Asked after every event. */
  readonly until?: (world: SimulatedWorld) => boolean;
  /** Process steps in this run. */
  readonly steps?: number;
}

/** Why a run stopped; `idle` means that nothing will happen any more. */
export type RunEnd = 'condition' | 'time' | 'steps' | 'idle';

type Pending =
  | { readonly type: 'arrival'; readonly parcel: Parcel; readonly link: Link }
  | { readonly type: 'local'; readonly parcel: Parcel; readonly resident: Resident }
  | { readonly type: 'timer'; readonly resident: Resident; readonly key: string; readonly at: number }
  | { readonly type: 'call'; readonly run: () => void };

/**
 * A set of nodes in virtual time, on one thread, from one seed: the same seed and the same calls give the same run.
 * Whatever can go wrong with nodes, networks, disks and clocks can be made to go wrong by the methods here, or by a
 * schedule of faults.
 */
export class Simulation implements SimulatedWorld {
  readonly seed: number;
  readonly statistics: Statistics = noStatistics();
  readonly #options: SimulationOptions;
  readonly #queue = new EventQueue<Pending>();
  readonly #machines = new Map<NodeId, Machine>();
  readonly #endpoints = new Map<string, Endpoint>();
  readonly #network: Network;
  readonly #clockRandom: Random;
  readonly #engine: Engine;
  readonly #paranoid: boolean;
  readonly #recorder: Recorder | null;
  readonly #checkEverySteps: number;
  readonly #checks: Checks;
  #nowUs = 0;
  #uncheckedSteps = 0;

  constructor(options: SimulationOptions) {
    this.seed = options.seed;
    this.#options = options;
    this.#paranoid = options.paranoid ?? true;
    this.#checks = new Checks(options);
    this.#checkEverySteps = options.checkEverySteps ?? 1;
    this.#recorder = options.record === true ? new Recorder(headerOf(options)) : null;
    const random = new Random(options.seed);
    this.#clockRandom = random.fork('clocks');
    this.#network = new Network(options.network ?? {}, random.fork('network'), this.statistics);
    this.#engine = this.#makeEngine(random);
    for (const [node, definition] of options.nodes) this.add(node, definition);
    for (const fault of options.faults ?? []) scheduleFault(this, fault);
  }

  /** What happened so far; only of a run that is recorded. */
  get trace(): Trace {
    if (this.#recorder === null) throw new Error("this simulation is not recorded: give it the option 'record: true'");
    return this.#recorder.trace;
  }

  /** The goals of the specification that were reached so far. */
  get reached(): ReadonlySet<string> {
    return this.#checks.reached;
  }

  get nowMs(): number {
    return this.#nowUs / 1000;
  }

  *processes(): Iterable<readonly [Address, AnyProcess]> {
    for (const machine of this.#machines.values()) {
      for (const resident of machine.residents.values()) yield [resident.address, resident.process];
    }
  }

  process(at: Address): AnyProcess | undefined {
    return this.#endpoints.get(at)?.resident?.process;
  }

  get nodes(): NodeId[] {
    return [...this.#machines.keys()];
  }

  clockMs(node: NodeId): number {
    return this.#machine(node).clock.read(this.#nowUs) / 1000;
  }

  isUp(node: NodeId): boolean {
    return this.#machine(node).isUp;
  }

  /** How many times the node has crashed. */
  life(node: NodeId): number {
    return this.#machine(node).life;
  }

  /** Adds a node, which starts as the run goes on. */
  add(node: NodeId, definition: NodeDefinition): void {
    if (this.#machines.has(node)) throw new Error(`there is a node '${node}' already`);
    const { epochMs, skewMs, driftPpm } = { ...DEFAULT_CLOCKS, ...this.#options.clocks };
    const clock = new NodeClock({
      offsetUs: toUs(epochMs + this.#clockRandom.between(0, skewMs)),
      driftPpm: this.#clockRandom.between(-driftPpm, driftPpm),
    });
    const machine = new Machine(node, definition, clock, this.#engine);
    this.#machines.set(node, machine);
    this.#call(this.#nowUs, () => machine.boot());
  }

  /** Runs something at a true time, such as a client's request. */
  at(ms: number, run: () => void): void {
    if (toUs(ms) < this.#nowUs) throw new Error(`cannot do anything at ${ms} ms: it is ${this.nowMs} ms already`);
    this.#call(toUs(ms), run);
  }

  after(ms: number, run: () => void): void {
    this.#call(this.#nowUs + toUs(ms), run);
  }

  /** Gives a process a message from outside the cluster, reliably; it is lost if the node is down by then. */
  deliver<M extends Message>(node: NodeId, process: string, message: M, from: Address = OUTSIDE): void {
    const to = this.#endpoint(address(node, process));
    const parcel = { from, to, message, sealed: this.#seal(message, from) };
    this.#call(this.#nowUs + 1, () => {
      if (to.resident === null) this.statistics.undeliverable += 1;
      else this.#receive(to.resident, parcel);
    });
  }

  /** Takes a node down at once; what its disk keeps of unsynced records is drawn, unless it is told. */
  crash(node: NodeId, wreckage?: Wreckage): void {
    this.#machine(node).crash(wreckage);
    this.statistics.crashes += 1;
  }

  restart(node: NodeId): void {
    this.statistics.restarts += 1;
    this.#machine(node).boot();
  }

  /** A paused node does nothing, while its clock goes on; what reaches it waits. */
  pause(node: NodeId, ms: number = Number.POSITIVE_INFINITY): void {
    this.statistics.pauses += 1;
    this.#note(() => `pause ${node} for ${ms} ms`);
    this.#machine(node).pause(this.#nowUs + toUs(ms));
  }

  resume(node: NodeId): void {
    this.#machine(node).resume();
  }

  /** Cuts links, each in one direction, until `heal` is given what this returns, or nothing. */
  partition(links: readonly DirectedLink[]): object {
    const cut = {};
    for (const [from, to] of links) this.#network.link(from, to).cuts.add(cut);
    this.#note(() => `cut ${links.map(([from, to]) => `${from} -> ${to}`).join(', ')}`);
    return cut;
  }

  /** Ends one partition, or all of them. */
  heal(cut?: object): void {
    this.#note(() => (cut === undefined ? 'heal every partition' : 'heal a partition'));
    this.#network.eachLink((link) => {
      if (cut === undefined) link.cuts.clear();
      else link.cuts.delete(cut);
    });
  }

  /** Makes links lossier and slower, until the function returned is called. */
  degrade(links: readonly DirectedLink[], degradation: Degradation): () => void {
    const key = {};
    this.#note(() => `degrade ${links.length} links by ${print(degradation)}`);
    for (const [from, to] of links) this.#network.link(from, to).degradations.set(key, degradation);
    return () => {
      for (const [from, to] of links) this.#network.link(from, to).degradations.delete(key);
    };
  }

  /** Makes a disk take this many times as long, until the function returned is called. */
  slowDisk(node: NodeId, factor: number): () => void {
    this.#note(() => `the disk of ${node} becomes ${factor} times slower`);
    return this.#machine(node).disk.slow(factor);
  }

  /** Syncs and flushes that begin within this time begin after it. */
  stallDisk(node: NodeId, ms: number): void {
    this.#note(() => `the disk of ${node} stalls for ${ms} ms`);
    this.#machine(node).disk.stall(this.#nowUs + toUs(ms));
  }

  driftClock(node: NodeId, driftPpm: number): void {
    const machine = this.#machine(node);
    this.#note(() => `the clock of ${node} drifts by ${driftPpm} ppm`);
    machine.clock.drift(this.#nowUs, driftPpm);
    machine.onClockChange();
  }

  /** Sets a clock forward, or back; set back, it stands still until it has caught up. */
  jumpClock(node: NodeId, byMs: number): void {
    const machine = this.#machine(node);
    this.#note(() => `the clock of ${node} jumps by ${byMs} ms`);
    machine.clock.jump(this.#nowUs, toUs(byMs));
    machine.onClockChange();
  }

  /**
   * Lets the world go on.
   * @throws InvariantViolation  something does not hold that must
   * @throws ProcessFailure  a process threw
   */
  run(limits: RunLimits = {}): RunEnd {
    const end = this.#runUntil(limits);
    this.#check();
    return end;
  }

  #runUntil({ untilMs, until, steps = Number.POSITIVE_INFINITY }: RunLimits): RunEnd {
    const untilUs = untilMs === undefined ? Number.POSITIVE_INFINITY : toUs(untilMs);
    const lastStep = this.statistics.steps + steps;
    for (;;) {
      if (until?.(this)) return 'condition';
      if (this.statistics.steps >= lastStep) return 'steps';
      const { nextAt } = this.#queue;
      if (nextAt > untilUs) {
        this.#nowUs = Math.max(this.#nowUs, untilUs);
        return 'time';
      }
      const pending = this.#queue.pop();
      if (pending === undefined) return 'idle';
      this.#nowUs = nextAt;
      this.#happen(pending);
    }
  }

  #happen(pending: Pending): void {
    switch (pending.type) {
      case 'arrival':
        this.#arrive(pending.parcel, pending.link);
        return;
      case 'local':
        if (pending.resident.isAlive) this.#receive(pending.resident, pending.parcel);
        return;
      case 'timer':
        pending.resident.machine.onTimerDue(pending.resident, pending.key, pending.at);
        return;
      case 'call':
        pending.run();
        return;
      default:
        pending satisfies never;
    }
  }

  #arrive(parcel: Parcel, link: Link): void {
    const { resident } = parcel.to;
    if (link.cuts.size > 0) {
      this.statistics.cut += 1;
    } else if (resident === null) {
      this.statistics.undeliverable += 1;
    } else {
      this.statistics.delivered += 1;
      this.#receive(resident, parcel);
    }
  }

  #receive(resident: Resident, parcel: Parcel): void {
    const { machine } = resident;
    if (machine.isPaused) {
      machine.whenRunning(resident.life, () => this.#receive(resident, parcel));
      return;
    }
    let { message } = parcel;
    if (parcel.sealed !== null) {
      const changed = (): Error => this.#failure(`a message of ${parcel.from} was changed after it was sent`, message);
      message = unsealed(message, parcel.sealed, changed);
    }
    this.#step(resident, { type: 'message', from: parcel.from, message });
  }

  #step(resident: Resident, event: Event): void {
    this.statistics.steps += 1;
    const before = this.#checks.hasSteps ? clone(resident.process) : null;
    const effects = this.#give(resident, event);
    if (before !== null) this.#checks.onStep(new WorldBefore(this, resident.address, before), this, this.#violated);
    if (effects.length > 0) resident.machine.perform(resident, effects);
    this.#uncheckedSteps += 1;
    if (this.#uncheckedSteps >= this.#checkEverySteps) this.#check();
  }

  #give(resident: Resident, event: Event): Effect[] {
    const { machine, context } = resident;
    context.now = machine.clock.read(this.#nowUs) / 1000;
    try {
      const effects = step(resident.process, event, context);
      this.#recorder?.onStep(this.nowMs, resident, event, effects);
      return effects;
    } catch (error) {
      this.#recorder?.onError(this.nowMs, resident, event, error);
      throw this.#failure(`process '${resident.address}' threw at ${print(event)}`, error);
    }
  }

  #check(): void {
    this.#uncheckedSteps = 0;
    this.#checks.onWorld(this, this.#violated);
  }

  readonly #violated = (invariant: string, what: string): never => {
    throw new InvariantViolation(invariant, what, this.#finding());
  };

  #failure(what: string, cause?: unknown): ProcessFailure {
    return new ProcessFailure(what, this.#finding(), cause);
  }

  #finding(): Finding {
    const { seed } = this;
    const repro = this.#options.repro?.(seed) ?? `reproduce with seed ${seed}`;
    return { seed, atMs: this.nowMs, step: this.statistics.steps, repro };
  }

  #machine(node: NodeId): Machine {
    const machine = this.#machines.get(node);
    if (machine === undefined) throw new Error(`there is no node '${node}': there are ${this.nodes.join(', ')}`);
    return machine;
  }

  #endpoint(at: Address): Endpoint {
    let endpoint = this.#endpoints.get(at);
    if (endpoint === undefined) {
      endpoint = { address: at, node: nodeOf(at), process: processOf(at), resident: null };
      this.#endpoints.set(at, endpoint);
    }
    return endpoint;
  }

  #note(text: () => string): void {
    this.#recorder?.note(this.nowMs, text());
  }

  #call(at: number, run: () => void): void {
    this.#queue.push(at, { type: 'call', run });
  }

  #makeEngine(random: Random): Engine {
    const simulation = this;
    const choices = random.fork('choices');
    const network = this.#network;
    return {
      get nowUs(): number {
        return simulation.#nowUs;
      },
      network,
      disk: { ...DEFAULT_DISK, ...this.#options.disk },
      statistics: this.statistics,
      paranoid: this.#paranoid,
      recorder: this.#recorder,
      random: { disk: random.fork('disk'), timers: random.fork('timers') },
      at: (us, run) => this.#call(us, run),
      wakeTimer: (us, resident, key) => this.#queue.push(us, { type: 'timer', resident, key, at: us }),
      choose: (count) => {
        const choice = choices.integer(count);
        this.#recorder?.onChoice(choice);
        return choice;
      },
      note: (text) => this.#note(text),
      endpoint: (at) => this.#endpoint(at),
      seal: (message, from) => this.#seal(message, from),
      deliverLocally: (parcel) => this.#deliverLocally(parcel),
      deliverRemotely: (from, parcel) => {
        const link = network.link(from, parcel.to.node);
        network.transmit(link, this.#nowUs, (at) => this.#queue.push(at, { type: 'arrival', parcel, link }));
      },
      // Half recovered is no state of the world: nothing is checked until the process starts.
      recover: (resident, record) => void this.#give(resident, { type: 'recover', record }),
      step: (resident, event) => this.#step(resident, event),
      output: (resident, effect) => this.#output(resident, effect),
    };
  }

  /** A microsecond later, so that processes that talk to themselves do not stop time for all others. */
  #deliverLocally(parcel: Parcel): void {
    const { resident } = parcel.to;
    if (resident === null) this.statistics.undeliverable += 1;
    else this.#queue.push(this.#nowUs + 1, { type: 'local', parcel, resident });
  }

  #seal(message: Message, from: Address): Uint8Array | null {
    if (!this.#paranoid) return null;
    return sealed(message, (why) => this.#failure(`a message of ${from} cannot cross the network`, why));
  }

  #output(resident: Resident, effect: Extract<Departing, { type: 'output' }>): void {
    this.statistics.outputs += 1;
    this.#options.onOutput?.(effect.output, { from: resident.address, atMs: this.nowMs });
  }
}

function headerOf({ seed, subject = '' }: SimulationOptions): TraceHeader {
  return { format: 'coterie-trace', version: 1, origin: 'sim', subject, seed };
}
