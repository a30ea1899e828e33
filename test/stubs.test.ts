import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { create } from '@bufbuild/protobuf';
import { anyPack, anyUnpack, timestampFromMs, timestampMs } from '@bufbuild/protobuf/wkt';
import { createClient, createService } from '../src/rpc/index.ts';
import { openPair } from '../src/rpc/sockets.fixture.ts';
import { freePorts } from './e2e/ports.ts';
import { blocksOf } from './page.ts';
import { Echo, TextSchema } from './stubs/generated/bare_pb.ts';
import { Currency } from './stubs/generated/shop/common/currency_pb.ts';
import { Order_State, type OrderSchema } from './stubs/generated/shop/v1/order_pb.ts';
import { Shop } from './stubs/generated/shop/v1/shop_pb.ts';

const ROOT = join(import.meta.dirname, '..');
/** As `npm run example` has it. */
const EXAMPLE = ['--conditions=coterie-source'];

/** As npm scripts run it. */
function buf(cwd: string, ...typed: readonly string[]): void {
  const PATH = `${join(ROOT, 'node_modules/.bin')}${delimiter}${process.env['PATH']}`;
  execFileSync('buf', typed, { cwd, env: { ...process.env, PATH } });
}

/** All generated files in a directory, by path. */
function generatedIn(directory: string): Map<string, string> {
  const names = readdirSync(directory, { recursive: true, encoding: 'utf8' });
  const files = names.filter((name) => name.endsWith('.ts')).sort();
  return new Map(files.map((name) => [name, readFileSync(join(directory, name), 'utf8')]));
}

for (const [directory, input, command] of [
  ['src/rpc/stubs', [], 'npm run stubs'],
  ['test/stubs/generated', ['test/stubs/proto'], 'buf generate test/stubs/proto -o /tmp/generated'],
] as const) {
  test(`${directory} is what buf generates: run '${command}' after a change of a .proto`, (t) => {
    const made = mkdtempSync(join(tmpdir(), 'coterie-stubs-'));
    t.after(() => rmSync(made, { recursive: true }));
    buf(ROOT, 'generate', ...input, '-o', made);
    assert.deepEqual(generatedIn(join(made, 'src/rpc/stubs')), generatedIn(join(ROOT, directory)));
  });
}

describe('generated stubs', () => {
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

describe('docs/request-reply.md', () => {
  const page = readFileSync(join(ROOT, 'docs/request-reply.md'), 'utf8');
  const between = (from: string, to: string): ReturnType<typeof blocksOf> =>
    blocksOf(page.slice(page.indexOf(`## ${from}`), page.indexOf(`## ${to}`)));
  const own = between('Your own services', 'Flags of the command line');
  const interceptors = between('Interceptors and names', 'What is measured');
  const texts = (blocks: typeof own, language: string): string[] =>
    blocks.filter((block) => block.language === language).map(({ text }) => text);

  /** A directory in the project, whose name the files import from, with `greeting` and its stubs. */
  function greetings(t: TestContext): string {
    mkdirSync(join(ROOT, '.tmp'), { recursive: true });
    const cwd = mkdtempSync(join(ROOT, '.tmp', 'greeting-'));
    t.after(() => rmSync(cwd, { recursive: true }));
    mkdirSync(join(cwd, 'greeting'));
    const [[proto = ''], [template = '']] = [texts(own, 'proto'), texts(own, 'yaml')];
    writeFileSync(join(cwd, 'greeting/greeting.proto'), proto);
    writeFileSync(join(cwd, 'greeting/buf.gen.yaml'), template);
    buf(cwd, 'generate', '--template', 'greeting/buf.gen.yaml');
    return cwd;
  }

  test('has files and commands for services of your own that do what it says', async (t) => {
    const cwd = greetings(t);
    const [[serve = '', call = ''], outputs] = [texts(own, 'ts'), texts(own, 'text')];
    assert.deepEqual(
      texts(own, 'sh').map((command) => command.trim()),
      [
        'npx buf generate --template greeting/buf.gen.yaml',
        'npm run -s example greeting/serve.ts',
        'npm run -s example greeting/call.ts',
      ],
    );
    assert.match(serve, /port: 4700/);
    writeFileSync(join(cwd, 'greeting/serve.ts'), serve.replace('port: 4700', 'port: 0'));
    const server = spawn(process.execPath, [...EXAMPLE, 'greeting/serve.ts'], {
      cwd,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    t.after(() => server.kill());
    const [said] = await once(server.stdout, 'data');
    const port = /^serving on port (\d+)\n$/.exec(String(said))?.[1] ?? '';
    assert.equal(String(said).replace(port, '4700'), outputs[0]);

    writeFileSync(join(cwd, 'greeting/call.ts'), call.replace('port: 4700', `port: ${port}`));
    const called = execFileSync(process.execPath, [...EXAMPLE, 'greeting/call.ts'], { cwd });
    assert.equal(called.toString(), outputs[1]);
  });

  test('has programs for interceptors and for names that print what it says', async (t) => {
    const cwd = greetings(t);
    const [programs, outputs] = [texts(interceptors, 'ts'), texts(interceptors, 'text')];
    const commands = texts(interceptors, 'sh').map((command) => command.trim());
    assert.deepEqual(
      commands,
      ['watched', 'named'].map((name) => `npm run -s example greeting/${name}.ts`),
    );
    for (const [index, program] of programs.entries()) {
      const ports = [...new Set(program.match(/(?<=port: )\d+/g))];
      const free = await freePorts(ports.length);
      const moved = (text: string): string => text.replace(/\b4[78]\d\d\b/g, (port) => `${free[ports.indexOf(port)]}`);
      writeFileSync(join(cwd, `greeting/${index}.ts`), moved(program));
      const printed = execFileSync(process.execPath, [...EXAMPLE, `greeting/${index}.ts`], { cwd });
      assert.equal(printed.toString(), moved(outputs[index] ?? ''));
    }
  });
});
