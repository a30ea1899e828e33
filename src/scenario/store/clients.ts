import {
  checkLinearizability,
  describeLinearizability,
  History,
  type KeyValueInput,
  keyValue,
} from '../../check/history/index.ts';
import type { NodeId } from '../../kernel/index.ts';
import type { CallOutcome } from '../../protocols/index.ts';
import type { Simulation } from '../../sim/index.ts';
import type { StoreRequest, StoreResponse } from '../../store/api.ts';
import { encodeRequest } from '../../store/codec.ts';
import { GATEWAY } from '../../store/node.ts';
import { isReadOnly } from '../../store/validate.ts';
import type { Failure } from '../trial.ts';
import { ALL_ACCOUNTS, auditOf, type Balances, balancesIn, transfer } from './accounts.ts';
import type { Asked, PlannedOperation } from './operations.ts';
import type { StorePlan } from './plan.ts';
import { outputOf, put, requestOf } from './requests.ts';
import type { Property } from './scenario.ts';

const PROBE_TIMEOUT_MS = 60_000;
/** One seed in ten thousand asks one key so often without an answer that the checker's own limit is too low. */
const PLACEMENTS_MAX = 200_000_000;

/** What is done about what becomes of a call. */
interface Heeded {
  readonly onAnswer: (response: StoreResponse) => void;
  /** It was not executed, and never will be. */
  readonly onUnavailable: () => void;
}

const UNHEEDED: Heeded = { onAnswer: () => {}, onUnavailable: () => {} };

function onAnswered(onAnswer: Heeded['onAnswer']): Heeded {
  return { ...UNHEEDED, onAnswer };
}

interface Pending extends Heeded {
  /** Whose turn it is when this is settled; null for the second half of a transfer, and for probes. */
  readonly client: number | null;
  readonly revisionBefore: number;
}

/**
 * The clients of a plan at work: each asks one thing after the other of some node's gateway. Keeps the history of what
 * they saw of single keys, and looks at every answer.
 */
export class Clients {
  readonly counts = { asked: 0, answered: 0, unavailable: 0, unknown: 0 };
  readonly #simulation: Simulation;
  readonly #plan: StorePlan;
  readonly #history: History<KeyValueInput> = new History();
  readonly #waiting = new Map<number, PlannedOperation[]>();
  readonly #pending = new Map<number, Pending>();
  /** What each key is last known to hold. */
  readonly #lastWritten = new Map<string, string>();
  #nextId = 1;
  /** The highest revision that any client was told of: a later request must not see less. */
  #revision = 0;
  #failure: Failure | null = null;

