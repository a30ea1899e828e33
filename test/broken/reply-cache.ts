import type { ProcessModelOptions } from '../../src/check/index.ts';
import { type Address, address, Process } from '../../src/kernel/index.ts';
import { all, nodesOf, seen } from './nodes.ts';

type CallMessage = { readonly type: 'add' } | { readonly type: 'sum'; readonly sum: number };

interface Reply {
  readonly to: Address;
  readonly sum: number;
}

/** Adds one for each caller, once: it answers those that it remembers from its cache. */
class Adder extends Process<CallMessage> {
  sum = 0;
  cache: Reply[] = [];
  readonly cacheSizeMax: number;

  constructor(cacheSizeMax: number) {
    super();
    this.cacheSizeMax = cacheSizeMax;
  }

  override onMessage(from: Address): void {
    const known = this.cache.find(({ to }) => to === from);
    if (known === undefined) {
      this.sum += 1;
      this.cache.push({ to: from, sum: this.sum });
      if (this.cache.length > this.cacheSizeMax) this.cache.shift();
    }
    this.send(from, { type: 'sum', sum: known?.sum ?? this.sum });
  }
}

class Caller extends Process<CallMessage> {
  answer = 0;

  override onStart(): void {
    this.send(address('adder'), { type: 'add' });
  }

  override onMessage(_from: Address, message: CallMessage): void {
    if (message.type === 'sum') this.answer = message.sum;
  }
}

/** Broken: the cache has room for one reply, and so forgets a caller's while a copy of its request may be on its way. */
export function replyCache(isBroken: boolean): ProcessModelOptions<null> {
  return {
    nodes: nodesOf({
      adder: () => new Adder(isBroken ? 1 : 2),
      ann: () => new Caller(),
      bob: () => new Caller(),
    }),
    budgets: { duplicates: 1 },
    invariants: {
      atMostOnce: (world) => {
        const sum = seen(world, address('adder'), Adder)?.sum ?? 0;
        return sum > 2 ? `two callers have added ${sum}` : null;
      },
    },
    goals: { answered: (world) => all(world, Caller).every(([, { answer }]) => answer > 0) },
  };
}
