import { readFileSync } from 'node:fs';
import { parseScenario, type StoreNodeFactory, StoreTrial } from '../../src/scenario/index.ts';

const FILE = new URL('../../scenarios/everything.jsonc', import.meta.url);

/** The scenario of every fault at once; `node` makes other nodes than the store's own, for tests that break something. */
export function everything(node?: StoreNodeFactory): StoreTrial {
  const scenario = parseScenario(readFileSync(FILE, 'utf8'), 'everything');
  if (scenario.system !== 'store') throw new Error('the scenario of every fault at once is about the store');
  return new StoreTrial(scenario, node);
}
