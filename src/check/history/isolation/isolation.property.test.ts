import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../../kernel/index.ts';
import { allowsByDefinition, type DecidableModel } from './brute-force.ts';
import { type Discipline, execute } from './database.ts';
import { checkIsolation, describeIsolation } from './isolation.ts';
import type { IsolationModel } from './models.ts';
import type { Transaction } from './transaction.ts';

const DECIDABLE: readonly DecidableModel[] = [
  'read-committed',
  'snapshot-isolation',
  'strong-session-snapshot-isolation',
  'strong-snapshot-isolation',
  'serializable',
  'strong-session-serializable',
  'strict-serializable',
];

const DISCIPLINES: readonly Discipline[] = ['serial', 'snapshot', 'lossy', 'committed', 'none'];

function small(seed: number, type: 'append' | 'write'): Transaction[] {
  const random = new Random(`${type} ${seed}`);
  const history = execute(random, {
    type,
    discipline: random.pick(DISCIPLINES),
    clients: 3,
    count: 5,
    keys: 2,
    length: 3,
    loss: random.pick([0, 0.2]),
  });
  return random.pick([disturbed, misread, unchanged, unchanged])(random, history);
}

function unchanged(_random: Random, history: readonly Transaction[]): Transaction[] {
  return [...history];
}

/** One read sees what another saw, or less, or more. */
function misread(random: Random, history: readonly Transaction[]): Transaction[] {
  const reads = history
    .filter(({ outcome }) => outcome === 'committed')
    .flatMap(({ operations }) => operations.filter(({ type }) => type === 'read'));
  if (reads.length === 0) return [...history];
  const [wrong, other] = [random.pick(reads), random.pick(reads)];
  const value = Array.isArray(wrong?.value) && random.chance(0.5) ? wrong.value.slice(0, -1) : other?.value;
  return history.map(({ operations, ...transaction }) => {
    const changed = operations.map((operation) => (operation === wrong ? { ...operation, value } : operation));
    return { ...transaction, operations: changed };
  });
}

/** The times of one transaction are drawn anew, as where a replica is behind. */
function disturbed(random: Random, history: readonly Transaction[]): Transaction[] {
  const late = random.pick(history);
  return history.map((transaction) =>
    transaction === late && transaction.completeAt !== null
      ? { ...transaction, client: 'late', invokeAt: 1000, completeAt: 1001 }
      : transaction,
  );
}

for (const type of ['append', 'write'] as const) {
  for (const model of DECIDABLE) {
    test(`${type}, ${model}: the verdict is that of the definition, on small random histories`, () => {
      const counts = { holds: 0, violated: 0, unknown: 0 };
      for (let seed = 0; seed < 200; seed += 1) {
        const history = small(seed, type);
        const result = checkIsolation(history, model);
        const expected = allowsByDefinition(history, model) ? 'holds' : 'violated';
        counts[expected] += 1;
        if (result.verdict === 'unknown') counts.unknown += 1;
        else
          assert.equal(
            result.verdict,
            expected,
            `seed ${seed}: ${describeIsolation(result)}\n${JSON.stringify(history, null, 1)}`,
          );
      }
      assert.ok(Math.min(counts.holds, counts.violated) > 10, `one-sided: ${JSON.stringify(counts)}`);
      // Only of registers is the order of versions not known, and then only snapshot isolation may be left open.
      assert.ok(counts.unknown < (type === 'write' && model.includes('snapshot') ? 40 : 1), JSON.stringify(counts));
    });
  }
}

test('what a discipline promises holds, on histories of 200 transactions', () => {
  const promises: readonly (readonly [Discipline, IsolationModel, IsolationModel])[] = [
    ['serial', 'strict-serializable', 'strict-serializable'],
    ['snapshot', 'strong-snapshot-isolation', 'serializable'],
    ['committed', 'read-committed', 'snapshot-isolation'],
    ['none', 'read-uncommitted', 'read-committed'],
  ];
  for (const [discipline, kept, broken] of promises) {
    for (let seed = 0; seed < 5; seed += 1) {
      const load = { discipline, clients: 8, count: 200, keys: 4, length: 4 };
      const history = execute(new Random(seed), { ...load, type: 'append' });
      if (discipline !== 'none') assert.equal(checkIsolation(history, kept).verdict, 'holds', discipline);
      if (broken !== kept) assert.equal(checkIsolation(history, broken).verdict, 'violated', discipline);
    }
  }
});

test('10,000 transactions by 30 clients are decided, right or wrong', (t) => {
  for (const type of ['append', 'write'] as const) {
    for (const discipline of ['serial', 'snapshot'] as const) {
      const keys = discipline === 'serial' && type === 'write' ? 20 : 500;
      const history = execute(new Random(1), { type, discipline, clients: 30, count: 10_000, keys, length: 4 });
      const began = performance.now();
      const { verdict, anomalies } = checkIsolation(history, 'strict-serializable');
      const took = performance.now() - began;
      const names = [...new Set(anomalies.map(({ name }) => name))].join(' ');
      t.diagnostic(`${type}, ${discipline}: ${verdict} in ${took.toFixed(0)} ms: ${names}`);
      assert.equal(verdict, discipline === 'serial' ? 'holds' : 'violated', `${type}, ${discipline}`);
    }
  }
});
