import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explore } from './explore.ts';
import type { Model } from './model.ts';
import { tellResult } from './tell.ts';

interface Jugs {
  readonly small: number;
  readonly big: number;
}

type Pour = 'fill small' | 'fill big' | 'empty small' | 'empty big' | 'small to big' | 'big to small';

const POURS: readonly Pour[] = ['fill small', 'fill big', 'empty small', 'empty big', 'small to big', 'big to small'];

/** Jugs of three and five gallons; four are wanted. States are plain data, told apart by the kernel's hash. */
const jugs: Model<Jugs, Pour> = {
  initial: () => [{ small: 0, big: 0 }],
  actions: () => POURS,
  next: ({ small, big }, pour) => {
    const up = Math.min(small, 5 - big);
    const down = Math.min(big, 3 - small);
    switch (pour) {
      case 'fill small':
        return { small: 3, big };
      case 'fill big':
        return { small, big: 5 };
      case 'empty small':
        return { small: 0, big };
      case 'empty big':
        return { small, big: 0 };
      case 'small to big':
        return { small: small - up, big: big + up };
      case 'big to small':
        return { small: small + down, big: big - down };
      default:
        return pour satisfies never;
    }
  },
  properties: {
    goals: { four: ({ big }) => big === 4, five: ({ small, big }) => small + big === 5 },
    invariants: { notSeven: ({ small, big }) => (small + big === 7 ? 'there are seven gallons' : null) },
    steps: { notTooMuch: (before, pour, after) => (before.big - after.big > 4 ? `${pour} takes five gallons` : null) },
  },
};

test('goals are reached with a shortest run, violations told once each', () => {
  const result = explore(jugs, { violations: 'all' });
  assert.equal(result.verdict, 'violated');
  assert.deepEqual(
    result.goals['four']?.steps.map(({ action }) => action),
    ['fill big', 'big to small', 'empty small', 'big to small', 'fill big', 'big to small'],
  );
  const found = result.violations.map((violation) => 'run' in violation && violation.run.steps.length);
  assert.deepEqual(
    [found, result.violations.map(({ type }) => type)],
    [
      [2, 5],
      ['step', 'invariant'],
    ],
  );
  assert.equal(result.states, 16);
});

test('a property that throws is reported as an error, with the run to where it does', () => {
  const broken: Model<Jugs, Pour> = {
    ...jugs,
    properties: {
      invariants: {
        fragile: ({ big }) => {
          if (big === 5) throw new Error('cannot look at it');
          return null;
        },
      },
    },
  };
  const [violation] = explore(broken).violations;
  assert.ok(violation?.type === 'error');
  assert.deepEqual([violation.reason, violation.run.steps.length], ["'fragile' throws: cannot look at it", 1]);
});

test('a model that is not repeatable is refused', () => {
  let odd = 0;
  const moody: Model<number, string> = {
    initial: () => [0],
    actions: () => ['on'],
    next: (state) => {
      odd += 1;
      return state < 5 ? state + odd : null;
    },
    properties: { invariants: { small: (state) => (state > 5 ? 'too big' : null) } },
  };
  assert.throws(() => explore(moody), /the model is not repeatable/);
});

test('a result is told in a sentence', () => {
  const { properties: _, ...plain } = jugs;
  const told = 'Every property holds. 16 distinct states among 97 generated, up to 7 steps deep.';
  assert.equal(tellResult(plain, explore(plain)), told);
});
