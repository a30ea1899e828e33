import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Random } from '../../kernel/index.ts';
import { isLinearizableByDefinition, isLinearizableBySubsets } from './brute-force.ts';
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
import { randomMapHistory, randomRegisterHistory } from './random-history.ts';
import { type SequentialModel, withoutHints } from './sequential-model.ts';

const read: RegisterInput = { type: 'read' };
const write = (value: unknown): RegisterInput => ({ type: 'write', value });

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

test('the verdict is that of a plain search, on histories in which one answer may be wrong', () => {
  const verdicts = { true: 0, false: 0 };
  for (let seed = 0; seed < 600; seed += 1) {
    const random = new Random(`small ${seed}`);
    const history = randomRegisterHistory({ seed, clients: 5, operations: 20, loss: random.pick([0, 0.2]) });
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
    const history = randomMapHistory({ seed, clients: 5, operations: 15, keys: 1, loss: random.pick([0, 0.2]) });
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
