import type { Action, Envelope, Run, Seen, WorldState } from '../../check/index.ts';
import type { Address, AnyProcess } from '../../kernel/index.ts';
import type {
  ClientMessage,
  Execute,
  Outcome,
  Refused,
  Request,
  Result,
  ServerMessage,
} from '../../protocols/request-reply/index.ts';
import { type CallsQuestion, type Operation, tellCall, tellReport, tellText } from '../question.ts';
import { CountingServer } from './counting-server.ts';
import { KeyValueServer } from './key-value-server.ts';
import { reportOf, reportOfResult, valueIn } from './key-values.ts';
import { type CallsModel, isClient } from './model.ts';

type Sent = ClientMessage | ServerMessage;

/** Tells an execution as a person would, a step a line. */
export function tellExecution(
  question: CallsQuestion,
  model: CallsModel,
  run: Run<WorldState, Action>,
): readonly string[] {
  return new Teller(question, model).tell(run);
}

class Teller {
  readonly #question: CallsQuestion;
  readonly #model: CallsModel;
  /** By the number of the call. */
  readonly #copies = new Map<number, number>();
  readonly #arrivals = new Map<number, number>();
  #current = 0;

  constructor(question: CallsQuestion, model: CallsModel) {
    this.#question = question;
    this.#model = model;
  }

  tell({ start, steps }: Run<WorldState, Action>): string[] {
    const lines: string[] = [];
    const first = this.#model.processes.inFlight(start);
    lines.push(this.#calls(first).trimStart());
    for (const { action, state } of steps) lines.push(this.#line(action, state));
    return lines;
  }

  #line(action: Action, after: WorldState): string {
    switch (action.type) {
      case 'deliver':
        return isClient(action.contents.to) ? this.#answer(action) : this.#request(action, after);
      case 'node':
        return this.#event(action);
      case 'drop':
        if (!action.fault)
          return `${capital(this.#what(action.contents))} comes to a server that is down, and is lost.`;
        return `The network loses ${this.#what(action.contents)}.`;
      default:
        throw new Error(`no execution has a step of type ${action.type}`);
    }
  }

  #name(sequence: number): string {
    return tellCall(this.#question, sequence);
  }

  #operation(sequence: number): Operation | undefined {
    return this.#question.program[sequence - 1]?.operation;
  }

