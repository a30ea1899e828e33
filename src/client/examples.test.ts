import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { promisify } from 'node:util';
import { type EtcdServer, serveEtcd } from '../server/etcd.ts';
import { FakeMember } from '../server/fake-member.fixture.ts';

interface Example {
  readonly name: string;
  readonly code: string;
}

/** The code blocks of this folder's doc comments. */
async function examples(): Promise<Example[]> {
  const found: Example[] = [];
  for (const file of (await readdir(import.meta.dirname)).filter((name) => /^[a-z-]+\.ts$/.test(name))) {
    const source = await readFile(join(import.meta.dirname, file), 'utf8');
    for (const [index, [, block = '']] of [...source.matchAll(/```ts\n(.*?)```/gs)].entries()) {
      found.push({ name: `${file} ${index + 1}`, code: block.replaceAll(/^ *\* ?/gm, '') });
    }
  }
  return found;
}

/** As a user would run it: a fragment gets a store first, and the cluster is one that is there. */
function runnable({ code }: Example, server: EtcdServer): string {
  const index = join(import.meta.dirname, 'index.ts');
  const whole = code.includes('import ')
    ? code
    : `import { compare, op, open } from 'coterie';\nawait using store = await open('./data');\n${code}`;
  return whole.replaceAll("'coterie'", JSON.stringify(index)).replaceAll(/'127\.0\.0\.1:\d+'/g, `'${server.address}'`);
}

it('the examples in doc comments run', async () => {
  const all = await examples();
  assert(all.length >= 5, `found ${all.length} examples`);
  const server = await serveEtcd({ member: new FakeMember(), host: '127.0.0.1', port: 0 });
  try {
    for (const example of all) await runsWithoutComplaint(example, server);
  } finally {
    await server.close();
  }
});

async function runsWithoutComplaint(example: Example, server: EtcdServer): Promise<void> {
  const cwd = await mkdtemp(join(tmpdir(), 'coterie-example-'));
  try {
    await writeFile(join(cwd, 'example.mts'), runnable(example, server));
    const { stderr } = await promisify(execFile)(process.execPath, ['example.mts'], { cwd, timeout: 20_000 });
    assert.equal(stderr, '', example.name);
  } finally {
    await rm(cwd, { recursive: true });
  }
}
