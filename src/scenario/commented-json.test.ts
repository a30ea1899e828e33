import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseCommentedJson } from './commented-json.ts';

test('JSON is read as JSON.parse reads it', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 3 }), fc.constantFrom(undefined, 2), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      assert.deepEqual(parseCommentedJson(text).value, JSON.parse(text));
    }),
  );
});

test('comments and trailing commas are allowed, and are none within strings', () => {
  const text = `// first
  { /* between
       lines */ "a": "// no comment", // a comment, with "quotes"
    "b": [1, 2, /* three */],
  }`;
  assert.deepEqual(parseCommentedJson(text).value, { a: '// no comment', b: [1, 2] });
});

test('each value is found on its line', () => {
  const { lines } = parseCommentedJson('{\n  "a": 1,\n  "b": [\n    { "c": 2 },\n    3\n  ]\n}');
  assert.deepEqual(Object.fromEntries(lines), { '': 1, a: 2, b: 3, 'b[0]': 4, 'b[0].c': 4, 'b[1]': 5 });
});

test('what is not JSON is refused with its line, and what was expected there', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['', 'line 1: expected a value, found the end of the file'],
    ['{\n  "a" 1\n}', 'line 2: expected a colon after "a", found 1'],
    ['{\n  a: 1\n}', 'line 2: expected a field name in double quotes, or }, found a'],
    ['{\n  "a": 1\n  "b": 2\n}', 'line 3: expected a comma, or }, found "b"'],
    ['[1\n', 'line 2: expected a comma, or ], found the end of the file'],
    ['{ "a": one }', 'line 1: expected a value, found one'],
    ['{ "a": 1,\n  "a": 2 }', 'line 2: "a" is written twice: keep one'],
    ['{ "a": 1 }\n}', 'line 2: expected nothing more, found }'],
    ['{ "a": "open\n }', 'line 1: expected JSON: is a string or a comment left open?, found "open'],
  ];
  for (const [text, message] of cases)
    assert.throws(() => parseCommentedJson(text), { name: 'ScenarioError', message });
});
