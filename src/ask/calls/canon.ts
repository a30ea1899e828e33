import { type Envelope, type Fingerprint, Hasher, type ProcessModel, type WorldState } from '../../check/index.ts';
import * as layout from '../../check/process/layout.ts';
import { hashHex } from '../../kernel/index.ts';
import type { ClientMessage } from '../../protocols/request-reply/index.ts';
import type { CallsQuestion } from '../question.ts';
import { CountingServer } from './counting-server.ts';
import { KeyValueServer } from './key-value-server.ts';
import type { ProgramClient } from './program-client.ts';

/** Of one call, less than this. */
export const DELIVERIES_MAX = 64;
/** How a server may treat a late request, by how often it executed the call, as far as it knows. */
const CLASSES = 4;

/**
 * Leaves out of states what can make no difference to anything observable, and takes for the same what only differs so:
 * - An answer to a call that is over is as good as lost, as the client ignores it; and so is one behind an equal one.
 * - A late request that will not be executed again is as good as lost, and so is a late GET.
 * - Late requests for equal operations are interchangeable, if the server has executed them equally often; it matters
 *   how many there are, not which.
 * - Faults of which there may be any number need not be counted.
 */
export class Canon {
  readonly #inner: ProcessModel<readonly number[]>;
  readonly #client: (state: WorldState) => ProgramClient;
  readonly #first: number;
  readonly #counters: readonly number[];
  readonly #question: CallsQuestion;
  readonly #deliveriesMax: number | null;
  readonly #isFifo: boolean;
  readonly #isSet: boolean;
  readonly #hasher = new Hasher();
  readonly #letters = new Map<number, Letter>();
  readonly #operations = new Map<string, number>();
  readonly #servers = new Map<number, Map<number, ServerView>>();
  readonly #contents = new Map<string, number>();

  constructor(
    question: CallsQuestion,
    inner: ProcessModel<readonly number[]>,
    client: (state: WorldState) => ProgramClient,
  ) {
    this.#inner = inner;
    this.#client = client;
    const nodes = inner.library.nodes.length;
    this.#first = nodes + layout.COUNTERS;
    this.#counters = [nodes + layout.CRASHES, nodes + layout.TIMERS, nodes + layout.PARTITIONS, nodes + layout.CUT];
    this.#question = question;
    this.#deliveriesMax = question.network.deliveriesMax;
    this.#isFifo = question.network.order === 'fifo';
    this.#isSet = question.network.order === 'any' && question.network.duplicates;
  }

