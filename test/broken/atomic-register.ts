import type { ProcessModelOptions } from '../../src/check/index.ts';
import { type Address, address, Process } from '../../src/kernel/index.ts';
import { nodesOf, onEach, seen } from './nodes.ts';

type RegisterMessage =
  | { readonly type: 'read'; readonly round: number }
  | { readonly type: 'write'; readonly version: number; readonly round: number }
  | { readonly type: 'value'; readonly version: number; readonly round: number }
  | { readonly type: 'stored'; readonly round: number };

class Copy extends Process<RegisterMessage> {
  version = 0;

  override onMessage(from: Address, message: RegisterMessage): void {
    if (message.type === 'read') this.send(from, { type: 'value', version: this.version, round: message.round });
    if (message.type === 'write') {
      this.version = Math.max(this.version, message.version);
      this.send(from, { type: 'stored', round: message.round });
    }
  }
}

class Writer extends Process<RegisterMessage> {
  readonly copies: readonly Address[];

  constructor(copies: readonly Address[]) {
    super();
    this.copies = copies;
  }

  override onStart(): void {
    for (const to of this.copies) this.send(to, { type: 'write', version: 1, round: 0 });
  }

  override onMessage(): void {}
}

/** Reads twice, as in "Sharing Memory Robustly" (Attiya, Bar-Noy and Dolev, 1995): asks a quorum, then tells one. */
class Reader extends Process<RegisterMessage> {
  round = 1;
  answers: Set<Address> = new Set();
  newest = 0;
  read: number[] = [];
  readonly copies: readonly Address[];
  readonly writesBack: boolean;

  constructor(copies: readonly Address[], writesBack: boolean) {
    super();
    this.copies = copies;
    this.writesBack = writesBack;
  }

  override onStart(): void {
    this.askAll();
  }

  override onMessage(from: Address, message: RegisterMessage): void {
    if (message.type === 'read' || message.type === 'write' || message.round !== this.round) return;
    if (message.type === 'value') this.newest = Math.max(this.newest, message.version);
    this.answers.add(from);
    if (this.answers.size < 2) return;
    this.answers.clear();
    this.round += 1;
    if (message.type === 'value' && this.writesBack) {
      for (const to of this.copies) this.send(to, { type: 'write', version: this.newest, round: this.round });
      return;
    }
    this.read.push(this.newest);
    this.newest = 0;
    if (this.read.length < 2) this.askAll();
  }

  private askAll(): void {
    for (const to of this.copies) this.send(to, { type: 'read', round: this.round });
  }
}

/** Broken: a reader keeps what it has read to itself, and the next read may miss it. */
export function atomicRegister(isBroken: boolean): ProcessModelOptions<null> {
  const copies = ['k1', 'k2', 'k3'];
  const addresses = copies.map((node) => address(node));
  return {
    nodes: nodesOf({
      ...onEach(copies, () => new Copy()),
      writer: () => new Writer(addresses),
      reader: () => new Reader(addresses, !isBroken),
    }),
    symmetric: [copies],
    unordered: ['copies'],
    invariants: {
      noInversion: (world) => {
        const [first = 0, second = first] = seen(world, address('reader'), Reader)?.read ?? [];
        return second < first ? `version ${first} is read, and after it version ${second}` : null;
      },
    },
    goals: { readTwice: (world) => seen(world, address('reader'), Reader)?.read.length === 2 },
  };
}
