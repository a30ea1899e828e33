import type { ProcessModelOptions } from '../../src/check/index.ts';
import { type Address, address, Process } from '../../src/kernel/index.ts';
import { all, nodesOf } from './nodes.ts';

interface Counts {
  readonly type: 'counts';
  readonly counts: ReadonlyMap<Address, number>;
}

/** Counts its own, hears what others have counted, and takes the larger: a grow-only counter. */
class Counter extends Process<Counts> {
  counts: Map<Address, number> = new Map();
  readonly other: Address;
  readonly isIdempotent: boolean;

  constructor(other: Address, isIdempotent: boolean) {
    super();
    this.other = other;
    this.isIdempotent = isIdempotent;
  }

  override onStart(): void {
    this.counts.set(this.self, 1);
    this.send(this.other, { type: 'counts', counts: new Map(this.counts) });
  }

  override onMessage(_from: Address, { counts }: Counts): void {
    for (const [at, count] of counts) {
      const known = this.counts.get(at) ?? 0;
      this.counts.set(at, this.isIdempotent ? Math.max(known, count) : known + count);
    }
  }
}

function sumOf({ counts }: Counter): number {
  return [...counts.values()].reduce((sum, count) => sum + count, 0);
}

/** Broken: what is heard is added, and so counts again when the message comes again. */
export function gossipCounter(isBroken: boolean): ProcessModelOptions<null> {
  return {
    nodes: nodesOf({
      ann: () => new Counter(address('bob'), !isBroken),
      bob: () => new Counter(address('ann'), !isBroken),
    }),
    budgets: { duplicates: 1 },
    invariants: {
      noOvercount: (world) => {
        const wrong = all(world, Counter).find(([, counter]) => sumOf(counter) > 2);
        return wrong === undefined ? null : `two were counted, and ${wrong[0]} says ${sumOf(wrong[1])}`;
      },
    },
    goals: { agreed: (world) => all(world, Counter).every(([, counter]) => sumOf(counter) === 2) },
  };
}
