import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { address } from './address.ts';
import { plainData } from './plain.suite.ts';
import type { Effect, Event } from './process.ts';
import {
  formatLine,
  formatTrace,
  parseTrace,
  type Trace,
  TraceError,
  type TraceHeader,
  type TraceStep,
} from './trace.ts';

const header: TraceHeader = { format: 'coterie-trace', version: 1, origin: 'sim', subject: 'ping', seed: 7 };

const message = plainData.map((content) => ({ type: 'any', content }));
const event: fc.Arbitrary<Event> = fc.oneof(
  fc.constant<Event>({ type: 'start' }),
  message.map((record): Event => ({ type: 'recover', record })),
  message.map((content): Event => ({ type: 'message', from: address('b'), message: content })),
);
const effect: fc.Arbitrary<Effect> = fc.oneof(
  message.map((content): Effect => ({ type: 'send', to: address('b'), message: content, early: false })),
  message.map((record): Effect => ({ type: 'persist', record })),
);
const at = fc.double({ noNaN: true, noDefaultInfinity: true });
const plain = { noNullPrototype: true };
const step: fc.Arbitrary<TraceStep> = fc.oneof(
  fc.record(
    {
      at,
      process: fc.constant(address('a', 'p')),
      event,
      choices: fc.array(fc.nat(9), { maxLength: 3 }),
      effects: fc.array(effect, { maxLength: 3 }),
    },
    plain,
  ),
  fc.record({ at, node: fc.constant('a'), type: fc.constantFrom('boot', 'crash') }, plain),
  fc.record(
    {
      at,
      node: fc.constant('a'),
      type: fc.constantFrom('beginFlush', 'completeFlush'),
      storage: fc.string({ unit: 'binary', maxLength: 4 }),
    },
    plain,
  ),
  fc.record({ at, type: fc.constant('note'), text: fc.string({ unit: 'binary', maxLength: 9 }) }, plain),
);

test('a trace comes back from text as it was, one line a step', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 5 }), (steps) => {
      const trace: Trace = { header, steps };
      const text = formatTrace(trace);
      assert.equal(text.split('\n').length, steps.length + 2);
      assert.deepStrictEqual(parseTrace(text), trace);
      assert.equal(text, [header, ...steps].map(formatLine).join(''));
    }),
  );
});

test('a line reads well', () => {
  const line = formatLine({
    at: 12,
    process: address('a', 'replica'),
    event: { type: 'timer', timer: 'heartbeat' },
    choices: [],
    effects: [{ type: 'persist', record: new TextEncoder().encode('put a') }],
  });
  assert.equal(
    line,
    '{"at":12,"process":"a/replica","event":{"type":"timer","timer":"heartbeat"},"choices":[],"effects":[{"type":"persist","record":{"$ascii":"put a"}}]}\n',
  );
});

test('a text that is no trace is refused with the line where it is not', () => {
  const head = formatLine(header);
  const note = formatLine({ at: 1, type: 'note', text: 'x' });
  const cases: readonly (readonly [string, TraceError['code'], number, RegExp])[] = [
    ['', 'badHeader', 1, /not JSON/],
    ['hello\n', 'badHeader', 1, /not JSON/],
    ['{}\n', 'badHeader', 1, /expected \{"format":"coterie-trace"/],
    [head.replace('"version":1', '"version":2'), 'badVersion', 1, /version 2, expected 1/],
    [head.replace('"sim"', '"moon"'), 'badHeader', 1, /"origin"/],
    [`${head}${note}[1]\n`, 'badStep', 3, /expected a JSON object, found \[1\]/],
    [`${head}${note}{"at":1`, 'badStep', 3, /not JSON/],
    [`${head}{"type":"note","text":"x"}\n`, 'badStep', 2, /"at"/],
    [`${head}{"at":1,"type":"explode"}\n`, 'badStep', 2, /boot, crash/],
    [`${head}{"at":1,"type":"boot"}\n`, 'badStep', 2, /boot needs a string "node"/],
    [`${head}{"at":1,"type":"beginFlush","node":"a"}\n`, 'badStep', 2, /"storage"/],
    [`${head}{"at":1,"process":"a","event":{"type":"x"},"choices":[],"effects":[]}\n`, 'badStep', 2, /"event"/],
    [
      `${head}{"at":1,"process":"a","event":{"type":"start"},"choices":["1"],"effects":[]}\n`,
      'badStep',
      2,
      /"choices"/,
    ],
    [`${head}{"at":1,"process":"a","event":{"type":"start"},"choices":[],"effects":[1]}\n`, 'badStep', 2, /"effects"/],
    [`${head}{"at":1,"type":"note","text":{"$what":1}}\n`, 'badStep', 2, /unknown tag/],
  ];
  for (const [text, code, line, pattern] of cases) {
    assert.throws(
      () => parseTrace(text),
      (error) =>
        error instanceof TraceError && error.code === code && error.line === line && pattern.test(error.message),
      text,
    );
  }
});
