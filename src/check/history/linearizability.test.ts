import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Random } from '../../kernel/index.ts';
import { isLinearizableByDefinition, isLinearizableBySubsets } from './brute-force.ts';
import { History, type Operation } from './history.ts';
import { checkLinearizability } from './linearizability.ts';
import {
  type CasRegisterInput,
  type CounterInput,
  casRegister,
  counter,
  type KeyValueInput,
  keyValue,
  type LockInput,
  lock,
  type QueueInput,
  queue,
  type RegisterInput,
  register,
} from './models.ts';
import { describeLinearizability } from './report.ts';
import { ILLEGAL, type SequentialModel } from './sequential-model.ts';

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
      '  [0 to 1] client a: {type: "write", value: 1} -> undefined',
      '  [2 to 3] client b: {type: "write", value: 2} -> undefined',
      '  [4 to 5] client a: {type: "read"} -> 2',
      'after them the state is 2',
      'and then this one has to come, and cannot:',
      '  [6 to 7] client c: {type: "read"} -> 1',
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

/** Agrees with the definition on random small histories, of which enough hold and enough do not. */
function agrees<S, I>(
  name: string,
  model: SequentialModel<S, I, unknown>,
  inputs: readonly I[],
  outputs: readonly unknown[],
): void {
  test(`${name}: the verdict is that of the definition, on small random histories`, () => {
    const verdicts = { true: 0, false: 0 };
    const operation = fc.record({
      client: fc.constant('c'),
      invokeAt: fc.nat(8),
      length: fc.option(fc.nat(6), { freq: 5 }),
      input: fc.constantFrom(...inputs),
      output: fc.constantFrom(...outputs),
    });
    fc.assert(
      fc.property(fc.array(operation, { minLength: 1, maxLength: 5 }), (drawn) => {
        const history = drawn.map(({ length, invokeAt, ...rest }) => ({
          ...rest,
          invokeAt,
          completeAt: length === null ? null : invokeAt + length,
        }));
        const expected = isLinearizableByDefinition(history, model);
        verdicts[`${expected}`] += 1;
        const { linearizable } = checkLinearizability(history, model);
        assert.equal(linearizable, expected);
      }),
      { numRuns: 1500 },
    );
    assert.ok(Math.min(verdicts.true, verdicts.false) > 50, `one-sided: ${JSON.stringify(verdicts)}`);
  });
}

agrees('register', register, [read, read, write(1), write(2)], [null, 1, 2]);
const casInputs: CasRegisterInput[] = [
  { type: 'read' },
  { type: 'write', value: 1 },
  { type: 'compareAndSet', expected: 1, value: 2 },
  { type: 'compareAndSet', expected: null, value: 1 },
];
agrees('compare-and-set register', casRegister, casInputs, [null, 1, true, false]);
const mapInputs: KeyValueInput[] = [
  { type: 'get', key: 'x' },
  { type: 'get', key: 'y' },
  { type: 'put', key: 'x', value: 1 },
  { type: 'delete', key: 'x' },
  { type: 'increment', key: 'y', by: 1 },
  { type: 'compareAndSet', key: 'x', expected: 1, value: 2 },
];
agrees('key-value map', keyValue, mapInputs, [null, 1, 2, true, false]);
const counterInputs: CounterInput[] = [{ type: 'read' }, { type: 'add', by: 1 }, { type: 'add', by: 2 }];
agrees('counter', counter as SequentialModel<number, CounterInput, unknown>, counterInputs, [0, 1, 2, 3]);
const queueInputs: QueueInput[] = [{ type: 'dequeue' }, { type: 'enqueue', value: 1 }, { type: 'enqueue', value: 2 }];
agrees('queue', queue, queueInputs, [null, 1, 2]);
const lockInputs: LockInput[] = [
  { type: 'acquire', owner: 'a' },
  { type: 'acquire', owner: 'b' },
  { type: 'release', owner: 'a' },
];
agrees('lock', lock as SequentialModel<string | null, LockInput, unknown>, lockInputs, [true, false]);

/** What `clients` see of an object that takes each operation at a random instant between its beginning and its end. */
function simulate<S, I, O>(
  {
    random,
    clients,
    count,
    loss,
  }: { readonly random: Random; readonly clients: number; readonly count: number; readonly loss: number },
  draw: (id: number) => I,
  run: (state: S, input: I) => readonly [S, O],
  init: S,
): Operation<I, O>[] {
  const begun: { client: number; invokeAt: number; at: number; completeAt: number | null; input: I }[] = [];
  for (let client = 0; client < clients; client += 1) {
    let now = random.between(0, 10);
    for (let index = 0; index < count / clients; index += 1) {
      const invokeAt = now;
      const completeAt = invokeAt + random.exponential(10);
      const isLost = random.chance(loss);
      const at = random.between(invokeAt, completeAt);
      begun.push({ client, invokeAt, at, completeAt: isLost ? null : completeAt, input: draw(begun.length) });
      now = completeAt + random.exponential(1);
    }
  }
  let state = init;
  const outputs = new Map<object, O>();
  for (const operation of [...begun].sort((a, b) => a.at - b.at)) {
    const [next, output] = run(state, operation.input);
    state = next;
    outputs.set(operation, output);
  }
  return begun.map((operation) => ({
    client: `c${operation.client}`,
    invokeAt: operation.invokeAt,
    completeAt: operation.completeAt,
    input: operation.input,
    output: operation.completeAt === null ? undefined : outputs.get(operation),
  }));
}

