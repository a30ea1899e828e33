import type { ProcessModelOptions } from '../../src/check/index.ts';
import { type Address, address, Process } from '../../src/kernel/index.ts';
import { all, nodesOf, seen } from './nodes.ts';

type CellMessage =
  | { readonly type: 'read' }
  | { readonly type: 'value'; readonly value: number }
  | { readonly type: 'swap'; readonly from: number; readonly to: number }
  | { readonly type: 'swapped'; readonly done: boolean };

class Cell extends Process<CellMessage> {
  value = 0;
  readonly compares: boolean;

  constructor(compares: boolean) {
    super();
    this.compares = compares;
  }

  override onMessage(from: Address, message: CellMessage): void {
    if (message.type === 'read') this.send(from, { type: 'value', value: this.value });
    if (message.type !== 'swap') return;
    const done = this.value === message.from || !this.compares;
    if (done) this.value = message.to;
    this.send(from, { type: 'swapped', done });
  }
}

/** Adds one to what the cell holds, again until it succeeds. */
class Adder extends Process<CellMessage> {
  isDone = false;

  override onStart(): void {
    this.send(address('cell'), { type: 'read' });
  }

  override onMessage(from: Address, message: CellMessage): void {
    if (message.type === 'value') this.send(from, { type: 'swap', from: message.value, to: message.value + 1 });
    if (message.type !== 'swapped') return;
    if (message.done) this.isDone = true;
    else this.send(from, { type: 'read' });
  }
}

/** Broken: the cell takes the new value without comparing the old one. */
export function lostUpdate(isBroken: boolean): ProcessModelOptions<null> {
  const addersDone = (adders: readonly (readonly [Address, Adder])[]) => adders.every(([, { isDone }]) => isDone);
  return {
    nodes: nodesOf({ cell: () => new Cell(!isBroken), ann: () => new Adder(), bob: () => new Adder() }),
    symmetric: [['ann', 'bob']],
    invariants: {
      bothCount: (world) => {
        const value = seen(world, address('cell'), Cell)?.value ?? 0;
        return addersDone(all(world, Adder)) && value !== 2 ? `two have added one, and the sum is ${value}` : null;
      },
    },
    goals: { done: (world) => addersDone(all(world, Adder)) },
  };
}
