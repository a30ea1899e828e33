import assert from 'node:assert/strict';
import { test } from 'node:test';
import { goesOnFrom, isLineage, type Lineage, NO_LINEAGE, type Sighting, withAnotherLife } from './lineage.ts';

function after(starts: number, from: Lineage = NO_LINEAGE): Lineage {
  let lineage = from;
  for (let start = 0; start < starts; start += 1) lineage = withAnotherLife(lineage);
  return lineage;
}

function sightingOf({ starts, lives }: Lineage): Sighting {
  return { starts, life: lives.at(-1) ?? '' };
}

test('data go on from each of their earlier lives, however often they were started since', () => {
  const met = after(3);
  for (const starts of [0, 1, 63, 64, 65, 500]) assert.ok(goesOnFrom(after(starts, met), sightingOf(met)), `${starts}`);
});

test('data that were wiped or put back do not, however often they are started', () => {
  const copy = after(3);
  const met = after(1, copy);
  for (const starts of [1, 2, 60]) {
    assert.ok(!goesOnFrom(after(starts), sightingOf(met)), `wiped, ${starts}`);
    assert.ok(!goesOnFrom(after(starts, copy), sightingOf(met)), `put back, ${starts}`);
  }
});

test('only a lineage is one', () => {
  assert.ok(isLineage(after(2)));
  for (const other of [null, 1, {}, { starts: 1 }, { starts: 1.5, lives: [] }, { starts: 1, lives: [1] }]) {
    assert.ok(!isLineage(other));
  }
});
