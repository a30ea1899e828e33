import assert from 'node:assert/strict';
import { test } from 'node:test';
import { everything } from './shipped.ts';

const SEEDS = 60;

test(`the store is linearizable and loses nothing under every fault at once, in ${SEEDS} seeds`, (t) => {
  const trial = everything();
  const reached = new Map<string, number>();
  let operations = 0;
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const outcome = trial.run(trial.plan(seed));
    assert.equal(outcome.failure, null, `npm run -s coterie -- sim everything --seed ${seed}`);
    operations += outcome.operations;
    for (const what of outcome.reached) reached.set(what, (reached.get(what) ?? 0) + 1);
  }
  t.diagnostic(`${operations} operations; seeds with: ${[...reached].map(([what, n]) => `${what} ${n}`).join(', ')}`);
  // A budget of seeds that never leads to these proves nothing about them.
  assert.ok(trial.reaches.length >= 8);
  for (const what of trial.reaches) assert.ok(reached.has(what), `no seed led to: ${what}`);
});
