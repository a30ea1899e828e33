import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Address, address, Process } from '../../kernel/index.ts';
import { smallerPlans } from '../minimise-plan.ts';
import { settingOf } from '../parse.ts';
import type { Outcome } from '../trial.ts';
import { type Output, protocolOf } from './protocol.ts';
import { ProtocolTrial } from './trial.ts';

type Add = { readonly type: 'add'; readonly value: number };

/** Puts out what it is given. */
class Echo extends Process<Add, never, never, number> {
  last = 0;

  override onMessage(_from: Address, { value }: Add): void {
    this.last = value;
    this.output(value);
  }
}

const EXPORTS = {
  nodes: { left: () => new Map([['', new Echo()]]), right: () => new Map([['', new Echo()]]) },
  inputs: [{ to: address('left'), message: { type: 'add', value: 1000 } }],
  workload: () =>
    Array.from({ length: 40 }, (_, value) => ({
      to: address(value % 2 ? 'left' : 'right'),
      message: { type: 'add', value },
    })),
};

function trialOf(more: Record<string, unknown>, scenario: unknown): ProtocolTrial {
  return new ProtocolTrial(protocolOf({ ...EXPORTS, ...more }, 'echo.ts'), settingOf(scenario, 'echo.ts'));
}

function run(trial: ProtocolTrial, seed = 1): Outcome {
  return trial.run(trial.plan(seed));
}

test('inputs and a workload are given once each, at times that the seed draws', () => {
  const trial = trialOf({}, { durationMs: 1000 });
  assert.equal(trial.plan(1).operations.length, 41);
  assert.ok(
    trial.plan(1).operations.every(({ atMs }, index, all) => atMs >= (all[index - 1]?.atMs ?? 0) && atMs < 1000),
  );
  assert.notDeepEqual(trial.plan(1).operations, trial.plan(2).operations);
  const { failure, answered } = run(trial);
  assert.deepEqual([failure, answered], [null, 41]);
});

test('what a judge says of all outputs fails the run, and the operations that it takes are found', () => {
  const judge = (outputs: readonly Output[]): string | null => {
    const seen = new Set(outputs.map(({ output }) => output));
    return seen.has(3) && seen.has(28) ? 'both 3 and 28 were put out' : null;
  };
  const trial = trialOf({ judge }, { durationMs: 1000 });
  const plan = trial.plan(1);
  const { failure } = trial.run(plan);
  assert.ok(failure !== null);
  assert.deepEqual([failure.property, failure.what], ['judge', 'both 3 and 28 were put out']);
  const search = smallerPlans({ plan, failure });
  let next = search.next();
  while (!next.done) next = search.next(trial.run(next.value).failure);
  assert.deepEqual(
    new Set(next.value.plan.operations.map(({ message }) => ('value' in message ? message.value : null))),
    new Set([3, 28]),
  );
});

test('faults may name roles, and what has to come in every run is waited for', () => {
  const roles = { unlucky: () => ['right'] };
  const isUp = (world: { process(at: Address): unknown }): boolean => world.process(address('right')) !== undefined;
  const spec = { eventually: { rightIsBack: isUp, never: () => false } };
  const faults = [{ type: 'crash', atMs: 0, forMs: 900, nodes: ['unlucky'] }];
  const { failure, reached, statistics } = run(
    trialOf({ roles, spec }, { faults, durationMs: 1000, healsWithinMs: 100 }),
  );
  assert.deepEqual([failure?.property, statistics.crashes, [...reached]], ['never', 1, ['rightIsBack']]);
});

test('a module that cannot be simulated is refused with what to do', () => {
  const cases: readonly (readonly [Record<string, unknown>, RegExp])[] = [
    [{ nodes: undefined }, /echo\.ts exports no nodes: write, for example, `export const nodes = /],
    [{ nodes: { a: 1 } }, /node 'a' is no function that makes its processes: 1$/],
    [{ inputs: [{ to: 'left' }] }, /an input is \{to: address, message: \{type, …\}\}, found \{to: "left"\}$/],
    [{ workload: 3 }, /'workload' has to be a function, found 3$/],
    [{ driftPpm: 'fast' }, /'driftPpm' has to be a number, found "fast"$/],
  ];
  for (const [more, message] of cases) assert.throws(() => trialOf(more, {}), message);
});
