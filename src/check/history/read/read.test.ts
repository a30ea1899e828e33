import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { HistoryError } from '../history-error.ts';
import { checkIsolation } from '../isolation/index.ts';
import { checkLinearizability } from '../linearizability.ts';
import { readEdn } from './edn.ts';
import { withPlainNames } from './names.ts';
import { objectHistory, plainOperations } from './objects.ts';
import { formatHistory, readHistory } from './read-history.ts';
import { transactionHistory } from './transactions.ts';

function isRefused(code: string, message: string) {
  return (error: unknown): boolean => {
    assert.ok(error instanceof HistoryError);
    assert.deepEqual({ code: error.code, message: error.message }, { code, message });
    return true;
  };
}

const EDN = `; a comment
{:process 0, :type :invoke, :f :write, :value 1, :time 100, :index 0}
{:process 1, :type :invoke, :f :read, :value nil, :time 150, :index 1}
{:process :nemesis, :type :info, :f :start-partition, :value "n1", :time 160, :index 2}
{:process 0, :type :ok, :f :write, :value 1, :time 200, :index 3}
#jepsen.history.Op{:process 1, :type :ok, :f :read, :value 1, :time 250, :index 4, :error [:a #{1 2} #inst "2026"]}
{:process 0, :type :invoke, :f :cas, :value [1 2], :time 300, :index 5}
{:process 1, :type :invoke, :f :cas, :value [7 8], :time 310, :index 6}
{:process 0, :type :info, :f :cas, :value [1 2], :time 400, :index 7}
{:process 1, :type :fail, :f :cas, :value [7 8], :time 410, :index 8}
`;

test('events in EDN become operations: what failed is left out, and of what ended with info nothing is known', () => {
  const { operations, model } = objectHistory(readHistory(EDN), 'cas-register');
  assert.equal(model.name, 'compare-and-set register');
  assert.deepEqual(operations, [
    { client: '0', invokeAt: 100, completeAt: 200, input: { type: 'write', value: 1 }, output: undefined },
    { client: '1', invokeAt: 150, completeAt: 250, input: { type: 'read' }, output: 1 },
    {
      client: '0',
      invokeAt: 300,
      completeAt: null,
      input: { type: 'compareAndSet', expected: 1, value: 2 },
      output: undefined,
    },
  ]);
});

test('one vector of all events is the same history, and so are JSON lines', () => {
  const expected = objectHistory(readHistory(EDN), 'cas-register').operations;
  assert.deepEqual(objectHistory(readHistory(`[${EDN}]`), 'cas-register').operations, expected);
  const lines = readEdn(EDN).map((form) => JSON.stringify(withPlainNames(form).value));
  assert.deepEqual(objectHistory(readHistory(lines.join('\n')), 'cas-register').operations, expected);
});

test('without times, the order of the events counts', () => {
  const text = EDN.replaceAll(/:time \d+,/g, '');
  const times = readHistory(text).map(({ invokeAt, completeAt }) => [invokeAt, completeAt]);
  assert.deepEqual(times, [
    [0, 3],
    [1, 4],
    [5, null],
    [6, 8],
  ]);
});

test('independent keys: a register of each is a key-value map, queues and locks are checked one by one', () => {
  const registers = `
    {:process 0, :type :invoke, :f :read, :value [:x nil]} {:process 0, :type :ok, :f :read, :value [:x 3]}
    {:process 0, :type :invoke, :f :cas, :value [:x [3 4]]} {:process 0, :type :ok, :f :cas, :value [:x [3 4]]}`;
  assert.deepEqual(
    objectHistory(readHistory(registers), 'cas-register').operations.map(({ input, output }) => [input, output]),
    [
      [{ type: 'get', key: ':x' }, 3],
      [{ type: 'compareAndSet', key: ':x', expected: 3, value: 4 }, true],
    ],
  );
  const queues = `
    {:process 0, :type :invoke, :f :enqueue, :key 1, :value :a} {:process 0, :type :ok, :f :enqueue, :key 1}
    {:process 0, :type :invoke, :f :dequeue, :key 2} {:process 0, :type :ok, :f :dequeue, :key 2, :value :a}`;
  const { model, operations } = objectHistory(readHistory(queues), 'queue');
  const result = checkLinearizability(operations, model);
  assert.equal(result.linearizable, false);
  assert.equal(result.partition, '2');
});

