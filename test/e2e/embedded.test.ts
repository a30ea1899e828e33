import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { open } from '../../src/client/index.ts';

const WRITER = fileURLToPath(new URL('./embedded-writer.ts', import.meta.url));

describe('a store embedded in a process', () => {
  let directory: string;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'coterie-embedded-'));
  });

  after(() => rm(directory, { recursive: true }));

  it('keeps every acknowledged write when the process is killed, and tells others who has it until then', async () => {
    const acknowledged: string[] = [];
    for (let life = 0; life < 3; life += 1) {
      const child = spawn(process.execPath, [WRITER, directory], { stdio: ['ignore', 'pipe', 'inherit'] });
      try {
        await writes(child, 200, acknowledged);
        await assert.rejects(open(directory), { code: 'inUse', message: new RegExp(`\\b${child.pid}\\b`) });
      } finally {
        const exited = new Promise((resolve) => child.once('close', resolve));
        child.kill('SIGKILL');
        await exited;
      }
    }

    await using store = await open(directory);
    const versions = new Map<string, number>();
    for await (const kv of store.range({ prefix: '' })) {
      assert.equal(kv.valueText, kv.keyText);
      versions.set(kv.keyText, kv.version);
    }
    assert(acknowledged.length >= 600);
    assert.deepEqual(
      acknowledged.filter((key) => versions.get(key) !== 1),
      [],
    );
  });
});

/** Collects what a writer prints; resolves when it has printed so many lines. */
function writes(child: ChildProcess, count: number, acknowledged: string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    assert(child.stdout !== null);
    let left = count;
    child.once('exit', (code) => reject(new Error(`the writer ended with code ${code}`)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line === 'open') return;
      acknowledged.push(line);
      left -= 1;
      if (left === 0) resolve();
    });
  });
}
