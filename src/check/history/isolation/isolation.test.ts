import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HistoryError } from '../history-error.ts';
import { checkIsolation, describeIsolation } from './isolation.ts';
import { ISOLATION_MODELS, type IsolationModel } from './models.ts';
import type { MicroOperation, Transaction } from './transaction.ts';

/** `a x 1` appends, `w x 1` writes, `r x 1 2` reads a list, `r x = 1` a register, and `r x` finds nothing. */
function micro(text: string): MicroOperation {
  const [type = '', key = '', ...rest] = text.split(' ');
  if (type === 'a') return { type: 'append', key, value: Number(rest[0]) };
  if (type === 'w') return { type: 'write', key, value: Number(rest[0]) };
  if (rest[0] === '=') return { type: 'read', key, value: Number(rest[1]) };
  return { type: 'read', key, value: rest.length === 0 ? null : rest.map(Number) };
}

/** One transaction a line, of a client of its own, all at the same time; those of `!` were aborted. */
function history(...lines: readonly string[]): Transaction[] {
  return lines.map((line, index) => ({
    client: `c${index}`,
    invokeAt: 0,
    completeAt: 10,
    outcome: line.startsWith('!') ? 'aborted' : 'committed',
    operations: line.replace('!', '').split(', ').map(micro),
  }));
}

/** The same, one after the other, by one client or by several. */
function inOrder(client: (index: number) => string, ...lines: readonly string[]): Transaction[] {
  return history(...lines).map((transaction, index) => ({
    ...transaction,
    client: client(index),
    invokeAt: 20 * index,
    completeAt: 20 * index + 10,
  }));
}

/** The anomalies that are found, and the weakest models that each history violates. */
function judge(transactions: readonly Transaction[]): { anomalies: string[]; violated: IsolationModel[] } {
  const results = ISOLATION_MODELS.map((model) => checkIsolation(transactions, model));
  const anomalies = [...new Set(results.flatMap((result) => result.anomalies.map(({ name }) => name)))];
  return { anomalies, violated: results.filter(({ verdict }) => verdict === 'violated').map(({ model }) => model) };
}

function assertAnomaly(
  transactions: readonly Transaction[],
  names: readonly string[],
  { weakest, allowed }: { readonly weakest: IsolationModel; readonly allowed: IsolationModel | null },
): void {
  const { anomalies, violated } = judge(transactions);
  assert.deepEqual(anomalies, names);
  assert.ok(violated.includes(weakest), `${weakest} is not among ${violated.join(', ')}`);
  if (allowed !== null) assert.ok(!violated.includes(allowed), allowed);
}

test('G0: two transactions append to two lists in different orders', () => {
  const mixed = history('a x 1, a y 1', 'a x 2, a y 2', 'r x 1 2, r y 2 1');
  assertAnomaly(mixed, ['G0'], { weakest: 'read-uncommitted', allowed: null });
});

test('G1a: a read of what was aborted', () => {
  const aborted = history('!a x 1', 'r x 1');
  assertAnomaly(aborted, ['G1a'], { weakest: 'read-committed', allowed: 'read-uncommitted' });
  assertAnomaly(history('!w x 1', 'r x = 1'), ['G1a'], { weakest: 'read-committed', allowed: 'read-uncommitted' });
});

test('G1b: a read of what was not final', () => {
  assertAnomaly(history('a x 1, a x 2', 'r x 1', 'r x 1 2'), ['G1b', 'G-single'], {
    weakest: 'read-committed',
    allowed: 'read-uncommitted',
  });
  const register = history('w x 1, w x 2', 'r x = 1');
  assertAnomaly(register, ['G1b'], { weakest: 'read-committed', allowed: 'read-uncommitted' });
});

test('G1c: two transactions that read what the other wrote', () => {
  const circular = history('a x 1, r y 1', 'a y 1, r x 1');
  assertAnomaly(circular, ['G1c'], { weakest: 'read-committed', allowed: 'read-uncommitted' });
  const register = history('w x 1, r y = 1', 'w y 1, r x = 1');
  assertAnomaly(register, ['G1c'], { weakest: 'read-committed', allowed: 'read-uncommitted' });
});

test('G-single: a read sees one effect of a transaction and misses another', () => {
  const skewed = history('a x 1, a y 1', 'r x 1, r y', 'r y 1');
  assertAnomaly(skewed, ['G-single'], { weakest: 'snapshot-isolation', allowed: 'read-committed' });
  const register = history('w x 1, w y 1', 'r x = 1, r y', 'r y = 1');
  assertAnomaly(register, ['G-single'], { weakest: 'snapshot-isolation', allowed: 'read-committed' });
});