test('every model takes the calls that are its own', () => {
  const lines = [
    ['kv', { type: 'put', key: 'x', value: 1 }, null],
    ['kv', { type: 'delete', key: 'x' }, true],
    ['kv', { type: 'increment', key: 'x', by: 2 }, 3],
    ['kv', { type: 'compareAndSet', key: 'x', expected: 1, value: 2 }, false],
    ['queue', { type: 'enqueue', value: 1 }, null],
    ['queue', { type: 'dequeue' }, 1],
    ['lock', { type: 'acquire', owner: 'a' }, true],
    ['lock', { type: 'release', owner: 'a' }, false],
    ['counter', { type: 'add', by: 5 }, null],
    ['counter', { type: 'read' }, 5],
  ] as const;
  for (const [model, input, output] of lines) {
    const text = JSON.stringify({ client: 'c', invokeAt: 0, completeAt: 1, input, output });
    const [operation] = objectHistory(readHistory(text), model).operations;
    assert.deepEqual(operation?.input, input);
    if (output !== null) assert.equal(operation?.output, output);
  }
});

test('transactions: what an aborted one read is not known', () => {
  const text = `
    {:process 0, :type :invoke, :f :txn, :value [[:append 5 1] [:r 6 nil]], :time 1}
    {:process 0, :type :ok, :f :txn, :value [[:append 5 1] [:r 6 [1 2]]], :time 2}
    {:process 0, :type :invoke, :f :txn, :value [[:append 5 2] [:r 6 nil]], :time 3}
    {:process 0, :type :fail, :f :txn, :value [[:append 5 2] [:r 6 nil]], :time 4}`;
  assert.deepEqual(transactionHistory(readHistory(text), 'list-append'), [
    {
      client: '0',
      invokeAt: 1,
      completeAt: 2,
      outcome: 'committed',
      operations: [
        { type: 'append', key: '5', value: 1 },
        { type: 'read', key: '6', value: [1, 2] },
      ],
    },
    {
      client: '0',
      invokeAt: 3,
      completeAt: 4,
      outcome: 'aborted',
      operations: [
        { type: 'append', key: '5', value: 2 },
        { type: 'read', key: '6', value: undefined },
      ],
    },
  ]);
});

test('maps and sets are equal in any order, and a set is not a vector', () => {
  const verdictOf = (written: string, seen: string, model: 'register' | 'queue' = 'register'): boolean | 'unknown' => {
    const [write, read] = model === 'register' ? ['write', 'read'] : ['enqueue', 'dequeue'];
    const events = [
      `{:process 0 :type :invoke :f :${write} :value ${written}} {:process 0 :type :ok :f :${write}}`,
      `{:process 0 :type :invoke :f :${read}} {:process 0 :type :ok :f :${read} :value ${seen}}`,
    ];
    const { operations, model: object } = objectHistory(readHistory(events.join('\n')), model);
    return checkLinearizability(operations, object).linearizable;
  };
  for (const model of ['register', 'queue'] as const) {
    assert.equal(verdictOf('{:a 1 :b 2}', '{:b 2 :a 1}', model), true);
    assert.equal(verdictOf('#{1 [2 {:x 1 :y #{3 4}}]}', '#{[2 {:y #{4 3} :x 1}] 1}', model), true);
    assert.equal(verdictOf('{1 2 3 4}', '{3 4 1 2}', model), true);
    assert.equal(verdictOf('{:a 1 :b 2}', '{:a 2 :b 1}', model), false);
    assert.equal(verdictOf('#{1 2}', '[1 2]', model), false);
    assert.equal(verdictOf('[1 2]', '[2 1]', model), false);
  }
  const verdictOfRead = (seen: string): string => {
    const text = `{"process":0,"type":"invoke","f":"txn","value":[["w","x",{"a":1,"b":2}]]}
{"process":0,"type":"ok","f":"txn","value":[["w","x",{"b":2,"a":1}]]}
{"process":0,"type":"invoke","f":"txn","value":[["r","x",null]]}
{"process":0,"type":"ok","f":"txn","value":[["r","x",${seen}]]}`;
    return checkIsolation(transactionHistory(readHistory(text), 'rw-register'), 'strict-serializable').verdict;
  };
  assert.equal(verdictOfRead('{"b":2,"a":1}'), 'holds');
  assert.equal(verdictOfRead('{"b":1,"a":2}'), 'violated');
});

