import {
  type Action,
  type Envelope,
  type Model,
  type ProcessModel,
  processModel,
  type Run,
  type Seen,
  type WorldState,
} from '../../check/index.ts';
import { type Address, type AnyProcess, address, type NodeDefinition } from '../../kernel/index.ts';
import {
  type Agreement,
  type ClientMessage,
  DEFAULT_AGREEMENT,
  type Execute,
  type MethodRules,
  type Outcome,
  type Semantics,
  type ServerOptions,
} from '../../protocols/request-reply/index.ts';
import { type CallsQuestion, countsExecutions, executesEveryCopy, type Report } from '../question.ts';
import { Canon } from './canon.ts';
import { CountingServer } from './counting-server.ts';
import { KeyValueServer } from './key-value-server.ts';
import { reportOf } from './key-values.ts';
import { ProgramClient } from './program-client.ts';

/** How often each call was executed, by its number; counted only where that is bounded. */
type Executions = readonly number[];

export type CallsProcessModel = ProcessModel<Executions>;

export interface CallsModel extends Model<WorldState, Action> {
  readonly processes: CallsProcessModel;
  /** The client in a state. */
  readonly client: (state: WorldState) => ProgramClient;
  /** Of a state in which nothing can happen any more. */
  readonly ending: (state: WorldState) => Ending;
  /** What each call reports in a run. */
  readonly reports: (run: Run<WorldState, Action>) => readonly CallReport[];
}

export interface CallReport {
  /** Its number, from 1. */
  readonly call: number;
  readonly report: Report;
}

/** How a run ended. */
export type Ending =
  | { readonly type: 'over'; readonly observed: readonly string[]; readonly deviations: number }
  /** A call reported something that it is known not to have reported. */
  | { readonly type: 'contradicted'; readonly at: CallReport | null }
  /** The client waits for ever. */
  | { readonly type: 'stuck' };

const CLIENT = address('client');
const SERVER = address('server');

/** Makes the server of a question; a test gives another one. */
export type ServerMaker = (question: CallsQuestion) => NodeDefinition;

/**
 * Every execution of a question's program: the product's client and server in the checker, every order of deliveries
 * and timers, and what else may go wrong. A run ends with the program, or where it contradicts what is known.
 */
export function callsModel(question: CallsQuestion, deviationsMax = 0, serverOf: ServerMaker = serverNode): CallsModel {
  const inner = processModel<Executions>({ ...systemOf(question), nodes: nodesOf(question, deviationsMax, serverOf) });
  const client = clientIn(inner);
  const canon = new Canon(question, inner, client);
  const { program, network } = question;
  const { deliveriesMax } = network;
  // Once a read that comes last is answered, the answer may as well arrive. Whatever could be observed otherwise, can be
  // where this copy was not executed: reads change nothing that others see.
  const endsWithRead = network.order === 'any' && program.at(-1)?.operation.type === 'get';
  const isAllowed = (state: WorldState, action: Action): boolean => {
    if (deliveriesMax === null || action.type !== 'deliver') return true;
    const sequence = sequenceOf(action.contents);
    return sequence === null || (inner.world(state).history[sequence] ?? 0) < deliveriesMax;
  };
  return {
    ...inner,
    processes: inner,
    client,
    reports: reportsIn,
    ending: (state) => endingOf(client(state)),
    fingerprint: canon.fingerprint,
    next: (state, action) => {
      const after = inner.next(state, action);
      return after === null ? null : canon.reduced(after);
    },
    actions: (state) => {
      const { progress, sequence } = client(state);
      if (progress !== 'running') return NONE;
      const actions = inner.actions(state);
      const last = endsWithRead && sequence === program.length ? actions.filter(isReplyTo(sequence)) : NONE;
      if (last.length > 0) return last;
      return deliveriesMax === null ? actions : actions.filter((action) => isAllowed(state, action));
    },
  };
}

const NONE: readonly Action[] = [];

function reportsIn({ steps }: Run<WorldState, Action>): CallReport[] {
  const found: CallReport[] = [];
  for (const { action } of steps) {
    if (!('transition' in action)) continue;
    for (const seen of action.transition.doings.seen) {
      if (seen.type !== 'output' || seen.at !== CLIENT) continue;
      const outcome = seen.output as Outcome;
      found.push({ call: outcome.call, report: reportOf(outcome) });
    }
  }
  return found;
}

function endingOf({ progress, observed, deviations, contradicted }: ProgramClient): Ending {
  switch (progress) {
    case 'over':
      return { type: 'over', observed, deviations };
    case 'contradicted':
      return { type: 'contradicted', at: contradicted };
    case 'running':
      return { type: 'stuck' };
    default:
      return progress satisfies never;
  }
}

function systemOf({ network, server }: CallsQuestion): Omit<Parameters<typeof processModel<Executions>>[0], 'nodes'> {
  const { order, loses, duplicates, deliveriesMax } = network;
  const unbounded = (may: boolean): number => (may ? Number.POSITIVE_INFINITY : 0);
  const isFifo = order === 'fifo';
  return {
    network: isFifo ? 'fifo' : duplicates ? 'set' : 'multiset',
    budgets: {
      crashes: server.crashes,
      // Out of order, a message that is lost and one that takes too long are the same to whoever waits.
      ...(isFifo && { drops: unbounded(loses), duplicates: unbounded(duplicates) }),
    },
    crashing: [SERVER],
    history: { start: [], next: deliveriesMax === null ? (executions) => executions : countExecution },
  };
}

