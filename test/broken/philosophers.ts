import type { ProcessModelOptions } from '../../src/check/index.ts';
import { type Address, address, Process } from '../../src/kernel/index.ts';
import { all, nodesOf, onEach } from './nodes.ts';

type TableMessage = { readonly type: 'take' } | { readonly type: 'taken' } | { readonly type: 'back' };

class Fork extends Process<TableMessage> {
  holder: Address | null = null;
  waiting: Address[] = [];

  override onMessage(from: Address, message: TableMessage): void {
    if (message.type === 'back') this.holder = null;
    else this.waiting.push(from);
    if (this.holder !== null) return;
    this.holder = this.waiting.shift() ?? null;
    if (this.holder !== null) this.send(this.holder, { type: 'taken' });
  }
}

/** Takes one fork, then the other, eats, and gives both back. (Dijkstra's note EWD310, 1971.) */
class Philosopher extends Process<TableMessage, 'has eaten'> {
  held = 0;
  hasEaten = false;
  readonly forks: readonly [first: Address, second: Address];

  constructor(forks: readonly [first: Address, second: Address]) {
    super();
    this.forks = forks;
  }

  override onStart(): void {
    this.send(this.forks[0], { type: 'take' });
  }

  override onMessage(): void {
    this.held += 1;
    if (this.held === 1) this.send(this.forks[1], { type: 'take' });
    else this.setTimer('has eaten', 10);
  }

  override onTimer(): void {
    this.hasEaten = true;
    for (const to of this.forks) this.send(to, { type: 'back' });
  }
}

/** Broken: each takes the fork on the left first; right is the one in which the last begins on the other side. */
export function philosophers(isBroken: boolean): ProcessModelOptions<null> {
  const names = ['f0', 'f1', 'f2'];
  const fork = (index: number) => address(names[index % names.length] ?? '');
  const forksOf = (index: number): [Address, Address] =>
    index === 2 && !isBroken ? [fork(index + 1), fork(index)] : [fork(index), fork(index + 1)];
  return {
    nodes: nodesOf({
      ...onEach(names, () => new Fork()),
      ...onEach(['p0', 'p1', 'p2'], (index) => new Philosopher(forksOf(index))),
    }),
    eventually: { allHaveEaten: (world) => all(world, Philosopher).every(([, { hasEaten }]) => hasEaten) },
  };
}
