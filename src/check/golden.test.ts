import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explore } from './explore.ts';
import { twoPhase } from './models/two-phase.ts';

// TwoPhase with 3 resource managers: 288 distinct states, 1,146 generated and a depth of 11 (TLC counts states on the
// path, we count steps): specifications/transaction_commit/manifest.json of github.com/tlaplus/Examples.
test('two-phase commit of Gray and Lamport has its published numbers of states', () => {
  const three = explore(twoPhase(3));
  assert.deepEqual([three.verdict, three.states, three.generated, three.depth + 1], ['holds', 288, 1146, 11]);
  const five = explore(twoPhase(5));
  assert.deepEqual([five.verdict, five.states], ['holds', 8832]);
  const seven = explore(twoPhase(7));
  assert.deepEqual([seven.verdict, seven.states, seven.generated], ['holds', 296448, 2744706]);
});

test('depth first and best first find the same states as breadth first', () => {
  for (const search of ['dfs', { type: 'best', score: (state: number) => state & 0xff }] as const) {
    const found = explore(twoPhase(5), { search });
    assert.deepEqual([found.verdict, found.states, found.generated], ['holds', 8832, 58146]);
  }
});
