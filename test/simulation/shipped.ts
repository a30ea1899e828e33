import { readFileSync } from 'node:fs';
import { parseScenario, type StoreNodeFactory, StoreTrial } from '../../src/scenario/index.ts';

/** A shipped scenario of the store; `node` makes other nodes than the store's own, for tests that break something. */
export function shipped(name: string, node?: StoreNodeFactory): StoreTrial {
  const file = new URL(`../../scenarios/${name}.jsonc`, import.meta.url);
  const scenario = parseScenario(readFileSync(file, 'utf8'), name);
  if (scenario.system !== 'store') throw new Error(`the scenario ${name} is not about the store`);
  return new StoreTrial(scenario, node);
}

/** Every fault at once. */
export function everything(node?: StoreNodeFactory): StoreTrial {
  return shipped('everything', node);
}
