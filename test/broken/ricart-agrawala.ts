import type { ProcessModelOptions } from '../../src/check/index.ts';
import { type Address, address, Process } from '../../src/kernel/index.ts';
import { all, nodesOf, onEach } from './nodes.ts';

type MutexMessage = { readonly type: 'request'; readonly time: number } | { readonly type: 'reply' };

/** "An optimal algorithm for mutual exclusion in computer networks" (Ricart and Agrawala, 1981); each enters once. */
class Contender extends Process<MutexMessage, 'leave'> {
  phase: 'wants' | 'inside' | 'done' = 'wants';
  /** Of its own request. */
  time = 1;
  replies = 0;
  deferred: Address[] = [];
  readonly others: readonly Address[];
  readonly defers: boolean;

  constructor(others: readonly Address[], defers: boolean) {
    super();
    this.others = others;
    this.defers = defers;
  }

  override onStart(): void {
    for (const to of this.others) this.send(to, { type: 'request', time: this.time });
  }

  override onMessage(from: Address, message: MutexMessage): void {
    if (message.type === 'request') {
      if (this.mustWait(from, message.time)) this.deferred.push(from);
      else this.send(from, { type: 'reply' });
      return;
    }
    this.replies += 1;
    if (this.replies < this.others.length) return;
    this.phase = 'inside';
    this.setTimer('leave', 10);
  }

  override onTimer(): void {
    this.phase = 'done';
    for (const to of this.deferred) this.send(to, { type: 'reply' });
    this.deferred = [];
  }

  private mustWait(from: Address, time: number): boolean {
    if (this.phase === 'inside') return true;
    return this.phase === 'wants' && this.defers && (this.time < time || (this.time === time && this.self < from));
  }
}

/** Broken: who waits itself lets everyone else go first, also those that asked later. */
export function ricartAgrawala(isBroken: boolean): ProcessModelOptions<null> {
  const names = ['m1', 'm2', 'm3'];
  const othersThan = (index: number) => names.toSpliced(index, 1).map((node) => address(node));
  return {
    nodes: nodesOf(onEach(names, (index) => new Contender(othersThan(index), !isBroken))),
    invariants: {
      exclusion: (world) => {
        const inside = all(world, Contender).filter(([, { phase }]) => phase === 'inside');
        return inside.length > 1 ? `${inside.map(([at]) => at).join(' and ')} are inside` : null;
      },
    },
    goals: { allDone: (world) => all(world, Contender).every(([, { phase }]) => phase === 'done') },
  };
}