function registerHistory(
  seed: number,
  clients: number,
  count: number,
  loss = 0.002,
): Operation<RegisterInput, unknown>[] {
  const random = new Random(seed);
  return simulate<unknown, RegisterInput, unknown>(
    { random, clients, count, loss },
    (id) => (random.chance(0.5) ? read : write(id)),
    (state, input) => (input.type === 'read' ? [state, state] : [input.value, undefined]),
    null,
  );
}

function mapHistory(
  seed: number,
  clients: number,
  count: number,
  keys: number,
  loss = 0.002,
): Operation<KeyValueInput, unknown>[] {
  const random = new Random(seed);
  return simulate<ReadonlyMap<string, unknown>, KeyValueInput, unknown>(
    { random, clients, count, loss },
    (id) => {
      const key = `k${random.integer(keys)}`;
      return random.pick<KeyValueInput>([
        { type: 'get', key },
        { type: 'put', key, value: id },
        { type: 'delete', key },
        { type: 'compareAndSet', key, expected: null, value: id },
      ]);
    },
    (state, input) => {
      const before = state.get(input.key) ?? null;
      const after = keyValue.apply(before, input, undefined);
      const next = after === ILLEGAL ? before : after;
      const [value, output] = answer(before, next, input);
      return [new Map(state).set(input.key, value), output];
    },
    new Map(),
  );
}

function answer(before: unknown, _next: unknown, input: KeyValueInput): [unknown, unknown] {
  switch (input.type) {
    case 'get':
      return [before, before];
    case 'put':
      return [input.value, undefined];
    case 'delete':
      return [null, before !== null];
    case 'compareAndSet':
      return before === input.expected ? [input.value, true] : [before, false];
    case 'increment':
      return [before, before];
    default:
      return input satisfies never;
  }
}

test('the verdict is that of a plain search, on histories in which one answer may be wrong', () => {
  const verdicts = { true: 0, false: 0 };
  for (let seed = 0; seed < 600; seed += 1) {
    const random = new Random(`small ${seed}`);
    const history = registerHistory(seed, 5, 20, random.pick([0, 0.2]));
    const reads = history.filter(({ input, completeAt }) => input.type === 'read' && completeAt !== null);
    const wrong = random.chance(0.7) && reads.length > 0 ? random.pick(reads) : null;
    const other = random.pick(history.filter(({ input }) => input.type === 'write')).input;
    const changed = history.map((operation) =>
      operation === wrong && other.type === 'write' ? { ...operation, output: other.value } : operation,
    );
    const expected = isLinearizableBySubsets(changed, register);
    verdicts[`${expected}`] += 1;
    for (const model of [register, withoutHints(register)]) {
      assert.equal(checkLinearizability(changed, model).linearizable, expected, `seed ${seed}`);
    }
  }
  assert.ok(Math.min(verdicts.true, verdicts.false) > 100, JSON.stringify(verdicts));
});

test('the same of one key that is also deleted and set on condition', () => {
  const verdicts = { true: 0, false: 0 };
  for (let seed = 0; seed < 600; seed += 1) {
    const random = new Random(`key ${seed}`);
    const history = mapHistory(seed, 5, 15, 1, random.pick([0, 0.2]));
    const ended = history.filter(({ input, completeAt }) => input.type !== 'put' && completeAt !== null);
    const wrong = random.chance(0.7) && ended.length > 0 ? random.pick(ended) : null;
    const output = wrong?.input.type === 'get' ? random.pick(history).output : wrong?.output !== true;
    const changed = history.map((operation) => (operation === wrong ? { ...operation, output } : operation));
    const expected = isLinearizableBySubsets(changed, keyValue);
    verdicts[`${expected}`] += 1;
    assert.equal(checkLinearizability(changed, keyValue).linearizable, expected, `seed ${seed}`);
  }
  assert.ok(Math.min(verdicts.true, verdicts.false) > 100, JSON.stringify(verdicts));
});

/** What a user's model has at least. */
function withoutHints<S, I, O>({ name, init, apply }: SequentialModel<S, I, O>): SequentialModel<S, I, O> {
  return { name, init, apply };
}

test('10,000 operations by 30 clients on one register are checked in seconds, and one stale read among them is found', () => {
  const history = registerHistory(1, 30, 10_000);
  const began = performance.now();
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
  assert.ok(performance.now() - began < 10_000);
});

test('10,000 operations by 30 clients on 20 keys are checked in seconds, and one stale read among them is found', () => {
  const history = mapHistory(1, 30, 10_000, 20);
  const began = performance.now();
  assert.equal(checkLinearizability(history, keyValue).linearizable, true);
  const at = history.findIndex(
    ({ input, output, invokeAt }) => input.type === 'get' && output !== null && invokeAt > 2000,
  );
  const stale = history.map((operation, index) => (index === at ? { ...operation, output: 'long gone' } : operation));
  const result = checkLinearizability(stale, keyValue);
  assert.ok(result.linearizable === false);
  assert.equal(result.cannotPlace, stale[at]);
  assert.ok(performance.now() - began < 10_000);
});
