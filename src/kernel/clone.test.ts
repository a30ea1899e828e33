import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { clone } from './clone.ts';
import { Ballot, processState } from './plain.suite.ts';
import { PlainDataError } from './plain.ts';

test('a clone is deeply equal to its original, prototypes included', () => {
  fc.assert(fc.property(processState, (value) => assert.deepStrictEqual(clone(value), value)));
});

test('a clone shares no object with its original', () => {
  fc.assert(
    fc.property(processState, (value) => {
      const originals = objectsIn(value);
      for (const object of objectsIn(clone(value))) assert.ok(!originals.has(object));
    }),
  );
});

test('a clone of a class instance has its methods', () => {
  class Counter {
    count = 1;
    private readonly step = 2;
    increment(): number {
      this.count += this.step;
      return this.count;
    }
  }
  const counter = new Counter();
  const copy = clone(counter);
  assert.equal(copy.increment(), 3);
  assert.equal(counter.count, 1);
});

test('what is referred to twice is copied twice', () => {
  const shared = { round: 1 };
  const [first, second] = clone([shared, shared]);
  assert.notEqual(first, second);
  assert.deepEqual(first, second);
});

test('bytes of a Buffer come out as a plain Uint8Array', () => {
  assert.equal(Object.getPrototypeOf(clone(Buffer.from('abc'))), Uint8Array.prototype);
});

function refusal(value: unknown): PlainDataError {
  try {
    clone(value);
  } catch (error) {
    assert.ok(error instanceof PlainDataError);
    return error;
  }
  return assert.fail('the value was cloned');
}

test('a cycle is refused with the path to it', () => {
  const log: unknown[] = [1];
  const state = { peers: new Map([['b', { log }]]) };
  log.push(state);
  const { code, path, message } = refusal(state);
  assert.equal(code, 'cycle');
  assert.equal(path, 'peers.get("b").log[1]');
  assert.equal(message, `cannot clone 'peers.get("b").log[1]': it contains itself`);
});

test('what is not plain data is refused with the path to it', () => {
  const cases: readonly (readonly [unknown, string])[] = [
    [{ a: { when: new Date(0) } }, 'a.when'],
    [[new Ballot(1, 'a'), () => 1], '[1]'],
    [{ 'two words': Symbol('s') }, '["two words"]'],
    [new Set([/x/]), '.values()'.slice(1)],
    [{ map: new (class extends Map {})() }, 'map'],
    [{ list: new (class extends Array {})() }, 'list'],
    [{ error: new Error('x') }, 'error'],
    [{ floats: new Float64Array(2) }, 'floats'],
    [{ later: Promise.resolve() }, 'later'],
    [{ weak: new WeakMap() }, 'weak'],
  ];
  for (const [value, path] of cases) {
    const error = refusal(value);
    assert.equal(error.code, 'notPlain');
    assert.equal(error.path, path);
  }
});

test('a field called __proto__ is refused, as assigning it would replace a prototype', () => {
  const hostile: unknown = JSON.parse('{"a":{"__proto__":{"admin":true}}}');
  assert.equal(refusal(hostile).message, `cannot clone 'a': it has a field called '__proto__'`);
});

test('data nested deeper than the limit is refused, data as deep as the limit is not', () => {
  assert.doesNotThrow(() => clone(nest(256)));
  assert.equal(refusal(nest(257)).code, 'tooDeep');
  assert.equal(refusal(nest(100_000)).code, 'tooDeep');
});

function nest(levels: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level += 1) value = [value];
  return value;
}

function objectsIn(value: unknown, found: Set<object> = new Set()): Set<object> {
  if (typeof value !== 'object' || value === null) return found;
  found.add(value);
  if (value instanceof Uint8Array) return found;
  const parts = value instanceof Map ? [...value.keys(), ...value.values()] : [...(value instanceof Set ? value : [])];
  for (const part of [...parts, ...Object.values(value)]) objectsIn(part, found);
  return found;
}
