import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { World } from '../../kernel/index.ts';
import { explore } from '../explore.ts';
import { lock } from '../testing/lock.fixture.ts';
import { countNaively } from '../testing/naive-search.fixture.ts';
import { Acceptor, Proposer, singleDecree } from '../testing/single-decree.fixture.ts';
import type { ProcessModelOptions } from './options.ts';
import { processModel } from './process-model.ts';

const MODELS: Readonly<Record<string, ProcessModelOptions<null>>> = {
  'a lock of three clients': lock({ clients: 3, naive: false }),
  'a naive lock': lock({ clients: 3, naive: true }),
  'a lock and a crash': { ...lock({ clients: 2, naive: false }), budgets: { crashes: 1 } },
  Paxos: singleDecree({ proposers: 2, acceptors: 2 }),
  'Paxos of one proposer, and a crash': { ...singleDecree({ proposers: 1, acceptors: 3 }), budgets: { crashes: 1 } },
};

/** That a proposer has an acceptor's promise means that the acceptor remembers it, whenever it is up. */
function remembers(world: World): string | null {
  for (const [at, proposer] of world.processes()) {
    if (!(proposer instanceof Proposer)) continue;
    for (const from of proposer.promises) {
      const acceptor = world.process(from);
      if (acceptor instanceof Acceptor && acceptor.promised < proposer.ballot) return `${from} has forgotten ${at}`;
    }
  }
  return null;
}

const crash = { budgets: { crashes: 1 }, invariants: { remembers } };
const slowDisk = { ...crash, disk: 'explicit', crashing: ['a1'] } as const;
const small = { proposers: 2, acceptors: 2 };

/** Beyond what the naive search knows. */
const MORE_MODELS: Readonly<Record<string, ProcessModelOptions<null>>> = {
  'a quorum of one': singleDecree({ ...small, quorum: 1 }),
  'a slow disk': { ...singleDecree({ ...small, proposers: 1 }), ...slowDisk },
  'a slow disk that is not waited for': { ...singleDecree({ ...small, mistake: 'answers early' }), ...slowDisk },
  'an acceptor that forgets': { ...singleDecree({ ...small, mistake: 'forgets promise' }), ...crash },
  'messages lost, twice and late': {
    ...lock({ clients: 2, naive: false }),
    budgets: { drops: 1, duplicates: 1, partitions: 1, crashes: 1 },
  },
  'channels in order': { ...lock({ clients: 3, naive: false }), network: 'fifo', budgets: { duplicates: 1 } },
};

for (const [name, options] of Object.entries(MODELS)) {
  test(`the states of ${name} are as many as a naive search counts`, () => {
    // `outcomes` has the model take losses at nodes that are down for steps, as the naive search does.
    const { invariants: _, goals: __, ...system } = options;
    const result = explore(processModel({ ...system, outcomes: { any: () => '' }, reduce: false }));
    assert.equal(result.states, countNaively(options.nodes, options.budgets?.crashes ?? 0));
  });
}

for (const [name, options] of Object.entries({ ...MODELS, ...MORE_MODELS })) {
  test(`the verdict on ${name} is the same with and without reduction`, () => {
    const reduced = explore(processModel(options));
    const full = explore(processModel({ ...options, reduce: false }));
    assert.equal(reduced.verdict, full.verdict);
    assert.deepEqual(goalLengths(reduced.goals), goalLengths(full.goals));
    if (reduced.verdict === 'holds') assert.ok(reduced.states <= full.states);
    const [one, other] = [reduced.violations[0], full.violations[0]];
    if (options.disk !== 'explicit') assert.equal(lengthOf(one), lengthOf(other));
  });

  test(`the verdict on ${name} is the same breadth first and depth first`, () => {
    const model = processModel(options);
    const [bfs, dfs] = [explore(model), explore(model, { search: 'dfs' })];
    assert.equal(bfs.verdict, dfs.verdict);
    if (bfs.verdict === 'holds') assert.equal(bfs.states, dfs.states);
  });
}

function goalLengths(goals: Readonly<Record<string, { readonly steps: readonly unknown[] } | null>>): unknown {
  return Object.entries(goals).map(([name, run]) => [name, run?.steps.length]);
}

function lengthOf(violation: object | undefined): number | undefined {
  if (violation === undefined || !('run' in violation)) return undefined;
  return (violation.run as { readonly steps: readonly unknown[] }).steps.length;
}
