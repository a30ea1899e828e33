import type { NodeId, Random } from '../../kernel/index.ts';
import { ACTIONS, type Action, type WorkloadField } from './scenario.ts';

/** Something that a client asks of a node: not before its time, nor before what it asked before is settled. */
export interface PlannedOperation {
  readonly client: number;
  readonly atMs: number;
  readonly node: NodeId;
  readonly what: Asked;
}

export type Asked =
  | { readonly type: 'get' | 'delete'; readonly key: string }
  | { readonly type: 'put'; readonly key: string; readonly value: string }
  /** Expects what the key is last known to hold, so that it often succeeds. */
  | { readonly type: 'compareAndSet'; readonly key: string; readonly value: string }
  /** Moves money in one mini-transaction that compares what was read before. */
  | { readonly type: 'transfer'; readonly from: number; readonly to: number; readonly amount: number }
  | { readonly type: 'audit' };

/** What each client asks, in the order of their times. Every written value is another. */
export function drawOperations(
  { clients, keys, accounts, thinkMs, mix }: WorkloadField,
  nodes: readonly NodeId[],
  untilMs: number,
  random: Random,
): PlannedOperation[] {
  const counts = { clients: random.pick(clients), keys: random.pick(keys), thinkMs: random.pick(thinkMs) };
  const operations: PlannedOperation[] = [];
  for (let client = 0; client < counts.clients; client += 1) {
    const own = random.fork(`client ${client}`);
    let atMs = own.exponential(counts.thinkMs);
    for (let number = 1; atMs < untilMs; number += 1) {
      const value = `${client}.${number}`;
      operations.push({
        client,
        atMs,
        node: own.pick(nodes),
        what: drawWhat(own, drawAction(own, mix), { keys: counts.keys, accounts, value }),
      });
      atMs += own.exponential(counts.thinkMs);
    }
  }
  return operations.sort((a, b) => a.atMs - b.atMs);
}

function drawAction(random: Random, mix: Readonly<Record<Action, number>>): Action {
  const total = ACTIONS.reduce((sum, action) => sum + mix[action], 0);
  let at = random.between(0, total);
  for (const action of ACTIONS) {
    at -= mix[action];
    if (at < 0) return action;
  }
  return 'get';
}

interface Bounds {
  readonly keys: number;
  readonly accounts: number;
  readonly value: string;
}

function drawWhat(random: Random, type: Action, { keys, accounts, value }: Bounds): Asked {
  const key = `key${random.integer(keys)}`;
  switch (type) {
    case 'get':
    case 'delete':
      return { type, key };
    case 'put':
    case 'compareAndSet':
      return { type, key, value };
    case 'transfer': {
      const from = random.integer(accounts);
      const to = (from + 1 + random.integer(accounts - 1)) % accounts;
      return { type, from, to, amount: 1 + random.integer(20) };
    }
    case 'audit':
      return { type };
    default:
      return type satisfies never;
  }
}
