import type { ProcessModelOptions } from '../../src/check/index.ts';
import { type Mistake, singleDecree } from '../../src/check/testing/single-decree.fixture.ts';

/** Single-decree Paxos, with one mistake. */
export function paxos(mistake: Mistake): (isBroken: boolean) => ProcessModelOptions<null> {
  return (isBroken) => ({
    ...singleDecree({ proposers: 2, acceptors: 3, mistake: isBroken ? mistake : 'none' }),
    symmetric: [['a1', 'a2', 'a3']],
    unordered: ['acceptors', 'promises', 'votes'],
    ...(mistake === 'forgets promise' && { budgets: { crashes: 1 }, crashing: ['a1', 'a2', 'a3'] }),
  });
}
