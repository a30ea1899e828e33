import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { create } from '@bufbuild/protobuf';
import { anyPack, anyUnpack, timestampFromMs, timestampMs } from '@bufbuild/protobuf/wkt';
import { generateStubs } from '../scripts/generate-stubs.ts';
import { compile } from '../scripts/stubs/compile.ts';
import { ProblemsError } from '../scripts/stubs/problems.ts';
import { createClient, createService } from '../src/rpc/index.ts';
import { openPair } from '../src/rpc/sockets.fixture.ts';
import { blocksOf } from './page.ts';
import { Echo, TextSchema } from './stubs/by-buf/bare_pb.ts';
import { Currency } from './stubs/by-buf/shop/common/currency_pb.ts';
import { Order_State, type OrderSchema } from './stubs/by-buf/shop/v1/order_pb.ts';
import { Shop } from './stubs/by-buf/shop/v1/shop_pb.ts';

const ROOT = join(import.meta.dirname, '..');
const SCRIPT = join(ROOT, 'scripts/generate-stubs.ts');

function temporaryDirectory(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'coterie-stubs-'));
  t.after(() => rmSync(directory, { recursive: true }));
  return directory;
}

/** All generated files in a directory, by path. */
function checkedIn(directory: string): Map<string, string> {
  const names = readdirSync(join(ROOT, directory), { recursive: true, encoding: 'utf8' });
  const files = names.filter((name) => name.endsWith('.ts')).sort();
  return new Map(files.map((name) => [name, readFileSync(join(ROOT, directory, name), 'utf8')]));
}

/** What is told of files that should not compile. */
function problemsOf(files: Readonly<Record<string, string>>): string {
  try {
    compile(new Map(Object.entries(files)));
  } catch (error) {
    if (error instanceof ProblemsError) return error.message;
    throw error;
  }
  return '';
}

const PROTO3 = 'syntax = "proto3";\n';

describe('the generator of stubs', () => {
  test('made the stubs of proto/request-reply: run `npm run stubs` after a change there', () => {
    const generated = generateStubs();
    const stubs = checkedIn('src/rpc/stubs');
    assert.deepEqual([...generated.keys()], [...stubs.keys()]);
    for (const [name, content] of generated) assert.equal(content, stubs.get(name), name);
  });

  /**
   * `by-buf` is what the same generator makes of descriptors from Buf's compiler, version 1.75.0, with nothing of ours
   * in between: `buf generate` in `proto` with protoc-gen-es and target=ts, import_extension=ts, erasable_syntax=true.
   */
  test('describes files as a protobuf compiler does, to the byte', () => {
    const generated = generateStubs(join(ROOT, 'test/stubs/proto'));
    const byBuf = checkedIn('test/stubs/by-buf');
    assert.deepEqual([...generated.keys()].sort(), [...byBuf.keys()]);
    for (const [name, content] of generated) assert.equal(content, byBuf.get(name), name);
  });

  test('finds names as a compiler does: from the innermost scope outwards', () => {
    const [, file] = compile(
      new Map([
        ['other.proto', `${PROTO3}package a.b; message T {}`],
        [
          'names.proto',
          `${PROTO3}package a.c; import "other.proto"; message T { message T {} T near = 1; a.c.T far = 2; b.T other = 3; }
           message U { T top = 1; .a.b.T full = 2; T.T nested = 3; }`,
        ],
      ]),
    );
    const types = file?.messageType.flatMap(({ field }) => field.map(({ typeName }) => typeName));
    assert.deepEqual(types, ['.a.c.T.T', '.a.c.T', '.a.b.T', '.a.c.T', '.a.b.T', '.a.c.T.T']);
  });

  test('leaves out custom options, which are for other programs', () => {
    const files = compile(
      new Map([
        [
          'a.proto',
          `${PROTO3}import "google/protobuf/descriptor.proto"; message A {}
           extend google.protobuf.MethodOptions { string role = 50001; }
           service S { rpc M(A) returns (A) { option (role) = "admin"; option idempotency_level = IDEMPOTENT; } }`,
        ],
      ]),
    );
    const [method] = files.at(-1)?.service[0]?.method ?? [];
    assert.equal(method?.options?.idempotencyLevel, 2);
    assert.equal(method.options.$unknown, undefined);
  });
});

