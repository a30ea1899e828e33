import {
  type Address,
  clone,
  type Effect,
  type Event,
  encode,
  type Message,
  nodeOf,
  print,
  processOf,
  Random,
  step,
  type TraceHeader,
} from '../kernel/index.ts';
import { Checks } from './checks.ts';
import type { Names } from './domains.ts';
import { EventQueue } from './event-queue.ts';
import { type Link, Network } from './network.ts';
import { DEFAULT_DISK, type DiskOptions, type SimulationOptions } from './options.ts';
import { Recorder } from './recorder.ts';
import type { Departing, Endpoint, Parcel, Resident } from './resident.ts';
import { sealed, unsealed } from './seal.ts';
import { noStatistics, type Statistics } from './statistics.ts';
import { type Finding, InvariantViolation, ProcessFailure, type SimulatedWorld, WorldBefore } from './world.ts';

type Pending =
  | { readonly type: 'arrival'; readonly parcel: Parcel; readonly link: Link; readonly breaks: number }
  | { readonly type: 'local'; readonly parcel: Parcel; readonly resident: Resident }
  | { readonly type: 'timer'; readonly resident: Resident; readonly key: string; readonly at: number }
  | { readonly type: 'call'; readonly run: () => void };

/** What all machines share: time and what it will bring, chance, the network, and the way into a step. */
export class Engine {
  /** True time, in microseconds. */
  nowUs = 0;
  readonly statistics: Statistics = noStatistics();
  readonly network: Network;
  readonly disk: DiskOptions;
  readonly checks: Checks;
  readonly paranoid: boolean;
  /** Null while the run is not recorded. */
  readonly recorder: Recorder | null;
  /** Separate streams of chance, so that a change of one fault does not redraw all others. */
  readonly random: { readonly disk: Random; readonly timers: Random; readonly clocks: Random };
  readonly #options: SimulationOptions;
  readonly #world: SimulatedWorld;
  readonly #queue = new EventQueue<Pending>();
  readonly #endpoints = new Map<string, Endpoint>();
  readonly #choices: Random;
  readonly #checkEverySteps: number;
  #uncheckedSteps = 0;

  constructor(options: SimulationOptions, world: SimulatedWorld, names: Names) {
    const random = new Random(options.seed);
    this.#options = options;
    this.#world = world;
    this.network = new Network(options.network ?? {}, names, random.fork('network'), this.statistics);
    this.disk = { ...DEFAULT_DISK, ...options.disk };
    this.checks = new Checks(options);
    this.paranoid = options.paranoid ?? true;
    this.recorder = options.record === true ? new Recorder(headerOf(options)) : null;
    this.random = { disk: random.fork('disk'), timers: random.fork('timers'), clocks: random.fork('clocks') };
    this.#choices = random.fork('choices');
    this.#checkEverySteps = options.checkEverySteps ?? 1;
  }

  /** When the next thing happens, in microseconds; infinity if nothing will. */
  get nextAt(): number {
    return this.#queue.nextAt;
  }

