import type { ProcessModelOptions } from '../../src/check/index.ts';
import { type Address, address, Process, type World } from '../../src/kernel/index.ts';
import { all, nodesOf } from './nodes.ts';

type BankMessage = { readonly type: 'money'; readonly amount: number } | { readonly type: 'marker' };

/** "Distributed Snapshots" (Chandy and Lamport, 1985): what each has, and what was on its way when the marker came. */
class Branch extends Process<BankMessage, 'pay' | 'record'> {
  balance: number;
  recorded: number | null = null;
  inChannel = 0;
  isComplete = false;
  readonly other: Address;
  readonly records: boolean;

  constructor(other: Address, balance: number, records: boolean) {
    super();
    this.other = other;
    this.balance = balance;
    this.records = records;
  }

  override onStart(): void {
    if (this.records) this.setTimer('record', 10);
    else this.setTimer('pay', 10);
  }

  override onTimer(timer: 'pay' | 'record'): void {
    if (timer === 'record') this.record();
    else {
      this.balance -= 1;
      this.send(this.other, { type: 'money', amount: 1 });
    }
  }

  override onMessage(_from: Address, message: BankMessage): void {
    if (message.type === 'money') {
      this.balance += message.amount;
      if (this.recorded !== null && !this.isComplete) this.inChannel += message.amount;
      return;
    }
    this.record();
    this.isComplete = true;
  }

  private record(): void {
    if (this.recorded !== null) return;
    this.recorded = this.balance;
    this.send(this.other, { type: 'marker' });
  }
}

/** Broken: the marker overtakes money, which is then in no one's part of the snapshot. */
export function snapshot(isBroken: boolean): ProcessModelOptions<null> {
  const branches = (world: World) => all(world, Branch).map(([, branch]) => branch);
  const isComplete = (world: World) => branches(world).every((branch) => branch.isComplete);
  return {
    nodes: nodesOf({
      left: () => new Branch(address('right'), 5, true),
      right: () => new Branch(address('left'), 5, false),
    }),
    network: isBroken ? 'multiset' : 'fifo',
    invariants: {
      conservation: (world) => {
        const sum = branches(world).reduce((total, { recorded, inChannel }) => total + (recorded ?? 0) + inChannel, 0);
        return isComplete(world) && sum !== 10 ? `there is 10 in all, and the snapshot has ${sum}` : null;
      },
    },
    goals: { isComplete },
  };
}
