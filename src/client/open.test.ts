import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { DirectoryError, open } from './index.ts';
import { storeSuite } from './store.suite.ts';

storeSuite('the embedded store', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'coterie-open-'));
  const store = await open(directory);
  return {
    store,
    tearDown: async () => {
      await store.close();
      await rm(directory, { recursive: true });
    },
  };
});

describe('the embedded store', () => {
  let parent: string;

  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), 'coterie-open-'));
  });

  afterEach(() => rm(parent, { recursive: true }));

  it('is found again as it was left', async () => {
    const directory = join(parent, 'made', 'when', 'missing');
    {
      await using store = await open(directory);
      for (let n = 0; n < 100; n += 1) await store.put(`k${n}`, `v${n}`);
    }
    await using store = await open(directory);
    assert.equal(await store.count({ prefix: 'k' }), 100);
    assert.equal((await store.get('k99'))?.valueText, 'v99');
    assert.equal((await store.put('k', 'v')).revision, 102);
  });

  it('does not know of a write that was under way when it was closed, and executed it or not', async () => {
    const store = await open(parent);
    const write = store.put('k', 'v');
    const read = store.get('k');
    const outcomes = Promise.allSettled([write, read]);
    await store.close();
    const codes = (await outcomes).map((outcome) => outcome.status === 'rejected' && outcome.reason.code);
    assert.deepEqual(codes, ['unknownOutcome', 'closed']);
  });

  it('is not opened twice, and says who has it', async () => {
    await using _store = await open(parent);
    await assert.rejects(open(parent), (error: Error & { code?: string }) => {
      assert.equal(error.name, 'InUseError');
      assert.equal(error.code, 'inUse');
      assert.match(error.message, new RegExp(`\\b${process.pid}\\b`));
      return true;
    });
  });

  it('says which directory can not be used', async () => {
    const file = join(parent, 'file');
    await writeFile(file, '');
    await assert.rejects(open(join(file, 'below')), (error: unknown) => {
      assert(error instanceof DirectoryError);
      assert.equal(error.code, 'directoryUnusable');
      assert.match(error.message, /cannot use ".*below"/);
      return true;
    });
    await (await open(join(parent, 'of-a'))).close();
    await assert.rejects(open(join(parent, 'of-a'), { name: 'b' }), {
      name: 'DirectoryError',
      code: 'directoryForeign',
    });
    await rm(join(parent, 'of-a', 'wal'), { recursive: true });
    await assert.rejects(open(join(parent, 'of-a')), { name: 'DirectoryError', code: 'walMissing' });
    await writeFile(join(parent, 'of-a', 'identity.json'), 'no JSON');
    await assert.rejects(open(join(parent, 'of-a')), { name: 'DirectoryError', code: 'directoryFormat' });
    await assert.rejects(open(''), { code: 'invalidArgument' });
  });
});