function countExecution(executions: Executions, seen: Seen): Executions {
  if (seen.type !== 'output' || seen.at !== SERVER) return executions;
  const { sequence } = (seen.output as Execute).id;
  const counted = Array.from({ length: Math.max(executions.length, sequence + 1) }, (_, at) => executions[at] ?? 0);
  counted[sequence] = (counted[sequence] ?? 0) + 1;
  return counted;
}

function nodesOf(question: CallsQuestion, deviationsMax: number, serverOf: ServerMaker): Map<string, NodeDefinition> {
  const { semantics, server, program, acknowledges, asks, deadline } = question;
  const agreement = agreementOf(question);
  const script = {
    calls: program,
    semantics: SENT_AS[semantics],
    deadline,
    filtered: server.cache !== 'none',
    acknowledges,
    incarnations: server.incarnations,
    observes: asks,
    deviationsMax,
  };
  const options = { client: 'client', servers: [SERVER], agreement, isNameFresh: true, acknowledgeAfterMs: null };
  return new Map([
    [CLIENT, () => one(new ProgramClient(options, script))],
    [SERVER, serverOf(question)],
  ]);
}

const SENT_AS: Readonly<Record<CallsQuestion['semantics'], Semantics>> = {
  maybe: 'maybe',
  atLeastOnce: 'atLeastOnce',
  atMostOnce: 'atMostOnce',
  atMostTwice: 'atMostOnce',
  exactlyOnce: 'atLeastOnce',
};

function agreementOf(question: CallsQuestion): Agreement {
  const { retries, server } = question;
  const afterCrash = server.incarnations ? 'incarnations' : server.cache === 'disk' ? 'persisted' : 'nothing';
  return { ...DEFAULT_AGREEMENT, retry: { ...DEFAULT_AGREEMENT.retry, tries: retries + 1 }, afterCrash };
}

function one(process: AnyProcess): ReadonlyMap<string, AnyProcess> {
  return new Map([['', process]]);
}

function isStoreOnDisk({ server }: CallsQuestion): boolean {
  return server.store === 'disk' && server.crashes > 0; // without a crash nobody can tell
}

function serverNode(question: CallsQuestion): NodeDefinition {
  const { semantics, initially, server } = question;
  const { fails } = server;
  if (countsExecutions(question)) {
    const isCountOnDisk = server.cache === 'disk' && server.crashes > 0;
    const executionsMax = semantics === 'atMostTwice' ? 2 : 1;
    const rules = { executionsMax, initially, fails, isCountOnDisk, isStoreOnDisk: isStoreOnDisk(question) };
    return () => one(new CountingServer(rules));
  }
  return ({ storage }) => {
    const disk = isStoreOnDisk(question) ? storage('store') : null;
    return one(new KeyValueServer(serverOptions(question), { initially, fails, disk }));
  };
}

/** How the product's server is set up for a question. */
export function serverOptions(question: CallsQuestion): ServerOptions {
  const { cache, gets } = question.server;
  const change: MethodRules = { idempotent: false, replyBytesMax: 1_000 };
  return {
    agreement: agreementOf(question),
    methods: { put: change, remove: change, increment: change, get: { ...change, idempotent: gets === 'current' } },
    filter: cache !== 'none',
    cacheBytesMax: 1_000_000,
    executingMax: 1_000,
    tellsUnderWay: false,
  };
}

function clientIn(inner: CallsProcessModel): (state: WorldState) => ProgramClient {
  const known = new Map<number, ProgramClient>();
  return (state) => {
    const id = state[0] as number;
    let client = known.get(id);
    if (client === undefined) {
      const process = inner.nodeState(state, CLIENT).processes.get('');
      if (!(process instanceof ProgramClient)) throw new Error('the first node runs the program');
      client = process;
      known.set(id, client);
    }
    return client;
  };
}

function isReplyTo(sequence: number): (action: Action) => boolean {
  return (action) => {
    if (action.type !== 'deliver' || action.duplicate) return false;
    const sent = action.contents.message as ClientMessage;
    return sent.type === 'reply' && sent.id.sequence === sequence;
  };
}

/** The number of the call that a request is for; null if it is no request. */
function sequenceOf({ message }: Envelope): number | null {
  const sent = message as ClientMessage;
  return sent.type === 'request' ? sent.id.sequence : null;
}

export function isClient(at: Address): boolean {
  return at === CLIENT;
}

/** Whether some number of duplicates makes a difference that any greater one makes again, without end. */
export function isEndless(question: CallsQuestion): boolean {
  const { program, network } = question;
  if (!program.some(({ operation }) => operation.type === 'increment')) return false;
  const isUnbounded = network.duplicates && network.deliveriesMax === null;
  return isUnbounded && executesEveryCopy(question);
}
