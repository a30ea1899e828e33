import { type AnyProcess, address, type Boot, type NodeDefinition } from '../kernel/index.ts';
import {
  DEFAULT_LIMITS,
  DEFAULT_TIMING,
  type Limits,
  type Membership,
  Replica,
  SessionClient,
  type Timing,
} from '../protocols/index.ts';
import { StoreMachine } from './machine.ts';

/** The two processes of a store's node: the replica, and the gateway that speaks to it for callers outside. */
export const REPLICA = 'replica';
export const GATEWAY = 'gateway';

export interface StoreNodeOptions {
  /** Who votes at the very beginning; null for a node that joins a store which is there already. */
  readonly initial: Membership | null;
  readonly timing?: Partial<Timing>;
  readonly limits?: Partial<Limits>;
  /** The class of the replica, for tests that break it on purpose. */
  readonly replica?: typeof Replica;
}

/** A node of the store, for any runtime. */
export function storeNode({
  initial,
  timing,
  limits,
  replica: ReplicaClass = Replica,
}: StoreNodeOptions): NodeDefinition {
  const time = { ...DEFAULT_TIMING, ...timing };
  const limit = { ...DEFAULT_LIMITS, ...limits };
  return ({ node, storage }: Boot): ReadonlyMap<string, AnyProcess> => {
    const rows = storage(REPLICA);
    const replica = new ReplicaClass(node, time, limit, initial, rows, new StoreMachine(rows));
    const gateway = new SessionClient({
      node,
      replica: address(node, REPLICA),
      retryMs: time.retryMs,
      idleMsMax: limit.sessionTtlMs / 2,
    });
    return new Map<string, AnyProcess>([
      [REPLICA, replica],
      [GATEWAY, gateway],
    ]);
  };
}
