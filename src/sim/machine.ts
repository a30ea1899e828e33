import { type Address, address, type Effect, type Message, type NodeDefinition, type NodeId } from '../kernel/index.ts';
import type { NodeClock } from './clock.ts';
import { Disk } from './disk.ts';
import type { Engine } from './engine.ts';
import { type Departing, Resident } from './resident.ts';
import { Timers, timerKey } from './timers.ts';
import type { Wreckage } from './write-ahead-log.ts';

/** One simulated node: its clock, its disk, and, while it is up, its processes. */
export class Machine {
  readonly id: NodeId;
  readonly clock: NodeClock;
  readonly disk: Disk;
  readonly residents: Map<string, Resident> = new Map();
  /** Counts the crashes, and so tells what belongs to an earlier life. */
  life = 0;
  isUp = false;
  readonly #engine: Engine;
  readonly #definition: NodeDefinition;
  readonly #timers: Timers;
  #isSyncing = false;
  /** It wrote to a full disk, and is down since. */
  isStoppedByFullDisk = false;
  /** It found its disk damaged when it was to start, and is down for ever. */
  isCorrupt = false;
  readonly #slownesses = new Map<object, number>();
  #isPaused = false;
  #pausedUntil = 0;
  /** What happened while the node was paused, in order. */
  #backlog: (() => void)[] = [];

