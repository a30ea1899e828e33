import type { ProcessModelOptions } from '../../src/check/index.ts';
import { type Address, address, Process } from '../../src/kernel/index.ts';
import { all, nodesOf } from './nodes.ts';

type GroupMessage =
  | { readonly type: 'post'; readonly text: string }
  | { readonly type: 'numbered'; readonly number: number; readonly text: string };

/** Numbers every post, and sends it to all. */
class Sequencer extends Process<GroupMessage> {
  numbered = 0;
  readonly members: readonly Address[];

  constructor(members: readonly Address[]) {
    super();
    this.members = members;
  }

  override onMessage(_from: Address, message: GroupMessage): void {
    if (message.type !== 'post') return;
    for (const to of this.members) this.send(to, { type: 'numbered', number: this.numbered, text: message.text });
    this.numbered += 1;
  }
}

class Member extends Process<GroupMessage> {
  shown: string[] = [];
  early: Map<number, string> = new Map();
  readonly text: string;
  readonly waits: boolean;

  constructor(text: string, waits: boolean) {
    super();
    this.text = text;
    this.waits = waits;
  }

  override onStart(): void {
    this.send(address('sequencer'), { type: 'post', text: this.text });
  }

  override onMessage(_from: Address, message: GroupMessage): void {
    if (message.type !== 'numbered') return;
    if (!this.waits) this.shown.push(message.text);
    else this.early.set(message.number, message.text);
    for (;;) {
      const next = this.early.get(this.shown.length);
      if (next === undefined) return;
      this.early.delete(this.shown.length);
      this.shown.push(next);
    }
  }
}

/** Broken: posts are shown as they come, and not in the order of their numbers. */
export function totalOrder(isBroken: boolean): ProcessModelOptions<null> {
  const members = ['ann', 'bob'];
  return {
    nodes: nodesOf({
      sequencer: () => new Sequencer(members.map((node) => address(node))),
      ann: () => new Member('tea', !isBroken),
      bob: () => new Member('rum', !isBroken),
    }),
    invariants: {
      oneOrder: (world) => {
        const [ann, bob] = all(world, Member).map(([, { shown }]) => shown);
        if (ann === undefined || bob === undefined) return null;
        const differs = ann.some((text, index) => bob[index] !== undefined && bob[index] !== text);
        return differs ? `ann is shown ${ann.join(', ')}, and bob ${bob.join(', ')}` : null;
      },
    },
    goals: { allShown: (world) => all(world, Member).every(([, { shown }]) => shown.length === 2) },
  };
}