test('a keyword is not the string of the same name, and the key 1 is not the key of that text', () => {
  const text = (written: string, seen: string): string => `
    {:process 0 :type :invoke :f :write :value ${written}} {:process 0 :type :ok :f :write}
    {:process 0 :type :invoke :f :read} {:process 0 :type :ok :f :read :value ${seen}}`;
  const holds = (history: string): boolean | 'unknown' => {
    const { operations, model } = objectHistory(readHistory(history), 'register');
    return checkLinearizability(operations, model).linearizable;
  };
  assert.equal(holds(text(':a', '"a"')), false);
  assert.equal(holds(text(':a', ':a')), true);
  assert.equal(holds(text('{:a 1}', '{"a" 1}')), false);
  const twoKeys = (a: string, b: string): string => `
    {:process 0 :type :invoke :f :write :key ${a} :value 5} {:process 0 :type :ok :f :write}
    {:process 0 :type :invoke :f :read :key ${b}} {:process 0 :type :ok :f :read :value nil}`;
  const keys = ['1', '"1"', ':x', '"x"', '[1]', '"[1]"', 'true', '"true"', '"\\"1\\""', '#{1}', '"Set {1}"', '"1n"'];
  for (const a of keys) for (const b of keys) assert.equal(holds(twoKeys(a, b)), a !== b, `${a} and ${b}`);
  const [transaction] = transactionHistory(
    readHistory('{:process 0 :type :invoke :f :txn :value [[:append :x 1] [:r "x" nil] [:r 1 nil] [:r "1" nil]]}'),
    'list-append',
  );
  assert.deepEqual(
    transaction?.operations.map(({ key }) => key),
    [':x', 'x', '1', '"1"'],
  );
});

test('whole operations in EDN have names as those in JSON', () => {
  const text = '{:client "a" :invokeAt 0 :completeAt 1 :outcome :ok :input {:type :get :key :x} :output :y}';
  const { operations } = objectHistory(readHistory(text), 'kv');
  assert.deepEqual(operations, [
    { client: 'a', invokeAt: 0, completeAt: 1, input: { type: 'get', key: ':x' }, output: ':y' },
  ]);
});

test('times in nanoseconds since 1970 are told apart, and count from the first', () => {
  const events = (time: string): string => `
    {"process":0,"type":"invoke","f":"write","value":1,${time}1790000000000000001}
    {"process":0,"type":"ok","f":"write","value":1,${time}1790000000000000003}
    {"process":1,"type":"invoke","f":"read","value":null,${time}1790000000000000004}
    {"process":1,"type":"ok","f":"read","value":null,${time}1790000000000001000}`;
  const edn = events('"time" ')
    .replaceAll(/"(process|type|f|value|time)":?/g, ':$1 ')
    .replaceAll('null', 'nil');
  const whole = `
    {"client":"0","invokeAt":1790000000000000001,"completeAt":1790000000000000003,"input":{"type":"write","value":1}}
    {"client":"1","invokeAt":1790000000000000004,"completeAt":1790000000000001000,"input":{"type":"read"},"output":null}`;
  for (const text of [events('"time":'), edn, whole]) {
    const { operations, model } = objectHistory(readHistory(text), 'register');
    assert.deepEqual(
      operations.map(({ invokeAt, completeAt }) => [invokeAt, completeAt]),
      [
        [0, 2],
        [3, 999],
      ],
    );
    assert.equal(checkLinearizability(operations, model).linearizable, false);
  }
  refuse(
    `${whole}\n{"client":"1","invokeAt":5,"input":{"type":"read"}}`,
    'times are from 5 to 1790000000000000001, which is further apart than JavaScript can tell exactly: times are whole numbers of one clock',
  );
});

test('operations that are written are read again as they were', () => {
  const operation = fc.record({
    client: fc.string(),
    invokeAt: fc.integer({ min: 0, max: 50 }),
    completeAt: fc.option(fc.integer({ min: 50, max: 99 })),
    input: fc.record({ type: fc.string(), value: fc.jsonValue() }),
    output: fc.constantFrom(null, 1, 'x', undefined),
  });
  fc.assert(
    fc.property(fc.array(operation, { minLength: 1, maxLength: 5 }), (operations) => {
      const sorted = operations.sort((a, b) => a.invokeAt - b.invokeAt);
      const known = sorted.map((one) => (one.completeAt === null ? { ...one, output: undefined } : one));
      // JSON has no -0.
      const plain = JSON.parse(JSON.stringify(known));
      assert.deepEqual(JSON.parse(JSON.stringify(plainOperations(readHistory(formatHistory(known))))), plain);
    }),
  );
});

