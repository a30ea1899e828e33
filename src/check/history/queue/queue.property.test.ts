import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../../kernel/index.ts';
import type { Operation } from '../history.ts';
import { checkLinearizability } from '../linearizability.ts';
import { type QueueInput, queue, type Value } from '../models.ts';
import { randomQueueHistory } from '../random-history.ts';
import { Search } from '../search.ts';
import { ILLEGAL, UNKNOWN } from '../sequential-model.ts';
import { decideQueue } from './decide-queue.ts';

type QueueOperation = Operation<QueueInput, Value>;

/** One dequeue answers what another might have, or nothing. */
function misread(random: Random, history: readonly QueueOperation[]): QueueOperation[] {
  const dequeues = history.filter(({ input, completeAt }) => input.type === 'dequeue' && completeAt !== null);
  const values = history.flatMap(({ input }) => (input.type === 'enqueue' ? [input.value] : []));
  if (dequeues.length === 0) return [...history];
  const wrong = random.pick(dequeues);
  const output = random.pick([null, ...values]);
  return history.map((operation) => (operation === wrong ? { ...operation, output } : operation));
}

function byBeginning(history: readonly QueueOperation[]): QueueOperation[] {
  return [...history].sort((a, b) => a.invokeAt - b.invokeAt);
}

test('what is decided without a search is what a search finds, on small random histories', () => {
  const counts = { found: 0, none: 0, undecided: 0 };
  for (let seed = 0; seed < 3000; seed += 1) {
    const random = new Random(seed);
    const [clients, operations, loss] = [2 + random.integer(3), 4 + random.integer(7), random.pick([0, 0, 0.2])];
    const drawn = randomQueueHistory({ seed, clients, operations, loss });
    const history = byBeginning(random.chance(0.6) ? misread(random, drawn) : drawn);
    const decided = decideQueue(history);
    if (decided === null || decided.type === 'cut') {
      counts.undecided += 1;
      assert.ok(loss > 0, `seed ${seed}: with nothing unknown, a queue is always decided`);
      continue;
    }
    counts[decided.type] += 1;
    assert.equal(decided.type, new Search(queue, history).run().type, `seed ${seed}`);
    assertLegal(decided.order, history);
  }
  assert.ok(counts.found > 1000 && counts.none > 500 && counts.undecided < 100, JSON.stringify(counts));
});

/** An order that the queue can have executed. */
function assertLegal(order: readonly number[], history: readonly QueueOperation[]): void {
  let state = queue.init();
  for (const index of order) {
    const { input, output, completeAt } = history[index] as QueueOperation;
    const next = queue.apply(state, input, completeAt === null ? UNKNOWN : (output as Value));
    assert.notEqual(next, ILLEGAL);
    if (next !== ILLEGAL) state = next;
  }
}

test('queues of 10,000 operations by 30 clients are decided, right or wrong', () => {
  for (const loss of [0, 0.01]) {
    const history = randomQueueHistory({ seed: 1, clients: 30, operations: 10_000, loss });
    assert.equal(checkLinearizability(history, queue).linearizable, true);
    const at = history.findIndex(({ output, invokeAt }) => typeof output === 'number' && invokeAt > 2000);
    const twice = history.map((operation, index) => (index === at ? { ...operation, output: 3 } : operation));
    assert.equal(checkLinearizability(twice, queue).linearizable, false);
  }
});
