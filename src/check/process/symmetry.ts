import { diff, type NodeId, print } from '../../kernel/index.ts';
import { permutationsOf } from '../arrangements.ts';
import type { Interner } from './intern.ts';
import type { WorldState } from './layout.ts';
import * as layout from './layout.ts';
import type { Library } from './library.ts';
import type { SystemOptions } from './options.ts';
import { type Renaming, renamed } from './rename.ts';

const PERMUTATIONS_MAX = 5_040;

/** One way to exchange nodes, with what each id becomes under it, found as needed. */
interface Exchange {
  readonly renaming: Renaming;
  /** Whose state comes to the place of each node. */
  readonly sources: readonly number[];
  readonly states: number[];
  readonly envelopes: number[];
  readonly histories: number[];
  readonly inputs: readonly number[];
  readonly cuts: readonly number[];
}

/**
 * Takes states for one that differ only in which of several interchangeable nodes is which: all that exchanges lead
 * to are represented by the least of them; the same goes for the order of what is declared to have none. ("Symmetry and model checking": Emerson and Sistla; Ip and Dill, 1993.)
 *
 * Right only if processes treat other nodes alike, except by what messages they got from them: no order among names, no
 * arithmetic on them; and if the properties do too.
 */
export class Symmetry<H> {
  readonly #library: Library;
  readonly #histories: Interner<H>;
  readonly #exchanges: readonly Exchange[];
  readonly #unordered: ReadonlySet<string>;
  readonly #nodes: number;
  readonly #first: number;
  readonly #isFifo: boolean;

  constructor(library: Library, histories: Interner<H>, options: SystemOptions) {
    const { symmetric = [], unordered = [], inputOrder = 'any' } = options;
    if (symmetric.length > 0 && inputOrder === 'listed' && library.inputs.length > 0) {
      throw new Error("a symmetric model takes its inputs in any order: leave out inputOrder: 'listed'");
    }
    this.#library = library;
    this.#histories = histories;
    this.#unordered = new Set(unordered);
    this.#nodes = library.nodes.length;
    this.#first = this.#nodes + layout.COUNTERS;
    this.#isFifo = options.network === 'fifo';
    const cuts = options.cuts ?? library.nodes.map((node) => [node]);
    this.#exchanges = renamingsOf(symmetric).map((renaming) => this.#exchange(renaming, cuts));
  }

  /** The state that represents all that this one is symmetric to: the nodes' part of it seldom leaves more than one way. */
  representative(state: WorldState): WorldState {
    let least: number[] | null = null;
    let ways: Exchange[] = [];
    for (const exchange of this.#exchanges) {
      const nodes = this.#nodesUnder(exchange, state, least);
      if (nodes === null) continue;
      if (least === null || isLess(nodes, least)) {
        least = nodes;
        ways = [exchange];
      } else ways.push(exchange);
    }
    let best: number[] | null = null;
    for (const exchange of ways) {
      const whole = this.#restUnder(exchange, state, [...(least ?? [])]);
      if (best === null || isLess(whole, best)) best = whole;
    }
    return best ?? state;
  }

  /** The same states with two nodes exchanged, for any two that are interchangeable: those exchanges make up all others. */
  exchanged(states: readonly WorldState[]): readonly (readonly WorldState[])[] {
    const ofTwo = this.#exchanges.filter(
      ({ renaming }) => [...renaming].filter(([from, to]) => from !== to).length === 2,
    );
    return ofTwo.map((exchange) => states.map((state) => this.#under(exchange, state)));
  }

  /** Throws if the nodes said to be interchangeable are not even so at the start. */
  verify(starts: readonly WorldState[]): void {
    const known = new Set(starts.map((state) => this.#under(this.#exchanges[0] as Exchange, state).join()));
    for (const exchange of this.#exchanges) {
      for (const start of starts) {
        const moved = this.#under(exchange, start);
        if (!known.has(moved.join())) throw new Error(this.#tellAsymmetry(start, moved));
      }
    }
  }

  #tellAsymmetry(start: WorldState, moved: WorldState): string {
    const plain = this.#under(this.#exchanges[0] as Exchange, start);
    const advice = 'name fields whose order means nothing in `unordered`, or leave the node out of `symmetric`';
    for (const [index, node] of this.#library.nodes.entries()) {
      const [one, other] = [plain[index], moved[index]].map((id) => this.#library.states.get(id as number));
      const [change] = diff(one?.processes, other?.processes);
      if (change === undefined) continue;
      const values = `${print(change.before)} or ${print(change.after)}`;
      return `the nodes are not interchangeable at the start: ${change.path} of ${node} could be ${values}; ${advice}`;
    }
    return `the nodes are not interchangeable at the start: they are sent or given different messages; ${advice}`;
  }

  #under(exchange: Exchange, state: WorldState): number[] {
    return this.#restUnder(exchange, state, this.#nodesUnder(exchange, state, null) ?? []);
  }

  /** The nodes' part of a state under an exchange; null as soon as it turns out greater than the best one's. */
  #nodesUnder(exchange: Exchange, state: WorldState, best: readonly number[] | null): number[] | null {
    const nodes: number[] = [];
    let isBetter = best === null;
    for (let index = 0; index < this.#nodes; index += 1) {
      const id = this.#stateUnder(exchange, state[exchange.sources[index] as number] as number);
      if (!isBetter) {
        const other = best?.[index] as number;
        if (id > other) return null;
        isBetter = id < other;
      }
      nodes.push(id);
    }
    return nodes;
  }

  #restUnder(exchange: Exchange, state: WorldState, nodes: number[]): number[] {
    const moved = nodes;
    for (let counter = 0; counter < layout.COUNTERS; counter += 1) {
      moved.push(this.#counterUnder(exchange, counter, state[this.#nodes + counter] as number));
    }
    for (let at = this.#first; at < state.length; at += 1) {
      this.#insert(moved, this.#envelopeUnder(exchange, state[at] as number));
    }
    return moved;
  }

  /** Puts an envelope behind those that come before it: by channel if channels keep their order. */
  #insert(moved: number[], envelope: number): void {
    let at = moved.length;
    moved.push(envelope);
    const order = this.#orderOf(envelope);
    while (at > this.#first && this.#orderOf(moved[at - 1] as number) > order) {
      moved[at] = moved[at - 1] as number;
      at -= 1;
    }
    moved[at] = envelope;
  }

  #orderOf(envelope: number): number {
    return this.#isFifo ? this.#library.channelOf(envelope) : envelope;
  }

