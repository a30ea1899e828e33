import assert from 'node:assert/strict';
import { it } from 'node:test';
import { editDistance, nearest } from './nearest.ts';

it('the edit distance counts insertions, deletions and substitutions', () => {
  assert.equal(editDistance('kitten', 'sitting'), 3);
  assert.equal(editDistance('', 'abc'), 3);
  assert.equal(editDistance('same', 'same'), 0);
});

it('the nearest word is offered, but nothing far away', () => {
  assert.equal(nearest('ptu', ['put', 'get', 'status']), 'put');
  assert.equal(nearest('statsu', ['put', 'get', 'status']), 'status');
  assert.equal(nearest('elephant', ['put', 'get', 'status']), null);
});
