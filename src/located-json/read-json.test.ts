import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Fault, type LocatedJson, readJson } from './read-json.ts';

class Refused extends Error {
  readonly fault: Fault;

  constructor(fault: Fault) {
    super(`${fault.line}:${fault.column}: ${fault.path ?? '-'}: ${fault.what}`);
    this.fault = fault;
  }
}

function read(text: string): LocatedJson {
  return readJson(text, (fault) => new Refused(fault));
}

function refused(cases: readonly (readonly [text: string, message: string])[]): void {
  for (const [text, message] of cases) assert.throws(() => read(text), { message }, text.slice(0, 80));
}

test('JSON is read as JSON.parse reads it', () => {
  const numbers = fc.oneof(fc.maxSafeInteger(), fc.double({ min: -1e15, max: 1e15, noNaN: true }));
  const scalars = fc.oneof(numbers, fc.string({ unit: 'binary' }), fc.boolean(), fc.constant(null));
  const names = fc.oneof(fc.string(), fc.constant('__proto__'));
  const { value: values } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof({ maxDepth: 3 }, scalars, fc.array(tie('value')), fc.dictionary(names, tie('value'))),
  }));
  fc.assert(
    fc.property(values, fc.constantFrom(undefined, 2), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      assert.deepEqual(read(text).value, JSON.parse(text));
    }),
  );
});

test('what JSON.parse refuses is refused at a place in the text, trailing commas apart', () => {
  const pieces = [
    '{',
    '}',
    '[',
    ']',
    ':',
    ',',
    '"a"',
    '"b"',
    '"\\u00',
    '"\\q"',
    '"\t"',
    '1',
    '01',
    '1.',
    '-',
    '2e',
    '.5',
  ];
  const more = ['true', 'nul', "'c'", 'NaN', '+1', '\ufeff', '\u00a0', '\u2028', '\f', '\n', '\r\n', ' ', '/', '"'];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...pieces, ...more), { maxLength: 12 }), (chosen) => {
      const text = `[1,${chosen.join('')}`;
      if (text.includes('//') || isJson(text.replace(/,(?=\s*[\]}])/g, ''))) return;
      const lines = text.split(/\r\n|\n/);
      assert.throws(
        () => read(text),
        (error) => error instanceof Refused && error.fault.column <= (lines[error.fault.line - 1]?.length ?? -1) + 1,
      );
    }),
    { numRuns: 2000 },
  );
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

test('comments, trailing commas and a byte order mark are allowed, and comments are none within strings', () => {
  const text = `\ufeff// first
  { /* between
       lines "*/ "a": "// no comment", // a comment, with "quotes" and one "more
    "b": [1, 2, /* three */],
  } // last`;
  assert.deepEqual(read(text).value, { a: '// no comment', b: [1, 2] });
});

test('each value is found on its line', () => {
  for (const end of ['\n', '\r\n']) {
    const { lines } = read(['{', '  "a": 1,', '  "b": [', '    { "c d":', ' 2 },', '    3', '  ]', '}'].join(end));
    assert.deepEqual(Object.fromEntries(lines), { '': 1, a: 2, b: 3, 'b[0]': 4, 'b[0]["c d"]': 5, 'b[1]': 6 });
  }
});

test('a field called __proto__ is one like all others', () => {
  const { value } = read('{ "__proto__": { "polluted": true } }');
  assert.ok(typeof value === 'object' && value !== null);
  assert.deepEqual([Object.getPrototypeOf(value), Object.keys(value)], [Object.prototype, ['__proto__']]);
  assert.equal(Object.hasOwn(Object.prototype, 'polluted'), false);
});

test('what is not JSON is refused with its place, what was expected there and what is there', () => {
  refused([
    ['', '1:1: -: expected a value, found the end of the file'],
    ['{\n  "a":\n}', '3:1: -: expected a value, found }'],
    ['{\n  "a" 1\n}', '2:7: -: expected a colon after "a", found 1'],
    ['{ "a": 1, "b" "c" }', '1:15: -: expected a colon after "b", found "c"'],
    ['{\n  a: 1\n}', '2:3: -: expected a field in double quotes, or }, found a'],
    ["{ 'a': 1 }", "1:3: -: expected a field in double quotes, or }, found 'a'"],
    ['{\n  "a": "x"\n  "b": 2\n}', '3:3: -: expected a comma, or }, found "b"'],
    ['{ "a": [{}], 1 }', '1:14: -: expected a field in double quotes, or }, found 1'],
    ['["a" "b"]', '1:6: -: expected a comma, or ], found "b"'],
    ['[1,,]', '1:4: -: expected a value, or ], found ,'],
    ['[}', '1:2: -: expected a value, or ], found }'],
    ['[1\n', '2:1: -: expected a comma, or ], found the end of the file'],
    ['{ "a": 1 // more', '1:17: -: expected a comma, or }, found the end of the file'],
    ['{ "a": one }', '1:8: -: expected a value, found one'],
    ['[1.]', '1:2: -: expected a value, or ], found 1.'],
    ['[01]', '1:2: -: expected a value, or ], found 01'],
    ['[1 / 2]', '1:4: -: expected a comma, or ], found /'],
    ['[1,\u00a02]', '1:4: -: expected a value, or ], found <U+00A0>2'],
    ['{ "a": 1 }\n}', '2:1: -: expected nothing more, found }'],
    ['{}\r\n\r\nx', '3:1: -: expected nothing more, found x'],
  ]);
});

test('a string or a comment that is left open is refused where it begins', () => {
  const why = 'a string is left open, or has a control or a wrong escape';
  refused([
    ['{\n  "a": "open,\n  "b": 1\n}', `2:8: -: ${why}: "open,`],
    ['{ "a": "At most', `1:8: -: ${why}: "At most`],
    ['["\t"]', `1:2: -: ${why}: "<U+0009>"]`],
    ['["\\q"]', `1:2: -: ${why}: "\\q"]`],
    ['[1, /* 2]', '1:5: -: a comment is left open: end it with */'],
  ]);
});

test('what would change without a word is refused with its path', () => {
  refused([
    ['{ "a": 1,\n  "a": 2 }', '2:3: a: is written twice: keep one of them'],
    ['[{ "__proto__": 1, "\\u005f_proto__": 2 }]', '1:20: [0].__proto__: is written twice: keep one of them'],
    [
      '{ "a": [1, 12345678901234567890] }',
      '1:12: a[1]: is a number that is too large: got 12345678901234567890; write it in quotes if it is a text',
    ],
    ['-1e400', '1:1: : is a number that is too large: got -1e400; write it in quotes if it is a text'],
  ]);
});

test('no text is too deep or too long', () => {
  const deep = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
  assert.ok(Array.isArray(read(deep(20)).value));
  const message = '1:21: -: expected at most 20 objects and lists in one another';
  refused([
    [deep(21), message],
    ['['.repeat(100_000), message],
  ]);
  const long = 'x'.repeat(1_000_000);
  assert.equal(read(`"${long}"`).value, long);
});
