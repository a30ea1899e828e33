import assert from 'node:assert/strict';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Process } from '../kernel/process.ts';
import type { Host } from './host.ts';
import { Counter, openHost, temporaryDirectory } from './test-host.fixture.ts';

const definition = () => new Map([['counter', new Counter()]]);

/** What happens to b's directory while it is down. */
type Accident = (directory: string, copy: string) => Promise<void>;

const LISTEN = { host: '127.0.0.1', port: 0 };

interface Said {
  readonly byA: string;
  readonly byB: string;
}

/** Lets a and b meet, has an accident happen to b, and starts both again: what each says of the other then. */
async function meetAgain(t: TestContext, accident: Accident): Promise<Said> {
  const path = await temporaryDirectory(t);
  const [a, b, copy] = ['a', 'b', 'copy'].map((name) => join(path, name)) as [string, string, string];
  const run = async (): Promise<Said> => {
    const [byA, byB] = [Promise.withResolvers<string>(), Promise.withResolvers<string>()];
    const listening = await openHost(b, { node: 'b', listen: LISTEN, definition, onLog: byB.resolve });
    assert.ok(listening.endpoint);
    const peers = new Map([['b', listening.endpoint]]);
    const dialling = await openHost(a, { node: 'a', peers, definition, onLog: byA.resolve });
    const said = { byA: await byA.promise, byB: await byB.promise };
    await Promise.all([dialling.close(), listening.close()]);
    return said;
  };
  await run();
  await cp(b, copy, { recursive: true });
  await run();
  await accident(b, copy);
  return run();
}

/** Both sides say so: whoever operates b has to know, and whoever operates a. */
function assertRefused({ byA, byB }: Said): void {
  const met = 'node "a" has met this node, "b", with data that it has not now: they were wiped, put back from a copy';
  assert.ok(byA.startsWith(`no connection to node "b": it refused: ${met}`), byA);
  assert.ok(byB.startsWith(`refused a connection: ${met}`), byB);
}

test('a peer that comes back with all of its data is talked to', async (t) => {
  const { byA, byB } = await meetAgain(t, async () => {});
  assert.deepEqual({ byA, byB }, { byA: 'connected to node "b"', byB: 'connected to node "a"' });
});

test('a peer whose data were wiped is refused', async (t) => {
  const said = await meetAgain(t, (directory) => rm(directory, { recursive: true }));
  assertRefused(said);
});

test('a peer that was put back from a copy is refused', async (t) => {
  const said = await meetAgain(t, async (directory, copy) => {
    await rm(directory, { recursive: true });
    await cp(copy, directory, { recursive: true });
  });
  assertRefused(said);
});

async function counted(directory: string): Promise<void> {
  const done = Promise.withResolvers<void>();
  const host: Host = await openHost(directory, { definition, onOutput: () => done.resolve() });
  host.deliver('counter', { type: 'count' });
  await done.promise;
  await host.close();
}

test('a node whose log is gone does not start, however often it is asked to', async (t) => {
  const directory = await temporaryDirectory(t);
  await counted(directory);
  for (const name of await readdir(join(directory, 'wal'))) await rm(join(directory, 'wal', name));
  for (let attempt = 0; attempt < 2; attempt += 1) {
    await assert.rejects(openHost(directory, { definition }), {
      code: 'walMissing',
      message: /although this node has run here/,
    });
  }
});

test("data that nothing says whose they are is nobody else's", async (t) => {
  const directory = await temporaryDirectory(t);
  await counted(directory);
  await rm(join(directory, 'identity.json'));
  await assert.rejects(openHost(directory, { definition }), {
    code: 'directoryFormat',
    message: /there is wal, but no identity.json/,
  });
});

test('a node that was stopped in the middle of its first start starts', async (t) => {
  const directory = await temporaryDirectory(t);
  const text = JSON.stringify({ format: 2, node: 'a', cluster: 'test', lineage: { starts: 0, lives: [] } });
  await writeFile(join(directory, 'identity.json'), text);
  await mkdir(join(directory, 'wal'));
  await counted(directory);
  const { lineage } = JSON.parse(await readFile(join(directory, 'identity.json'), 'utf8'));
  assert.equal(lineage.starts, 1);
});

test('a file of acquaintances that can not be read is not guessed', async (t) => {
  const directory = await temporaryDirectory(t);
  for (const text of ['', '{', 'null', '{"b":{"starts":1}}', '{"b":null}']) {
    await writeFile(join(directory, 'peers.json'), text);
    await assert.rejects(openHost(directory, { definition }), { code: 'directoryFormat' }, text);
  }
});

class Confused extends Process<never> {
  override onStart(): void {
    throw new Error('this can not be');
  }

  override onMessage(): void {}
}

test('a process that can not start makes the host fail to open, with its reason', async (t) => {
  const directory = await temporaryDirectory(t);
  const opened = openHost(directory, { definition: () => new Map([['p', new Confused()]]) });
  await assert.rejects(opened, {
    code: 'nodeCannotStart',
    message: /can not start on what is in ".*": this can not be\. Put/,
  });
  await counted(directory); // and lets go of the directory
});
