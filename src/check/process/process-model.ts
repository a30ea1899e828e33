import { type NodeId, nodeOf } from '../../kernel/index.ts';
import { AsymmetryError } from '../asymmetry-error.ts';
import { messageOf } from '../checks.ts';
import { type Fingerprint, Hasher } from '../fingerprint.ts';
import type { PrintedModel, Properties } from '../model.ts';
import { type Action, type Transition, tellAction, tellEvent } from './action.ts';
import { checkOptions } from './check-options.ts';
import { Interner } from './intern.ts';
import type { WorldState } from './layout.ts';
import * as layout from './layout.ts';
import { Library } from './library.ts';
import { type Envelope, NEVER_BOOTED, type NodeState } from './node-state.ts';
import type { ProcessModelOptions } from './options.ts';
import { tellStep } from './story.ts';
import { Symmetry } from './symmetry.ts';
import { type CheckedWorld, StateView } from './world.ts';

export interface ProcessModel<H> extends PrintedModel<WorldState, Action> {
  /** What a state stands for. */
  readonly world: (state: WorldState) => CheckedWorld<H>;
  readonly nodeState: (state: WorldState, node: NodeId) => NodeState;
  /** The messages in flight, in no order. */
  readonly inFlight: (state: WorldState) => readonly Envelope[];
  /** What was found out about the nodes on their own. */
  readonly library: Library;
}

/** A model of nodes that run processes: every order of deliveries and timers, and as many faults as the budgets allow. */
export function processModel<H = null>(options: ProcessModelOptions<H>): ProcessModel<H> {
  checkOptions(options);
  return new ModelOfProcesses(options).model();
}

class ModelOfProcesses<H> {
  readonly #options: ProcessModelOptions<H>;
  readonly #library: Library;
  readonly #histories = new Interner<H>();
  readonly #hasher = new Hasher();
  readonly #nodes: number;
  /** Where the envelopes begin. */
  readonly #first: number;
  readonly #cuts: readonly (readonly NodeId[])[];
  readonly #skipsUseless: boolean;
  readonly #syncsEagerly: boolean;
  readonly #mayCrash: readonly boolean[];
  readonly #symmetry: Symmetry<H> | null;

  constructor(options: ProcessModelOptions<H>) {
    this.#options = options;
    const seesEnds = options.eventually !== undefined || options.outcomes !== undefined;
    this.#skipsUseless = options.reduce !== false && !seesEnds && options.network !== 'fifo';
    this.#library = new Library(options, this.#skipsUseless);
    this.#nodes = this.#library.nodes.length;
    this.#first = this.#nodes + layout.COUNTERS;
    this.#syncsEagerly = options.reduce !== false && options.eventually === undefined;
    this.#mayCrash = this.#library.nodes.map((node) => options.crashing?.includes(node) ?? true);
    this.#symmetry = symmetryOf(this.#library, this.#histories, options);
    this.#cuts = options.cuts ?? this.#library.nodes.map((node) => [node]);
  }

