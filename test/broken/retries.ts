import type { ProcessModelOptions } from '../../src/check/index.ts';
import { type Address, address, Process } from '../../src/kernel/index.ts';
import { nodesOf, seen } from './nodes.ts';

type CallMessage = { readonly type: 'deposit'; readonly id: number } | { readonly type: 'done'; readonly id: number };

class Account extends Process<CallMessage> {
  balance = 0;
  served: Set<number> = new Set();
  readonly remembers: boolean;

  constructor(remembers: boolean) {
    super();
    this.remembers = remembers;
  }

  override onMessage(from: Address, { id }: CallMessage): void {
    if (!this.served.has(id)) this.balance += 1;
    if (this.remembers) this.served.add(id);
    this.send(from, { type: 'done', id });
  }
}

/** Deposits one unit, and asks again until it is answered. */
class Depositor extends Process<CallMessage, 'retry'> {
  isDone = false;
  readonly account: Address;

  constructor(account: Address) {
    super();
    this.account = account;
  }

  override onStart(): void {
    this.ask();
  }

  override onMessage(): void {
    this.isDone = true;
    this.cancelTimer('retry');
  }

  override onTimer(): void {
    this.ask();
  }

  private ask(): void {
    this.send(this.account, { type: 'deposit', id: 1 });
    this.setTimer('retry', 100);
  }
}

/** Broken: the server executes a request again that it has executed before. */
export function retries(isBroken: boolean): ProcessModelOptions<null> {
  const account = address('account');
  return {
    nodes: nodesOf({ account: () => new Account(!isBroken), client: () => new Depositor(account) }),
    budgets: { timers: 2 },
    invariants: {
      atMostOnce: (world) => {
        const balance = seen(world, account, Account)?.balance ?? 0;
        return balance > 1 ? `one deposit has made a balance of ${balance}` : null;
      },
    },
    goals: { done: (world) => seen(world, address('client'), Depositor)?.isDone === true },
  };
}
