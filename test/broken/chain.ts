import type { ProcessModelOptions } from '../../src/check/index.ts';
import { type Address, address, Process } from '../../src/kernel/index.ts';
import { nodesOf, onEach, seen } from './nodes.ts';

type ChainMessage =
  | { readonly type: 'write' }
  | { readonly type: 'read' }
  | { readonly type: 'value'; readonly version: number };

/** Passes each write on to the next in the chain; what the last has, all have. */
class Link extends Process<ChainMessage> {
  version = 0;
  readonly next: Address | null;

  constructor(next: Address | null) {
    super();
    this.next = next;
  }

  override onMessage(from: Address, message: ChainMessage): void {
    if (message.type === 'read') this.send(from, { type: 'value', version: this.version });
    if (message.type !== 'write') return;
    this.version += 1;
    if (this.next !== null) this.send(this.next, { type: 'write' });
  }
}

/** Reads twice, one after the other. */
class Reader extends Process<ChainMessage> {
  read: number[] = [];
  readonly places: readonly [first: Address, second: Address];

  constructor(places: readonly [first: Address, second: Address]) {
    super();
    this.places = places;
  }

  override onStart(): void {
    this.send(this.places[0], { type: 'read' });
  }

  override onMessage(_from: Address, message: ChainMessage): void {
    if (message.type === 'value') this.read.push(message.version);
    if (this.read.length === 1) this.send(this.places[1], { type: 'read' });
  }
}

/** "Chain Replication" (van Renesse and Schneider, 2004). Broken: one may read at the head, and not only at the tail. */
export function chain(isBroken: boolean): ProcessModelOptions<null> {
  const [head, middle, tail] = [address('head'), address('middle'), address('tail')];
  const nexts = [middle, tail, null];
  return {
    nodes: nodesOf({
      ...onEach(['head', 'middle', 'tail'], (index) => new Link(nexts[index] ?? null)),
      reader: () => new Reader([isBroken ? head : tail, tail]),
    }),
    inputs: [{ to: head, message: { type: 'write' } }],
    invariants: {
      noInversion: (world) => {
        const [first = 0, second = first] = seen(world, address('reader'), Reader)?.read ?? [];
        return second < first ? `version ${first} is read, and after it version ${second}` : null;
      },
    },
    goals: { newIsRead: (world) => seen(world, address('reader'), Reader)?.read[1] === 1 },
  };
}
