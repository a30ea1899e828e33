import assert from 'node:assert/strict';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { makeDirectory } from './disk.ts';

describe('making a directory', () => {
  let parent: string;

  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), 'coterie-disk-'));
  });

  afterEach(() => rm(parent, { recursive: true }));

  it('makes those above it too, and may be repeated', async () => {
    const path = join(parent, 'a', 'b', 'c');
    await makeDirectory(path);
    await makeDirectory(path);
    assert((await stat(path)).isDirectory());
  });

  it('fails where a file is in the way', async () => {
    const file = join(parent, 'file');
    await writeFile(file, '');
    await assert.rejects(makeDirectory(file), { code: 'EEXIST' });
    await assert.rejects(makeDirectory(join(file, 'below', 'it')), { code: 'ENOTDIR' });
  });

  it('fails where the system makes none, instead of trying for ever', { skip: process.platform !== 'linux' }, () =>
    assert.rejects(makeDirectory('/proc/coterie/data'), { message: 'cannot make a directory in "/proc"' }),
  );
});
