import type { Input, Seen } from '../../src/check/index.ts';
import { type Address, address } from '../../src/kernel/index.ts';
import {
  type Call,
  type ClientMessage,
  type ClientTimer,
  type Execute,
  type MethodRules,
  type Outcome,
  RequestClient,
  RequestServer,
  type Result,
} from '../../src/protocols/request-reply/index.ts';

export function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

const done = (value: string): Result => ({ type: 'done', body: new TextEncoder().encode(value) });

/** However often it is incremented, the states are finite. */
const COUNTER_MAX = 4;

/** One register and one counter, in memory. */
export class RegisterServer extends RequestServer {
  register = 'none';
  counter = 0;

  protected override execute({ method, body }: Execute): Result | null {
    switch (method) {
      case 'put':
        this.register = textOf(body);
        return done('ok');
      case 'get':
        return done(this.register);
      case 'remove': {
        const before = this.register;
        this.register = 'none';
        return done(before === 'none' ? 'no key' : 'removed');
      }
      case 'increment':
        this.counter = Math.min(COUNTER_MAX, this.counter + 1);
        return done(String(this.counter));
      default:
        return { type: 'rejected', message: method };
    }
  }
}

/** Tells an observer of each reply that leaves, those from the cache too, in the shape of an execution. */
export class TellingServer extends RegisterServer {
  protected override send(...[to, message, departure]: Parameters<RegisterServer['send']>): void {
    if (message.type === 'reply' && message.result.type === 'done') {
      const { id, result } = message;
      const rest = { ticket: 0, from: to, session: 0, acknowledged: 0, metadata: {}, patienceMs: 0 };
      this.output({ type: 'execute', method: 'replied', id, body: result.body, ...rest });
    }
    super.send(to, message, departure);
  }
}

/** The rules of its methods, of which those named are declared idempotent. */
export function rulesOf(...idempotent: readonly string[]): Record<string, MethodRules> {
  const names = ['put', 'get', 'remove', 'increment'];
  return Object.fromEntries(
    names.map((name) => [name, { idempotent: idempotent.includes(name), replyBytesMax: 20 }] as const),
  );
}

/** `put 1`, `get`: what a client asks, at most once, as its call of that number. */
export function ask(client: string, call: number, asked: string): Input {
  const [method = '', argument = ''] = asked.split(' ');
  const body = new TextEncoder().encode(argument);
  const message = { type: 'call', call, method, body, semantics: 'atMostOnce', metadata: {}, timeoutMs: null };
  return { to: address(client), message };
}

/** Calls one thing after the other, as a program does. */
export class SequentialClient extends RequestClient {
  next: Call[] = [];

  override onMessage(from: Address, message: ClientMessage): void {
    if (message.type === 'call' && this.pending.size > 0) this.next.push(message);
    else super.onMessage(from, message);
    this.goOn();
  }

  override onTimer(timer: ClientTimer): void {
    super.onTimer(timer);
    this.goOn();
  }

  private goOn(): void {
    const [call] = this.next;
    if (call === undefined || this.pending.size > 0) return;
    this.next.shift();
    super.onMessage(this.self, call);
  }
}

/** What calls were answered, in that order. */
export type Told = readonly string[];

export function nextTold(told: Told, seen: Seen): Told {
  if (seen.type !== 'output') return told;
  const outcome = seen.output as Outcome;
  return [...told, answerOf(outcome)];
}

export function answerOf(outcome: Outcome): string {
  return outcome.type === 'answered' && outcome.result.type === 'done' ? textOf(outcome.result.body) : outcome.type;
}