describe('the generator of stubs tells, with file and line,', () => {
  const wrong: readonly [what: string, source: string, told: RegExp][] = [
    ['what cannot be parsed', 'message A {\n  // one\n  // two\n  int32 = 1;\n}', /^x\.proto:5: illegal name '='/],
    ['a file that ends too early', 'message A {\n', /^x\.proto:3: the file ends in the middle of a declaration$/],
    [
      'a field name that comes twice',
      'message A {\n  int32 a = 1;\n  int32 a = 2;\n}',
      /^x\.proto:4: duplicate name 'a'/,
    ],
    ['a field number that comes twice', '\nmessage A { int32 a = 1; int32 b = 1; }', /^x\.proto:3: duplicate id 1/],
    ['a message that comes twice', 'message A {}\nmessage A {}', /^x\.proto:3: duplicate name 'A'/],
    ['a reserved number', 'message A {\n  reserved 2 to 4;\n  int32 a = 4;\n}', /^x\.proto:4: a = 4 is reserved/],
    ['a reserved name', 'message A {\n  int32 a = 4;\n  reserved "a";\n}', /^x\.proto:3: a = 4 is reserved/],
    ['two names that become one', 'message A {\n  int32 a_b = 1;\n  int32 aB = 2;\n}', /^x\.proto:4: a_b and aB would/],
    ['a group', 'message A {\n  group B = 1 {}\n}', /^x\.proto:3: B is a group/],
    ['extensions', 'message A {\n  extensions 1 to 5;\n}', /^x\.proto:2: A has extensions/],
    ['a string without an end', 'import "a;\n', /^x\.proto:2: illegal string/],
    ['a name that means nothing', 'message A {\n  B b = 1;\n}', /^x\.proto:3: there is no message and no enum B$/],
    ['a name that is no type', 'service S {}\nmessage A { S s = 1; }', /^x\.proto:3: S is no message.*but a service$/],
    ['an import that is not there', '\nimport "y.proto";', /^x\.proto:3: cannot find "y\.proto"/],
    ['a name that is declared twice', 'enum A { X = 0; }\nenum B { X = 0; }', /^x\.proto:3: X is declared already/],
    ['an enum that does not begin with 0', 'enum A {\n  X = 1;\n}', /^x\.proto:2: the first value of A is to be 0/],
    ['a field number that is not to be had', 'message A {\n  int32 a = 19000;\n}', /^x\.proto:3: the number 19000/],
    [
      'an option that protobuf does not have',
      'message A {\n  int32 a = 1 [foo = 1];\n}',
      /^x\.proto:3: the option foo/,
    ],
    ['an option with a wrong value', 'message A {\n  option deprecated = 7;\n}', /^x\.proto:2: .*deprecated/],
    ['a file with nothing in it', '', /^x\.proto: declares nothing/],
    [
      'a method that streams its requests',
      'message A {}\nservice S { rpc M(stream A) returns (A); }',
      /^x\.proto:3: S\.M streams its requests, and a call has one request and one reply: make it a call/,
    ],
    [
      'a method that streams its replies',
      'message A {}\nservice S {\n  rpc M(A) returns (stream A);\n}',
      /^x\.proto:4: S\.M streams its replies,/,
    ],
    [
      'a method that takes an enum',
      'enum A { X = 0; }\nservice S { rpc M(A) returns (A); }',
      /^x\.proto:3: A is an enum/,
    ],
  ];
  for (const [what, source, told] of wrong) {
    test(what, () => assert.match(problemsOf({ 'x.proto': PROTO3 + source }), told));
  }

  test('a file that is not proto3', () => {
    assert.match(problemsOf({ 'x.proto': 'message A {}' }), /^x\.proto: .*and has no syntax, which means proto2/);
    assert.match(problemsOf({ 'x.proto': '\nsyntax = "proto2";' }), /^x\.proto:2: .*and has proto2: convert it/);
    assert.match(problemsOf({ 'x.proto': 'edition = "2023";' }), /^x\.proto:1: .*and has 2023/);
  });

  test('a declaration that is in a file which is not imported, or not publicly', () => {
    const used = `${PROTO3}message A {}`;
    const between = `${PROTO3}import "a.proto"; message B { A a = 1; }`;
    const user = `${PROTO3}import "b.proto";\nmessage C { A a = 1; }`;
    const told = problemsOf({ 'a.proto': used, 'b.proto': between, 'c.proto': user });
    assert.equal(told, 'c.proto:3: A is declared in a.proto, which is not imported');
    const publicly = between.replace('import', 'import public');
    assert.equal(problemsOf({ 'a.proto': used, 'b.proto': publicly, 'c.proto': user }), '');
  });

  test('files that import each other in a circle', () => {
    const files = { 'a.proto': `${PROTO3}import "b.proto";`, 'b.proto': `${PROTO3}import "a.proto";` };
    assert.equal(problemsOf(files), 'a.proto:2: imports itself: a.proto → b.proto → a.proto');
  });

  test('every file that is wrong, and none that is only in the company of one', () => {
    const told = problemsOf({
      'a.proto': `${PROTO3}message A { B b = 1; }\nmessage C { D d = 1; }`,
      'b.proto': 'nonsense',
      'c.proto': `${PROTO3}import "b.proto"; message E { FromB b = 1; }`,
    });
    assert.deepEqual(
      told.split('\n').map((line) => line.replace(/: .*/, '')),
      ['a.proto:2', 'a.proto:3', 'b.proto:1'],
    );
  });
});

