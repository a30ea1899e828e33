import type { ProcessModelOptions } from '../../src/check/index.ts';
import { type Address, address, Process } from '../../src/kernel/index.ts';
import { all, nodesOf, onEach, seen } from './nodes.ts';

type Token = { readonly type: 'token' };

/** Whoever has the token may enter; the first has it at the start. */
class Member extends Process<Token, 'leave' | 'token is lost'> {
  isInside = false;
  readonly next: Address;
  readonly isFirst: boolean;
  readonly isImpatient: boolean;

  constructor(next: Address, isFirst: boolean, isImpatient: boolean) {
    super();
    this.next = next;
    this.isFirst = isFirst;
    this.isImpatient = isImpatient;
  }

  override onStart(): void {
    if (this.isFirst) this.enter();
    else if (this.isImpatient) this.setTimer('token is lost', 1_000);
  }

  override onMessage(): void {
    this.cancelTimer('token is lost');
    this.enter();
  }

  override onTimer(timer: 'leave' | 'token is lost'): void {
    if (timer === 'token is lost') this.enter();
    else {
      this.isInside = false;
      this.send(this.next, { type: 'token' });
    }
  }

  private enter(): void {
    this.isInside = true;
    this.setTimer('leave', 10);
  }
}

/** Broken: a member that has waited for long takes the token for lost, and makes another. */
export function tokenRing(isBroken: boolean): ProcessModelOptions<null> {
  const names = ['m1', 'm2', 'm3'];
  const after = (index: number) => address(names[(index + 1) % names.length] ?? '');
  return {
    nodes: nodesOf(onEach(names, (index) => new Member(after(index), index === 0, isBroken && index === 1))),
    invariants: {
      exclusion: (world) => {
        const inside = all(world, Member).filter(([, { isInside }]) => isInside);
        return inside.length > 1 ? `${inside.map(([at]) => at).join(' and ')} are inside` : null;
      },
    },
    goals: { allTheWayRound: (world) => seen(world, address('m3'), Member)?.isInside === true },
  };
}
