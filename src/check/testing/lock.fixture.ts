import {
  type Address,
  type AnyProcess,
  address,
  type NodeDefinition,
  type NodeId,
  Process,
  type World,
} from '../../kernel/index.ts';
import type { ProcessModelOptions } from '../process/options.ts';

export type LockMessage = { readonly type: 'request' } | { readonly type: 'grant' } | { readonly type: 'release' };

/** Grants the lock to one client at a time; the naive one to whoever asks. */
export class LockServer extends Process<LockMessage> {
  holder: Address | null = null;
  waiting: Address[] = [];
  readonly naive: boolean;

  constructor(naive: boolean) {
    super();
    this.naive = naive;
  }

  override onMessage(from: Address, message: LockMessage): void {
    if (message.type === 'request') this.request(from);
    if (message.type === 'release' && this.holder === from) this.release();
  }

  private request(from: Address): void {
    if (this.holder !== null && !this.naive) {
      this.waiting.push(from);
      return;
    }
    this.holder = from;
    this.send(from, { type: 'grant' });
  }

  private release(): void {
    this.holder = null;
    const next = this.waiting.shift();
    if (next !== undefined) this.request(next);
  }
}

/** Asks for the lock once, and releases it when its work is done. */
export class LockClient extends Process<LockMessage, 'work is done'> {
  holds = false;
  readonly server: Address;

  constructor(server: Address) {
    super();
    this.server = server;
  }

  override onStart(): void {
    this.send(this.server, { type: 'request' });
  }

  override onMessage(): void {
    this.holds = true;
    this.setTimer('work is done', 10);
  }

  override onTimer(): void {
    this.holds = false;
    this.send(this.server, { type: 'release' });
  }
}

/** A node of one process. */
export function one(make: () => AnyProcess): NodeDefinition {
  return () => new Map([['', make()]]);
}

export function lock({ clients, naive }: { clients: number; naive: boolean }): ProcessModelOptions<null> {
  const server = address('server');
  const nodes = new Map<NodeId, NodeDefinition>([['server', one(() => new LockServer(naive))]]);
  for (let client = 1; client <= clients; client += 1)
    nodes.set(
      `client${client}`,
      one(() => new LockClient(server)),
    );
  return {
    nodes,
    invariants: { mutualExclusion },
    goals: { someoneHolds: (world) => holders(world).length > 0 },
  };
}

export function holders(world: World): Address[] {
  const found: Address[] = [];
  for (const [at, process] of world.processes()) if (process instanceof LockClient && process.holds) found.push(at);
  return found;
}

function mutualExclusion(world: World): string | null {
  const found = holders(world);
  return found.length > 1 ? `${found.join(' and ')} hold the lock` : null;
}
