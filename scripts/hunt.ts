/**
 * Runs simulation seeds of the whole store until the time is up, or one fails.
 *
 *   npm run hunt -- --minutes 60          seeds from a random one on
 *   npm run -s hunt -- --seed 259         one seed again; --trace tells what the nodes put out
 */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { runStore } from '../test/simulation/store-run.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string' },
    from: { type: 'string' },
    trace: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const repro = (seed: number): string => `run it again: npm run -s hunt -- --seed ${seed} --trace`;

if (values.help) {
  console.log('npm run hunt -- [--minutes N] [--from SEED] [--json]   |   npm run hunt -- --seed SEED [--trace]');
} else if (values.seed !== undefined) {
  again(wholeNumber('seed', values.seed));
} else {
  hunt(Number(values.minutes), values.from === undefined ? randomInt(2 ** 31) : wholeNumber('from', values.from));
}

function again(seed: number): void {
  try {
    const trace = values.trace ? (line: string) => console.log(line) : undefined;
    console.log(runStore(seed, { repro, ...(trace === undefined ? {} : { trace }) }));
  } catch (error) {
    fail(seed, error);
  }
}

function hunt(minutes: number, from: number): void {
  if (!(minutes > 0)) throw new RangeError(`--minutes takes a number above 0: got ${values.minutes}`);
  const startedAt = performance.now();
  const endsAt = startedAt + minutes * 60_000;
  let simulatedMs = 0;
  let operations = 0;
  let reportAt = startedAt;
  let seed = from;
  for (; performance.now() < endsAt; seed += 1) {
    try {
      const run = runStore(seed, { repro });
      simulatedMs += run.simulatedMs;
      operations += run.operations;
    } catch (error) {
      return fail(seed, error);
    }
    if (performance.now() < reportAt) continue;
    report();
    reportAt = performance.now() + 5_000;
  }
  report();

  function report(): void {
    const seconds = (performance.now() - startedAt) / 1_000;
    const seeds = seed - from + 1;
    const rate = {
      seeds,
      seedsPerSecond: seeds / seconds,
      simulatedPerSecond: simulatedMs / 1_000 / seconds,
      operations,
    };
    if (values.json) console.log(JSON.stringify({ ...rate, seed }));
    else {
      const [perSecond, simulated] = [rate.seedsPerSecond.toFixed(1), rate.simulatedPerSecond.toFixed(0)];
      console.log(
        `${seeds} seeds (at ${seed}), ${perSecond} seeds/s, ${simulated} simulated s/s, ${operations} operations`,
      );
    }
  }
}

function fail(seed: number, error: unknown): void {
  console.error(`seed ${seed} fails: ${error instanceof Error ? error.message : String(error)}`);
  console.error(repro(seed));
  process.exitCode = 1;
}

function wholeNumber(name: string, text: string): number {
  if (!/^\d+$/.test(text)) throw new RangeError(`--${name} takes a whole number: got ${text}`);
  return Number(text);
}