  model(): ProcessModel<H> {
    const library = this.#library;
    const { prune } = this.#options;
    return {
      initial: () => this.#initial(),
      actions: (state) => this.#actions(state),
      next: (state, action) => this.#next(state, action),
      fingerprint: (state, into) => this.#hasher.reset().words(this.#represent(state)).finish(into),
      packing: { words: (state) => state, state: (words) => words },
      appearance: (state, into) => this.#appearance(state, into),
      properties: this.#properties(),
      ...(prune && { prune: (state: WorldState) => this.#look(state, prune) }),
      fairness: fairnessOf,
      isBounded: (state) => this.#isBounded(state),
      tellAction,
      tellStep: (before, action) => tellStep(library, before, action),
      world: (state) => this.#world(state),
      nodeState: (state, node) => library.states.get(state[library.indexOf(node) ?? -1] as number),
      inFlight: (state) => state.slice(this.#first).map((id) => library.envelopes.get(id)),
      library,
    };
  }

  #initial(): WorldState[] {
    const blank = this.#library.nodes.map(() => this.#library.states.id(NEVER_BOOTED));
    const counters = new Array<number>(layout.COUNTERS).fill(0);
    const { history } = this.#options;
    if (history !== undefined) counters[layout.HISTORY] = this.#histories.id(history.start);
    let states: WorldState[] = [[...blank, ...counters]];
    for (let index = 0; index < this.#nodes; index += 1) {
      states = states.flatMap((state) => {
        const boots = this.#boots(index, state[index] as number);
        return boots.map((transition) => this.#after(state, index, transition, null));
      });
    }
    this.#symmetry?.verify(states);
    return states;
  }

  #boots(index: number, id: number): readonly Transition[] {
    try {
      return this.#library.transitions(index, id, { type: 'boot' });
    } catch (error) {
      const node = this.#library.nodes[index];
      throw new Error(`node '${node}' throws when it boots: ${messageOf(error)}`, { cause: error });
    }
  }

  /** Properties see processes and history, not what is in flight. */
  #appearance(state: WorldState, into: Fingerprint): void {
    this.#hasher.reset().word(this.#count(state, layout.HISTORY));
    for (let index = 0; index < this.#nodes; index += 1) this.#hasher.word(state[index] as number);
    this.#hasher.finish(into);
  }

  #represent(state: WorldState): WorldState {
    return this.#symmetry === null ? state : this.#symmetry.representative(state);
  }

  #actions(state: WorldState): readonly Action[] {
    const actions: Action[] = [];
    const { timers = Number.POSITIVE_INFINITY, crashes = 0 } = this.#options.budgets ?? {};
    const mayFire = this.#count(state, layout.TIMERS) < timers;
    const mayCrash = this.#count(state, layout.CRASHES) < crashes;
    for (let index = 0; index < this.#nodes; index += 1) {
      const moves = this.#library.movesOf(index, state[index] as number);
      const crashes = mayCrash && this.#mayCrash[index] === true;
      if (!crashes && this.#syncsEagerly && moves.sync !== null) return [moves.sync];
      for (const action of moves.free) actions.push(action);
      if (mayFire) for (const action of moves.timers) actions.push(action);
      if (crashes) for (const action of moves.crashes) actions.push(action);
    }
    if (this.#library.inputs.length > 0) this.#addInputs(state, actions);
    this.#addDeliveries(state, actions);
    if (!this.#skipsUseless) {
      this.#addLosses(state, actions);
      this.#addCuts(state, actions);
    }
    return actions;
  }

  /** Whether a timer would fire here, were the budget of timers not used up. */
  #isBounded(state: WorldState): boolean {
    const { timers } = this.#options.budgets ?? {};
    if (timers === undefined || this.#count(state, layout.TIMERS) < timers) return false;
    return this.#library.nodes.some(
      (_, index) => this.#library.movesOf(index, state[index] as number).timers.length > 0,
    );
  }

  #addInputs(state: WorldState, actions: Action[]): void {
    const given = this.#count(state, layout.INPUTS);
    for (const [input, { to }] of this.#library.inputs.entries()) {
      if ((given & (1 << input)) !== 0) continue;
      const index = this.#library.indexOf(nodeOf(to));
      if (index !== undefined) {
        for (const action of this.#library.inputsOf(index, state[index] as number, input)) actions.push(action);
      }
      if (this.#options.inputOrder === 'listed') return;
    }
  }

  #addDeliveries(state: WorldState, actions: Action[]): void {
    const mayDuplicate = this.#count(state, layout.DUPLICATES) < (this.#options.budgets?.duplicates ?? 0);
    const isCut = this.#count(state, layout.CUT) !== 0;
    for (let at = this.#first; at < state.length; at += 1) {
      if (this.#isBehind(state, at) || (isCut && this.#isCutOff(state, at))) continue;
      const envelope = state[at] as number;
      const index = this.#library.targetOf(envelope);
      for (const action of this.#library.deliveriesOf(index, state[index] as number, envelope)) {
        if (mayDuplicate || action.type !== 'deliver' || !action.duplicate) actions.push(action);
      }
    }
  }

  /** Losses by the network, as budgeted; and those of messages that come to a node that is down, or that are cut off. */
  #addLosses(state: WorldState, actions: Action[]): void {
    const fault = this.#count(state, layout.DROPS) < (this.#options.budgets?.drops ?? 0);
    for (let at = this.#first; at < state.length; at += 1) {
      if (this.#isBehind(state, at)) continue;
      const envelope = state[at] as number;
      const contents = this.#library.envelopes.get(envelope);
      const target = state[this.#library.targetOf(envelope)] as number;
      const isFree = this.#isCutOff(state, at) || !this.#library.states.get(target).up;
      if (isFree || fault) actions.push({ type: 'drop', envelope, contents, fault: !isFree });
    }
  }

  #addCuts(state: WorldState, actions: Action[]): void {
    if (this.#count(state, layout.CUT) !== 0) {
      actions.push({ type: 'cut', cut: 0, side: [] });
    } else if (this.#count(state, layout.PARTITIONS) < (this.#options.budgets?.partitions ?? 0)) {
      for (const [index, side] of this.#cuts.entries()) actions.push({ type: 'cut', cut: index + 1, side });
    }
  }

  /** Whether an envelope is a copy of the one before it, or waits for it in its channel. */
  #isBehind(state: WorldState, at: number): boolean {
    if (at === this.#first) return false;
    const envelope = state[at] as number;
    const before = state[at - 1] as number;
    if (this.#options.network !== 'fifo') return envelope === before;
    return this.#library.channelOf(envelope) === this.#library.channelOf(before);
  }

  #isCutOff(state: WorldState, at: number): boolean {
    const side = this.#cuts[this.#count(state, layout.CUT) - 1];
    if (side === undefined) return false;
    const { from, to } = this.#library.envelopes.get(state[at] as number);
    return side.includes(nodeOf(from)) !== side.includes(nodeOf(to));
  }

  #next(state: WorldState, action: Action): WorldState | null {
    switch (action.type) {
      case 'node': {
        const after = this.#after(state, action.index, action.transition, null);
        const isCounted = this.#options.budgets?.timers !== undefined;
        if (action.event.type === 'timer' && isCounted) this.#add(after, layout.TIMERS, 1);
        if (action.event.type === 'crash') this.#add(after, layout.CRASHES, 1);
        return after;
      }
      case 'deliver': {
        const stays = action.duplicate || this.#options.network === 'set';
        const after = this.#after(state, action.index, action.transition, stays ? null : action.envelope);
        if (action.duplicate) this.#add(after, layout.DUPLICATES, 1);
        return after;
      }
      case 'input': {
        const after = this.#after(state, action.index, action.transition, null, action.contents);
        this.#add(after, layout.INPUTS, 1 << action.input);
        return after;
      }
      case 'drop': {
        const after = state.toSpliced(state.indexOf(action.envelope, this.#first), 1);
        if (action.fault) this.#add(after, layout.DROPS, 1);
        return after;
      }
      case 'cut': {
        const after = state.slice();
        after[this.#nodes + layout.CUT] = action.cut;
        if (action.cut !== 0) this.#add(after, layout.PARTITIONS, 1);
        return after;
      }
      case 'failure':
        throw action.error;
      default:
        return action satisfies never;
    }
  }

  #count(state: WorldState, counter: number): number {
    return state[this.#nodes + counter] as number;
  }

  #add(state: number[], counter: number, amount: number): void {
    state[this.#nodes + counter] = (state[this.#nodes + counter] as number) + amount;
  }

  /** A copy of the state with one node's state replaced, an envelope taken out, and those that were sent put in. */
  #after(
    state: WorldState,
    index: number,
    transition: Transition,
    taken: number | null,
    input: Envelope | null = null,
  ): number[] {
    const after = state.slice();
    after[index] = transition.state;
    if (taken !== null) after.splice(after.indexOf(taken, this.#first), 1);
    for (const envelope of transition.sent) this.#insert(after, envelope);
    if (this.#options.history !== undefined) this.#remember(after, transition, input);
    return after;
  }

  #insert(state: number[], envelope: number): void {
    const key = this.#orderOf(envelope);
    let at = state.length;
    while (at > this.#first && this.#orderOf(state[at - 1] as number) > key) at -= 1;
    if (this.#options.network === 'set' && at > this.#first && state[at - 1] === envelope) return;
    state.splice(at, 0, envelope);
  }

  #orderOf(envelope: number): number {
    return this.#options.network === 'fifo' ? this.#library.channelOf(envelope) : envelope;
  }

  #remember(state: number[], { doings, sent }: Transition, input: Envelope | null): void {
    const { history } = this.#options;
    const departs = doings.sent.length > sent.length;
    if (history === undefined || (input === null && doings.seen.length === 0 && !departs)) return;
    let value = this.#historyOf(state);
    if (input !== null) value = history.next(value, { type: 'input', to: input.to, message: input.message });
    for (const seen of doings.seen) value = history.next(value, seen);
    for (const envelope of doings.sent) {
      const leaves = this.#library.indexOf(nodeOf(envelope.to)) === undefined;
      if (leaves) value = history.next(value, { type: 'departed', envelope });
    }
    state[this.#nodes + layout.HISTORY] = this.#histories.id(value);
  }

  #historyOf(state: WorldState): H {
    return this.#histories.get(this.#count(state, layout.HISTORY));
  }

  #world(state: WorldState): StateView<H> {
    return new StateView(this.#library, state, this.#historyOf(state));
  }

  #properties(): Properties<WorldState, Action> {
    const { invariants = {}, steps = {}, goals = {}, eventually, outcomes } = this.#options;
    type Before = CheckedWorld<H>;
    const isWrong = (reason: string | null): boolean => reason !== null;
    const itself = <T>(value: T): T => value;
    return {
      invariants: mapped(invariants, (check, name) => this.#alike(name, isWrong, (state) => this.#look(state, check))),
      steps: mapped(steps, (check, name) => {
        const look = this.#alike(name, isWrong, (after, before = after) => {
          const earlier: Before = this.#world(before);
          return this.#look(after, (world) => check(earlier, world));
        });
        return (before, _action, after) => look(after, before);
      }),
      goals: mapped(goals, (reached, name) => this.#alike(name, itself, (state) => this.#look(state, reached))),
      ...(eventually && { eventually: mapped(eventually, (reached) => (state) => this.#look(state, reached)) }),
      ...(outcomes && {
        outcomes: mapped(outcomes, (observe, name) => this.#alike(name, itself, (state) => this.#look(state, observe))),
      }),
    };
  }

  /** The property, which throws if in some of the first states it tells apart nodes that are declared interchangeable. */
  #alike<T>(name: string, essence: (value: T) => unknown, property: Property<T>): Property<T> {
    const symmetry = this.#symmetry;
    if (symmetry === null) return property;
    let left = COMPARED_STATES;
    return (state, before = state) => {
      const value = property(state, before);
      if (left === 0) return value;
      left -= 1;
      for (const [moved = state, movedBefore = moved] of symmetry.exchanged([state, before])) {
        if (essence(property(moved, movedBefore)) !== essence(value)) throw tellsApart(name);
      }
      return value;
    };
  }

  #look<T>(state: WorldState, use: (world: CheckedWorld<H>) => T): T {
    const world = this.#world(state);
    return world.during(() => use(world));
  }
}

function symmetryOf<H>(library: Library, histories: Interner<H>, options: ProcessModelOptions<H>): Symmetry<H> | null {
  const { symmetric = [], unordered = [], eventually } = options;
  if (symmetric.length > 0 && eventually !== undefined) {
    throw new Error("fairness tells nodes apart: leave out 'symmetric' to check what holds 'eventually'");
  }
  // Fairness tells messages apart, too; with the least exchange, of no nodes, states differ only in what is unordered.
  if (symmetric.length === 0 && (unordered.length === 0 || eventually !== undefined)) return null;
  return new Symmetry(library, histories, options);
}

type Property<T> = (state: WorldState, before?: WorldState) => T;

/** In how many states each property is compared with itself after an exchange of nodes. */
const COMPARED_STATES = 1_000;

function tellsApart(name: string): AsymmetryError {
  return new AsymmetryError(
    `'${name}' tells apart nodes that are declared interchangeable: leave them out of 'symmetric', or have it ask the same of each`,
  );
}

function mapped<T, U>(record: Readonly<Record<string, T>>, make: (item: T, name: string) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([name, item]) => [name, make(item, name)]));
}

/** Faults need never happen; whatever else stays possible does in the end. */
function fairnessOf(action: Action): string | null {
  switch (action.type) {
    case 'node':
      return action.event.type === 'crash' ? null : tellEvent(action.node, action.event);
    case 'deliver':
      return action.duplicate ? null : `delivery ${action.envelope}`;
    case 'input':
      return `input ${action.input}`;
    case 'cut':
      return action.cut === 0 ? 'heal' : null;
    case 'drop':
    case 'failure':
      return null;
    default:
      return action satisfies never;
  }
}