describe('npm run stubs', () => {
  test('writes nothing if anything is wrong, and says where', (t) => {
    const directory = temporaryDirectory(t);
    writeFileSync(join(directory, 'good.proto'), `${PROTO3}message Good {}`);
    writeFileSync(join(directory, 'bad.proto'), `${PROTO3}message Bad { Nowhere x = 1; }`);
    const { status, stdout, stderr } = spawnSync(process.execPath, [SCRIPT, '--from', directory, '--to', directory], {
      encoding: 'utf8',
    });
    assert.deepEqual(
      { status, stdout, stderr },
      { status: 1, stdout: '', stderr: 'bad.proto:2: there is no message and no enum Nowhere\nnothing was written\n' },
    );
    assert.deepEqual(readdirSync(directory).sort(), ['bad.proto', 'good.proto']);
  });

  test('writes directories as they are, and tells of what was generated from a file that is gone', (t) => {
    const directory = temporaryDirectory(t);
    const [from, to] = [join(directory, 'proto'), join(directory, 'gen')];
    for (const [name, text] of [
      ['proto/a/b.proto', `${PROTO3}message B {}`],
      ['gen/old_pb.ts', '// @generated by protoc-gen-es'],
      ['gen/by_hand_pb.ts', ''],
    ] as const) {
      mkdirSync(dirname(join(directory, name)), { recursive: true });
      writeFileSync(join(directory, name), text);
    }
    const { status, stdout, stderr } = spawnSync(process.execPath, [SCRIPT, '--from', from, '--to', to], {
      encoding: 'utf8',
      cwd: directory,
    });
    assert.deepEqual({ status, stdout }, { status: 0, stdout: 'wrote gen/a/b_pb.ts\n' });
    assert.match(stderr, /^gen\/old_pb\.ts was generated from a \.proto that is not in .*\n$/);
  });

  test('explains itself, and refuses what it does not know', () => {
    assert.match(execFileSync(process.execPath, [SCRIPT, '--help'], { encoding: 'utf8' }), /--from DIR .*--to DIR/s);
    const { status, stderr } = spawnSync(process.execPath, [SCRIPT, '--form', 'x'], { encoding: 'utf8' });
    assert.equal(status, 2);
    assert.match(stderr, /'--form'.*--from DIR/s);
  });
});