test('EDN: all of its forms', () => {
  const text = `"a\\n\\u0041\\"" \\c \\newline :k/w sym -3 4.5 1e3 12345678901234567890 7N 1.5M nil true #{1} (1 [2]) {:a {}} #t/x 1
    #_ ignored #_(also this) {1 2} ##-Inf 1/2`;
  assert.deepEqual(
    readEdn(text).map(({ value }) => value),
    [
      ...[
        'a\nA"',
        'c',
        '\n',
        ':k/w',
        'sym',
        -3,
        4.5,
        1000,
        12345678901234567890n,
        7,
        1.5,
        null,
        true,
        new Set([1]),
        [1, [2]],
      ],
      ...[{ ':a': {} }, 1, new Map([[1, 2]]), Number.NEGATIVE_INFINITY, '1/2'],
    ],
  );
  assert.deepEqual(readEdn('[1\n 2\n\n3]'), [
    { line: 1, value: 1 },
    { line: 2, value: 2 },
    { line: 4, value: 3 },
  ]);
});

test('what is wrong with a file is told with its line, and what to do', () => {
  const refuse = (text: string, code: string, message: string): void => {
    assert.throws(() => objectHistory(readHistory(text), 'register'), isRefused(code, message));
  };
  refuse('', 'malformed', 'there is no operation in it');
  refuse('{:a 1\n', 'malformed', "line 2: the file ends before the '{' of line 1 is closed");
  refuse('{:a}', 'malformed', 'line 1: a map has a key without a value');
  refuse('[1 2] 3', 'malformed', "line 1: there is more after the ']' that ends the history");
  refuse('{:a ]}', 'malformed', "line 1: unexpected ']'");
  refuse(
    '{"process":0,"type":"invoke"}\n{"process"',
    'malformed',
    "line 2: not a JSON value (Expected ':' after property name in JSON at position 10 (line 1 column 11)): each line is one JSON object",
  );
  refuse(
    '{"process":0,"type":"invoke","f":"write","value":12345678901234567890}',
    'malformed',
    'line 1: 12345678901234567890 is more than JavaScript holds exactly: write it as a string',
  );
  refuse('\n{:process 0 :type :done}', 'malformed', 'line 2: type is "done": expected invoke, ok, fail, info');
  refuse(
    '{:process 0 :type :invoke :f :read}\n{:process 0 :type :invoke :f :read}',
    'overlapping',
    "line 2: process 0 begins read, and the read of line 1 has not ended: end each with 'ok', 'fail' or 'info', and give what runs at the same time to processes of their own",
  );
  refuse(
    '{:process 0 :type :invoke :f :read}\n{:process 0 :type :ok :f :read}\n{:process 0 :type :ok :f :read}',
    'malformed',
    "line 3: process 0 ends read, and it has begun none: each 'ok' follows an 'invoke'",
  );
  refuse(
    '{:process 0 :type :invoke :f :read :time 5}\n{:process 0 :type :ok :f :read :time 4}',
    'malformed',
    'line 2: it ends at 4, and began at 5, at line 1: times are those of one clock',
  );
  refuse(
    '{:process 0 :type :invoke :f :enqueue :value 1}',
    'unsupported',
    "line 1: 'enqueue' is none of what the model knows, read, write and cas: check it with another --model",
  );
  refuse(
    '{"client":"a","invokeAt":"now","input":{"type":"read"}}',
    'malformed',
    'line 1: invokeAt is "now": expected a number',
  );
  refuse(
    '{"at":1}',
    'malformed',
    'line 1: expected an operation with client, invokeAt, completeAt, input and output, found {at: 1}',
  );
  assert.throws(
    () => transactionHistory(readHistory('{:process 0 :type :invoke :f :txn :value [[:w 1 2]]}'), 'list-append'),
    isRefused('malformed', 'line 1: [":w", 1, 2] in a transaction: expected [append key value] or [r key list]'),
  );
});

const WRITE = '{:process 0 :type :invoke :f :write :value 1}\n';

function refuse(text: string, message: string): void {
  assert.throws(() => objectHistory(readHistory(text), 'cas-register'), isRefused('malformed', message));
}

