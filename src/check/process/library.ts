import { type Address, type AnyProcess, address, type NodeId, nodeOf } from '../../kernel/index.ts';
import { type Action, changesNothing, type Transition } from './action.ts';
import { Interner } from './intern.ts';
import { type Envelope, firesBefore, type NodeState } from './node-state.ts';
import { branches, type NodeEvent, type Surroundings } from './node-stepper.ts';
import type { Network, SystemOptions } from './options.ts';

/** What can happen to one node in one of its states, whatever goes on elsewhere. */
export interface NodeMoves {
  readonly free: readonly Action[];
  readonly timers: readonly Action[];
  readonly crashes: readonly Action[];
  /**
   * The disk's next work, if only a crash could tell when it is done: it changes no process, and what it releases goes
   * to other nodes, which may get it as late as they like. So it may as well be done at once.
   */
  readonly sync: Action | null;
  /** By the envelope's id. */
  readonly deliveries: Map<number, readonly Action[]>;
  readonly inputs: Map<number, readonly Action[]>;
}

type Processes = readonly (readonly [Address, AnyProcess])[];

const INPUTS_MAX = 30;

/**
 * Every state of a node that came up, every envelope, and every step between them, each found once and kept. The states of
 * the whole are combinations of these, a thousand times as many: so processes are seldom run, and a state of the whole
 * is a few small numbers.
 */
export class Library {
  readonly nodes: readonly NodeId[];
  readonly states: Interner<NodeState> = new Interner();
  readonly envelopes: Interner<Envelope> = new Interner();
  readonly inputs: readonly Envelope[];
  readonly around: readonly Surroundings[];
  /** Whom messages were sent to who is no node of the model. */
  readonly strangers: Set<NodeId> = new Set();
  readonly #indices: ReadonlyMap<NodeId, number>;
  readonly #network: Network;
  readonly #mayDuplicate: boolean;
  readonly #skipsUseless: boolean;
  readonly #moves: (NodeMoves | undefined)[][];
  readonly #processes: Processes[][];
  readonly #targets: number[] = [];
  readonly #channels: number[] = [];
  readonly #channelIds = new Map<string, number>();

  constructor(options: SystemOptions, skipsUseless: boolean) {
    const { nodes, disk = 'immediate', clocks = 'still', network = 'multiset', inputs = [] } = options;
    this.nodes = [...nodes.keys()];
    this.around = [...nodes].map(([node, definition]) => ({ node, definition, disk, clocks }));
    this.inputs = inputs.map(({ to, from = address('outside'), message }) => ({ from, to, message }));
    if (inputs.length > INPUTS_MAX) {
      throw new Error(`a process model takes at most ${INPUTS_MAX} inputs: got ${inputs.length}`);
    }
    this.#indices = new Map(this.nodes.map((node, index) => [node, index]));
    this.#network = network;
    this.#mayDuplicate = network !== 'set' && (options.budgets?.duplicates ?? 0) > 0;
    this.#skipsUseless = skipsUseless;
    this.#moves = this.nodes.map(() => []);
    this.#processes = this.nodes.map(() => []);
  }

  /** Which node; undefined if it is not part of the model. */
  indexOf(node: NodeId): number | undefined {
    return this.#indices.get(node);
  }

  /** The index of the node that an envelope goes to. */
  targetOf(envelope: number): number {
    return this.#targets[envelope] as number;
  }

  /** Equal for envelopes from the same process to the same process. */
  channelOf(envelope: number): number {
    return this.#channels[envelope] as number;
  }

  /** The processes of a node in a state, with their addresses. */
  processesOf(index: number, id: number): Processes {
    const row = this.#processes[index] as Processes[];
    let processes = row[id];
    if (processes === undefined) {
      const node = this.nodes[index] as NodeId;
      processes = [...this.states.get(id).processes].map(([name, process]) => [address(node, name), process] as const);
      row[id] = processes;
    }
    return processes;
  }

  movesOf(index: number, id: number): NodeMoves {
    const row = this.#moves[index] as (NodeMoves | undefined)[];
    let moves = row[id];
    if (moves === undefined) {
      moves = this.#findMoves(index, id);
      row[id] = moves;
    }
    return moves;
  }

  deliveriesOf(index: number, id: number, envelope: number): readonly Action[] {
    const { deliveries } = this.movesOf(index, id);
    let actions = deliveries.get(envelope);
    if (actions === undefined) {
      actions = this.#findDeliveries(index, id, envelope);
      deliveries.set(envelope, actions);
    }
    return actions;
  }

  inputsOf(index: number, id: number, input: number): readonly Action[] {
    const { inputs } = this.movesOf(index, id);
    let actions = inputs.get(input);
    if (actions === undefined) {
      actions = this.#findInputs(index, id, input);
      inputs.set(input, actions);
    }
    return actions;
  }