  #what({ message }: Envelope): string {
    const sent = message as Sent;
    if (!('id' in sent)) return 'a message';
    return `${sent.type === 'request' ? 'a copy of' : 'an answer to'} ${this.#name(sent.id.sequence)}`;
  }

  /** What the client sends, as a sentence behind another; none if it sends nothing. */
  #calls(envelopes: readonly Envelope[]): string {
    for (const { message } of envelopes) {
      const sent = message as Sent;
      if (sent.type !== 'request') continue;
      const { sequence } = sent.id;
      const copies = (this.#copies.get(sequence) ?? 0) + 1;
      this.#copies.set(sequence, copies);
      this.#current = sequence;
      return ` The client sends ${this.#name(sequence)}${copies === 1 ? '' : ' again'}.`;
    }
    return '';
  }

  #request({ contents, transition }: Extract<Action, { type: 'deliver' }>, after: WorldState): string {
    const sent = contents.message as Sent;
    if (sent.type !== 'request') return `${this.#what(contents)} arrives at the server.`;
    const { sequence } = sent.id;
    const { seen, sent: answers } = transition.doings;
    return `${this.#arrival(sequence)}: ${this.#serving(sent, seen, answers, after)}.`;
  }

  #arrival(sequence: number): string {
    const before = this.#arrivals.get(sequence) ?? 0;
    this.#arrivals.set(sequence, before + 1);
    const late = sequence < this.#current ? 'late' : '';
    const name = this.#name(sequence);
    if (before === 0) return late === '' ? `${name} arrives` : `Only now ${name} arrives`;
    const isCopy = before < (this.#copies.get(sequence) ?? 0);
    if (isCopy) return `Another ${late === '' ? '' : 'late '}copy of ${name} arrives`;
    return `The network has duplicated ${name}, which arrives again`;
  }

  #serving(sent: Request, seen: readonly Seen[], answers: readonly Envelope[], after: WorldState): string {
    const { sequence } = sent.id;
    const reply = answers
      .map(({ message }) => message as Sent)
      .find((answer) => answer.type === 'reply' || answer.type === 'refused');
    const executed = seen.some((each) => each.type === 'output' && (each.output as Execute).type === 'execute');
    if (executed) return this.#executing(sequence, reply, after);
    if (reply === undefined) return this.#silence(sequence, after);
    if (reply.type === 'refused') return `the server refuses it${whyRefused(reply, sent)}`;
    if (reply.result.type === 'interrupted')
      return 'the server began it before it crashed, and does not know how it ended';
    const isFailure = reportOfResult(reply.result) === 'failure' && this.#arrivals.get(sequence) === 1;
    return isFailure ? 'the server fails, and does nothing' : 'the server knows it, and only repeats its answer';
  }

  #executing(sequence: number, reply: Sent | undefined, after: WorldState): string {
    const operation = this.#operation(sequence);
    const result = reply?.type === 'reply' ? reply.result : null;
    const isFailure = result !== null && reportOfResult(result) === 'failure';
    if (operation === undefined) return 'the server executes it';
    if (operation.type === 'get' && result !== null && !isFailure) return `the server answers ${tellResult(result)}`;
    if (operation.type === 'get' && isFailure) return 'the server says that it failed';
    if (isFailure && result.type === 'rejected') return `the server rejects it: ${result.message}`;
    if (result?.type === 'rejected') return `the server executes it, and finds ${result.message}`;
    if (isFailure) return 'the server executes it, and says that it failed';
    return `the server executes it (${tellText(operation.key)} = ${this.#valueAfter(operation.key, after)})`;
  }

  #valueAfter(key: string, after: WorldState): string {
    const server = this.#server(after);
    const values = server instanceof KeyValueServer || server instanceof CountingServer ? server.values : new Map();
    const value = values.get(key);
    return value === undefined ? 'nothing' : tellText(value);
  }

  #server(after: WorldState): AnyProcess | undefined {
    return this.#model.processes.world(after).process('server' as Address);
  }

  #silence(sequence: number, after: WorldState): string {
    const server = this.#server(after);
    const isExecuting =
      server instanceof KeyValueServer && [...server.executing.values()].some(({ id }) => id.sequence === sequence);
    return isExecuting ? 'the server is executing it already' : 'the server ignores it';
  }

  #answer({ contents, transition }: Extract<Action, { type: 'deliver' }>): string {
    const sent = contents.message as Sent;
    const { seen, sent: next } = transition.doings;
    const report = this.#reported(seen);
    const what = 'id' in sent ? this.#name(sent.id.sequence) : 'a call';
    if (report !== null) return `The answer to ${report}.${this.#calls(next)}`;
    if (next.length > 0) return `The server tells the client its life.${this.#calls(next)}`;
    return `A late answer to ${what} reaches the client, which ignores it.`;
  }

  /** The call that reports, and what. */
  #reported(seen: readonly Seen[]): string | null {
    for (const each of seen) {
      if (each.type !== 'output') continue;
      const outcome = each.output as Outcome;
      const value = valueIn(outcome);
      const shown =
        this.#operation(outcome.call)?.type === 'get' && value !== null
          ? `returns ${tellText(value)}`
          : `reports ${tellReport(reportOf(outcome))}${reportOf(outcome) === 'timeout' ? ', as nobody knows' : ''}`;
      return `${this.#name(outcome.call)} reaches the client: it ${shown}`;
    }
    return null;
  }

  #event({ node, event, transition }: Extract<Action, { type: 'node' }>): string {
    switch (event.type) {
      case 'timer':
        return this.#timeout(transition.doings.seen, transition.doings.sent);
      case 'crash':
        return `The ${node} crashes${this.#losses()}.`;
      case 'boot':
        return `The ${node} starts again.`;
      case 'local':
        return this.#inside(transition.doings.sent);
      default:
        return `The ${node} goes on.`;
    }
  }

  #losses(): string {
    const { cache, store } = this.#question.server;
    const lost = [...(store === 'memory' ? ['its store'] : []), ...(cache === 'memory' ? ['its reply cache'] : [])];
    return lost.length === 0 ? '' : `, and loses ${lost.join(' and ')}`;
  }

  /** What happens between an arrival and its answer. */
  #inside([reply]: readonly Envelope[]): string {
    return reply === undefined
      ? 'The store is on disk.'
      : `The store is on disk, and the server sends ${this.#what(reply)}.`;
  }

  #timeout(seen: readonly Seen[], sent: readonly Envelope[]): string {
    for (const each of seen) {
      if (each.type !== 'output') continue;
      const { call } = each.output as Outcome;
      const copies = this.#copies.get(call) ?? 1;
      const tried = copies === 1 ? '' : ` to any of ${copies} copies`;
      return `No answer comes in time${tried}: ${this.#name(call)} reports timeout.${this.#calls(sent)}`;
    }
    return `No answer comes in time.${this.#calls(sent)}`;
  }
}

function whyRefused({ reason }: Refused, { server }: Request): string {
  if (reason !== 'staleServer') return '';
  return server === 0 ? ', as it names none of its lives' : ', as it was meant for its life before the crash';
}

function tellResult(result: Result): string {
  const report = reportOfResult(result);
  const value = valueIn({ type: 'answered', call: 0, result, final: true });
  return report === 'success' && value !== null ? tellText(value) : tellReport(report);
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
