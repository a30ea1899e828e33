import type { ProcessModelOptions } from '../../src/check/index.ts';
import { type Address, address, Process } from '../../src/kernel/index.ts';
import { nodesOf, seen } from './nodes.ts';

type LockMessage =
  | { readonly type: 'acquire' }
  | { readonly type: 'granted'; readonly token: number }
  | { readonly type: 'write'; readonly token: number };

/** Grants the lock for a while; then the next one gets it, whether or not the first knows. */
class LockServer extends Process<LockMessage, 'expired'> {
  token = 0;
  waiting: Address[] = [];
  isHeld = false;

  override onMessage(from: Address): void {
    this.waiting.push(from);
    this.grantNext();
  }

  override onTimer(): void {
    this.isHeld = false;
    this.grantNext();
  }

  private grantNext(): void {
    if (this.isHeld) return;
    const next = this.waiting.shift();
    if (next === undefined) return;
    this.isHeld = true;
    this.token += 1;
    this.send(next, { type: 'granted', token: this.token });
    this.setTimer('expired', 1_000);
  }
}

/** Writes once it has the lock, or so it thinks. */
class Worker extends Process<LockMessage> {
  override onStart(): void {
    this.send(address('lock'), { type: 'acquire' });
  }

  override onMessage(_from: Address, message: LockMessage): void {
    if (message.type === 'granted') this.send(address('storage'), { type: 'write', token: message.token });
  }
}

class Fenced extends Process<LockMessage> {
  /** Those of the writes that it took. */
  tokens: number[] = [];
  readonly checksToken: boolean;

  constructor(checksToken: boolean) {
    super();
    this.checksToken = checksToken;
  }

  override onMessage(_from: Address, message: LockMessage): void {
    if (message.type !== 'write') return;
    const isStale = message.token < (this.tokens.at(-1) ?? 0);
    if (!isStale || !this.checksToken) this.tokens.push(message.token);
  }
}

/** Broken: the storage does not look at the fencing token, and takes a write of one whose lock has expired. */
export function fencing(isBroken: boolean): ProcessModelOptions<null> {
  const storage = address('storage');
  return {
    nodes: nodesOf({
      lock: () => new LockServer(),
      storage: () => new Fenced(!isBroken),
      ann: () => new Worker(),
      bob: () => new Worker(),
    }),
    symmetric: [['ann', 'bob']],
    invariants: {
      noneAfterTheNext: (world) => {
        const [first = 0, second = first] = seen(world, storage, Fenced)?.tokens ?? [];
        return second < first ? `the write of holder ${second} comes after that of holder ${first}` : null;
      },
    },
    goals: { bothWrite: (world) => seen(world, storage, Fenced)?.tokens.length === 2 },
  };
}
