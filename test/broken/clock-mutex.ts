import type { ProcessModelOptions } from '../../src/check/index.ts';
import { type Address, address, Process } from '../../src/kernel/index.ts';
import { all, nodesOf, onEach } from './nodes.ts';

interface Stamped {
  readonly type: 'request' | 'acknowledge' | 'release';
  readonly time: number;
}

/** Mutual exclusion of "Time, Clocks, and the Ordering of Events" (Lamport, 1978); each enters once. */
class Contender extends Process<Stamped, 'leave'> {
  time = 0;
  phase: 'wants' | 'inside' | 'done' = 'wants';
  /** By who made it; its own, too. */
  requests: Map<Address, number> = new Map();
  /** The latest time that was heard of each. */
  heard: Map<Address, number> = new Map();
  readonly others: readonly Address[];

  constructor(others: readonly Address[]) {
    super();
    this.others = others;
  }

  override onStart(): void {
    this.time = 1;
    this.requests.set(this.self, this.time);
    this.tell('request');
  }

  override onMessage(from: Address, { type, time }: Stamped): void {
    this.time = Math.max(this.time, time) + 1;
    this.heard.set(from, Math.max(time, this.heard.get(from) ?? 0));
    if (type === 'request') {
      this.requests.set(from, time);
      this.send(from, { type: 'acknowledge', time: this.time });
    }
    if (type === 'release') this.requests.delete(from);
    this.enterIfFirst();
  }

  override onTimer(): void {
    this.phase = 'done';
    this.requests.delete(this.self);
    this.time += 1;
    this.tell('release');
  }

  private enterIfFirst(): void {
    const own = this.requests.get(this.self);
    if (this.phase !== 'wants' || own === undefined) return;
    const isFirst = [...this.requests].every(
      ([at, time]) => at === this.self || own < time || (own === time && this.self < at),
    );
    const hasHeardAll = this.others.every((at) => (this.heard.get(at) ?? 0) > own);
    if (!isFirst || !hasHeardAll) return;
    this.phase = 'inside';
    this.setTimer('leave', 10);
  }

  private tell(type: Stamped['type']): void {
    for (const to of this.others) this.send(to, { type, time: this.time });
  }
}

/** Broken: messages may overtake each other, so an acknowledgement comes before the older request that it vouches for. */
export function clockMutex(isBroken: boolean): ProcessModelOptions<null> {
  const names = ['m1', 'm2'];
  const othersThan = (index: number) => names.toSpliced(index, 1).map((node) => address(node));
  return {
    nodes: nodesOf(onEach(names, (index) => new Contender(othersThan(index)))),
    network: isBroken ? 'multiset' : 'fifo',
    invariants: {
      exclusion: (world) => {
        const inside = all(world, Contender).filter(([, { phase }]) => phase === 'inside');
        return inside.length > 1 ? `${inside.map(([at]) => at).join(' and ')} are inside` : null;
      },
    },
    goals: { allDone: (world) => all(world, Contender).every(([, { phase }]) => phase === 'done') },
  };
}
