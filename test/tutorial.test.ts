import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { runRecorded } from '../src/cli/recorded-terminal.fixture.ts';
import { blocksOf, patternOf } from './page.ts';

const ROOT = join(import.meta.dirname, '..');
const PROGRAM = 'npm run -s coterie -- ';
const TRACE = 'lock.trace';

const page = await readFile(join(ROOT, 'docs/tutorial.md'), 'utf8');
const blocks = blocksOf(page);

describe('the tutorial', () => {
  let directory = '';
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'coterie-tutorial-'));
  });
  after(() => rm(directory, { recursive: true }));

  /** Runs a command as it is on the page, but for where it saves its trace. */
  async function run(command: string): Promise<{ readonly code: number; readonly stdout: string }> {
    assert.ok(command.startsWith(PROGRAM), `not a command of coterie: ${command}`);
    const file = join(directory, TRACE);
    const typed = command.slice(PROGRAM.length).trim().split(' ');
    const { code, stdout, stderr } = await runRecorded(typed.map((word) => (word === TRACE ? file : word)));
    assert.equal(stderr, '');
    return { code, stdout: stdout.replaceAll(file, TRACE) };
  }

  const commands = blocks.entries().filter(([, { language }]) => language === 'sh');
  for (const [index, { text: command }] of commands) {
    test(`tells what comes of ${command.trim()}`, async () => {
      const output = blocks[index + 1];
      assert.equal(output?.language, 'text', 'a command is followed by what it prints');
      const { code, stdout } = await run(command);
      assert.match(stdout, patternOf(output.text));
      const [verdict = ''] = stdout.split('\n');
      assert.equal(code, /violated/i.test(verdict) ? 1 : /not everything was searched/.test(verdict) ? 3 : 0);
    });
  }

  test('shows code as it is in the example', async () => {
    const directory = join(ROOT, 'examples/lock');
    const files = (await readdir(directory)).map((file) => readFile(join(directory, file), 'utf8'));
    const sources = await Promise.all(files);
    const excerpts = blocks.filter(({ language }) => language === 'ts');
    assert.ok(excerpts.length > 5);
    for (const { text } of excerpts)
      assert.ok(
        sources.some((source) => source.includes(text)),
        text,
      );
  });
});