describe('stubs that a protobuf compiler and protoc-gen-es made', () => {
  test('carry every kind of field there and back', async (t) => {
    const shop = createService(Shop, {
      place: (order) => order,
      find: ({ ids }) => ({ orders: Object.fromEntries(ids.map((id) => [id, { id }])) }),
      clear: () => ({}),
    });
    const { client } = await openPair(t, { services: [shop] });
    const order = {
      id: 'first',
      lines: [{ article: 'tea', count: 0, price: { currency: Currency.EURO, hundredths: -5n }, notes: [{ text: '' }] }],
      linesByArticle: { tea: { article: 'tea', state: Order_State.PACKED } },
      stateOf: { 7: Order_State.SHIPPED },
      remarks: { true: 'fragile' },
      delivery: { case: 'pickup', value: { shelf: 'B' } },
      replaces: { id: 'zeroth' },
      packedNumbers: [1, -2, 3],
      looseNumbers: [4, 5],
      weights: [0.5],
      orderedAt: timestampFromMs(1_000),
      anything: anyPack(TextSchema, create(TextSchema, { text: 'any' })),
      more: { of: ['this', null, 1] },
      voucher: 'A-1',
      changed: { paths: ['id'] },
      currency: Currency.EUR,
      big: '18446744073709551615',
      seal: Uint8Array.of(0, 255),
      bFixed: -1n,
    } satisfies Parameters<ReturnType<typeof createClient<typeof Shop>>['place']>[0] & object;
    const placed = await createClient(Shop, client).place(order);
    const { $typeName, orderedAt, anything, lines, ...rest } = placed;
    assert.equal($typeName, 'shop.v1.Order' satisfies (typeof OrderSchema)['typeName']);
    assert.equal(orderedAt && timestampMs(orderedAt), 1_000);
    assert.equal(anything && anyUnpack(anything, TextSchema)?.text, 'any');
    assert.deepEqual([lines[0]?.count, lines[0]?.price?.hundredths, lines[0]?.notes[0]?.text], [0, -5n, '']);
    assert.deepEqual(rest.linesByArticle['tea']?.state, Order_State.PACKED);
    assert.deepEqual([rest.stateOf, rest.remarks], [order.stateOf, order.remarks]);
    assert.equal(rest.delivery.case === 'pickup' && rest.delivery.value.shelf, 'B');
    assert.deepEqual([rest.state, rest.replaces?.id, rest.patience], [undefined, 'zeroth', undefined]);
    for (const name of ['packedNumbers', 'looseNumbers', 'weights', 'more', 'voucher', 'currency', 'big'] as const) {
      assert.deepEqual(rest[name], order[name], name);
    }
    assert.deepEqual([[...rest.seal], rest.bFixed, rest.changed?.paths], [[0, 255], -1n, ['id']]);
  });

  test('say in their methods which skip the reply cache, and need no package', async (t) => {
    const shop = createService(Shop, { place: (order) => order, find: () => ({}), clear: () => ({}) });
    const skips = Object.entries(shop).map(([name, { rules }]) => [name, rules.idempotent]);
    assert.deepEqual(skips, [
      ['shop.v1.Shop/Place', false],
      ['shop.v1.Shop/Find', true],
      ['shop.v1.Shop/Clear', true],
    ]);
    const { client } = await openPair(t, { services: [createService(Echo, { say: (text) => text })] });
    assert.equal((await createClient(Echo, client).say({ text: 'hello' })).text, 'hello');
  });
});

describe('docs/request-reply.md, of services of your own,', () => {
  const page = readFileSync(join(ROOT, 'docs/request-reply.md'), 'utf8');
  const section = page.slice(page.indexOf('## Your own services'), page.indexOf('## Flags of the command line'));
  const blocks = blocksOf(section);
  const texts = (language: string): string[] =>
    blocks.filter((block) => block.language === language).map(({ text }) => text);

  test('has files and commands that do what it says', async (t) => {
    // In the project, whose name the files import from.
    mkdirSync(join(ROOT, '.tmp'), { recursive: true });
    const cwd = mkdtempSync(join(ROOT, '.tmp', 'greeting-'));
    t.after(() => rmSync(cwd, { recursive: true }));
    mkdirSync(join(cwd, 'greeting'));
    const [[proto = ''], [serve = '', call = ''], commands, outputs] = [
      texts('proto'),
      texts('ts'),
      texts('sh').map((command) => command.trim()),
      texts('text'),
    ];
    assert.deepEqual(commands, [
      'npm run -s stubs -- --from greeting --to greeting',
      'npm run -s example greeting/serve.ts',
      'npm run -s example greeting/call.ts',
    ]);
    writeFileSync(join(cwd, 'greeting/greeting.proto'), proto);
    const generate = execFileSync(process.execPath, [SCRIPT, '--from', 'greeting', '--to', 'greeting'], { cwd });
    assert.equal(generate.toString(), outputs[0]);

    const example = ['--conditions=coterie-source'];
    assert.match(serve, /port: 4700/);
    writeFileSync(join(cwd, 'greeting/serve.ts'), serve.replace('port: 4700', 'port: 0'));
    const server = spawn(process.execPath, [...example, 'greeting/serve.ts'], {
      cwd,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    t.after(() => server.kill());
    const [said] = await once(server.stdout, 'data');
    const port = /^serving on port (\d+)\n$/.exec(String(said))?.[1] ?? '';
    assert.equal(String(said).replace(port, '4700'), outputs[1]);

    writeFileSync(join(cwd, 'greeting/call.ts'), call.replace('port: 4700', `port: ${port}`));
    const called = execFileSync(process.execPath, [...example, 'greeting/call.ts'], { cwd });
    assert.equal(called.toString(), outputs[2]);
  });

  test('has buf ask for what the stubs were generated with', () => {
    const [header = ''] = (checkedIn('test/stubs/by-buf').get('bare_pb.ts') ?? '').split('\n');
    const parameter = /with parameter "(.*)"$/.exec(header)?.[1] ?? '';
    assert.ok(texts('yaml')[0]?.includes(`    opt: [${parameter.replaceAll(',', ', ')}]\n`), parameter);
  });
});
