import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { DataDirectory } from './directory.ts';
import { DirectoryError } from './directory-error.ts';
import { DirectoryHeldError } from './lock.ts';
import { TEST_HOST, temporaryDirectory } from './test-host.fixture.ts';

const IDENTITY = { node: 'a', cluster: 'test' };

test('a directory is created, remembers whose it is, and can be opened again', async (t) => {
  const path = join(await temporaryDirectory(t), 'not', 'there', 'yet');
  for (let life = 0; life < 2; life += 1) {
    const directory = await DataDirectory.open(path, IDENTITY);
    await directory.close();
  }
  assert.deepEqual(JSON.parse(await readFile(join(path, 'identity.json'), 'utf8')), {
    format: 2,
    ...IDENTITY,
    lineage: { starts: 0, lives: [] },
  });
  assert.deepEqual(await readdir(path), ['identity.json']);
});

test('the directory of another node or cluster is refused, with both names', async (t) => {
  const path = await temporaryDirectory(t);
  await (await DataDirectory.open(path, IDENTITY)).close();
  for (const asked of [
    { node: 'b', cluster: 'test' },
    { node: 'a', cluster: 'other' },
  ]) {
    await assert.rejects(DataDirectory.open(path, asked), (error) => {
      assert.ok(error instanceof DirectoryError);
      assert.equal(error.code, 'directoryForeign');
      assert.match(error.message, /belongs to node "a" of cluster "test"/);
      assert.ok(error.message.includes(`node "${asked.node}" of cluster "${asked.cluster}" was asked to use it`));
      return true;
    });
  }
  await (await DataDirectory.open(path, IDENTITY)).close();
});

test('an identity that can not be read is not guessed', async (t) => {
  const path = await temporaryDirectory(t);
  for (const text of [
    '',
    '{"format":',
    '{"format":1,"node":"a","cluster":"test"}',
    '{"format":2,"node":"a","cluster":"test"}',
    'null',
  ]) {
    await writeFile(join(path, 'identity.json'), text);
    await assert.rejects(DataDirectory.open(path, IDENTITY), { code: 'directoryFormat' }, text);
  }
});

test('a path that can not be a directory is refused with the reason', async (t) => {
  const path = join(await temporaryDirectory(t), 'file');
  await writeFile(path, '');
  await assert.rejects(DataDirectory.open(path, IDENTITY), (error) => {
    assert.ok(error instanceof DirectoryError);
    assert.equal(error.code, 'directoryUnusable');
    assert.match(error.message, /cannot use ".*file" as the data directory: E(EXIST|NOTDIR)/);
    return true;
  });
});

test('a second holder in the same process is refused', async (t) => {
  const path = await temporaryDirectory(t);
  const directory = await DataDirectory.open(path, IDENTITY);
  await assert.rejects(DataDirectory.open(path, IDENTITY), (error) => {
    assert.ok(error instanceof DirectoryHeldError);
    assert.equal(error.pid, process.pid);
    assert.match(error.message, new RegExp(`in use by this process \\(${process.pid}\\): ".*", since 20`));
    return true;
  });
  await directory.close();
  await (await DataDirectory.open(path, IDENTITY)).close();
});

test('the lock of a living process is respected, that of a dead one is not', async (t) => {
  const path = await temporaryDirectory(t);
  const holder = spawn(process.execPath, [TEST_HOST, 'hold', path], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => holder.kill('SIGKILL'));
  await once(holder.stdout, 'data');
  await assert.rejects(DataDirectory.open(path, IDENTITY), (error) => {
    assert.ok(error instanceof DirectoryHeldError);
    assert.equal(error.pid, holder.pid);
    assert.match(error.message, /in use by process \d+: ".*test-host.fixture.ts hold .*", since 20/);
    return true;
  });
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  assert.equal((await readdir(path)).filter((name) => name.startsWith('lock-')).length, 1);
  const directory = await DataDirectory.open(path, IDENTITY);
  assert.equal((await readdir(path)).filter((name) => name.startsWith('lock-')).length, 1);
  await directory.close();
});

test('a pid that another process has by now holds nothing', async (t) => {
  const path = await temporaryDirectory(t);
  const earlier = `lock-${process.pid}-00000000.1-0a0a0a0a-0000-4000-8000-000000000000`;
  await writeFile(join(path, earlier), '');
  const directory = await DataDirectory.open(path, IDENTITY);
  await directory.close();
  assert.deepEqual(await readdir(path), ['identity.json']);
});

test('of many who start at once at most one holds the directory', async (t) => {
  const path = await temporaryDirectory(t);
  let won = 0;
  for (let round = 0; round < 10; round += 1) {
    const attempts = await Promise.allSettled(Array.from({ length: 8 }, () => DataDirectory.open(path, IDENTITY)));
    const holders = attempts.filter((attempt) => attempt.status === 'fulfilled');
    for (const attempt of attempts) {
      if (attempt.status === 'rejected')
        assert.ok(attempt.reason instanceof DirectoryHeldError, String(attempt.reason));
    }
    assert.ok(holders.length <= 1, `${holders.length} hold it`);
    won += holders.length;
    for (const { value } of holders) await value.close();
    await rm(join(path, 'identity.json'), { force: true });
  }
  assert.ok(won > 0);
});
