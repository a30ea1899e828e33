import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { ISOLATION_MODELS, OBJECT_MODELS, readHistory } from '../src/check/index.ts';
import { runRecorded } from '../src/cli/recorded-terminal.fixture.ts';
import { CONSISTENCIES } from '../src/cli/verdict.ts';
import { blocksOf, patternOf } from './page.ts';

const ROOT = join(import.meta.dirname, '..');
const PROGRAM = 'npm run -s coterie -- ';

const page = await readFile(join(ROOT, 'docs/histories.md'), 'utf8');
const blocks = blocksOf(page);

describe('the page about histories', () => {
  const commands = blocks.entries().filter(([, { language }]) => language === 'sh');
  for (const [index, { text: command }] of commands) {
    test(`tells what comes of ${command.trim()}`, async () => {
      assert.ok(command.startsWith(PROGRAM));
      const output = blocks[index + 1];
      assert.equal(output?.language, 'text', 'a command is followed by what it prints');
      const { code, stdout, stderr } = await runRecorded(command.slice(PROGRAM.length).trim().split(' '));
      assert.equal(stderr, '');
      assert.match(stdout, patternOf(output.text));
      assert.equal(code, stdout.includes(': violated. ') ? 1 : 0);
    });
  }

  test('shows a model as it is in the example, and histories that can be read', async () => {
    const example = await readFile(join(ROOT, 'examples/histories/stack.ts'), 'utf8');
    for (const { language, text } of blocks) {
      if (language === 'ts') assert.ok(example.includes(text), text);
      if (language === 'json' || language === 'clojure') assert.ok(readHistory(text).length > 0);
    }
  });

  test('names every model and level', () => {
    for (const name of [...OBJECT_MODELS, ...CONSISTENCIES]) assert.ok(page.includes(`\n| \`${name}\``), name);
    for (const level of ISOLATION_MODELS) {
      const name = level.startsWith('strong-session-') ? 'strong-session-…' : level;
      assert.ok(page.includes(`\`${name}\``), name);
    }
  });
});
