import {
  type Address,
  type AnyProcess,
  address,
  type Message,
  type NodeDefinition,
  type NodeId,
  print,
  type Trace,
} from '../kernel/index.ts';
import { NodeClock } from './clock.ts';
import { toUs } from './delay.ts';
import { Names } from './domains.ts';
import { Engine } from './engine.ts';
import { type DirectedLink, scheduleFault } from './faults.ts';
import { Machine } from './machine.ts';
import type { Degradation } from './network.ts';
import { DEFAULT_CLOCKS, type SimulationOptions } from './options.ts';
import type { Statistics } from './statistics.ts';
import type { SimulatedWorld } from './world.ts';
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

/**
 * A set of nodes in virtual time, on one thread, from one seed: the same seed and the same calls give the same run.
 * Whatever can go wrong with nodes, networks, disks and clocks can be made to go wrong by the methods here, or by a
 * schedule of faults.
 */
export class Simulation implements SimulatedWorld {
  readonly seed: number;
  /** What the names of nodes, domains and roles stand for. */
  readonly names: Names;
  readonly #options: SimulationOptions;
  readonly #engine: Engine;
  readonly #machines = new Map<NodeId, Machine>();

  constructor(options: SimulationOptions) {
    this.seed = options.seed;
    this.#options = options;
    this.names = new Names(this, options.domains ?? {}, options.roles ?? {});
    this.#engine = new Engine(options, this, this.names);
    for (const [node, definition] of options.nodes) this.add(node, definition);
    for (const fault of options.faults ?? []) scheduleFault(this, fault);
  }

  /** What happened so far; only of a run that is recorded. */
  get trace(): Trace {
    const { recorder } = this.#engine;
    if (recorder === null) throw new Error("this simulation is not recorded: give it the option 'record: true'");
    return recorder.trace;
  }

  /** The goals of the specification that were reached so far. */
  get reached(): ReadonlySet<string> {
    return this.#engine.checks.reached;
  }

  /** How often each thing happened so far. */
  get statistics(): Statistics {
    return this.#engine.statistics;
  }

  get nowMs(): number {
    return this.#engine.nowUs / 1000;
  }

  *processes(): Iterable<readonly [Address, AnyProcess]> {
    for (const machine of this.#machines.values()) {
      for (const resident of machine.residents.values()) yield [resident.address, resident.process];
    }
  }

  process(at: Address): AnyProcess | undefined {
    return this.#engine.endpoint(at).resident?.process;
  }