test('lost update: two transactions replace what both of them read', () => {
  const lost = history('r x, a x 1', 'r x, a x 2', 'r x 1 2');
  const { anomalies, violated } = judge(lost);
  assert.ok(anomalies.includes('lost-update'), anomalies.join());
  assert.ok(violated.includes('snapshot-isolation') && !violated.includes('read-committed'), violated.join());
  const registers = judge(history('r x, w x 1', 'r x, w x 2'));
  assert.ok(registers.anomalies.includes('lost-update'), registers.anomalies.join());
});

test('G2-item: write skew, which snapshot isolation allows and serializability does not', () => {
  const skew = history('r x, a y 1', 'r y, a x 1', 'r x 1', 'r y 1');
  assertAnomaly(skew, ['G2-item'], { weakest: 'serializable', allowed: 'strong-snapshot-isolation' });
  const register = history('r x, w y 1', 'r y, w x 1');
  assertAnomaly(register, ['G2-item'], { weakest: 'serializable', allowed: 'read-committed' });
});

test('a stale read is serializable, and violates what respects time, or the order of one client', () => {
  const stale = ['a x 1', 'r x', 'r x 1'];
  const bySeveral = inOrder((index) => `c${index}`, ...stale);
  assertAnomaly(bySeveral, ['G-single-realtime'], {
    weakest: 'strong-snapshot-isolation',
    allowed: 'strong-session-serializable',
  });
  const byOne = inOrder(() => 'c', ...stale);
  assertAnomaly(byOne, ['G-single-process'], { weakest: 'strong-session-serializable', allowed: 'serializable' });
});

test('what nobody wrote, what disagrees with itself, and orders that differ', () => {
  assertAnomaly(history('r x 7'), ['garbage-read'], { weakest: 'read-uncommitted', allowed: null });
  assertAnomaly(history('r x 1, a x 1'), ['garbage-read'], { weakest: 'read-uncommitted', allowed: null });
  assertAnomaly(history('a x 1', 'r x 1 1'), ['duplicate-elements'], { weakest: 'read-uncommitted', allowed: null });
  const differ = history('a x 1', 'a x 2', 'r x 1 2', 'r x 2 1');
  assertAnomaly(differ, ['incompatible-order'], { weakest: 'read-committed', allowed: 'read-uncommitted' });
  const internal = history('w x 1, r x = 2', 'w x 2');
  assert.ok(judge(internal).anomalies.includes('internal'));
});

test('a cycle is told as why each transaction comes before the next', () => {
  const skew = history('r x, a y 1', 'r y, a x 1', 'r x 1', 'r y 1');
  assert.equal(
    describeIsolation(checkIsolation(skew, 'serializable')),
    [
      'serializable is violated',
      'found: G2-item × 1',
      'G2-item:',
      '  T0 [0 to 10] client c0: read x -> null, append 1 to y',
      '  T1 [0 to 10] client c1: read y -> null, append 1 to x',
      '  - T0 found nothing in x, so it came before T1 appended 1',
      '  - T1 found nothing in y, so it came before T0 appended 1',
      '  - so T0 comes before T1 comes before T0: a circle',
    ].join('\n'),
  );
});

test('a circle that is there whichever way nobody saw is a violation too', () => {
  const unseen = history('a y 9', 'r x, a x 1, a y 1', 'r y 9, a x 2, a y 2');
  const result = checkIsolation(unseen, 'snapshot-isolation');
  assert.equal(result.verdict, 'violated');
  assert.match(describeIsolation(result), /nobody read in which order .* were appended, but each closes a circle/);
  assert.equal(checkIsolation(unseen, 'read-committed').verdict, 'holds');
});

test('what cannot be told apart is refused, with what to do', () => {
  const check = (...lines: string[]) => {
    return () => checkIsolation(history(...lines), 'serializable');
  };
  const isRefused = (code: string, message: RegExp) => (error: unknown) => {
    assert.ok(error instanceof HistoryError);
    assert.equal(error.code, code);
    assert.match(error.message, message);
    return true;
  };
  assert.throws(check('a x 1', 'a x 1'), isRefused('ambiguous', /T0 and T1 both write 1 to x.*: have each write a/));
  assert.throws(check('a x 1', 'w x 2'), isRefused('unsupported', /both writes and appends: use one of the two/));
});