  constructor(simulation: Simulation, plan: StorePlan) {
    this.#simulation = simulation;
    this.#plan = plan;
    for (const operation of plan.operations) {
      const waiting = this.#waiting.get(operation.client);
      if (waiting === undefined) this.#waiting.set(operation.client, [operation]);
      else waiting.push(operation);
    }
    for (const waiting of this.#waiting.values()) waiting.reverse();
    for (const client of this.#waiting.keys()) this.#next(client);
  }

  /** The first wrong answer. */
  get failure(): Failure | null {
    return this.#failure;
  }

  /** What a gateway says became of a call. */
  settle(outcome: CallOutcome): void {
    const pending = this.#pending.get(outcome.id);
    if (pending === undefined) return;
    this.#pending.delete(outcome.id);
    switch (outcome.type) {
      case 'answered':
        if (pending.client !== null) this.counts.answered += 1;
        this.#answer(pending, outcome.reply as StoreResponse);
        break;
      case 'unavailable':
        this.counts.unavailable += 1;
        pending.onUnavailable();
        break;
      case 'unknownOutcome':
        this.counts.unknown += 1;
        break;
      default:
        outcome satisfies never;
    }
    if (pending.client !== null) this.#next(pending.client);
  }

  /** Asks a node to write, with all the time it takes. */
  probe(node: NodeId): number {
    return this.#send(null, put('probe', node), UNHEEDED, node, PROBE_TIMEOUT_MS);
  }

  areAnswered(ids: ReadonlySet<number>): boolean {
    for (const id of ids) if (this.#pending.has(id)) return false;
    return true;
  }

  /** What is wrong with the history of single keys. */
  judge(): Failure | null {
    const result = checkLinearizability(this.#history.operations, keyValue, { placements: PLACEMENTS_MAX });
    if (result.linearizable === true) return null;
    return this.#violation('linearizable', describeLinearizability(result));
  }

  #next(client: number): void {
    const operation = this.#waiting.get(client)?.pop();
    if (operation === undefined) return;
    const { nowMs } = this.#simulation;
    this.#simulation.at(Math.max(operation.atMs, nowMs + LEAST_THINK_MS), () => this.#act(operation));
  }

  #act({ client, node, what }: PlannedOperation): void {
    this.counts.asked += 1;
    switch (what.type) {
      case 'transfer':
        this.#send(
          client,
          ALL_ACCOUNTS,
          onAnswered((response) => this.#transfer(node, what, balancesIn(response))),
          node,
        );
        return;
      case 'audit':
        this.#send(
          client,
          ALL_ACCOUNTS,
          onAnswered((response) => this.#audit(balancesIn(response))),
          node,
        );
        return;
      default:
        this.#operate(client, node, this.#inputOf(what));
    }
  }

  #inputOf(what: Exclude<Asked, { type: 'transfer' | 'audit' }>): KeyValueInput {
    if (what.type !== 'compareAndSet') return what;
    // Mostly the value that the key holds now, so that it often succeeds.
    return { ...what, expected: this.#lastWritten.get(what.key) ?? '0' };
  }

  #operate(client: number, node: NodeId, input: KeyValueInput): void {
    const operation = this.#history.invoke(`client${client}`, input, this.#simulation.nowMs);
    const onAnswer = (response: StoreResponse): void => {
      this.#history.complete(operation, outputOf(response), this.#simulation.nowMs);
      const isWritten = response.type === 'put' || (response.type === 'txn' && response.succeeded);
      if (isWritten && 'value' in input) this.#lastWritten.set(input.key, String(input.value));
    };
    // As if it had never been asked: if anybody sees a trace of it, the history is not linearizable.
    const onUnavailable = (): void => this.#history.fail(operation);
    this.#send(client, requestOf(input), { onAnswer, onUnavailable }, node);
  }

  /** The second half: moves the money if nobody touched both accounts since they were read. */
  #transfer(node: NodeId, what: Extract<Asked, { type: 'transfer' }>, balances: Balances): void {
    this.#audit(balances);
    this.#send(null, transfer(what, balances), UNHEEDED, node);
  }

  #audit(balances: Balances): void {
    const wrong = auditOf(balances, this.#plan.accounts);
    if (wrong !== null) this.#fail('balances', wrong);
  }

  #send(
    client: number | null,
    request: StoreRequest,
    { onAnswer, onUnavailable }: Heeded,
    node: NodeId,
    timeoutMs: number = this.#plan.timeoutMs,
  ): number {
    const id = this.#nextId;
    this.#nextId += 1;
    this.#pending.set(id, { client, revisionBefore: this.#revision, onAnswer, onUnavailable });
    const message = isReadOnly(request)
      ? { type: 'query', id, query: request, consistency: 'linearizable', timeoutMs }
      : { type: 'call', id, body: encodeRequest(request), timeoutMs };
    this.#simulation.deliver(node, GATEWAY, message);
    // The gateway may go down with its node: then nobody ever answers.
    this.#simulation.after(2 * timeoutMs, () => this.settle({ type: 'unknownOutcome', id }));
    return id;
  }

  #answer({ revisionBefore, onAnswer }: Pending, response: StoreResponse): void {
    if (response.type === 'refused') return this.#fail('linearizable', `a request was refused: ${response.message}`);
    if (response.revision < revisionBefore) {
      this.#fail('revisions', `revision ${response.revision} was answered after ${revisionBefore}`);
    }
    this.#revision = Math.max(this.#revision, response.revision);
    onAnswer(response);
  }

  #fail(property: Property, what: string): void {
    if (this.#plan.holds.includes(property)) this.#failure ??= this.#violation(property, what);
  }

  #violation(property: Property, what: string): Failure {
    return { property, what, atMs: this.#simulation.nowMs };
  }
}

const LEAST_THINK_MS = 0.001;
