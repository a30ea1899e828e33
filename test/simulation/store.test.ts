import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Happening, runStore } from './store-run.ts';

const SEEDS = 60;

test(`the store is linearizable and loses nothing under every fault at once, in ${SEEDS} seeds`, (t) => {
  const reached = new Map<Happening | 'crash' | 'lost records' | 'unknown outcome', number>();
  const note = (what: Parameters<typeof reached.set>[0]) => reached.set(what, (reached.get(what) ?? 0) + 1);
  let operations = 0;
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const run = runStore(seed, { repro: (failing) => `npm run -s hunt -- --seed ${failing}` });
    operations += run.operations;
    for (const what of run.reached) note(what);
    if (run.statistics.crashes > 0) note('crash');
    if (run.statistics.lostRecords > 0) note('lost records');
    if (run.counts.unknown > 0) note('unknown outcome');
  }
  t.diagnostic(`${operations} operations; seeds with: ${[...reached].map(([what, n]) => `${what} ${n}`).join(', ')}`);
  // A budget of seeds that never leads to these proves nothing about them.
  for (const what of [
    'election',
    'snapshot adopted',
    'log dropped',
    'session reopened',
    'membership changed',
  ] as const) {
    assert.ok(reached.has(what), `no seed led to: ${what}`);
  }
  for (const what of ['crash', 'lost records', 'unknown outcome'] as const) assert.ok(reached.has(what), what);
});
