import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Random } from '../../../kernel/index.ts';
import type { Operation } from '../history.ts';
import { type KeyValueInput, keyValue } from '../models.ts';
import { withoutHints } from '../sequential-model.ts';
import { holdsByDefinition } from './brute-force.ts';
import {
  type ConsistencyModel,
  type ConsistencyResult,
  checkCausalConsistency,
  checkSequentialConsistency,
  checkSessionGuarantee,
} from './index.ts';
import { searchInterleavings } from './interleavings.ts';

type Step = {
  readonly client: number;
  readonly key: string;
  readonly isWrite: boolean;
  readonly sees: number;
  readonly late: boolean;
};

const step: fc.Arbitrary<Step> = fc.record({
  client: fc.nat(2),
  key: fc.constantFrom('x', 'x', 'y'),
  isWrite: fc.boolean(),
  sees: fc.nat(5),
  late: fc.nat(9).map((draw) => draw === 0),
});

/** Steps one after the other, in which each write has a value of its own, and reads see any of those, or nothing. */
function historyOf(steps: readonly Step[]): Operation<KeyValueInput, unknown>[] {
  return steps.map(({ client, key, isWrite, sees, late }, index) => {
    const written = steps.flatMap((other, value) => (other.isWrite && other.key === key ? [value] : []));
    return {
      client: `c${client}`,
      invokeAt: 2 * index,
      completeAt: late ? null : 2 * index + 1,
      input: isWrite ? { type: 'put', key, value: index } : { type: 'get', key },
      output: isWrite || late ? undefined : ([null, ...written][sees % (written.length + 1)] ?? null),
    };
  });
}

function check(operations: readonly Operation<KeyValueInput, unknown>[], model: ConsistencyModel): ConsistencyResult {
  switch (model) {
    case 'sequential':
      return checkSequentialConsistency(operations, keyValue);
    case 'weak-causal':
    case 'causal':
    case 'causal-convergence':
      return checkCausalConsistency(operations, model);
    default:
      return checkSessionGuarantee(operations, model);
  }
}

const MODELS = {
  sequential: { size: 6, runs: 1500 },
  'weak-causal': { size: 5, runs: 600 },
  causal: { size: 5, runs: 600 },
  'causal-convergence': { size: 5, runs: 400 },
  'read-your-writes': { size: 6, runs: 3000 },
  'monotonic-reads': { size: 6, runs: 3000 },
  'monotonic-writes': { size: 6, runs: 3000 },
  'writes-follow-reads': { size: 6, runs: 3000 },
} as const;

for (const [model, { size, runs }] of Object.entries(MODELS) as [ConsistencyModel, { size: number; runs: number }][]) {
  test(`${model}: the verdict is that of the definition, on small random histories`, () => {
    const verdicts = { holds: 0, violated: 0 };
    fc.assert(
      fc.property(fc.array(step, { minLength: 3, maxLength: size }), (steps) => {
        const history = historyOf(steps);
        const expected = holdsByDefinition(history, model) ? 'holds' : 'violated';
        const { verdict } = check(history, model);
        verdicts[expected] += 1;
        if (verdict !== 'unknown') assert.equal(verdict, expected);
        else assert.equal(holdsByDefinition(history, 'monotonic-reads'), false);
      }),
      { numRuns: runs },
    );
    assert.ok(Math.min(verdicts.holds, verdicts.violated) > 20, `one-sided: ${JSON.stringify(verdicts)}`);
  });
}

test('sequential: interleavings lead to the same verdict', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 3, maxLength: 6 }), (steps) => {
      const history = historyOf(steps);
      const expected = holdsByDefinition(history, 'sequential') ? 'holds' : 'violated';
      const { partition = () => '' } = keyValue;
      for (const object of [keyValue, { ...withoutHints(keyValue), partition }]) {
        assert.equal(searchInterleavings(history, object, {}).verdict, expected);
      }
    }),
    { numRuns: 1000 },
  );
});

/** The models, each with those that it implies. */
const IMPLIED: readonly (readonly [ConsistencyModel, ConsistencyModel])[] = [
  ['sequential', 'causal'],
  ['sequential', 'causal-convergence'],
  ['causal', 'weak-causal'],
  ['causal-convergence', 'weak-causal'],
  ['causal-convergence', 'read-your-writes'],
  ['causal-convergence', 'monotonic-reads'],
  ['causal-convergence', 'monotonic-writes'],
  ['causal-convergence', 'writes-follow-reads'],
];

test('on histories of 40 operations a model holds where a stronger one does', () => {
  const seen = new Map<ConsistencyModel, Set<string>>();
  for (let seed = 0; seed < 300; seed += 1) {
    const random = new Random(seed);
    const history = replicated(random, { clients: 4, count: 40, keys: 2, lag: random.pick([0, 1, 3, 8]) });
    for (const [strong, weak] of IMPLIED) {
      const [a, b] = [check(history, strong).verdict, check(history, weak).verdict];
      assert.ok(a !== 'holds' || b === 'holds', `seed ${seed}: ${strong} ${a}, ${weak} ${b}`);
      for (const [model, verdict] of [
        [strong, a],
        [weak, b],
      ] as const) {
        seen.set(model, (seen.get(model) ?? new Set()).add(verdict));
      }
    }
  }
  for (const [model, verdicts] of seen) assert.ok(verdicts.size > 1, `${model}: only ${[...verdicts]}`);
});

/** Clients that read at replicas which are some writes behind. */
function replicated(
  random: Random,
  { clients, count, keys, lag }: { clients: number; count: number; keys: number; lag: number },
): Operation<KeyValueInput, unknown>[] {
  const written: { key: string; value: number }[] = [];
  return Array.from({ length: count }, (_, index) => {
    const key = `k${random.integer(keys)}`;
    const at = { client: `c${random.integer(clients)}`, invokeAt: 2 * index, completeAt: 2 * index + 1 };
    if (random.chance(0.5)) {
      written.push({ key, value: index });
      return { ...at, input: { type: 'put', key, value: index }, output: undefined };
    }
    const known = written.slice(0, Math.max(0, written.length - random.integer(lag + 1)));
    return { ...at, input: { type: 'get', key }, output: known.findLast((write) => write.key === key)?.value ?? null };
  });
}

test('10,000 operations by 30 clients are checked for each model', (t) => {
  const history = replicated(new Random(1), { clients: 30, count: 10_000, keys: 10, lag: 0 });
  const stale = replicated(new Random(1), { clients: 30, count: 10_000, keys: 10, lag: 12 });
  for (const model of Object.keys(MODELS) as ConsistencyModel[]) {
    for (const [name, operations, verdicts] of [
      ['fresh', history, ['holds']],
      ['stale', stale, ['violated', 'unknown']],
    ] as const) {
      const began = performance.now();
      const { verdict } = check(operations, model);
      const took = performance.now() - began;
      t.diagnostic(`${model}, ${name}: ${verdict} in ${took.toFixed(0)} ms`);
      assert.ok((verdicts as readonly string[]).includes(verdict), `${model}, ${name}: ${verdict}`);
    }
  }
});
