import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Ballot, processState } from './plain.suite.ts';
import { print } from './print.ts';

test('data is printed the way a program would write it', () => {
  const cases: readonly (readonly [unknown, string])[] = [
    [{ type: 'prepare', ballot: 3 }, '{type: "prepare", ballot: 3}'],
    [new Ballot(1, 'a'), 'Ballot {round: 1, node: "a"}'],
    [new Map<unknown, unknown>([['a', [1, -0]]]), 'Map {"a" => [1, -0]}'],
    [new Set([1n, undefined, null, Number.NaN]), 'Set {1n, undefined, null, NaN}'],
    [new Uint8Array([0, 255]), '0x00ff'],
    [new TextEncoder().encode('say "hi"'), 'b"say \\"hi\\""'],
    [new Uint8Array(1000), `0x${'00'.repeat(24)}… 1000 bytes`],
    [{ 'odd name': true, $x: '\n' }, '{"odd name": true, $x: "\\n"}'],
    [[() => 1, new Date(0)], '[[function ], [Date]]'],
  ];
  for (const [value, expected] of cases) assert.equal(print(value), expected);
});

test('whatever is printed takes one line', () => {
  fc.assert(fc.property(processState, (value) => assert.ok(!print(value).includes('\n'))));
});

test('a value that contains itself is cut off', () => {
  const loop: unknown[] = [];
  loop.push(loop);
  assert.ok(print(loop).includes('…'));
});