  /** Lets the next thing happen. */
  advance(): void {
    const { nextAt } = this.#queue;
    const pending = this.#queue.pop();
    if (pending === undefined) return;
    this.nowUs = nextAt;
    switch (pending.type) {
      case 'arrival':
        this.#arrive(pending.parcel, pending.link, pending.breaks);
        return;
      case 'local':
        if (pending.resident.isAlive) this.receive(pending.resident, pending.parcel);
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

  at(us: number, run: () => void): void {
    this.#queue.push(us, { type: 'call', run });
  }

  /** Wakes the resident's machine at a time, to look at its timer. */
  wakeTimer(us: number, resident: Resident, key: string): void {
    this.#queue.push(us, { type: 'timer', resident, key, at: us });
  }

  readonly choose = (count: number): number => {
    const choice = this.#choices.integer(count);
    this.recorder?.onChoice(choice);
    return choice;
  };

  note(text: () => string): void {
    this.recorder?.note(this.nowUs / 1000, text());
  }

  endpoint(at: Address): Endpoint {
    let endpoint = this.#endpoints.get(at);
    if (endpoint === undefined) {
      endpoint = { address: at, node: nodeOf(at), process: processOf(at), resident: null };
      this.#endpoints.set(at, endpoint);
    }
    return endpoint;
  }

  /** Makes a message ready to go, as it is now. */
  parcel(from: Address, to: Endpoint, message: Message): Parcel {
    if (!this.paranoid) return { from, to, message, sealed: null };
    const refuse = (why: unknown): Error => this.#failure(`a message of ${from} cannot cross the network`, why);
    return { from, to, message, sealed: sealed(message, refuse) };
  }

  /**
   * Brings a message to a process of the sender's own node: reliably, and a microsecond later, so that processes that
   * talk to themselves do not stop time for all others.
   */
  deliverLocally(parcel: Parcel): void {
    const { resident } = parcel.to;
    if (resident === null) this.statistics.undeliverable += 1;
    else this.#queue.push(this.nowUs + 1, { type: 'local', parcel, resident });
  }

  deliverRemotely(from: string, parcel: Parcel): void {
    const link = this.network.link(from, parcel.to.node);
    const { breaks } = link;
    const size = (): number => bytesOf(parcel);
    this.network.transmit(link, this.nowUs, size, (at) =>
      this.#queue.push(at, { type: 'arrival', parcel, link, breaks }),
    );
  }

  /** Gives a process a message that has arrived, when its node is not paused. */
  receive(resident: Resident, parcel: Parcel): void {
    const { machine } = resident;
    if (machine.isPaused) {
      machine.whenRunning(resident.life, () => this.receive(resident, parcel));
      return;
    }
    let { message } = parcel;
    if (parcel.sealed !== null) {
      const changed = (): Error => this.#failure(`a message of ${parcel.from} was changed after it was sent`, message);
      message = unsealed(message, parcel.sealed, changed);
    }
    this.step(resident, { type: 'message', from: parcel.from, message });
  }

  step(resident: Resident, event: Event): void {
    this.statistics.steps += 1;
    const before = this.checks.hasSteps ? clone(resident.process) : null;
    const effects = this.#give(resident, event);
    if (before !== null) this.#checkStep(new WorldBefore(this.#world, resident.address, before));
    if (effects.length > 0) resident.machine.perform(resident, effects);
    resident.machine.onStepped();
    this.#uncheckedSteps += 1;
    if (this.#uncheckedSteps >= this.#checkEverySteps) this.check();
  }

  /** Half recovered is no state of the world: nothing is checked until the process starts. */
  recover(resident: Resident, record: unknown): void {
    this.#give(resident, { type: 'recover', record });
  }

  output(resident: Resident, effect: Extract<Departing, { type: 'output' }>): void {
    this.statistics.outputs += 1;
    this.#options.onOutput?.(effect.output, { from: resident.address, atMs: this.nowUs / 1000 });
  }

  /** @throws InvariantViolation */
  check(): void {
    this.#uncheckedSteps = 0;
    this.checks.onWorld(this.#world, this.#violated);
  }

  #checkStep(before: WorldBefore): void {
    this.checks.onStep(before, this.#world, this.#violated);
  }

  #arrive(parcel: Parcel, link: Link, breaks: number): void {
    const { resident } = parcel.to;
    if (link.cuts.size > 0) {
      this.statistics.cut += 1;
    } else if (link.breaks !== breaks) {
      this.statistics.broken += 1;
    } else if (resident === null) {
      this.statistics.undeliverable += 1;
    } else {
      this.statistics.delivered += 1;
      this.receive(resident, parcel);
    }
  }

  #give(resident: Resident, event: Event): Effect[] {
    const { machine, context } = resident;
    context.now = machine.clock.read(this.nowUs) / 1000;
    try {
      const effects = step(resident.process, event, context);
      this.recorder?.onStep(this.nowUs / 1000, resident, event, effects);
      return effects;
    } catch (error) {
      this.recorder?.onError(this.nowUs / 1000, resident, event, error);
      throw this.#failure(`process '${resident.address}' threw at ${print(event)}`, error);
    }
  }

  readonly #violated = (invariant: string, what: string): never => {
    throw new InvariantViolation(invariant, what, this.#finding());
  };

  #failure(what: string, cause?: unknown): ProcessFailure {
    return new ProcessFailure(what, this.#finding(), cause);
  }

  #finding(): Finding {
    const { seed, repro } = this.#options;
    const command = repro?.(seed) ?? `reproduce with seed ${seed}`;
    return { seed, atMs: this.nowUs / 1000, step: this.statistics.steps, repro: command };
  }
}

function bytesOf({ message, sealed }: Parcel): number {
  return MESSAGE_OVERHEAD_BYTES + (sealed ?? encode(message)).length;
}

/** What a packet takes on the wire besides its content: about the headers of Ethernet, IP and TCP. */
const MESSAGE_OVERHEAD_BYTES = 66;

function headerOf({ seed, subject = '', about }: SimulationOptions): TraceHeader {
  const header: TraceHeader = { format: 'coterie-trace', version: 1, origin: 'sim', subject, seed };
  return about === undefined ? header : { ...header, options: about };
}
