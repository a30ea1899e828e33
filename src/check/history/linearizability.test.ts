import assert from 'node:assert/strict';
import { test } from 'node:test';
import { History, type Operation } from './history.ts';
import { checkLinearizability } from './linearizability.ts';
import { type KeyValueInput, keyValue, type RegisterInput, register } from './models.ts';
import { randomMapHistory, randomRegisterHistory } from './random-history.ts';
import { describeLinearizability } from './report.ts';
import { withoutHints } from './sequential-model.ts';

const read: RegisterInput = { type: 'read' };
const write = (value: unknown): RegisterInput => ({ type: 'write', value });

function op<I>(
  client: string,
  invokeAt: number,
  completeAt: number | null,
  input: I,
  output?: unknown,
): Operation<I, unknown> {
  return { client, invokeAt, completeAt, input, output };
}

test('a read that overlaps with a write may see it or not', () => {
  for (const seen of [null, 1]) {
    const history: Operation<RegisterInput>[] = [op('a', 0, 10, write(1)), op('b', 1, 2, read, seen)];
    assert.equal(checkLinearizability(history, register).linearizable, true);
  }
});

test('a read after a write has ended sees it', () => {
  const history = [op('a', 0, 1, write(1)), op('b', 2, 3, read, null)];
  assert.equal(checkLinearizability(history, register).linearizable, false);
});

test('once one read has seen a write, later ones do too', () => {
  const history = [op('a', 0, 10, write(1)), op('b', 1, 2, read, 1), op('c', 3, 4, read, null)];
  assert.equal(checkLinearizability(history, register).linearizable, false);
});

test('operations that touch at one instant count as overlapping', () => {
  const history = [op('a', 0, 5, write(1)), op('b', 5, 6, read, null)];
  assert.equal(checkLinearizability(history, register).linearizable, true);
});

test('a write of unknown outcome may take effect late, or never', () => {
  const late = [op('a', 0, null, write(1)), op('b', 5, 6, read, null), op('b', 7, 8, read, 1)];
  assert.equal(checkLinearizability(late, register).linearizable, true);
  const never = [op('a', 0, null, write(1)), op('b', 5, 6, read, null)];
  assert.equal(checkLinearizability(never, register).linearizable, true);
  const twice = [...late, op('b', 9, 10, read, null)];
  assert.equal(checkLinearizability(twice, register).linearizable, false);
});

test('the counterexample shows how far an order goes, and what cannot follow', () => {
  const lastRead = op('c', 6, 7, read, 1);
  const history = [op('a', 0, 1, write(1)), op('b', 2, 3, write(2)), op('a', 4, 5, read, 2), lastRead];
  const result = checkLinearizability(history, register);
  assert.ok(result.linearizable === false);
  assert.deepEqual(result.longestPrefix, history.slice(0, 3));
  assert.equal(result.cannotPlace, lastRead);
  assert.equal(
    describeLinearizability(result),
    [
      'not linearizable as a register',
      '3 operations can be put in an order:',
      '  [0 to 1] client a: write 1',
      '  [2 to 3] client b: write 2',
      '  [4 to 5] client a: read -> 2',
      'after them the state is 2',
      'and then this one has to come, and cannot:',
      '  [6 to 7] client c: read -> 1',
    ].join('\n'),
  );
});

test('keys are checked one by one, and the report names the key', () => {
  const history = [
    op<KeyValueInput>('a', 0, 1, { type: 'put', key: 'x', value: 1 }),
    op<KeyValueInput>('a', 0, 1, { type: 'put', key: 'y', value: 1 }),
    op<KeyValueInput>('b', 2, 3, { type: 'get', key: 'x' }, 1),
    op<KeyValueInput>('b', 2, 3, { type: 'get', key: 'y' }, null),
  ];
  const result = checkLinearizability(history, keyValue);
  assert.ok(result.linearizable === false);
  assert.equal(result.partition, 'y');
});

test('a search that reaches its limit says so, and not that the history is fine', () => {
  const writes = Array.from({ length: 20 }, (_, index) => op(`c${index}`, 0, 100, write(index)));
  const history = [...writes, op('r', 200, 201, read, 'never written')];
  const model = withoutHints(register);
  assert.equal(checkLinearizability(history, model, { placements: 1000 }).linearizable, 'unknown');
  assert.equal(checkLinearizability(history, model, { shouldStop: () => true }).linearizable, 'unknown');
  assert.equal(checkLinearizability(history, register).linearizable, false, 'what the model tells helps');
});

test('an operation that ends before it begins is refused', () => {
  assert.throws(() => checkLinearizability([op('a', 5, 4, read)], register), /ends at 4, before it begins at 5/);
});

test('a history gathers operations; what was never answered may have happened', () => {
  const history = new History<RegisterInput, unknown>();
  const first = history.invoke('a', write(1), 0);
  const failed = history.invoke('b', write(2), 0);
  history.invoke('c', write(3), 1);
  const lost = history.invoke('d', write(4), 2);
  history.complete(first, 'ok', 5);
  history.fail(failed);
  history.lose(lost);
  assert.throws(() => history.complete(first, 'ok', 6), /ended already/);
  assert.deepEqual(history.operations, [
    op('a', 0, 5, write(1), 'ok'),
    op('c', 1, null, write(3)),
    op('d', 2, null, write(4)),
  ]);
});

test('10,000 operations by 30 clients on one register are checked, and one stale read among them is found', () => {
  const history = randomRegisterHistory({ seed: 1, clients: 30, operations: 10_000 });
  assert.equal(checkLinearizability(history, register).linearizable, true);
  const late = history.findIndex(
    ({ input, invokeAt, completeAt }) => input.type === 'read' && invokeAt > 2000 && completeAt,
  );
  const old = history.find(({ input, completeAt }) => input.type === 'write' && (completeAt ?? 9999) < 1000)?.input;
  assert.ok(old?.type === 'write');
  const stale = history.map((operation, index) => (index === late ? { ...operation, output: old.value } : operation));
  const result = checkLinearizability(stale, register);
  assert.ok(result.linearizable === false);
  assert.equal(result.cannotPlace, stale[late]);
  assert.ok(result.longestPrefix.length > 1000);
});

test('10,000 operations by 30 clients on 20 keys are checked, and one stale read among them is found', () => {
  const history = randomMapHistory({ seed: 1, clients: 30, operations: 10_000, keys: 20 });
  assert.equal(checkLinearizability(history, keyValue).linearizable, true);
  const at = history.findIndex(
    ({ input, output, invokeAt }) => input.type === 'get' && output !== null && invokeAt > 2000,
  );
  const stale = history.map((operation, index) => (index === at ? { ...operation, output: 'long gone' } : operation));
  const result = checkLinearizability(stale, keyValue);
  assert.ok(result.linearizable === false);
  assert.equal(result.cannotPlace, stale[at]);
});