  /** Every way an event can go. Throws what a process throws. */
  transitions(index: number, id: number, event: NodeEvent): readonly Transition[] {
    const around = this.around[index] as Surroundings;
    // The branch's own copy of the state is let go: an equal one is in the library, perhaps since long.
    return branches(this.states.get(id), event, around).map(({ state, ...doings }) => ({
      doings,
      before: id,
      state: this.states.id(state),
      sent: doings.sent.filter(({ to }) => this.#staysInside(nodeOf(to))).map((envelope) => this.envelopeId(envelope)),
    }));
  }

  #findMoves(index: number, id: number): NodeMoves {
    const state = this.states.get(id);
    const moves = { deliveries: new Map(), inputs: new Map() };
    if (!state.up) {
      const free = this.#eventMoves(index, id, { type: 'boot' });
      return { free, timers: [], crashes: [], sync: null, ...moves };
    }
    const free = internalEvents(state).flatMap((event) => this.#eventMoves(index, id, event));
    const timers = readyTimers(state).flatMap((timer) => this.#eventMoves(index, id, { type: 'timer', timer }));
    return {
      free,
      sync: free.find((action) => this.#isInvisibleSync(state, action)) ?? null,
      timers: timers.filter((action) => action.type !== 'node' || !changesNothing(action.transition)),
      crashes: this.#eventMoves(index, id, { type: 'crash' }),
      ...moves,
    };
  }

  #isInvisibleSync(state: NodeState, action: Action): boolean {
    if (action.type !== 'node' || action.event.type !== 'synced') return false;
    const { doings, state: after } = action.transition;
    return doings.seen.length === 0 && this.states.get(after).local.length === state.local.length;
  }

  #findDeliveries(index: number, id: number, envelope: number): readonly Action[] {
    if (!this.states.get(id).up) return NONE;
    const contents = this.envelopes.get(envelope);
    const node = this.nodes[index] as NodeId;
    const stays = this.#network === 'set';
    const made: Action[] = [];
    for (const duplicate of this.#mayDuplicate ? [false, true] : [false]) {
      const actions = this.#attempt(index, id, { type: 'deliver', envelope: contents }, (transition) => ({
        type: 'deliver',
        node,
        index,
        envelope,
        contents,
        duplicate,
        transition,
      }));
      const isUseless = (action: Action): boolean => action.type === 'deliver' && changesNothing(action.transition);
      const skips = duplicate || stays || this.#skipsUseless;
      made.push(...(skips ? actions.filter((action) => !isUseless(action)) : actions));
    }
    return made;
  }

  #findInputs(index: number, id: number, input: number): readonly Action[] {
    if (!this.states.get(id).up) return NONE;
    const contents = this.inputs[input] as Envelope;
    const node = this.nodes[index] as NodeId;
    return this.#attempt(index, id, { type: 'deliver', envelope: contents }, (transition) => ({
      type: 'input',
      node,
      index,
      input,
      contents,
      transition,
    }));
  }

  #eventMoves(index: number, id: number, event: NodeEvent): readonly Action[] {
    const node = this.nodes[index] as NodeId;
    return this.#attempt(index, id, event, (transition) => ({ type: 'node', node, index, event, transition }));
  }

  /** The actions for an event, or the one that tells of the failure if a process throws. */
  #attempt(index: number, id: number, event: NodeEvent, make: (transition: Transition) => Action): readonly Action[] {
    try {
      return this.transitions(index, id, event).map(make);
    } catch (error) {
      return [{ type: 'failure', node: this.nodes[index] as NodeId, index, event, error }];
    }
  }

  #staysInside(to: NodeId): boolean {
    if (this.#indices.has(to)) return true;
    this.strangers.add(to);
    return false;
  }

  /** The id of an envelope, from a node of the model to one. */
  envelopeId(envelope: Envelope): number {
    const id = this.envelopes.id(envelope);
    if (this.#targets[id] === undefined) {
      this.#targets[id] = this.#indices.get(nodeOf(envelope.to)) as number;
      const channel = `${envelope.from} ${envelope.to}`;
      const channelId = this.#channelIds.get(channel) ?? this.#channelIds.size;
      this.#channelIds.set(channel, channelId);
      this.#channels[id] = channelId;
    }
    return id;
  }
}

const NONE: readonly Action[] = [];

/** What can happen within a node that is up, but for timers: the first message of each queue, the disk. */
function internalEvents(state: NodeState): NodeEvent[] {
  const events: NodeEvent[] = [];
  for (const [at, message] of state.local.entries()) {
    const before = state.local[at - 1];
    if (before?.from !== message.from || before.to !== message.to) events.push({ type: 'local', message });
  }
  if (state.held.length > 0) events.push({ type: 'synced' });
  for (const [at, flush] of state.flushes.entries()) {
    const isFirst = state.flushes.findIndex(({ process }) => process === flush.process) === at;
    if (isFirst) events.push({ type: 'flushed', flush });
  }
  return events;
}

/** The timers that none set earlier has to fire before. */
function readyTimers({ timers }: NodeState): NodeState['timers'] {
  return timers.filter((timer, at) => !timers.slice(0, at).some((set) => firesBefore(set, timer)));
}
