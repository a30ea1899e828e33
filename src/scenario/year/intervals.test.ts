import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { atLeast, type Interval, merged, totalMs } from './intervals.ts';
import { Timeline } from './timeline.ts';

const END = 40;
const interval: fc.Arbitrary<Interval> = fc
  .tuple(fc.nat(END - 1), fc.nat(END - 1))
  .map(([a, b]) => ({ fromMs: Math.min(a, b), toMs: Math.max(a, b) }));
const intervals = fc.array(interval, { maxLength: 6 });

function holdsAt(at: number, some: readonly Interval[]): boolean {
  return some.some(({ fromMs, toMs }) => fromMs <= at && at < toMs);
}

test('merged stretches are the same time, apart and in order', () => {
  fc.assert(
    fc.property(intervals, (some) => {
      const result = merged(some);
      for (let at = 0; at < END; at += 1) assert.equal(holdsAt(at, result), holdsAt(at, some));
      for (const [index, { fromMs }] of result.entries())
        assert.ok(index === 0 || (result[index - 1]?.toMs ?? 0) < fromMs);
    }),
  );
});

test('at least so many at once is counted at every instant', () => {
  fc.assert(
    fc.property(fc.array(intervals, { maxLength: 4 }), fc.integer({ min: 1, max: 4 }), (lists, count) => {
      const sets = lists.map(merged);
      const result = atLeast(count, sets);
      for (let at = 0; at < END; at += 1) {
        assert.equal(holdsAt(at, result), sets.filter((set) => holdsAt(at, set)).length >= count);
      }
    }),
  );
});

test('a timeline leaves out the gaps, and finds its way back to the year', () => {
  fc.assert(
    fc.property(intervals, (parts) => {
      const timeline = new Timeline(parts);
      assert.equal(timeline.lengthMs, totalMs(merged(parts)));
      let before = 0;
      for (let at = 0; at < END; at += 1) {
        const simulated = timeline.simulated(at);
        if (holdsAt(at, parts)) assert.equal(timeline.inYear(simulated), at);
        assert.ok(simulated >= before, 'what comes later comes no earlier');
        before = simulated;
      }
    }),
  );
});
