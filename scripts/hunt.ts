/**
 * Runs seeds of the whole store under every fault at once until the time is up, or one fails.
 *
 *   npm run hunt -- --minutes 60          seeds from a random one on
 *   npm run -s coterie -- sim everything --seed 259   one seed again, made smaller and told
 */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { everything } from '../test/simulation/shipped.ts';

const REPORT_EVERY_MS = 5_000;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    from: { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) console.log('npm run hunt -- [--minutes N] [--from SEED] [--json]');
else hunt(Number(values.minutes), values.from === undefined ? randomInt(2 ** 31) : wholeNumber('from', values.from));

function hunt(minutes: number, from: number): void {
  if (!(minutes > 0)) throw new RangeError(`--minutes takes a number above 0: got ${values.minutes}`);
  const trial = everything();
  const startedAt = performance.now();
  const sums = { seeds: 0, simulatedMs: 0, operations: 0 };
  let reportAt = startedAt;
  for (let seed = from; performance.now() < startedAt + minutes * 60_000; seed += 1) {
    const { failure, simulatedMs, operations } = trial.run(trial.plan(seed));
    sums.seeds += 1;
    sums.simulatedMs += simulatedMs;
    sums.operations += operations;
    if (failure !== null) {
      console.error(`seed ${seed} violates ${failure.property} after ${failure.atMs} ms: ${failure.what}`);
      console.error(`run it again: npm run -s coterie -- sim everything --seed ${seed}`);
      process.exitCode = 1;
      return;
    }
    if (performance.now() < reportAt) continue;
    report(seed, sums, performance.now() - startedAt);
    reportAt = performance.now() + REPORT_EVERY_MS;
  }
  report(from + sums.seeds - 1, sums, performance.now() - startedAt);
}

interface Sums {
  readonly seeds: number;
  readonly simulatedMs: number;
  readonly operations: number;
}

function report(seed: number, { seeds, simulatedMs, operations }: Sums, ms: number): void {
  const seconds = ms / 1_000;
  const seedsPerSecond = seeds / seconds;
  const simulatedPerSecond = simulatedMs / 1_000 / seconds;
  if (values.json) console.log(JSON.stringify({ seeds, seedsPerSecond, simulatedPerSecond, operations, seed }));
  else {
    const rates = `${seedsPerSecond.toFixed(1)} seeds/s, ${simulatedPerSecond.toFixed(0)} simulated s/s`;
    console.log(`${seeds} seeds (at ${seed}), ${rates}, ${operations} operations`);
  }
}

function wholeNumber(name: string, text: string): number {
  if (!/^\d+$/.test(text)) throw new RangeError(`--${name} takes a whole number: got ${text}`);
  return Number(text);
}