  /** Without the messages that are as good as lost. */
  reduced(state: WorldState): WorldState {
    const { sequence } = this.#client(state);
    const server = this.#server(state[1] as number, sequence);
    const { history } = this.#inner.world(state);
    const isKept = (id: number, at: number): boolean => {
      if (at < this.#first) return true;
      const letter = this.#letter(id);
      if (letter.operation !== null) return !this.#isDone(letter, sequence, server, history);
      const isAgain = at > this.#first && id === state[at - 1];
      return !isAgain && !this.#isLate(letter, sequence);
    };
    return state.every(isKept) ? state : state.filter(isKept);
  }

  readonly fingerprint = (state: WorldState, into: Fingerprint): void => {
    const { sequence } = this.#client(state);
    const server = this.#server(state[1] as number, sequence);
    const { history } = this.#inner.world(state);
    const hasher = this.#hasher.reset();
    hasher.word(state[0] as number).word(server.word);
    for (const at of this.#counters) hasher.word(state[at] as number);
    hasher.word(history[sequence] ?? 0);
    const words: number[] = [];
    for (let at = this.#first; at < state.length; at += 1) {
      words.push(this.#word(state[at] as number, sequence, server, history));
    }
    if (!this.#isFifo) words.sort((a, b) => a - b);
    for (const [at, word] of words.entries()) if (!this.#isRepeated(words, at, server)) hasher.word(word);
    hasher.finish(into);
  };

  /** Of a call that is over. What comes from a server that goes by incarnations tells its life, and is of use even late. */
  #isLate(letter: Letter, sequence: number): boolean {
    return letter.sequence < sequence && !this.#question.server.incarnations;
  }

  #isDone(letter: Letter, sequence: number, server: ServerView, executions: readonly number[]): boolean {
    if (!this.#isLate(letter, sequence) || server.classOf === null) return false;
    const isEnough = this.#deliveriesMax !== null && executions[letter.sequence] === this.#deliveriesMax;
    return letter.isRead || isEnough || server.classOf(letter.sequence).isFinal;
  }

  /** Stands for a message in flight. */
  #word(id: number, sequence: number, server: ServerView, executions: readonly number[]): number {
    const letter = this.#letter(id);
    const executed = this.#deliveriesMax === null ? 0 : (executions[letter.sequence] ?? 0);
    const isExact = letter.operation === null || server.classOf === null || !this.#isLate(letter, sequence);
    if (isExact) return id * DELIVERIES_MAX + executed;
    const kind = letter.operation * CLASSES + server.classOf(letter.sequence).executions;
    return -1 - (kind * DELIVERIES_MAX + executed);
  }

  /** Of late requests that may come any number of times, to be executed each time, two do what one does. */
  #isRepeated(words: readonly number[], at: number, { isForgetful }: ServerView): boolean {
    const isUnbounded = isForgetful && this.#isSet && this.#deliveriesMax === null;
    return isUnbounded && at > 0 && words[at] === words[at - 1];
  }

  #letter(id: number): Letter {
    let letter = this.#letters.get(id);
    if (letter === undefined) {
      letter = this.#read(this.#inner.library.envelopes.get(id));
      this.#letters.set(id, letter);
    }
    return letter;
  }

  #read({ message }: Envelope): Letter {
    const sent = message as ClientMessage;
    const sequence = 'id' in sent ? sent.id.sequence : 0;
    if (sent.type !== 'request') return { sequence, operation: null, isRead: false };
    return { sequence, operation: numberOf(hashHex(sent.body), this.#operations), isRead: sent.method === 'get' };
  }

  #server(id: number, sequence: number): ServerView {
    const bySequence = this.#servers.get(id) ?? new Map<number, ServerView>();
    this.#servers.set(id, bySequence);
    let view = bySequence.get(sequence);
    if (view === undefined) {
      view = this.#view(id, sequence);
      bySequence.set(sequence, view);
    }
    return view;
  }

  #view(id: number, sequence: number): ServerView {
    const { acknowledges, server, semantics } = this.#question;
    const exact = { word: 2 * id, classOf: null, isForgetful: false };
    if (acknowledges || server.incarnations) return exact;
    const process = this.#inner.library.states.get(id).processes.get('');
    const mayForget = server.crashes > 0;
    if (process instanceof CountingServer) {
      const count = (of: number): number => process.counted.get(of)?.executions ?? 0;
      const classOf = (of: number): LateKind => ({
        executions: count(of),
        isFinal: count(of) >= process.rules.executionsMax && !mayForget,
      });
      return { word: this.#content(process.values, process.counted.get(sequence)), classOf, isForgetful: false };
    }
    if (!(process instanceof KeyValueServer) || process.executing.size > 0) return exact;
    const find = (of: number) => process.cache.find({ client: 'client', life: 1, sequence: of });
    const found = find(sequence);
    const classOf = (of: number): LateKind => {
      const isKnown = find(of).type !== 'new';
      return { executions: isKnown ? 1 : 0, isFinal: isKnown && !mayForget };
    };
    const current = found.type === 'known' ? found.entry.answer : semantics;
    return { word: this.#content(process.values, current), classOf, isForgetful: server.cache === 'none' };
  }

  /** What a server holds that can still matter, but for what it knows of late calls. Unlike the word of an exact state. */
  #content(values: ReadonlyMap<string, string>, current: unknown): number {
    return 2 * numberOf(hashHex([values, current ?? null]), this.#contents) + 1;
  }
}

interface Letter {
  readonly sequence: number;
  /** Stands for the operation asked for; null of an answer. */
  readonly operation: number | null;
  readonly isRead: boolean;
}

interface ServerView {
  readonly word: number;
  /** What a server makes of late requests; null if its exact state is to be told apart. */
  readonly classOf: ((sequence: number) => LateKind) | null;
  /** Whether it executes whatever comes. */
  readonly isForgetful: boolean;
}

interface LateKind {
  readonly executions: number;
  readonly isFinal: boolean;
}

function numberOf(name: string, numbers: Map<string, number>): number {
  const number = numbers.get(name) ?? numbers.size;
  numbers.set(name, number);
  return number;
}