  get nodes(): NodeId[] {
    return [...this.#machines.keys()];
  }

  clockMs(node: NodeId): number {
    return this.#machine(node).clock.read(this.#engine.nowUs) / 1000;
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
    const { clocks } = this.#engine.random;
    const clock = new NodeClock({
      offsetUs: toUs(epochMs + clocks.between(0, skewMs)),
      driftPpm: clocks.between(-driftPpm, driftPpm),
    });
    const machine = new Machine(node, definition, clock, this.#engine);
    this.#machines.set(node, machine);
    this.#engine.at(this.#engine.nowUs, () => machine.boot());
  }

  /** Runs something at a true time, such as a client's request. */
  at(ms: number, run: () => void): void {
    if (toUs(ms) < this.#engine.nowUs)
      throw new Error(`cannot do anything at ${ms} ms: it is ${this.nowMs} ms already`);
    this.#engine.at(toUs(ms), run);
  }

  after(ms: number, run: () => void): void {
    this.#engine.at(this.#engine.nowUs + toUs(ms), run);
  }

  /** Gives a process a message from outside the cluster, reliably; it is lost if the node is down by then. */
  deliver<M extends Message>(node: NodeId, process: string, message: M, from: Address = OUTSIDE): void {
    const engine = this.#engine;
    const to = engine.endpoint(address(node, process));
    const parcel = engine.parcel(from, to, message);
    engine.at(engine.nowUs + 1, () => {
      if (to.resident === null) this.statistics.undeliverable += 1;
      else engine.receive(to.resident, parcel);
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
    this.#engine.note(() => `pause ${node} for ${ms} ms`);
    this.#machine(node).pause(this.#engine.nowUs + toUs(ms));
  }

  resume(node: NodeId): void {
    this.#machine(node).resume();
  }

  /** Cuts links, each in one direction, until `heal` is given what this returns, or nothing. */
  partition(links: readonly DirectedLink[]): object {
    const cut = {};
    for (const [from, to] of links) this.#engine.network.link(from, to).cuts.add(cut);
    this.#engine.note(() => `cut ${links.map(([from, to]) => `${from} -> ${to}`).join(', ')}`);
    return cut;
  }

  /** Ends one partition, or all of them. */
  heal(cut?: object): void {
    this.#engine.note(() => (cut === undefined ? 'heal every partition' : 'heal a partition'));
    this.#engine.network.eachLink((link) => {
      if (cut === undefined) link.cuts.clear();
      else link.cuts.delete(cut);
    });
  }

  /** Makes links lossier and slower, until the function returned is called. */
  degrade(links: readonly DirectedLink[], degradation: Degradation): () => void {
    const key = {};
    this.#engine.note(() => `degrade ${links.length} links by ${print(degradation)}`);
    for (const [from, to] of links) this.#engine.network.link(from, to).degradations.set(key, degradation);
    return () => {
      for (const [from, to] of links) this.#engine.network.link(from, to).degradations.delete(key);
    };
  }

  /** Breaks connections: what is under way on these links is lost. */
  disconnect(links: readonly DirectedLink[]): void {
    this.#engine.note(() => `break the connections ${links.map(([from, to]) => `${from} -> ${to}`).join(', ')}`);
    for (const [from, to] of links) this.#engine.network.link(from, to).breaks += 1;
  }

  /** Makes a node take so long over each event, until the function returned is called. */
  slow(node: NodeId, stepMs: number): () => void {
    this.#engine.note(() => `${node} takes ${stepMs} ms over each event`);
    return this.#machine(node).slow(toUs(stepMs));
  }

  /** Makes a disk take this many times as long, until the function returned is called. */
  slowDisk(node: NodeId, factor: number): () => void {
    this.#engine.note(() => `the disk of ${node} becomes ${factor} times slower`);
    return this.#machine(node).disk.slow(factor);
  }

  /** Syncs and flushes that begin within this time begin after it. */
  stallDisk(node: NodeId, ms: number): void {
    this.#engine.note(() => `the disk of ${node} stalls for ${ms} ms`);
    this.#machine(node).disk.stall(this.#engine.nowUs + toUs(ms));
  }

  /** Leaves a disk no room, until the function returned is called: the node stops when it next writes. */
  fillDisk(node: NodeId): () => void {
    const machine = this.#machine(node);
    this.#engine.note(() => `the disk of ${node} is full`);
    const free = machine.disk.fill();
    return () => {
      free();
      if (machine.isStoppedByFullDisk && !machine.disk.isFull) this.restart(node);
    };
  }

  /** Lets bits of a disk rot, if there is anything on it: from now on the node refuses to start. */
  rotDisk(node: NodeId): void {
    if (!this.#machine(node).disk.rot()) return;
    this.statistics.rottenDisks += 1;
    this.#engine.note(() => `the disk of ${node} rots`);
  }

  /** Whether the node found its disk damaged when it was to start. */
  isCorrupt(node: NodeId): boolean {
    return this.#machine(node).isCorrupt;
  }

  driftClock(node: NodeId, driftPpm: number): void {
    const machine = this.#machine(node);
    this.#engine.note(() => `the clock of ${node} drifts by ${driftPpm} ppm`);
    machine.clock.drift(this.#engine.nowUs, driftPpm);
    machine.onClockChange();
  }

  /** Sets a clock forward, or back; set back, it stands still until it has caught up. */
  jumpClock(node: NodeId, byMs: number): void {
    const machine = this.#machine(node);
    this.#engine.note(() => `the clock of ${node} jumps by ${byMs} ms`);
    machine.clock.jump(this.#engine.nowUs, toUs(byMs));
    machine.onClockChange();
  }

  /**
   * Lets the world go on.
   * @throws InvariantViolation  something does not hold that must
   * @throws ProcessFailure  a process threw
   */
  run(limits: RunLimits = {}): RunEnd {
    const end = this.#runUntil(limits);
    this.#engine.check();
    return end;
  }

  #runUntil({ untilMs, until, steps = Number.POSITIVE_INFINITY }: RunLimits): RunEnd {
    const engine = this.#engine;
    const untilUs = untilMs === undefined ? Number.POSITIVE_INFINITY : toUs(untilMs);
    const lastStep = this.statistics.steps + steps;
    for (;;) {
      if (until?.(this)) return 'condition';
      if (this.statistics.steps >= lastStep) return 'steps';
      if (engine.nextAt > untilUs) {
        engine.nowUs = Math.max(engine.nowUs, untilUs);
        return 'time';
      }
      if (engine.nextAt === Number.POSITIVE_INFINITY) return 'idle';
      engine.advance();
    }
  }

  #machine(node: NodeId): Machine {
    const machine = this.#machines.get(node);
    if (machine === undefined) throw new Error(`there is no node '${node}': there are ${this.nodes.join(', ')}`);
    return machine;
  }
}
