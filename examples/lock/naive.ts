/**
 * A lock service as one would write it at first. Right, as long as nothing goes wrong:
 *
 *     coterie check examples/lock/naive.ts
 *     coterie check examples/lock/naive.ts --faults crashes=1
 *
 * In a project of your own, import from 'coterie/kernel' and 'coterie/check'.
 */
import type { ProcessModelOptions } from '../../src/check/index.ts';
import { type Address, address, type NodeDefinition, Process, type Spec } from '../../src/kernel/index.ts';
import { lockSpec } from './spec.ts';

type Message = { readonly type: 'acquire' } | { readonly type: 'granted' } | { readonly type: 'release' };

/** Knows who holds the lock, and who waits for it. */
class Server extends Process<Message> {
  holder: Address | null = null;
  waiting: Address[] = [];

  override onMessage(from: Address, message: Message): void {
    if (message.type === 'acquire') this.waiting.push(from);
    if (message.type === 'release') this.holder = null;
    if (this.holder === null) this.grantNext();
  }

  private grantNext(): void {
    this.holder = this.waiting.shift() ?? null;
    if (this.holder !== null) this.send(this.holder, { type: 'granted' });
  }
}

/** Takes the lock, works for a moment, and gives it back. */
class Client extends Process<Message, 'work is done'> {
  holds = false;
  timesHeld = 0;

  override onStart(): void {
    this.send(address('server'), { type: 'acquire' });
  }

  override onMessage(_from: Address, message: Message): void {
    if (message.type !== 'granted') return;
    this.holds = true;
    this.timesHeld += 1;
    this.setTimer('work is done', 10);
  }

  override onTimer(): void {
    this.holds = false;
    this.send(address('server'), { type: 'release' });
  }
}

export const nodes: Readonly<Record<string, NodeDefinition>> = {
  server: () => new Map([['', new Server()]]),
  ann: () => new Map([['', new Client()]]),
  bob: () => new Map([['', new Client()]]),
};

export const spec: Spec = lockSpec;

export const check: Partial<ProcessModelOptions<null>> = {
  /** If crashes are allowed: of the server. */
  crashing: ['server'],
};
