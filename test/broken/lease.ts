import { type Address, address, Process } from '../../src/kernel/index.ts';
import type { Fault, SimulationOptions } from '../../src/sim/index.ts';
import { all, nodesOf, onEach } from './nodes.ts';

const LEASE_MS = 1_000;
/** Clocks gain or lose at most this part: two of them drift apart by at most a quarter in the time of the slower. */
const DRIFT_MAX = 0.1;

type LeaseMessage = { readonly type: 'acquire' } | { readonly type: 'granted' };

/** Gives the lease to nobody else while it runs, by its own clock. */
class Grantor extends Process<LeaseMessage> {
  holder: Address | null = null;
  untilMs = 0;

  override onMessage(from: Address): void {
    if (this.holder !== from && this.now() < this.untilMs) return;
    this.holder = from;
    this.untilMs = this.now() + LEASE_MS;
    this.send(from, { type: 'granted' });
  }
}

/** Counts its lease from when it asked, by its own clock. */
class Holder extends Process<LeaseMessage, 'ask'> {
  askedMs = 0;
  untilMs = 0;
  readonly usableMs: number;

  constructor(usableMs: number) {
    super();
    this.usableMs = usableMs;
  }

  override onStart(): void {
    this.setTimer('ask', 100, 3_000);
  }

  override onTimer(): void {
    this.askedMs = this.now();
    this.send(address('grantor'), { type: 'acquire' });
    this.setTimer('ask', 100, 3_000);
  }

  override onMessage(): void {
    this.untilMs = this.askedMs + this.usableMs;
  }
}

/** Broken: the holder takes its own clock for the grantor's, and does not leave off early by what they may drift apart. */
export function lease(isBroken: boolean, faults: readonly Fault[]): SimulationOptions {
  const usableMs = isBroken ? LEASE_MS : LEASE_MS * ((1 - DRIFT_MAX) / (1 + DRIFT_MAX));
  return {
    seed: 1,
    nodes: nodesOf({ grantor: () => new Grantor(), ...onEach(['ann', 'bob'], () => new Holder(usableMs)) }),
    network: { fifo: true },
    faults,
    record: true,
    subject: 'lease',
    invariants: {
      oneHolder: (world) => {
        const holding = all(world, Holder).filter(([at, { untilMs }]) => world.clockMs(at) < untilMs);
        return holding.length > 1 ? `${holding.map(([at]) => at).join(' and ')} hold the lease` : null;
      },
    },
  };
}
