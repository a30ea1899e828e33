import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../kernel/index.ts';
import { Queue } from './frontier.ts';
import { PackedQueue } from './packed-queue.ts';

/** Some thousand states of all lengths, one longer than a block, put in and taken out in turns. */
test('a packed queue gives back what was put in, in order', () => {
  const random = new Random(1);
  const packed = new PackedQueue<readonly number[]>({ words: (state) => state, state: (words) => words });
  const plain = new Queue<readonly number[]>();
  for (let number = 0; number < 20_000; number += 1) {
    const length = number === 700 ? 200_000 : random.integer(30);
    const state = Array.from({ length }, () => random.integer(2 ** 31) - 2 ** 30);
    for (const queue of [packed, plain]) queue.push(state, number, number % 50);
    for (let takes = random.integer(number % 5_000 < 4_000 ? 2 : 6); takes > 0; takes -= 1) {
      assert.equal(packed.take(), plain.take());
      assert.deepEqual([packed.number, packed.depth, packed.size], [plain.number, plain.depth, plain.size]);
      assert.deepEqual(packed.state, plain.state);
    }
  }
  while (plain.take()) {
    assert.ok(packed.take());
    assert.deepEqual([packed.number, packed.state], [plain.number, plain.state]);
  }
  assert.equal(packed.take(), false);
});
