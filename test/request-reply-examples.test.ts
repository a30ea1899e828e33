import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { type Printed, runRecorded } from '../src/cli/recorded-terminal.fixture.ts';

const ROOT = join(import.meta.dirname, '..');
const EXAMPLES = join(ROOT, 'examples/request-reply');
const RULE = "AfterCrash = 'incarnations'";

describe('the example of at-most-once', () => {
  let directory = '';
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'coterie-at-most-once-'));
  });
  after(() => rm(directory, { recursive: true }));

  /** The file with another rule, as who reads it would change it. */
  async function withRule(rule: string): Promise<string> {
    const source = await readFile(join(EXAMPLES, 'at-most-once.ts'), 'utf8');
    assert.ok(source.includes(RULE), 'one word is the rule');
    const sources = pathToFileURL(join(ROOT, 'src')).href;
    const file = join(directory, `${rule}.ts`);
    await writeFile(file, source.replace(RULE, `AfterCrash = '${rule}'`).replaceAll("'../../src/", `'${sources}/`));
    return file;
  }

  async function run(command: 'check' | 'sim', rule: string): Promise<Printed> {
    const printed = await runRecorded([command, await withRule(rule)]);
    assert.equal(printed.stderr, '');
    return printed;
  }

  for (const [rule, states] of [
    ['incarnations', '21,125'],
    ['persisted', '6,993'],
    ['silence', '1,483'],
  ] as const) {
    test(`holds with ${rule}, in every run and in every seed: ${states} states`, async () => {
      const checked = await run('check', rule);
      assert.equal(checked.code, 0);
      assert.match(checked.stdout, new RegExp(`Every property holds\\. ${states} distinct states`));
      for (const goal of ['answered', 'unknown']) assert.match(checked.stdout, new RegExp(`'${goal}' is reached in`));
      const simulated = await run('sim', rule);
      assert.equal(simulated.code, 0);
      assert.match(simulated.stdout, /100 seeds hold/);
      assert.match(simulated.stdout, /400 crashes/);
      assert.doesNotMatch(simulated.stdout, /no seed reached/);
    });
  }

  test('is violated with nothing, and told step by step', async () => {
    const checked = await run('check', 'nothing');
    assert.equal(checked.code, 1);
    assert.match(checked.stdout, /'atMostOnce' is violated after 7 steps: call deposit 1 was executed 2 times/);
    assert.match(checked.stdout, / 4\. bank crashes\n {2}5\. bank restarts\n/);
    assert.match(checked.stdout, / 7\. .*\n(?: {7}.*\n)*.* deposits\.get\("deposit 1"\) was 1, is now 2\n/);
    const simulated = await run('sim', 'nothing');
    assert.equal(simulated.code, 1);
    assert.match(simulated.stdout, /seed 1 violates atMostOnce after .* ms: call deposit \d+ was executed 2 times/);
  });
});
