import type { ProcessModelOptions } from '../../src/check/index.ts';
import { address, Process } from '../../src/kernel/index.ts';
import { nodesOf } from './nodes.ts';

interface Draw {
  readonly type: 'draw';
}

/** Gives out numbers, each once, also if it crashes in between. */
class Tickets extends Process<Draw, never, number, number> {
  last = 0;
  readonly isHasty: boolean;

  constructor(isHasty: boolean) {
    super();
    this.isHasty = isHasty;
  }

  override onRecord(last: number): void {
    this.last = last;
  }

  override onMessage(): void {
    this.last += 1;
    this.persist(this.last);
    this.output(this.last, { early: this.isHasty });
  }
}

/** Broken: the number goes out before the disk holds it. */
export function ticketNumbers(isBroken: boolean): ProcessModelOptions<readonly number[]> {
  const draw = { to: address('tickets'), message: { type: 'draw' } };
  return {
    nodes: nodesOf({ tickets: () => new Tickets(isBroken) }),
    inputs: [draw, draw],
    disk: 'explicit',
    budgets: { crashes: 1 },
    history: {
      start: [],
      next: (given, seen) =>
        seen.type === 'output' && typeof seen.output === 'number' ? [...given, seen.output] : given,
    },
    invariants: {
      once: ({ history }) =>
        new Set(history).size < history.length ? `number ${history[0]} is given out twice` : null,
    },
    goals: { two: ({ history }) => history.length === 2 },
  };
}
