import {
  checkLinearizability,
  describeLinearizability,
  History,
  type KeyValueInput,
  keyValue,
} from '../../check/history/index.ts';
import type { NodeId, Random } from '../../kernel/index.ts';
import type { CallOutcome } from '../../protocols/index.ts';
import type { Simulation } from '../../sim/index.ts';
import type { StoreResponse } from '../../store/api.ts';
import { encodeRequest } from '../../store/codec.ts';
import { GATEWAY } from '../../store/node.ts';
import { isReadOnly } from '../../store/validate.ts';
import { outputOf, requestOf } from '../store/requests.ts';
import type { Interval } from './intervals.ts';
import type { ClientField } from './scenario.ts';

/** A write that was acknowledged, and at which revision it then was. */
export interface Acknowledged {
  readonly key: string;
  readonly value: string;
  readonly revision: number;
}

/** What became of an operation, in the time of the simulation. */
export interface Attempt extends Interval {
  readonly answered: boolean;
}

interface Pending {
  readonly client: number;
  readonly input: KeyValueInput;
  readonly operation: number;
  readonly fromMs: number;
}

const WRITES_SHARE = 0.6;

/**
 * The clients of a group: each asks the node that answered it last, and another one when it gets no answer. Keeps what
 * they saw, for the checks, and how long they waited, for the availability.
 */
export class GroupClients {
  readonly attempts: Attempt[] = [];
  readonly acknowledged: Acknowledged[] = [];
  answered = 0;
  readonly #simulation: Simulation;
  readonly #nodes: () => readonly NodeId[];
  readonly #field: ClientField;
  readonly #random: Random;
  readonly #history: History<KeyValueInput> = new History();
  readonly #pending = new Map<number, Pending>();
  readonly #waiting = new Set<number>();
  /** Which of the nodes each client asks. */
  readonly #asks: number[];
  #nextId = 1;

  constructor(simulation: Simulation, nodes: () => readonly NodeId[], field: ClientField, random: Random) {
    this.#simulation = simulation;
    this.#nodes = nodes;
    this.#field = field;
    this.#random = random;
    this.#asks = Array.from({ length: field.count }, (_, client) => client);
  }

  /** Lets a client ask for something, unless it still waits for an answer. */
  act(client: number): void {
    if (this.#waiting.has(client)) return;
    const key = `key${this.#random.integer(this.#field.keys)}`;
    const isWrite = this.#random.chance(WRITES_SHARE);
    this.#ask(client, isWrite ? { type: 'put', key, value: `${this.#nextId}` } : { type: 'get', key });
  }

  /** Reads every key, to see what is left in the end. */
  readAll(): void {
    for (let key = 0; key < this.#field.keys; key += 1)
      this.#ask(this.#field.count + key, { type: 'get', key: `key${key}` });
  }

  get isWaiting(): boolean {
    return this.#waiting.size > 0;
  }

  settle(outcome: CallOutcome): void {
    const pending = this.#pending.get(outcome.id);
    if (pending === undefined) return;
    const { client, operation, input, fromMs } = pending;
    const { nowMs } = this.#simulation;
    this.#pending.delete(outcome.id);
    this.#waiting.delete(client);
    const answered = outcome.type === 'answered';
    this.attempts.push({ fromMs, toMs: nowMs, answered });
    if (!answered) {
      // What was certainly not executed never happened; of the rest the history is told nothing more.
      if (outcome.type === 'unavailable') this.#history.fail(operation);
      this.#asks[client] = (this.#asks[client] ?? 0) + 1;
      return;
    }
    const response = outcome.reply as StoreResponse;
    this.answered += 1;
    this.#history.complete(operation, outputOf(response), nowMs);
    if (input.type === 'put' && response.type === 'put') {
      this.acknowledged.push({ key: input.key, value: String(input.value), revision: response.revision });
    }
  }

  /** What is wrong with what the clients saw; null if nothing. */
  judge(): string | null {
    const result = checkLinearizability(this.#history.operations, keyValue);
    return result.linearizable === true ? null : describeLinearizability(result);
  }

  #ask(client: number, input: KeyValueInput): void {
    const id = this.#nextId;
    this.#nextId += 1;
    const { nowMs } = this.#simulation;
    const operation = this.#history.invoke(`client${client}`, input, nowMs);
    this.#pending.set(id, { client, input, operation, fromMs: nowMs });
    this.#waiting.add(client);
    const { timeoutMs } = this.#field;
    const request = requestOf(input);
    const message = isReadOnly(request)
      ? { type: 'query', id, query: request, consistency: 'linearizable', timeoutMs }
      : { type: 'call', id, body: encodeRequest(request), timeoutMs };
    const nodes = this.#nodes();
    const node = nodes[(this.#asks[client] ?? 0) % nodes.length];
    if (node !== undefined) this.#simulation.deliver(node, GATEWAY, message);
    // The gateway may go down with its node: then nobody ever answers.
    this.#simulation.after(timeoutMs + GRACE_MS, () => this.settle({ type: 'unknownOutcome', id }));
  }
}

const GRACE_MS = 1_000;
