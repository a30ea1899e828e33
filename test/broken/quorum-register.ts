import type { ProcessModelOptions } from '../../src/check/index.ts';
import { type Address, address, Process } from '../../src/kernel/index.ts';
import { nodesOf, onEach, seen } from './nodes.ts';

type RegisterMessage =
  | { readonly type: 'read' }
  | { readonly type: 'write'; readonly version: number }
  | { readonly type: 'value'; readonly version: number }
  | { readonly type: 'stored' };

class Copy extends Process<RegisterMessage> {
  version = 0;

  override onMessage(from: Address, message: RegisterMessage): void {
    if (message.type === 'read') this.send(from, { type: 'value', version: this.version });
    if (message.type === 'write') {
      this.version = Math.max(this.version, message.version);
      this.send(from, { type: 'stored' });
    }
  }
}

/** Writes version 1 to a quorum, and then reads from one. */
class Client extends Process<RegisterMessage> {
  phase: 'writing' | 'reading' | 'done' = 'writing';
  answers: Set<Address> = new Set();
  newest = 0;
  readonly copies: readonly Address[];
  readonly quorum: number;

  constructor(copies: readonly Address[], quorum: number) {
    super();
    this.copies = copies;
    this.quorum = quorum;
  }

  override onStart(): void {
    for (const to of this.copies) this.send(to, { type: 'write', version: 1 });
  }

  override onMessage(from: Address, message: RegisterMessage): void {
    const awaited = this.phase === 'writing' ? 'stored' : 'value';
    if (this.phase === 'done' || message.type !== awaited) return;
    this.answers.add(from);
    if (message.type === 'value') this.newest = Math.max(this.newest, message.version);
    if (this.answers.size < this.quorum) return;
    this.answers.clear();
    this.phase = this.phase === 'writing' ? 'reading' : 'done';
    if (this.phase === 'reading') for (const to of this.copies) this.send(to, { type: 'read' });
  }
}

/** Broken: a quorum is two of five, so two quorums need not meet. */
export function quorumRegister(isBroken: boolean): ProcessModelOptions<null> {
  const copies = ['k1', 'k2', 'k3', 'k4', 'k5'];
  const addresses = copies.map((node) => address(node));
  return {
    nodes: nodesOf({
      ...onEach(copies, () => new Copy()),
      client: () => new Client(addresses, isBroken ? 2 : 3),
    }),
    symmetric: [copies],
    unordered: ['copies'],
    invariants: {
      freshness: (world) => {
        const client = seen(world, address('client'), Client);
        return client?.phase === 'done' && client.newest === 0 ? 'what was written is not read' : null;
      },
    },
    goals: { done: (world) => seen(world, address('client'), Client)?.phase === 'done' },
  };
}