test('a field that is misspelt is not taken for one that is missing', () => {
  const fields = 'index, error, exception, link, node, debug, final?, clock-offsets';
  refuse(
    '{"client":"a","invokeAt":0,"completedAt":1,"input":{"type":"read"},"output":7}',
    `line 1: unknown field completedAt: an operation has client, invokeAt, completeAt, outcome, input, output, ${fields}`,
  );
  refuse(
    `${WRITE}{:process 0 :type :ok :f :write :value 1 :tim 5}`,
    `line 2: unknown field tim: an event has type, process, f, value, key, time, ${fields}`,
  );
  refuse(
    '{"client":"a","invokeAt":0,"completeAt":1,"input":{"type":"write","valeu":7}}',
    'line 1: unknown field valeu: an input has type, key, value, expected, owner, by',
  );
  const besides = ':index 1 :error [:timeout "x"] :exception {} :link "f" :node "n1" :debug 1 :final? true';
  assert.equal(readHistory(`${WRITE}{:process 0 :type :ok :f :write :value 1 ${besides}}`).length, 1);
  assert.equal(readHistory(`${WRITE}{:process :nemesis :type :info :f :kill :targets ["n1"]}`).length, 1);
});

test('an end without a beginning is refused, even of a process that began nothing', () => {
  const advice = (type: string): string =>
    `line 2: process 1 ends read, and it has begun none: each '${type}' follows an 'invoke'`;
  for (const type of ['ok', 'fail']) refuse(`${WRITE}{:process 1 :type :${type} :f :read :value 1}`, advice(type));
});

test('what ends is what began', () => {
  refuse(
    `${WRITE}{:process 0 :type :ok :f :read :value 9}`,
    'line 2: it ends read, and process 0 began write, at line 1: both have the same f',
  );
  refuse(
    `${WRITE}{:process 0 :type :ok :f :write :value 9}`,
    'line 2: it ends write of 9, and began that of 1, at line 1: both have the same value',
  );
  refuse(
    '{:process 0 :type :invoke :f :cas :value [1 2]}\n{:process 0 :type :ok :f :cas :value [1 3]}',
    'line 2: it ends cas of [1, 3], and began that of [1, 2], at line 1: both have the same value',
  );
  refuse(
    '{:process 0 :type :invoke :f :read :key 1}\n{:process 0 :type :ok :f :read :key 2 :value 1}',
    'line 2: it ends read of key 2, and process 0 began that of 1, at line 1: both have the same key',
  );
  refuse(
    '{:process 0 :type :invoke :f :read :value [1 nil]}\n{:process 0 :type :ok :f :read :value [2 3]}',
    'line 2: it ends read of key 2, and began that of 1, at line 1: both have the same key',
  );
  for (const end of ['', ':value 1', ':value nil']) {
    assert.equal(
      objectHistory(readHistory(`${WRITE}{:process 0 :type :ok :f :write ${end}}`), 'register').operations.length,
      1,
    );
  }
  const transaction = '{:process 0 :type :invoke :f :txn :value [[:append 1 2] [:r 1 nil]]}\n';
  const judge = (end: string) => () =>
    transactionHistory(readHistory(`${transaction}{:process 0 :type :ok :f :txn :value ${end}}`), 'list-append');
  assert.throws(judge('[[:append 1 3] [:r 1 [3]]]'), { code: 'malformed' });
  assert.throws(judge('[[:append 1 2] [:r 2 [2]]]'), { code: 'malformed' });
  assert.throws(judge('[[:append 1 2]]'), { code: 'malformed' });
  assert.throws(judge('[[:append 1 2] [:r 1]]'), { code: 'malformed' });
  assert.doesNotThrow(judge('[[:append 1 2] [:r 1 [2]]]'));
});

test('a read that was answered has an answer, and a write has a value', () => {
  refuse(
    '{"client":"a","invokeAt":0,"completeAt":1,"input":{"type":"read"}}',
    'line 1: read was answered, and there is no output: say what it was, if only null',
  );
  refuse(
    '{:process 0 :type :invoke :f :read}\n{:process 0 :type :ok :f :read}',
    'line 2: read was answered, and there is no value: say what it was, if only null',
  );
  refuse('{:process 0 :type :invoke :f :write}', 'line 1: write has no value: say what it is of, if only null');
  refuse(
    '{"client":"a","invokeAt":0,"outcome":"ok","input":{"type":"read"},"output":1}',
    'line 1: outcome is ok, and there is no completeAt: when did it end?',
  );
});