  #counterUnder(exchange: Exchange, counter: number, value: number): number {
    if (counter === layout.CUT) return value === 0 ? 0 : (exchange.cuts[value - 1] as number) + 1;
    if (counter === layout.HISTORY) return this.#historyUnder(exchange, value);
    if (counter !== layout.INPUTS || value === 0) return value;
    let moved = 0;
    for (const [input, to] of exchange.inputs.entries()) if ((value & (1 << input)) !== 0) moved |= 1 << to;
    return moved;
  }

  #stateUnder({ states, renaming }: Exchange, id: number): number {
    states[id] ??= this.#library.states.id(this.#renamed(this.#library.states.get(id), renaming));
    return states[id];
  }

  #envelopeUnder({ envelopes, renaming }: Exchange, id: number): number {
    envelopes[id] ??= this.#library.envelopeId(this.#renamed(this.#library.envelopes.get(id), renaming));
    return envelopes[id];
  }

  #historyUnder({ histories, renaming }: Exchange, id: number): number {
    if (this.#histories.size === 0) return 0;
    histories[id] ??= this.#histories.id(this.#renamed(this.#histories.get(id), renaming));
    return histories[id];
  }

  #renamed<T>(value: T, renaming: Renaming): T {
    return renamed(value, renaming, this.#unordered);
  }

  #exchange(renaming: Renaming, cuts: readonly (readonly NodeId[])[]): Exchange {
    const { nodes, inputs } = this.#library;
    const sources = nodes.map((node) => nodes.findIndex((other) => (renaming.get(other) ?? other) === node));
    const all = { states: [], envelopes: [], histories: [] };
    return {
      renaming,
      sources,
      ...all,
      inputs: matching(inputs, (input) => this.#renamed(input, renaming), 'inputs'),
      cuts: matching(
        cuts.map((side) => side.toSorted()),
        (side) => this.#renamed(side, renaming).sort(),
        'cuts',
      ),
    };
  }
}

/** Where each item goes; each to one that no other goes to. */
function matching<T>(items: readonly T[], move: (item: T) => T, what: string): number[] {
  const free = new Map(items.map((item, index) => [index, print(item)]));
  return items.map((item) => {
    const moved = print(move(item));
    for (const [index, text] of free) {
      if (text !== moved) continue;
      free.delete(index);
      return index;
    }
    throw new Error(`the ${what} are not symmetric: there is ${print(item)}, but not ${moved}`);
  });
}

function isLess(one: readonly number[], other: readonly number[]): boolean {
  for (let index = 0; index < one.length; index += 1) {
    const difference = (one[index] as number) - (other[index] as number);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

/** All ways to exchange the nodes of each group, the one that leaves all in place first. */
function renamingsOf(groups: readonly (readonly NodeId[])[]): Renaming[] {
  let renamings: [NodeId, NodeId][][] = [[]];
  for (const group of groups) {
    const orders = permutationsOf(group);
    renamings = renamings.flatMap((pairs) =>
      orders.map((order) => [...pairs, ...group.map((node, index): [NodeId, NodeId] => [node, order[index] ?? node])]),
    );
    if (renamings.length > PERMUTATIONS_MAX) {
      throw new Error(`there are more than ${PERMUTATIONS_MAX} ways to exchange the nodes: make the groups smaller`);
    }
  }
  return renamings.map((pairs) => new Map(pairs));
}