  constructor(id: NodeId, definition: NodeDefinition, clock: NodeClock, engine: Engine) {
    this.id = id;
    this.clock = clock;
    this.disk = new Disk(id, engine);
    this.#definition = definition;
    this.#engine = engine;
    this.#timers = new Timers(clock, engine);
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Starts the node's processes, giving each its durable records first. */
  boot(): void {
    if (this.isUp) throw new Error(`node '${this.id}' is up already`);
    this.isStoppedByFullDisk = false;
    if (this.disk.isRotten) {
      this.#refuseToStart();
      return;
    }
    this.isUp = true;
    this.clock.reboot();
    this.disk.recover();
    this.#record('boot');
    const processes = this.#definition({ node: this.id, storage: (name) => this.disk.storage(name) });
    for (const [name, process] of processes) {
      const at = address(this.id, name);
      const resident = new Resident(this, name, at, process, this.#engine.choose);
      this.residents.set(name, resident);
      this.#engine.endpoint(at).resident = resident;
    }
    const started = [...this.residents.values()];
    for (const resident of started) {
      for (const record of this.disk.recordsOf(resident.name)) this.#engine.recover(resident, record);
    }
    for (const resident of started) {
      if (resident.isAlive) this.#engine.step(resident, { type: 'start' });
    }
  }

  /** Ends this life: memory is gone, and of what was not yet durable, some may be. */
  crash(wreckage?: Wreckage): void {
    if (!this.isUp) throw new Error(`node '${this.id}' is down already`);
    this.isUp = false;
    this.life += 1;
    this.#record('crash');
    for (const resident of this.residents.values()) this.#engine.endpoint(resident.address).resident = null;
    this.residents.clear();
    this.#backlog = [];
    this.#isPaused = false;
    this.#pausedUntil = 0;
    this.#isSyncing = false;
    this.disk.crash(wreckage);
  }

  /** Nothing is processed until then, or until `resume`; the clock goes on and messages queue up. */
  pause(until: number): void {
    this.#isPaused = true;
    this.#pausedUntil = Math.max(this.#pausedUntil, until);
    if (until < Number.POSITIVE_INFINITY) this.#engine.at(until, () => this.#drain());
  }

  resume(): void {
    this.#pausedUntil = 0;
    this.#drain();
  }

  /** Every event takes so long from now on, until the function returned is called. */
  slow(stepUs: number): () => void {
    const key = {};
    this.#slownesses.set(key, stepUs);
    return () => {
      this.#slownesses.delete(key);
    };
  }

  /** A slow node is busy for a while after each event: what comes meanwhile waits, as in a pause. */
  onStepped(): void {
    if (this.#slownesses.size > 0) this.pause(this.#engine.nowUs + Math.max(...this.#slownesses.values()));
  }

  /** Runs what belongs to a life of this node: now, when it is no longer paused, or never if that life is over. */
  whenRunning(life: number, run: () => void): void {
    if (!this.isUp || this.life !== life) return;
    if (this.#isPaused) this.#wait(run);
    else run();
  }

  /** Performs what a step asked for, in order. */
  perform(resident: Resident, effects: readonly Effect[]): void {
    for (let index = 0; index < effects.length; index += 1) {
      this.#performOne(resident, effects[index] as Effect);
      // What an output makes its observer do may have ended this life.
      if (!resident.isAlive) return;
    }
    if (!this.#isSyncing && this.disk.hasUnsynced) this.#sync();
  }

  /** Looks at a timer at the time for which it was queued. */
  onTimerDue(resident: Resident, key: string, queuedAt: number): void {
    if (!resident.isAlive) return;
    if (this.#isPaused) {
      this.#wait(() => this.onTimerDue(resident, key, queuedAt));
      return;
    }
    const timer = this.#timers.fire(resident, key, queuedAt);
    if (timer === null) return;
    this.#engine.statistics.timersFired += 1;
    this.#engine.step(resident, { type: 'timer', timer });
  }

  /** The clock was changed: what was computed from it is computed anew. */
  onClockChange(): void {
    for (const resident of this.residents.values()) this.#timers.requeue(resident);
  }

  #performOne(resident: Resident, effect: Effect): void {
    switch (effect.type) {
      case 'send':
      case 'output':
        if (effect.early || resident.persisted <= this.disk.durable) this.#depart(resident, effect);
        else resident.held.push({ after: resident.persisted, effect });
        return;
      case 'setTimer':
        this.#timers.set(resident, effect);
        return;
      case 'cancelTimer':
        resident.timers.delete(timerKey(effect.timer));
        return;
      case 'persist':
        if (this.disk.isFull) return this.#stopFull();
        resident.persisted = this.disk.append(resident.name, effect.record);
        return;
      case 'checkpoint':
        if (this.disk.isFull) return this.#stopFull();
        resident.persisted = this.disk.checkpoint(resident.name, effect.records);
        return;
      case 'flush':
        if (this.disk.isFull) return this.#stopFull();
        this.#flush(resident, effect.done);
        return;
      default:
        effect satisfies never;
    }
  }

  #depart(resident: Resident, effect: Departing): void {
    if (effect.type === 'output') this.#engine.output(resident, effect);
    else this.#send(resident, effect.to, effect.message);
  }

  #send(resident: Resident, at: Address, message: Message): void {
    const to = this.#engine.endpoint(at);
    const parcel = this.#engine.parcel(resident.address, to, message);
    if (to.node === this.id) this.#engine.deliverLocally(parcel);
    else this.#engine.deliverRemotely(this.id, parcel);
  }

  #flush(resident: Resident, done: Message): void {
    this.disk.flush(resident.name, () =>
      this.whenRunning(resident.life, () => this.#send(resident, resident.address, done)),
    );
  }

  /** One sync at a time; all that is written meanwhile joins the next. */
  #sync(): void {
    this.#isSyncing = true;
    const { life } = this;
    this.disk.sync(() => this.whenRunning(life, () => this.#onSynced()));
  }

  #onSynced(): void {
    this.#isSyncing = false;
    if (this.disk.hasUnsynced) this.#sync();
    for (const resident of this.residents.values()) this.#release(resident);
  }

  #release(resident: Resident): void {
    const { held } = resident;
    const { durable } = this.disk;
    let count = 0;
    while (count < held.length && (held[count] as (typeof held)[number]).after <= durable) count += 1;
    for (const { effect } of held.splice(0, count)) {
      if (!resident.isAlive) return;
      this.#depart(resident, effect);
    }
  }

  #drain(): void {
    if (!this.#isPaused || this.#engine.nowUs < this.#pausedUntil) return;
    this.#isPaused = false;
    const backlog = this.#backlog;
    this.#backlog = [];
    const { life } = this;
    for (let next = 0; next < backlog.length; next += 1) {
      (backlog[next] as () => void)();
      // What one of them does may pause or crash the node again.
      if (!this.isUp || this.life !== life) return;
      if (this.#isPaused) {
        // What came in meanwhile is behind what has waited for longer.
        this.#backlog = backlog.slice(next + 1).concat(this.#backlog);
        return;
      }
    }
  }

  #wait(run: () => void): void {
    if (this.#slownesses.size > 0) this.#engine.statistics.delayedSteps += 1;
    this.#backlog.push(run);
  }

  /** What cannot be written must not be answered for: the node ends, with what its disk has. */
  #stopFull(): void {
    const { statistics } = this.#engine;
    this.#engine.note(() => `${this.id} stops: its disk is full`);
    statistics.fullDisks += 1;
    this.crash();
    this.isStoppedByFullDisk = true;
  }

  /** A log that is not as it was written may lack a promise: who started on it would lie. */
  #refuseToStart(): void {
    this.isCorrupt = true;
    this.#engine.statistics.refusedStarts += 1;
    this.#engine.note(() => `${this.id} refuses to start: its disk is not as it was written`);
  }

  #record(type: 'boot' | 'crash'): void {
    this.#engine.recorder?.onNode({ at: this.#engine.nowUs / 1000, node: this.id, type });
  }
}
