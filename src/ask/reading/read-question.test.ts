import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { QuestionError } from './fields.ts';
import { readQuestion } from './read-question.ts';

const GOOD = {
  semantics: 'atMostOnce',
  program: [{ put: 'k', value: 1, reported: 'success' }, { get: 'k' }],
};

function refused(question: unknown, field: string, message: RegExp): void {
  const text = typeof question === 'string' ? question : JSON.stringify(question);
  assert.throws(
    () => readQuestion(text),
    (error) => {
      assert.ok(error instanceof QuestionError, String(error));
      assert.equal(error.field, field);
      assert.match(error.message, message);
      return true;
    },
  );
}

describe('a question', () => {
  test('needs no more than its semantics and its program', () => {
    const question = readQuestion(JSON.stringify(GOOD));
    assert.ok(question.type === 'calls');
    assert.deepEqual([question.retries, question.server.cache, question.network.order], [1, 'memory', 'any']);
    assert.deepEqual(question.program[0]?.operation, { type: 'put', key: 'k', value: '1' });
    assert.deepEqual(question.program[1]?.reported, ['success', 'noKey']);
  });

  test('repeats a call as often as it says', () => {
    const question = readQuestion(
      JSON.stringify({ ...GOOD, program: [{ increment: 'n', times: 3, reported: 'any' }, { get: 'n' }] }),
    );
    assert.ok(question.type === 'calls');
    assert.equal(question.program.length, 4);
  });

  test('is JSON, an object, and has no field that nobody knows', () => {
    refused('{', '', /^the question is no JSON: /);
    refused('[]', '', /^the question is an object, as in \{ … \}: got \[\]$/);
    refused({ ...GOOD, retry: 3 }, 'retry', /^the question's retry is not known: remove it; there may be .*retries/);
    refused({ ...GOOD, server: { cash: 1 } }, 'server.cash', /is not known: remove it; there may be cache, crashes/);
  });

  test('may have comments and trailing commas, as scenario files may', () => {
    const text = `// from the course\n{ "semantics": "maybe", "program": [{ "get": "k" /* the last */ }], }`;
    assert.equal(readQuestion(text).type, 'calls');
  });

  test('is told where it is no JSON', () => {
    refused('', '', /^the question is no JSON: line 1, column 1: expected a value, found the end of the file$/);
    refused('{\n  "asks":\n}', '', /line 3, column 1: expected a value, found \}$/);
    refused('{ "asks": "values",, }', '', /column 20: expected a field in double quotes, or \}, found ,$/);
    refused('{ "asks" "values" }', '', /expected a colon after "asks", found "values"$/);
    refused('{ "asks": "values" "retries": 1 }', '', /expected a comma, or \}, found "retries"$/);
    refused('{ "title": "At most', '', /line 1, column 12: a string is left open, or .*: "At most$/);
    refused(`${JSON.stringify(GOOD)} x`, '', /expected nothing more, found x$/);
    refused('['.repeat(100_000), '', /expected at most 20 objects and lists in one another$/);
  });

  test('loses nothing that is written: neither a field that is there twice nor the last digits of a number', () => {
    const twice =
      '{ "semantics": "atMostOnce", "program": [{ "get": "k" }], "server": { "crashes": 1, "crashes": 0 } }';
    refused(twice, 'server.crashes', /'s server\.crashes \(line 1, column 85\) is written twice: keep one of them$/);
    const large = (value: string): string =>
      `{ "semantics": "atMostOnce", "program": [{ "put": "k", "value": ${value}, "reported": "any" }, { "get": "k" }] }`;
    refused(
      large('12345678901234567890'),
      'program[0].value',
      /is a number that is too large: got 12345678901234567890/,
    );
    refused(large('1e400'), 'program[0].value', /is a number that is too large: got 1e400/);
    const question = readQuestion(large('"12345678901234567890"'));
    assert.ok(question.type === 'calls');
    assert.deepEqual(question.program[0]?.operation, { type: 'put', key: 'k', value: '12345678901234567890' });
  });

  test('has texts that can be read', () => {
    refused({ ...GOOD, title: 'two\nlines' }, 'title', /is one line of text.*: got "two\\nlines"$/);
    refused({ ...GOOD, initially: { k: 'x'.repeat(201) } }, 'initially.k', /of at most 200 characters: got "xxx/);
    refused({ ...GOOD, initially: { '': 1 } }, 'initially[""]', /is an empty key/);
    refused(
      '{ "semantics": "atMostOnce", "program": [{ "get": "__proto__" }] }',
      'program[0].get',
      /call it otherwise/,
    );
    refused({ ...GOOD, 'a b': 1 }, '["a b"]', /is not known/);
  });

  test('has nothing where it has null', () => {
    refused({ ...GOOD, server: null }, 'server', /is an object, as in \{ … \}: got null$/);
    refused({ ...GOOD, initially: null }, 'initially', /got null$/);
    refused({ ...GOOD, asks: null }, 'asks', /got null$/);
    refused({ ...GOOD, title: null }, 'title', /got null$/);
  });

  test('names its semantics', () => {
    refused({ program: GOOD.program }, 'semantics', /is missing: write one of maybe, atLeastOnce, atMostOnce/);
    refused({ ...GOOD, semantics: 'once' }, 'semantics', /is "maybe", .* or "exactlyOnce": got "once"$/);
    refused({ ...GOOD, asks: 'why' }, 'asks', /is "values", "outcomes" or "generals": got "why"/);
  });

  test('has a program of operations, each with what it reported', () => {
    refused({ ...GOOD, program: [] }, 'program', /is a list with at least one item: got \[\]/);
    refused({ ...GOOD, program: [{}] }, 'program[0]', /names one operation of put, .* and its key, .*: got nothing/);
    refused({ ...GOOD, program: [{ put: 'k', get: 'k' }] }, 'program[0]', /got put, get$/);
    refused(
      { ...GOOD, program: [{ put: 'k' }] },
      'program[0].value',
      /is a number, or one line of text .*: got nothing/,
    );
    refused({ ...GOOD, program: [{ put: 'k', value: 1 }] }, 'program[0].reported', /is missing: write what the call/);
    const lost = [{ put: 'k', value: 1, reported: 'lost' }];
    refused({ ...GOOD, program: lost }, 'program[0].reported', /"success", .* or "any": got "lost"/);
    refused({ ...GOOD, program: GOOD.program.slice(0, 1) }, 'program', /reads nothing: end it with \{ "get": KEY \}/);
    const long = [{ increment: 'n', times: 20, reported: 'success' }, { get: 'n' }];
    refused({ ...GOOD, program: long }, 'program', /has at most 20 calls: got 21/);
    const read = (reported: unknown) => ({ ...GOOD, program: [{ get: 'k', reported }] });
    refused(read([]), 'program[0].reported', /is a list of at least one report, or "any": got \[\]$/);
    refused(read(['noKey', 'noKey']), 'program[0].reported[1]', /is in the list already: got "noKey"; keep one$/);
    refused(read(['any']), 'program[0].reported[0]', /is "success", "noKey", "timeout" or "failure": got "any"$/);
    refused({ ...GOOD, asks: 'outcomes' }, 'program[0].reported', /is what is asked for: leave it out/);
  });

  test('has numbers within bounds, and flags that are true or false', () => {
    refused({ ...GOOD, retries: -1 }, 'retries', /is a whole number from 0 to 10: got -1/);
    refused({ ...GOOD, server: { crashes: 0.5 } }, 'server.crashes', /is a whole number from 0 to 3: got 0.5/);
    refused({ ...GOOD, network: { loses: 'yes' } }, 'network.loses', /is true or false: got "yes"/);
    refused({ ...GOOD, network: [] }, 'network', /is an object/);
  });

  test('does not ask for what does not go together', () => {
    refused({ ...GOOD, semantics: 'maybe', retries: 2 }, 'retries', /is 0 or left out with "maybe"/);
    refused({ ...GOOD, acknowledges: true, server: { cache: 'none' } }, 'acknowledges', /remembers no calls/);
    refused({ ...GOOD, semantics: 'atMostTwice', server: { cache: 'none' } }, 'server.cache', /leave it out/);
    refused({ ...GOOD, semantics: 'atMostTwice', server: { gets: 'current' } }, 'server.gets', /leave it out/);
    refused({ ...GOOD, server: { cache: 'disk', incarnations: true } }, 'server.incarnations', /choose one/);
    refused({ ...GOOD, network: { order: 'fifo', deliveriesMax: 2 } }, 'network.deliveriesMax', /"any" only/);
    const count = [{ increment: 'n', reported: 'success' }, { get: 'n' }];
    refused(
      { semantics: 'atLeastOnce', program: count },
      'network.deliveriesMax',
      /is missing: each duplicate is counted, and there is no end of them/,
    );
  });

  test('does not say that a call timed out which is sent until it is answered', () => {
    const program = [{ put: 'k', value: 1, reported: 'timeout' }, { get: 'k' }];
    const never = /is "timeout", which no call reports with "exactlyOnce": .*"deadline": true$/;
    refused({ semantics: 'exactlyOnce', program }, 'program[0].reported', never);
    const listed = [{ put: 'k', value: 1, reported: ['success', 'timeout'] }, { get: 'k' }];
    refused({ semantics: 'exactlyOnce', program: listed }, 'program[0].reported[1]', never);
    refused({ semantics: 'atLeastOnce', program }, 'program[0].reported', /which no call reports with "atLeastOnce"/);
    for (const asked of [
      { semantics: 'exactlyOnce', program, deadline: true },
      { semantics: 'exactlyOnce', program: [{ put: 'k', value: 1, reported: 'any' }, { get: 'k' }] },
    ]) {
      assert.equal(readQuestion(JSON.stringify(asked)).type, 'calls');
    }
    refused({ ...GOOD, deadline: true }, 'deadline', /does not go with "atMostOnce", whose client gives up by itself/);
  });

  test('of two generals says how many messages there are', () => {
    refused({ asks: 'generals' }, 'messages', /is missing: write how many are sent in all/);
    refused({ asks: 'generals', messages: 8 }, 'messages', /is a whole number from 0 to 7: got 8/);
    refused({ asks: 'generals', messages: 2, lossesMax: 3 }, 'lossesMax', /is a whole number from 0 to 2: got 3/);
  });
});
