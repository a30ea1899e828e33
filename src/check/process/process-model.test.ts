import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Address,
  type AnyProcess,
  address,
  type NodeDefinition,
  type NodeId,
  Process,
  type World,
} from '../../kernel/index.ts';
import { explore } from '../explore.ts';
import type { ProcessModelOptions } from './options.ts';
import { processModel } from './process-model.ts';

type Request = { readonly type: 'request' };
type Grant = { readonly type: 'grant' };
type Release = { readonly type: 'release' };

/** Grants the lock to whoever asks; the naive one also while another holds it. */
class LockServer extends Process<Request | Grant | Release> {
  holder: Address | null = null;
  waiting: Address[] = [];
  readonly naive: boolean;

  constructor(naive: boolean) {
    super();
    this.naive = naive;
  }

  override onMessage(from: Address, message: Request | Grant | Release): void {
    if (message.type === 'request') this.request(from);
    if (message.type === 'release' && this.holder === from) {
      this.holder = null;
      const next = this.waiting.shift();
      if (next !== undefined) this.request(next);
    }
  }

  private request(from: Address): void {
    if (this.holder !== null && !this.naive) {
      this.waiting.push(from);
      return;
    }
    this.holder = from;
    this.send(from, { type: 'grant' });
  }
}

class LockClient extends Process<Request | Grant | Release, 'work is done'> {
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

const one =
  (make: () => AnyProcess): NodeDefinition =>
  () =>
    new Map([['', make()]]);

function lock(clients: number, naive: boolean): ProcessModelOptions<null> {
  const server = address('server');
  const nodes = new Map<NodeId, NodeDefinition>([['server', one(() => new LockServer(naive))]]);
  for (let client = 1; client <= clients; client += 1)
    nodes.set(
      `client ${client}`,
      one(() => new LockClient(server)),
    );
  return { nodes, invariants: { 'mutual exclusion': mutualExclusion } };
}

function mutualExclusion(world: World): string | null {
  const holders: Address[] = [];
  for (const [at, process] of world.processes()) if (process instanceof LockClient && process.holds) holders.push(at);
  return holders.length > 1 ? `${holders.join(' and ')} hold the lock` : null;
}

test('a lock whose server remembers the holder excludes', () => {
  const result = explore(processModel(lock(3, false)));
  assert.equal(result.verdict, 'holds');
  assert.equal(result.states, 98);
});

test('a lock whose server grants to all is caught in four steps', () => {
  const model = processModel(lock(2, true));
  const result = explore(model);
  assert.equal(result.verdict, 'violated');
  const [violation] = result.violations;
  assert.ok(violation?.type === 'invariant');
  assert.equal(violation.reason, 'client 1 and client 2 hold the lock');
  assert.deepEqual(
    violation.run.steps.map(({ action }) => model.tellAction?.(action)),
    [
      'server receives {type: "request"} from client 1',
      'server receives {type: "request"} from client 2',
      'client 1 receives {type: "grant"} from server',
      'client 2 receives {type: "grant"} from server',
    ],
  );
});
