import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../kernel/index.ts';
import type { Fault } from './faults.ts';
import { fewer, fewerFaults, limited, minimise } from './minimise.ts';
import { swarm } from './swarm.ts';

test('a list is cut down to what makes it fail', () => {
  const items = Array.from({ length: 100 }, (_, index) => index);
  const fails = (some: readonly number[]): boolean => some.includes(17) && some.includes(83);
  assert.deepEqual(minimise(fewer(items), fails), [17, 83]);
});

test('of many faults those remain that matter, on the nodes that matter, for no longer than it takes', () => {
  const nodes = ['a', 'b', 'c', 'd', 'e'];
  const culprit: Fault = { type: 'crash', atMs: 5000, forMs: 4000, nodes };
  const { faults } = swarm(new Random(2), { nodes, faultsUntilMs: 10_000, driftPpm: 100 });
  const fails = (some: readonly Fault[]): boolean =>
    some.some(
      (fault) => fault.type === 'crash' && fault.atMs === 5000 && fault.nodes.includes('c') && fault.forMs > 900,
    );
  const found = minimise(fewerFaults([...faults, culprit, ...faults]), fails);
  assert.ok(faults.length > 3, `${faults.length}`);
  assert.deepEqual(found, [{ type: 'crash', atMs: 5000, forMs: 1000, nodes: ['c'] }]);
});

test('it stops when it has tried often enough, with faults that still fail', () => {
  const faults: Fault[] = Array.from({ length: 64 }, (_, index) => ({
    type: 'pause',
    atMs: index,
    forMs: 1,
    nodes: ['a'],
  }));
  let runs = 0;
  const found = minimise(limited(fewerFaults(faults), { runs: 5 }), (some) => {
    runs += 1;
    return some.length > 10;
  });
  assert.equal(runs, 5);
  assert.ok(found.length > 10);
});
