import { formatTrace, parseTrace, replayTrace } from '../../src/kernel/index.ts';
import { parseScenario, StoreTrial, storeNodes } from '../../src/scenario/index.ts';

/** A seed of a scenario of the store, as the text of its trace. The same in Node and in a browser. */
export function tracedSeed(scenarioText: string, seed: number): string {
  const scenario = parseScenario(scenarioText, 'traced');
  if (scenario.system !== 'store') throw new Error('only scenarios of the store are traced here');
  const trial = new StoreTrial(scenario);
  const { trace, failure } = trial.run(trial.plan(seed), { record: true });
  if (trace === null || failure !== null) throw new Error(`seed ${seed} was to hold and be recorded: ${failure?.what}`);
  return formatTrace(trace);
}

/** What a replay of such a trace finds, in words. */
export function replayed(scenarioText: string, seed: number, traceText: string): string {
  const scenario = parseScenario(scenarioText, 'traced');
  if (scenario.system !== 'store') throw new Error('only scenarios of the store are traced here');
  const plan = new StoreTrial(scenario).plan(seed);
  const result = replayTrace(parseTrace(traceText), storeNodes(plan));
  return result.type === 'same' ? `the same ${result.steps} steps` : `step ${result.step} is another: ${result.found}`;
}
