import type { ProcessModelOptions } from '../../src/check/index.ts';
import { type Address, address, Process, type World } from '../../src/kernel/index.ts';
import { all, nodesOf, onEach, seen } from './nodes.ts';

type RingMessage =
  | { readonly type: 'work' }
  | { readonly type: 'token'; readonly isBlack: boolean; readonly count: number };

/** Safra's termination detection (Dijkstra's note EWD998, 1987). `count`: messages of work sent, less those received. */
class Machine extends Process<RingMessage, 'finish'> {
  isActive = false;
  isBlack = false;
  count = 0;
  token: { readonly isBlack: boolean; readonly count: number } | null = null;
  hasTerminated = false;
  readonly index: number;
  readonly next: Address;
  /** To whom it gives some of its work. */
  readonly helper: Address | null;
  readonly turnsBlack: boolean;

  constructor(index: number, next: Address, helper: Address | null, turnsBlack: boolean) {
    super();
    this.index = index;
    this.next = next;
    this.helper = helper;
    this.turnsBlack = turnsBlack;
  }

  override onStart(): void {
    if (this.index === 3) this.work();
    if (this.index === 0) this.token = { isBlack: true, count: 0 };
    this.passToken();
  }

  override onTimer(): void {
    this.isActive = false;
    this.passToken();
  }

  override onMessage(_from: Address, message: RingMessage): void {
    if (message.type === 'token') {
      this.token = { isBlack: message.isBlack, count: message.count };
      this.passToken();
      return;
    }
    this.count -= 1;
    if (this.turnsBlack) this.isBlack = true;
    this.work();
  }

  private work(): void {
    this.isActive = true;
    this.setTimer('finish', 10);
    if (this.helper === null) return;
    this.count += 1;
    this.send(this.helper, { type: 'work' });
  }

  private passToken(): void {
    if (this.token === null || this.isActive) return;
    const { isBlack, count } = this.token;
    this.token = null;
    const isQuiet = !isBlack && !this.isBlack && count + this.count === 0;
    if (this.index === 0 && isQuiet) this.hasTerminated = true;
    else if (this.index === 0) this.send(this.next, { type: 'token', isBlack: false, count: 0 });
    else this.send(this.next, { type: 'token', isBlack: isBlack || this.isBlack, count: count + this.count });
    this.isBlack = false;
  }
}

/** Broken: a machine that gets work does not turn black, so the token cannot tell that it woke up behind its back. */
export function termination(isBroken: boolean): ProcessModelOptions<null> {
  const names = ['m0', 'm1', 'm2', 'm3'];
  const at = (index: number) => address(names[index % names.length] ?? '');
  const helpers = [null, at(2), null, at(1)];
  const hasTerminated = (world: World) => seen(world, at(0), Machine)?.hasTerminated === true;
  return {
    nodes: nodesOf(onEach(names, (index) => new Machine(index, at(index + 1), helpers[index] ?? null, !isBroken))),
    invariants: {
      soundness: (world) => {
        const active = all(world, Machine).filter(([, { isActive }]) => isActive);
        return hasTerminated(world) && active.length > 0 ? `${active[0]?.[0]} is still at work` : null;
      },
    },
    eventually: { hasTerminated },
  };
}
