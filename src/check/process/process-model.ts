import { address, type NodeId, nodeOf } from '../../kernel/index.ts';
import { Hasher } from '../fingerprint.ts';
import type { Model, Properties } from '../model.ts';
import { type Action, type Transition, tellAction, tellEvent } from './action.ts';
import { Interner } from './intern.ts';
import { type Envelope, firesBefore, NEVER_BOOTED, type NodeState } from './node-state.ts';
import { branches, type NodeEvent, type Surroundings } from './node-stepper.ts';
import type { ProcessModelOptions } from './options.ts';
import { withStorages } from './storage-handle.ts';
import { type CheckedWorld, NodesView } from './world.ts';

/**
 * A state: small numbers only. First each node's state by its id, then the counters below, then the ids of the
 * envelopes in flight. The model knows what the ids stand for.
 */
export type WorldState = readonly number[];

export type { ProcessModelOptions } from './options.ts';

export interface ProcessModel<H> extends Model<WorldState, Action> {
  /** What a state stands for. */
  readonly world: (state: WorldState) => CheckedWorld<H>;
  readonly nodeState: (state: WorldState, node: NodeId) => NodeState;
  /** The messages in flight, in no order. */
  readonly inFlight: (state: WorldState) => readonly Envelope[];
}

/** A model of nodes that run processes: every order of deliveries and timers, and as many faults as the budgets allow. */
export function processModel<H = null>(options: ProcessModelOptions<H>): ProcessModel<H> {
  return new ProcessModelBuild(options).model();
}

/** Where the counters stand, after the nodes. */
const DROPS = 0;
const DUPLICATES = 1;
const CRASHES = 2;
const TIMERS = 3;
const INPUTS = 4;
const HISTORY = 5;
const COUNTERS = 6;

const INPUTS_MAX = 30;

/** What can happen to one node in one of its states, whatever goes on elsewhere: found once, kept. */
interface NodeMoves {
  readonly free: readonly Action[];
  readonly timers: readonly Action[];
  readonly crashes: readonly Action[];
  readonly deliveries: Map<number, readonly Action[]>;
  readonly inputs: Map<number, readonly Action[]>;
}

class ProcessModelBuild<H> {
  readonly #options: ProcessModelOptions<H>;
  readonly #nodes: readonly NodeId[];
  readonly #around: readonly Surroundings[];
  readonly #states = new Interner<NodeState>();
  readonly #envelopes = new Interner<Envelope>();
  readonly #histories = new Interner<H>();
  readonly #inputs: readonly Envelope[];
  readonly #moves: (NodeMoves | undefined)[][];
  readonly #targets: number[] = [];
  readonly #channels: number[] = [];
  readonly #channelIds = new Map<string, number>();
  readonly #hasher = new Hasher();
  readonly #first: number;
  readonly #skipsLosses: boolean;

  constructor(options: ProcessModelOptions<H>) {
    this.#options = options;
    this.#nodes = [...options.nodes.keys()];
    const { disk = 'immediate', now = 0 } = options;
    this.#around = [...options.nodes].map(([node, definition]) => ({ node, definition, disk, now }));
    this.#inputs = (options.inputs ?? []).map(({ to, from = address('outside'), message }) => ({ from, to, message }));
    if (this.#inputs.length > INPUTS_MAX) {
      throw new Error(`a process model takes at most ${INPUTS_MAX} inputs: got ${this.#inputs.length}`);
    }
    this.#moves = this.#nodes.map(() => []);
    this.#first = this.#nodes.length + COUNTERS;
    const seesEnds = options.eventually !== undefined || options.outcomes !== undefined;
    this.#skipsLosses = options.reduce !== false && !seesEnds && options.network !== 'fifo';
  }

