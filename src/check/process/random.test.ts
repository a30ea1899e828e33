import assert from 'node:assert/strict';
import { test } from 'node:test';
import { print } from '../../kernel/index.ts';
import { explore } from '../explore.ts';
import type { Options } from '../options.ts';
import { randomProtocol } from '../testing/random-protocol.fixture.ts';
import type { Action } from './action.ts';
import type { WorldState } from './layout.ts';
import type { ProcessModelOptions, SystemOptions } from './options.ts';
import { processModel } from './process-model.ts';

const NAMES = ['a', 'b'];
const STATES_MAX = 10_000;

/** Every combination of processes that a search meets, for that is all that properties see; null if there are too many. */
function seenBy(system: SystemOptions, search: NonNullable<Options<WorldState, Action>['search']>): Set<string> | null {
  const seen = new Set<string>();
  const options: ProcessModelOptions<null> = {
    ...system,
    invariants: {
      note: (world) => {
        seen.add([...world.processes()].map(([at, { ...state }]) => print([at, { ...state, rules: null }])).join());
        return null;
      },
    },
  };
  const { verdict } = explore(processModel(options), { search, limits: { states: STATES_MAX } });
  return verdict === 'holds' ? seen : null;
}

const WORLDS: Readonly<Record<string, Omit<SystemOptions, 'nodes'>>> = {
  'nothing fails': {},
  'a crash': { budgets: { crashes: 1 }, crashing: ['a'] },
  'a crash and slow disks': { disk: 'explicit', budgets: { crashes: 1 }, crashing: ['a'] },
  'slow disks': { disk: 'explicit' },
  'losses and duplicates': { budgets: { drops: 1, duplicates: 1 } },
  'a partition': { budgets: { partitions: 1 } },
  'channels in order': { network: 'fifo', disk: 'explicit' },
  'messages that come again and again': { network: 'set' },
};

for (const [name, world] of Object.entries(WORLDS)) {
  test(`properties see the same of random protocols with and without reductions: ${name}`, () => {
    let compared = 0;
    for (let seed = 1; seed <= 60; seed += 1) {
      const system = { ...world, nodes: randomProtocol(seed, NAMES) };
      const full = seenBy({ ...system, reduce: false }, 'bfs');
      if (full === null) continue;
      compared += 1;
      assert.deepEqual(seenBy(system, 'bfs'), full, `seed ${seed}`);
      assert.deepEqual(seenBy(system, 'dfs'), full, `seed ${seed}`);
    }
    assert.ok(compared >= 30, `only ${compared} were small enough`);
  });
}
