import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { lossyCalls } from './request-reply/lossy-calls.ts';

test('20,000 calls over UDP through a proxy that loses, doubles, reorders and corrupts: none is executed twice', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'coterie-lossy-'));
  t.after(() => rm(directory, { recursive: true }));
  const { outcomes, proxy, ...report } = await lossyCalls({
    seed: 1,
    calls: 20_000,
    inFlight: 256,
    clients: 4,
    unreliability: { loss: 0.05, duplication: 0.05, corruption: 0.02, delay: 0.1, delayMsMax: 300 },
    restarts: 2,
    directory,
  });
  t.diagnostic(JSON.stringify({ outcomes, proxy, ...report }));
  assert.equal(report.executedTwice, 0);
  assert.equal(report.corruptedAccepted, 0);
  assert.equal(report.outcomesThatLie, 0);
  assert.ok((outcomes['answered'] ?? 0) > 15_000);
  assert.ok((outcomes['unknownOutcome'] ?? 0) > 0, 'restarts leave calls open');
  for (const count of Object.values(proxy)) assert.ok(count > 100);
  assert.ok(report.corruptedDropped > 100);
});
