import { History, type KeyValueInput } from '../../src/check/history/index.ts';
import type { NodeId, Random } from '../../src/kernel/index.ts';
import type { CallOutcome } from '../../src/protocols/index.ts';
import type { Simulation } from '../../src/sim/index.ts';
import type { RangeRequest, StoreRequest, StoreResponse } from '../../src/store/api.ts';
import { encodeRequest } from '../../src/store/codec.ts';
import { GATEWAY } from '../../src/store/node.ts';
import { put, range } from '../../src/store/requests.ts';
import { isReadOnly } from '../../src/store/validate.ts';

/** Something a client was told that no store may say. */
export class WrongAnswer extends Error {
  readonly code = 'wrongAnswer';
}

export interface WorkloadOptions {
  readonly clients: number;
  readonly keys: number;
  readonly accounts: number;
  readonly thinkMs: number;
  readonly timeoutMs: number;
  readonly untilMs: number;
}

interface Pending {
  /** Who thinks of something new when this is settled; null for the second half of a transfer. */
  readonly client: number | null;
  readonly onAnswer: (response: StoreResponse) => void;
}

const STARTING_BALANCE = 100;

/**
 * Clients that each ask one thing after another of some node's gateway: reads and writes of single keys, whose
 * history is kept, and transfers between accounts, whose sum may never change. Draws everything from one seed.
 */
export class Workload {
  readonly history: History<KeyValueInput> = new History();
  readonly counts = { answered: 0, unavailable: 0, unknown: 0, transfers: 0, audits: 0 };
  readonly #sim: Simulation;
  readonly #options: WorkloadOptions;
  readonly #random: Random;
  readonly #pending = new Map<number, Pending>();
  #next = 1;
  #written = 0;
  readonly #lastWritten = new Map<string, string>();
  /** The highest revision that any client has been told of: a later request must not see less. */
  #revision = 0;

  constructor(sim: Simulation, random: Random, options: WorkloadOptions) {
    this.#sim = sim;
    this.#options = options;
    this.#random = random;
    for (let client = 0; client < options.clients; client += 1) this.#think(client, 0);
  }

  /** What a gateway says became of a call. */
  settle(outcome: CallOutcome): void {
    const pending = this.#pending.get(outcome.id);
    if (pending === undefined) return;
    this.#pending.delete(outcome.id);
    switch (outcome.type) {
      case 'answered':
        this.counts.answered += 1;
        pending.onAnswer(outcome.reply as StoreResponse);
        break;
      case 'unavailable':
        this.counts.unavailable += 1;
        break;
      case 'unknownOutcome':
        this.counts.unknown += 1;
        break;
      default:
        outcome satisfies never;
    }
    if (pending.client !== null) this.#think(pending.client, this.#options.thinkMs);
  }

  /** Asks a node to write, with all the time it takes. */
  probe(node: NodeId): number {
    return this.#send(null, put(bytes('probe'), bytes(node)), () => {}, node, 60_000);
  }

  areAnswered(ids: ReadonlySet<number>): boolean {
    for (const id of ids) if (this.#pending.has(id)) return false;
    return true;
  }

  #think(client: number, meanMs: number): void {
    const atMs = this.#sim.nowMs + this.#random.exponential(meanMs) + 0.001;
    if (atMs < this.#options.untilMs) this.#sim.at(atMs, () => this.#act(client));
  }

  #act(client: number): void {
    const draw = this.#random.next() / 2 ** 32;
    if (draw < 0.1) this.#audit(client);
    else if (draw < 0.25) this.#transfer(client);
    else this.#operate(client);
  }

  // ------------------------------------------------------------------------------------------- single keys

