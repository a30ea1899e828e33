/** What must hold of a lock service, whoever writes it: docs/tutorial.md tells the story. */
import type { Address, AnyProcess, Spec, World } from '../../src/kernel/index.ts';

/** A client of a lock: it knows whether it holds the lock, and how often it was given it. */
type LockClient = AnyProcess & { readonly holds: boolean; readonly timesHeld: number };

function isClient(process: AnyProcess): process is LockClient {
  return 'holds' in process && 'timesHeld' in process;
}

function clients(world: World): (readonly [Address, LockClient])[] {
  const found: (readonly [Address, LockClient])[] = [];
  for (const [at, process] of world.processes()) if (isClient(process)) found.push([at, process]);
  return found;
}

export const lockSpec: Spec = {
  invariants: {
    /** Never two at once. */
    mutualExclusion: (world) => {
      const holders = clients(world).filter(([, { holds }]) => holds);
      return holders.length > 1 ? `${holders.map(([at]) => at).join(' and ')} hold the lock at once` : null;
    },
  },
  goals: {
    /** A lock that nobody gets is never held by two. */
    twoHadIt: (world) => clients(world).filter(([, { timesHeld }]) => timesHeld > 0).length > 1,
  },
};
