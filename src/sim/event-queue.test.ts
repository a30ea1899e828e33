import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { EventQueue } from './event-queue.ts';

test('events come out by time, and those of one time in the order they went in', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.nat(20), { freq: 3 }), { maxLength: 300 }), (commands) => {
      const queue = new EventQueue<{ readonly at: number; readonly order: number }>();
      const model: { readonly at: number; readonly order: number }[] = [];
      commands.forEach((at, order) => {
        if (at === null) {
          assert.equal(queue.nextAt, model[0]?.at ?? Number.POSITIVE_INFINITY);
          assert.deepEqual(queue.pop(), model.shift());
          return;
        }
        queue.push(at, { at, order });
        model.push({ at, order });
        model.sort((x, y) => x.at - y.at || x.order - y.order);
      });
      assert.equal(queue.size, model.length);
    }),
  );
});

test('the queue grows beyond its first capacity', () => {
  const queue = new EventQueue<number>();
  for (let at = 5000; at > 0; at -= 1) queue.push(at, at);
  for (let at = 1; at <= 5000; at += 1) assert.equal(queue.pop(), at);
  assert.equal(queue.pop(), undefined);
});
