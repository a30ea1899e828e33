/**
 * A million calls over UDP through a proxy that loses, doubles, holds back and corrupts datagrams, to a server that is
 * started again now and then: `npm run million-calls [-- --calls N --seed S]`. Ends with 1 if a call was executed
 * twice, an altered payload was accepted, or an outcome lied.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { lossyCalls } from '../test/request-reply/lossy-calls.ts';

const { values: flags } = parseArgs({
  options: { calls: { type: 'string', default: '1000000' }, seed: { type: 'string', default: '1' } },
});
const directory = await mkdtemp(join(tmpdir(), 'coterie-million-'));
try {
  const report = await lossyCalls({
    seed: flags.seed,
    calls: Number(flags.calls),
    inFlight: 256,
    clients: 8,
    unreliability: { loss: 0.03, duplication: 0.05, corruption: 0.02, delay: 0.1, delayMsMax: 300 },
    restarts: 10,
    directory,
    onProgress: (done) => {
      if (done % 100_000 === 0) console.error(`${done} calls`);
    },
  });
  console.log(JSON.stringify(report, null, 2));
  const { executedTwice, corruptedAccepted, outcomesThatLie } = report;
  process.exitCode = executedTwice + corruptedAccepted + outcomesThatLie === 0 ? 0 : 1;
} finally {
  await rm(directory, { recursive: true });
}
