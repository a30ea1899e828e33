import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { LAYERS, type SourceTree, violations } from './architecture.ts';
import { imports, withoutComments, withoutText } from './source-text.ts';

const ROOT = join(import.meta.dirname, '..');

function readTree(): SourceTree {
  const tree = new Map<string, string>();
  for (const path of readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })) {
    if (path.endsWith('.ts')) tree.set(`src/${path}`, readFileSync(join(ROOT, 'src', path), 'utf8'));
  }
  return tree;
}

test('the sources keep to the architecture', () => {
  assert.deepEqual(violations(readTree()), []);
});

/** A tree in which nothing is wrong, with some files changed. */
function madeUp(changed: Readonly<Record<string, string>>): SourceTree {
  const tree = new Map(Object.keys(LAYERS).map((folder) => [`src/${folder}/index.ts`, 'export const x = 1;\n']));
  for (const [path, source] of Object.entries(changed)) tree.set(path, source);
  return tree;
}

function found(changed: Readonly<Record<string, string>>): string[] {
  return violations(madeUp(changed));
}

test('an empty change breaks no rule', () => {
  assert.deepEqual(found({}), []);
});

test('an import against the arrows is found, however it is written', () => {
  for (const source of [
    `import { x } from '../sim/index.ts';`,
    `import type { X } from '../sim/index.ts';`,
    `import '../sim/index.ts';`,
    `export * from '../sim/index.ts';`,
    `export { x } from "../sim/index.ts";`,
    `import {\n  x,\n  type Y,\n} from '../sim/index.ts';`,
    `const x = import('../sim/index.ts');`,
    `import * as sim from './../sim/index.ts';`,
  ]) {
    const [first, ...more] = found({ 'src/protocols/paxos.ts': source });
    assert.match(first ?? '', /^src\/protocols\/paxos\.ts: imports '.*sim\/index\.ts': protocols may import kernel$/);
    assert.deepEqual(more, []);
  }
});

test('an import along the arrows is allowed', () => {
  assert.deepEqual(
    found({
      'src/protocols/paxos.ts': `import { x } from '../kernel/index.ts';\nimport { y } from './quorum.ts';`,
      'src/protocols/quorum.ts': '',
      'src/cli/serve.ts': `import { x } from '../server/index.ts';\nimport { y } from 'node:fs';`,
    }),
    [],
  );
});

test('an import that only a comment mentions is none', () => {
  assert.deepEqual(
    found({ 'src/kernel/a.ts': `/** import { x } from '../sim/index.ts'; */\n// import '../sim/x.ts'` }),
    [],
  );
});

test('packages and node: modules are for the folders that are built on them', () => {
  assert.equal(found({ 'src/store/a.ts': `import { open } from 'lmdb';` }).length, 1);
  assert.equal(found({ 'src/host/a.ts': `import { open } from 'lmdb';` }).length, 0);
  assert.equal(found({ 'src/host/a.ts': `import grpc from '@grpc/grpc-js';` }).length, 1);
  assert.equal(found({ 'src/server/a.ts': `import grpc from '@grpc/grpc-js';` }).length, 0);
  assert.equal(found({ 'src/wire/a.ts': `import type { x } from '@grpc/grpc-js';` }).length, 0);
  assert.equal(found({ 'src/wire/a.ts': `import { x } from '@grpc/grpc-js';` }).length, 1);
  assert.equal(found({ 'src/located-json/a.ts': `import { parse } from '@humanwhocodes/momoa';` }).length, 0);
  assert.equal(found({ 'src/scenario/a.ts': `import { parse } from '@humanwhocodes/momoa';` }).length, 1);
  assert.equal(found({ 'src/sim/a.ts': `import { readFileSync } from 'node:fs';` }).length, 1);
  assert.equal(found({ 'src/cli/a.ts': `import { readFileSync } from 'node:fs';` }).length, 0);
});

test('tests may import what they test with, and sources may import no tests', () => {
  const source = `import { test } from 'node:test';\nimport fc from 'fast-check';\nimport { x } from '../sim/index.ts';`;
  assert.deepEqual(found({ 'src/protocols/paxos.test.ts': source }), []);
  assert.equal(found({ 'src/protocols/paxos.ts': source }).length, 3);
  assert.equal(found({ 'src/kernel/a.ts': `import { x } from '../../test/help.ts';` }).length, 1);
  assert.equal(found({ 'src/kernel/a.ts': `import { x } from './b.test.ts';`, 'src/kernel/b.test.ts': '' }).length, 1);
});

