import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Address } from '../kernel/index.ts';
import { Replica } from '../protocols/index.ts';
import type { Promised } from '../protocols/multi-paxos/messages.ts';
import { storeNode } from '../store/node.ts';
import { type FailingPlan, smallerPlans } from './minimise-plan.ts';
import { parseScenario } from './parse.ts';
import type { StorePlan } from './store/plan.ts';
import { StoreTrial } from './store/trial.ts';

const SCENARIO = `{
  "system": "store",
  "nodes": 3,
  "faults": [
    { "type": "crash", "atMs": 2000, "everyMs": 1500, "forMs": 800, "nodes": ["leader"] },
    { "type": "pause", "atMs": 2500, "everyMs": 700, "forMs": 20, "nodes": ["*"] }
  ],
  "workload": { "clients": 4, "keys": 2, "thinkMs": 40 },
  "durationMs": 8000,
  "healsWithinMs": 5000
}`;

class Ignorant extends Replica {
  protected override onPromised(from: Address, promised: Promised): void {
    super.onPromised(from, { ...promised, votes: [], complete: true });
  }
}

function failing(): { trial: StoreTrial; found: FailingPlan<StorePlan> } {
  const scenario = parseScenario(SCENARIO, 'leaders that crash');
  assert.ok(scenario.system === 'store');
  const trial = new StoreTrial(scenario, (options) => storeNode({ ...options, replica: Ignorant }));
  for (let seed = 1; seed <= 20; seed += 1) {
    const plan = trial.plan(seed);
    const { failure } = trial.run(plan);
    if (failure !== null) return { trial, found: { plan, failure } };
  }
  throw new Error('no seed caught a candidate that ignores the votes reported to it');
}

test('a store that is broken is shown with one crash and a few operations', (t) => {
  const { trial, found } = failing();
  const search = smallerPlans(found);
  let runs = 0;
  let next = search.next();
  while (!next.done) {
    runs += 1;
    next = search.next(trial.run(next.value).failure);
  }
  const { plan, failure } = next.value;
  t.diagnostic(`${runs} runs: ${failure.property}, ${plan.operations.length} operations, ${plan.durationMs} ms`);
  assert.equal(failure.property, found.failure.property);
  assert.deepEqual(trial.run(plan).failure, failure, 'and it is the same when it is run again');
  assert.equal(plan.faults.length, 1);
  assert.ok(plan.operations.length <= 20, `${plan.operations.length} operations are left`);
  assert.ok(plan.durationMs <= 0.75 * found.plan.durationMs, `${plan.durationMs} ms are left`);
});