  model(): ProcessModel<H> {
    return {
      initial: () => this.#initial(),
      actions: (state) => this.#actions(state),
      next: (state, action) => this.#next(state, action),
      fingerprint: (state, into) => this.#hasher.reset().words(state).finish(into),
      properties: this.#properties(),
      ...this.#prune(),
      fairness: (action) => this.#fairness(action),
      tellAction,
      world: (state) => this.#world(state),
      nodeState: (state, node) => this.#states.get(state[this.#nodes.indexOf(node)] as number),
      inFlight: (state) => state.slice(this.#first).map((id) => this.#envelopes.get(id)),
    };
  }

  #initial(): WorldState[] {
    const blank = this.#nodes.map(() => this.#states.id(NEVER_BOOTED));
    const history = this.#options.history === undefined ? 0 : this.#histories.id(this.#options.history.start);
    let states: WorldState[] = [[...blank, 0, 0, 0, 0, 0, history]];
    for (const [index] of this.#nodes.entries()) {
      states = states.flatMap((state) => {
        const boots = this.#transitions(index, state[index] as number, { type: 'boot' });
        return boots.map((transition) => this.#after(state, index, transition, null));
      });
    }
    return states;
  }

  #actions(state: WorldState): readonly Action[] {
    const actions: Action[] = [];
    const { drops = 0, duplicates = 0, crashes = 0, timers = Number.POSITIVE_INFINITY } = this.#options.budgets ?? {};
    const nodes = this.#nodes.length;
    const mayCrash = (state[nodes + CRASHES] as number) < crashes;
    const mayFire = (state[nodes + TIMERS] as number) < timers;
    for (let index = 0; index < nodes; index += 1) {
      const moves = this.#movesOf(index, state[index] as number);
      for (const action of moves.free) actions.push(action);
      if (mayFire) for (const action of moves.timers) actions.push(action);
      if (mayCrash) for (const action of moves.crashes) actions.push(action);
    }
    this.#addInputs(state, actions);
    const mayDuplicate = (state[nodes + DUPLICATES] as number) < duplicates;
    const mayDrop = (state[nodes + DROPS] as number) < drops && !this.#skipsLosses;
    for (let at = this.#first; at < state.length; at += 1) {
      const envelope = state[at] as number;
      if (at > this.#first && this.#isBehind(envelope, state[at - 1] as number)) continue;
      this.#addDeliveries(state, envelope, mayDuplicate, actions);
      if (mayDrop) actions.push({ type: 'drop', envelope, contents: this.#envelopes.get(envelope) });
    }
    return actions;
  }

  /** Whether an envelope is a copy of the one before it, or waits for it in its channel. */
  #isBehind(envelope: number, before: number): boolean {
    if (this.#options.network === 'fifo') return this.#channels[envelope] === this.#channels[before];
    return envelope === before;
  }

  #addInputs(state: WorldState, actions: Action[]): void {
    const given = state[this.#nodes.length + INPUTS] as number;
    for (let input = 0; input < this.#inputs.length; input += 1) {
      if ((given & (1 << input)) !== 0) continue;
      const contents = this.#inputs[input] as Envelope;
      const index = this.#nodes.indexOf(nodeOf(contents.to));
      if (index !== -1) for (const action of this.#inputMoves(state, index, input, contents)) actions.push(action);
      if (this.#options.inputOrder === 'listed') return;
    }
  }

  #inputMoves(state: WorldState, index: number, input: number, contents: Envelope): readonly Action[] {
    const id = state[index] as number;
    const { inputs } = this.#movesOf(index, id);
    const known = inputs.get(input);
    if (known !== undefined) return known;
    const made = this.#attempt(index, id, { type: 'deliver', envelope: contents }, (transition) => ({
      type: 'input',
      node: this.#nodes[index] as NodeId,
      index,
      input,
      contents,
      transition,
    }));
    inputs.set(input, made);
    return made;
  }

  #addDeliveries(state: WorldState, envelope: number, mayDuplicate: boolean, actions: Action[]): void {
    const index = this.#targets[envelope] as number;
    const id = state[index] as number;
    const { deliveries } = this.#movesOf(index, id);
    let made = deliveries.get(envelope);
    if (made === undefined) {
      made = this.#deliveryMoves(index, id, envelope);
      deliveries.set(envelope, made);
    }
    for (const action of made) {
      if (mayDuplicate || action.type !== 'deliver' || !action.duplicate) actions.push(action);
    }
  }

