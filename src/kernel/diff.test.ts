import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { diff } from './diff.ts';
import { equal } from './equal.ts';
import { Ballot, processState } from './plain.suite.ts';

test('a difference is told by the smallest parts that differ, at paths as a program would write them', () => {
  const before = {
    promised: 1,
    votes: new Map([
      ['a', { ballot: new Ballot(1, 'a') }],
      ['b', { ballot: new Ballot(1, 'a') }],
    ]),
    seen: new Set([1, 2]),
    log: ['x', 'y'],
    'odd name': 1,
  };
  const after = {
    promised: 1,
    votes: new Map([
      ['b', { ballot: new Ballot(2, 'a') }],
      ['c', { ballot: new Ballot(3, 'a') }],
    ]),
    seen: new Set([2, 3]),
    log: ['x', 'z', 'w'],
    'odd name': 2,
  };
  assert.deepEqual(diff(before, after), [
    { path: 'votes.get("a")', before: { ballot: new Ballot(1, 'a') }, after: undefined },
    { path: 'votes.get("b").ballot.round', before: 1, after: 2 },
    { path: 'votes.get("c")', before: undefined, after: { ballot: new Ballot(3, 'a') } },
    { path: 'seen.has(1)', before: true, after: false },
    { path: 'seen.has(3)', before: false, after: true },
    { path: 'log[1]', before: 'y', after: 'z' },
    { path: 'log[2]', before: undefined, after: 'w' },
    { path: '["odd name"]', before: 1, after: 2 },
  ]);
});

test('values of two kinds differ as a whole, at the empty path', () => {
  assert.deepEqual(diff([1], new Set([1])), [{ path: '', before: [1], after: new Set([1]) }]);
  assert.deepEqual(diff(0, -0), [{ path: '', before: 0, after: -0 }]);
});

test('keys of a map that are objects are matched by what they hold', () => {
  const before = new Map([[{ slot: 1 }, 'x']]);
  const after = new Map([[{ slot: 1 }, 'y']]);
  assert.deepEqual(diff(before, after), [{ path: 'get({slot: 1})', before: 'x', after: 'y' }]);
});

test('there is no difference exactly if the values are equal', () => {
  fc.assert(
    fc.property(processState, processState, (a, b) => assert.equal(diff(a, b).length === 0, equal(a, b))),
    { numRuns: 500 },
  );
});
