import type { ProcessModelOptions } from '../../src/check/index.ts';
import { type Address, address, Process } from '../../src/kernel/index.ts';
import { nodesOf, seen } from './nodes.ts';

interface Post {
  readonly type: 'post';
  readonly text: 'question' | 'answer';
  /** Posts that its author had seen. */
  readonly after: number;
}

/** Sends its posts to the others; the careful one shows a post only after those that its author had seen. */
class Reader extends Process<Post> {
  shown: string[] = [];
  waiting: Post[] = [];
  readonly others: readonly Address[];
  readonly role: 'asks' | 'answers' | 'reads';
  readonly isCareful: boolean;

  constructor(others: readonly Address[], role: 'asks' | 'answers' | 'reads', isCareful: boolean) {
    super();
    this.others = others;
    this.role = role;
    this.isCareful = isCareful;
  }

  override onStart(): void {
    if (this.role === 'asks') this.post('question');
  }

  override onMessage(_from: Address, message: Post): void {
    this.waiting.push(message);
    this.showReady();
    if (this.role === 'answers') this.post('answer');
  }

  private showReady(): void {
    for (;;) {
      const index = this.waiting.findIndex(({ after }) => !this.isCareful || after <= this.shown.length);
      const [ready] = index === -1 ? [] : this.waiting.splice(index, 1);
      if (ready === undefined) return;
      this.shown.push(ready.text);
    }
  }

  private post(text: Post['text']): void {
    for (const to of this.others) this.send(to, { type: 'post', text, after: this.shown.length });
    this.shown.push(text);
  }
}

/** Broken: posts are shown as they come. */
export function causalOrder(isBroken: boolean): ProcessModelOptions<null> {
  const othersThan = (name: string) => ['ann', 'bob', 'cid'].filter((other) => other !== name).map((at) => address(at));
  return {
    nodes: nodesOf({
      ann: () => new Reader(othersThan('ann'), 'asks', !isBroken),
      bob: () => new Reader(othersThan('bob'), 'answers', !isBroken),
      cid: () => new Reader(othersThan('cid'), 'reads', !isBroken),
    }),
    network: 'fifo',
    invariants: {
      causality: (world) => {
        const first = seen(world, address('cid'), Reader)?.shown[0];
        return first === 'answer' ? 'cid is shown the answer before the question' : null;
      },
    },
    goals: { both: (world) => seen(world, address('cid'), Reader)?.shown.length === 2 },
  };
}
