import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseScenario, StoreTrial } from '../../src/scenario/index.ts';

const DIRECTORY = new URL('../../scenarios/', import.meta.url);
const SEEDS_MAX = 8;

for (const file of readdirSync(DIRECTORY).filter((name) => name !== 'everything.jsonc')) {
  const scenario = parseScenario(readFileSync(new URL(file, DIRECTORY), 'utf8'), file);
  if (scenario.system !== 'store') continue;
  test(`the store holds in ${file}: ${scenario.setting.about}`, () => {
    const trial = new StoreTrial(scenario);
    const missing = new Set(trial.reaches);
    for (let seed = 1; seed === 1 || (missing.size > 0 && seed <= SEEDS_MAX); seed += 1) {
      const { failure, reached, answered, operations } = trial.run(trial.plan(seed));
      assert.equal(failure, null, `npm run -s coterie -- sim ${file.replace('.jsonc', '')} --seed ${seed}`);
      assert.ok(answered > operations / 2, `${answered} of ${operations} operations were answered`);
      for (const what of reached) missing.delete(what);
    }
    assert.deepEqual([...missing], [], 'what no seed led to');
  });
}
