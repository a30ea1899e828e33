import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diff } from '../kernel/index.ts';
import { tellChange } from './tell-change.ts';

test('changes are told as a person would', () => {
  const before = { holder: 'ann', votes: new Set(['a']), log: ['x'], flags: new Map([['is.has(1)', false]]) };
  const after = { holder: null, votes: new Set(['b']), log: ['x', 'y'], flags: new Map([['is.has(1)', true]]) };
  assert.deepEqual(diff(before, after).map(tellChange), [
    'holder was "ann", is now null',
    'votes loses "a"',
    'votes gains "b"',
    'log[1] is now "y"',
    'flags.get("is.has(1)") was false, is now true',
  ]);
});