  #operate(client: number): void {
    const input = this.#drawInput();
    const operation = this.history.invoke(`client${client}`, input, this.#sim.nowMs);
    this.#send(client, requestOf(input), (response) => {
      this.history.complete(operation, outputOf(input, response), this.#sim.nowMs);
      if (response.type === 'put' || (response.type === 'txn' && response.succeeded)) this.#noteWritten(input);
    });
  }

  #noteWritten(input: KeyValueInput): void {
    if ('value' in input) this.#lastWritten.set(input.key, String(input.value));
  }

  #drawInput(): KeyValueInput {
    const key = `key${this.#random.integer(this.#options.keys)}`;
    this.#written += 1;
    const value = `${this.#written}`;
    switch (this.#random.integer(8)) {
      case 0:
      case 1:
      case 2:
        return { type: 'get', key };
      case 3:
      case 4:
        return { type: 'put', key, value };
      case 5:
        return { type: 'delete', key };
      default:
        // Mostly the value that the key holds now, so that it often succeeds.
        return { type: 'compareAndSet', key, expected: this.#lastWritten.get(key) ?? '0', value };
    }
  }

  // ----------------------------------------------------------------------------------------------- accounts

  /** Moves some money in one mini-transaction that compares what was read. */
  #transfer(client: number): void {
    const { accounts } = this.#options;
    const from = this.#random.integer(accounts);
    const to = (from + 1 + this.#random.integer(accounts - 1)) % accounts;
    this.#send(client, allAccounts(), (response) => {
      const balances = balancesIn(response, accounts);
      const amount = 1 + this.#random.integer(20);
      this.counts.transfers += 1;
      const request: StoreRequest = {
        type: 'txn',
        compares: [from, to].map((account) => ({
          target: 'mod',
          relation: 'equal',
          key: accountKey(account),
          end: null,
          revision: balances.get(account)?.revision ?? 0,
        })),
        success: [
          put(accountKey(from), bytes(`${(balances.get(from)?.balance ?? STARTING_BALANCE) - amount}`)),
          put(accountKey(to), bytes(`${(balances.get(to)?.balance ?? STARTING_BALANCE) + amount}`)),
        ],
        failure: [],
      };
      this.#send(null, request, () => {});
    });
  }

  #audit(client: number): void {
    const { accounts } = this.#options;
    this.counts.audits += 1;
    this.#send(client, allAccounts(), (response) => {
      let sum = 0;
      const balances = balancesIn(response, accounts);
      for (let account = 0; account < accounts; account += 1) {
        sum += balances.get(account)?.balance ?? STARTING_BALANCE;
      }
      if (sum !== accounts * STARTING_BALANCE) throw new WrongAnswer(`an audit found ${sum} in all accounts`);
    });
  }

  // ------------------------------------------------------------------------------------------------- asking

  #send(
    client: number | null,
    request: StoreRequest,
    onAnswer: (response: StoreResponse) => void,
    node: NodeId = this.#random.pick(this.#sim.nodes),
    timeoutMs: number = this.#options.timeoutMs,
  ): number {
    const id = this.#next;
    this.#next += 1;
    const revisionBefore = this.#revision;
    const checked = (response: StoreResponse): void => {
      if (response.type === 'refused') throw new WrongAnswer(`refused: ${response.message}`);
      if (response.revision < revisionBefore) {
        throw new WrongAnswer(`revision ${response.revision} was answered after ${revisionBefore}`);
      }
      this.#revision = Math.max(this.#revision, response.revision);
      onAnswer(response);
    };
    this.#pending.set(id, { client, onAnswer: checked });
    const message = isReadOnly(request)
      ? { type: 'query', id, query: request, consistency: 'linearizable', timeoutMs }
      : { type: 'call', id, body: encodeRequest(request), timeoutMs };
    this.#sim.deliver(node, GATEWAY, message);
    // The gateway may go down with its node: then nobody ever answers.
    this.#sim.after(2 * timeoutMs, () => this.settle({ type: 'unknownOutcome', id }));
    return id;
  }
}

function requestOf(input: KeyValueInput): StoreRequest {
  const key = bytes(input.key);
  switch (input.type) {
    case 'get':
      return range(bytes(input.key));
    case 'put':
      return put(bytes(input.key), bytes(String(input.value)));
    case 'delete':
      return { type: 'delete', key, end: null, previous: false };
    case 'compareAndSet':
      return {
        type: 'txn',
        compares: [{ target: 'value', relation: 'equal', key, end: null, value: bytes(String(input.expected)) }],
        success: [put(bytes(input.key), bytes(String(input.value)))],
        failure: [],
      };
    default:
      throw new Error(`the workload asks for no ${input.type}`);
  }
}

function outputOf(input: KeyValueInput, response: StoreResponse): unknown {
  switch (response.type) {
    case 'range': {
      const [found] = response.kvs;
      return found === undefined ? null : text(found.value);
    }
    case 'put':
      return undefined;
    case 'delete':
      return response.deleted > 0;
    case 'txn':
      return response.succeeded;
    default:
      throw new WrongAnswer(`${input.type} was answered by ${response.type}`);
  }
}

function allAccounts(): RangeRequest {
  return range(bytes('account'), { end: bytes('accounu') });
}

function accountKey(account: number): Uint8Array {
  return bytes(`account${account}`);
}

function balancesIn(response: StoreResponse, accounts: number): Map<number, { balance: number; revision: number }> {
  if (response.type !== 'range') throw new WrongAnswer(`a range was answered by ${response.type}`);
  const balances = new Map<number, { balance: number; revision: number }>();
  for (const { key, value, modRevision } of response.kvs) {
    const account = Number(text(key).slice('account'.length));
    if (!(account < accounts)) throw new WrongAnswer(`there is no account ${text(key)}`);
    balances.set(account, { balance: Number(text(value)), revision: modRevision });
  }
  return balances;
}

function bytes(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

function text(value: Uint8Array): string {
  return new TextDecoder().decode(value);
}