test('a folder that is not known is found, and so is one that has gone missing or has only tests', () => {
  assert.deepEqual(found({ 'src/utils/a.ts': '' }), ['src/utils/a.ts: src/utils is no known folder']);
  assert.deepEqual(found({ 'src/loose.ts': '' }), ['src/loose.ts: src/ is no known folder']);
  const tree = new Map(madeUp({ 'src/wire/index.test.ts': '' }));
  tree.delete('src/wire/index.ts');
  assert.deepEqual(violations(tree), ['src/wire: expected source files, found none']);
});

test('clocks, chance, timers and asynchrony are found in pure folders', () => {
  for (const source of [
    'const at = Date.now();',
    'const at = new Date();',
    'const at = performance.now();',
    'const draw = Math.random();',
    'const delay = -mean * Math.log(draw);',
    'const x = Math.cosh(1);',
    'setTimeout(() => 1, 10);',
    'setImmediate(f);',
    'queueMicrotask(f);',
    'export async function f() {}',
    'const f = async () => 1;',
    'class A { async *m() {} }',
    'const x = await y;',
    'for await (const x of y) z();',
    'const p = new Promise(f);',
    'const p = Promise.resolve();',
    'const text = `\u0024{Date.now()}`;',
  ]) {
    assert.ok(found({ 'src/store/a.ts': source }).length > 0, source);
    assert.deepEqual(found({ 'src/host/a.ts': source }), [], source);
    assert.deepEqual(found({ 'src/store/a.test.ts': source }), [], source);
  }
});

test('words that only look like clocks, timers and asynchrony are left alone', () => {
  for (const source of [
    '// Date.now() and await are not for protocols',
    '/* async function */',
    `const text = 'await Math.random()';`,
    'const text = `await \u0024{x} Date`;',
    'const pattern = /await "/; const x = 1; // "',
    'this.setTimer(timer, 10);',
    `type Promise = { readonly type: 'promise' };`,
    'const update = candidate.dated;',
    'const n = Math.floor(Math.sqrt(x));',
    'function on(message: Prepare | Promise): void {}',
  ]) {
    assert.deepEqual(found({ 'src/protocols/a.ts': source }), [], source);
  }
});

test('a private field is found in a process and in what extends one, and nowhere else', () => {
  const body = '{\n  #hidden = 1;\n}';
  assert.equal(found({ 'src/protocols/a.ts': `class A extends Process<M> ${body}` }).length, 1);
  assert.equal(found({ 'src/protocols/a.ts': `abstract class A extends Process<{ type: 'x' }, T> ${body}` }).length, 1);
  const base = 'export abstract class Base extends Process<M> {}';
  assert.equal(found({ 'src/protocols/a.ts': base, 'src/store/b.ts': `class B extends Base ${body}` }).length, 1);
  assert.deepEqual(found({ 'src/protocols/a.ts': `${base}\nclass Other ${body}` }), []);
  assert.deepEqual(found({ 'src/protocols/a.ts': `class A extends Process<M> { x = '#hidden'; }` }), []);
});

test('an import cycle between files is found, unless a link of it is of types only', () => {
  const types = {
    'src/kernel/a.ts': `import type { B } from './b.ts';`,
    'src/kernel/b.ts': `import { a } from './a.ts';`,
  };
  assert.deepEqual(found(types), []);
  assert.deepEqual(
    found({
      'src/kernel/a.ts': `import { b } from './b.ts';`,
      'src/kernel/b.ts': `import { type C, c } from './c.ts';`,
      'src/kernel/c.ts': `export * from './a.ts';`,
    }),
    ['import cycle: src/kernel/a.ts → src/kernel/b.ts → src/kernel/c.ts → src/kernel/a.ts'],
  );
});

test('comments and text are told from code', () => {
  const source = 'a("//"); // b\n`c\u0024{d({ e: "f" })}g`; /h"/.test(i); /* j */ k / l / m;';
  assert.equal(withoutText(source), 'a("  ");     \n` \u0024{d({ e: " " })} `; /  /.test(i);         k / l / m;');
  assert.equal(withoutComments(source), 'a("//");     \n`c\u0024{d({ e: "f" })}g`; /h"/.test(i);         k / l / m;');
  assert.deepEqual(
    imports(`import a from 'b';import 'c';\nexport const from = 'd';\nexport type { e } from 'f';`).map(
      ({ from }) => from,
    ),
    ['b', 'c', 'f'],
  );
});