  #deliveryMoves(index: number, id: number, envelope: number): readonly Action[] {
    const contents = this.#envelopes.get(envelope);
    const event: NodeEvent = { type: 'deliver', envelope: contents };
    const node = this.#nodes[index] as NodeId;
    const stays = this.#options.network === 'set';
    const mayRepeat = !stays && (this.#options.budgets?.duplicates ?? 0) > 0;
    const make = (duplicate: boolean): readonly Action[] =>
      this.#attempt(index, id, event, (transition) => {
        if (this.#changesNothing(id, transition) && (duplicate || stays || this.#skipsLosses)) return null;
        return { type: 'deliver', node, index, envelope, contents, duplicate, transition };
      });
    return mayRepeat ? [...make(false), ...make(true)] : make(false);
  }

  #changesNothing(id: number, { state, branch }: Transition): boolean {
    return state === id && branch.sent.length === 0 && branch.seen.length === 0;
  }

  #movesOf(index: number, id: number): NodeMoves {
    const known = this.#moves[index]?.[id];
    if (known !== undefined) return known;
    const moves = this.#findMoves(index, id);
    const row = this.#moves[index];
    if (row !== undefined) row[id] = moves;
    return moves;
  }

  #findMoves(index: number, id: number): NodeMoves {
    const state = this.#states.get(id);
    const moves = { deliveries: new Map(), inputs: new Map() };
    if (!state.up) return { free: this.#nodeMoves(index, id, { type: 'boot' }), timers: [], crashes: [], ...moves };
    const free: Action[] = [];
    for (const [at, message] of state.local.entries()) {
      const before = state.local[at - 1];
      if (before?.from === message.from && before.to === message.to) continue;
      free.push(...this.#nodeMoves(index, id, { type: 'local', message }));
    }
    if (state.held.length > 0) free.push(...this.#nodeMoves(index, id, { type: 'synced' }));
    for (const [at, flush] of state.flushes.entries()) {
      if (state.flushes.findIndex(({ process }) => process === flush.process) < at) continue;
      free.push(...this.#nodeMoves(index, id, { type: 'flushed', flush }));
    }
    const ready = state.timers.filter((timer, at) => !state.timers.slice(0, at).some((set) => firesBefore(set, timer)));
    const timers = ready.flatMap((timer) => this.#nodeMoves(index, id, { type: 'timer', timer }));
    return { free, timers, crashes: this.#nodeMoves(index, id, { type: 'crash' }), ...moves };
  }

  #nodeMoves(index: number, id: number, event: NodeEvent): readonly Action[] {
    const node = this.#nodes[index] as NodeId;
    return this.#attempt(index, id, event, (transition) => ({ type: 'node', node, index, event, transition }));
  }

  /** The actions for an event; one that tells of the failure if a process throws. */
  #attempt(
    index: number,
    id: number,
    event: NodeEvent,
    make: (transition: Transition) => Action | null,
  ): readonly Action[] {
    if (event.type === 'deliver' && !this.#states.get(id).up) return [];
    try {
      return this.#transitions(index, id, event)
        .map(make)
        .filter((action) => action !== null);
    } catch (error) {
      return [{ type: 'failure', what: tellEvent(this.#nodes[index] as NodeId, event), error }];
    }
  }

  #transitions(index: number, id: number, event: NodeEvent): readonly Transition[] {
    const around = this.#around[index] as Surroundings;
    return branches(this.#states.get(id), event, around).map((branch) => ({
      branch,
      state: this.#states.id(branch.state),
      sent: branch.sent
        .filter(({ to }) => this.#nodes.includes(nodeOf(to)))
        .map((envelope) => this.#envelopeId(envelope)),
    }));
  }

  #envelopeId(envelope: Envelope): number {
    const id = this.#envelopes.id(envelope);
    if (this.#targets[id] === undefined) {
      this.#targets[id] = this.#nodes.indexOf(nodeOf(envelope.to));
      const channel = `${envelope.from} ${envelope.to}`;
      const channelId = this.#channelIds.get(channel) ?? this.#channelIds.size;
      this.#channelIds.set(channel, channelId);
      this.#channels[id] = channelId;
    }
    return id;
  }

  #next(state: WorldState, action: Action): WorldState | null {
    const nodes = this.#nodes.length;
    switch (action.type) {
      case 'node': {
        const after = this.#after(state, action.index, action.transition, null);
        if (action.event.type === 'timer') {
          if (this.#changesNothing(state[action.index] as number, action.transition)) return null;
          if (this.#options.budgets?.timers !== undefined)
            after[nodes + TIMERS] = (after[nodes + TIMERS] as number) + 1;
        }
        if (action.event.type === 'crash') after[nodes + CRASHES] = (after[nodes + CRASHES] as number) + 1;
        return after;
      }
      case 'deliver': {
        const stays = action.duplicate || this.#options.network === 'set';
        const after = this.#after(state, action.index, action.transition, stays ? null : action.envelope);
        if (action.duplicate) after[nodes + DUPLICATES] = (after[nodes + DUPLICATES] as number) + 1;
        else if (stays && this.#isSame(state, after)) return null;
        return after;
      }
      case 'input': {
        const after = this.#after(state, action.index, action.transition, null, action);
        after[nodes + INPUTS] = (after[nodes + INPUTS] as number) | (1 << action.input);
        return after;
      }
      case 'drop': {
        const after = state.toSpliced(state.indexOf(action.envelope, this.#first), 1);
        after[nodes + DROPS] = (after[nodes + DROPS] as number) + 1;
        return after;
      }
      case 'failure':
        throw action.error;
      default:
        return action satisfies never;
    }
  }

  #isSame(one: WorldState, other: WorldState): boolean {
    return one.length === other.length && one.every((word, index) => word === other[index]);
  }

  /** A copy of the state with one node's state replaced, an envelope taken out, and those that were sent put in. */
  #after(
    state: WorldState,
    index: number,
    { state: id, sent, branch }: Transition,
    taken: number | null,
    input?: { readonly contents: Envelope },
  ): number[] {
    const after = state.slice();
    after[index] = id;
    if (taken !== null) after.splice(after.indexOf(taken, this.#first), 1);
    for (const envelope of sent) this.#insert(after, envelope);
    const { history } = this.#options;
    if (history !== undefined && (input !== undefined || branch.seen.length > 0 || branch.sent.length > sent.length)) {
      this.#remember(after, branch, input);
    }
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
    return this.#options.network === 'fifo' ? (this.#channels[envelope] as number) : envelope;
  }

  #remember(state: number[], branch: Transition['branch'], input: { readonly contents: Envelope } | undefined): void {
    const { history } = this.#options;
    if (history === undefined) return;
    const at = this.#nodes.length + HISTORY;
    let value = this.#histories.get(state[at] as number);
    if (input !== undefined) {
      value = history.next(value, { type: 'input', to: input.contents.to, message: input.contents.message });
    }
    for (const seen of branch.seen) value = history.next(value, seen);
    for (const envelope of branch.sent) {
      if (!this.#nodes.includes(nodeOf(envelope.to))) value = history.next(value, { type: 'departed', envelope });
    }
    state[at] = this.#histories.id(value);
  }

  #fairness(action: Action): string | null {
    switch (action.type) {
      case 'node':
        return action.event.type === 'crash' ? null : tellEvent(action.node, action.event);
      case 'deliver':
        return action.duplicate ? null : `delivery of ${action.envelope}`;
      case 'input':
        return `input ${action.input}`;
      case 'drop':
        return null;
      case 'failure':
        return null;
      default:
        return action satisfies never;
    }
  }

  #world(state: WorldState): NodesView<H> {
    const nodes = new Map<NodeId, NodeState>();
    for (const [index, node] of this.#nodes.entries()) nodes.set(node, this.#states.get(state[index] as number));
    const history = this.#options.history === undefined ? (null as H) : this.#historyOf(state);
    return new NodesView(nodes, history);
  }

  #historyOf(state: WorldState): H {
    return this.#histories.get(state[this.#nodes.length + HISTORY] as number);
  }

  #properties(): Properties<WorldState, Action> {
    const { invariants = {}, steps = {}, goals = {}, eventually, outcomes } = this.#options;
    return {
      invariants: mapped(invariants, (check) => (state: WorldState) => this.#look(state, check)),
      steps: mapped(steps, (check) => (before: WorldState, _action: Action, after: WorldState) => {
        const earlier = this.#world(before);
        return this.#look(after, (world) => check(earlier, world));
      }),
      goals: mapped(goals, (reached) => (state: WorldState) => this.#look(state, reached)),
      ...(eventually && { eventually: mapped(eventually, (reached) => (state) => this.#look(state, reached)) }),
      ...(outcomes && { outcomes: mapped(outcomes, (observe) => (state) => this.#look(state, observe)) }),
    };
  }

  #prune(): Pick<Model<WorldState, Action>, 'prune'> {
    const { prune } = this.#options;
    return prune === undefined ? {} : { prune: (state) => this.#look(state, prune) };
  }

  #look<T>(state: WorldState, use: (world: CheckedWorld<H>) => T): T {
    const world = this.#world(state);
    return withStorages(
      (node, name) => {
        const storage = world.storage(node, name);
        if (storage === undefined) throw new Error(`${node} has no storage '${name}' yet`);
        return storage;
      },
      () => use(world),
    );
  }
}

function mapped<T, U>(record: Readonly<Record<string, T>>, make: (item: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([name, item]) => [name, make(item)]));
}
