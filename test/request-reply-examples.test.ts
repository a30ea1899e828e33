import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
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
    ['incarnations', '68,525'],
    ['persisted', '43,839'],
    ['silence', '9,545'],
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

describe('the comparison of the rules for a crash', () => {
  function compare(...typed: readonly string[]): Promise<{ readonly stdout: string; readonly stderr: string }> {
    return promisify(execFile)(process.execPath, [join(EXAMPLES, 'crash-rules.ts'), ...typed]);
  }

  test('computes for each rule what it costs and gives', async () => {
    const { stdout, stderr } = await compare('--seeds', '2');
    assert.equal(stderr, '');
    const lines = stdout.trimEnd().split('\n');
    assert.equal(new Set(lines.map(({ length }) => length)).size, 1, 'columns are aligned');
    const rules = new Map(lines.slice(2).map((line) => [line.split(' ')[0], line.split(/ {2,}/).slice(1)]));
    assert.deepEqual([...rules.keys()], ['nothing', 'persisted', 'silence', 'incarnations']);
    const numbers = (rule: string): number[] =>
      rules.get(rule)?.map((cell) => Number(cell.replace(/,| ms/g, ''))) ?? [];
    for (const rule of ['nothing', 'persisted', 'silence', 'incarnations']) {
      const [calls = 0, twice = 0, answered = 0, unknown = 0, notExecuted = 0] = numbers(rule);
      assert.equal(calls, 1_198);
      assert.equal(answered + unknown + notExecuted, calls, 'every call has one outcome');
      assert.equal(twice > 0, rule === 'nothing', rule);
    }
    const [, , , , , , fromDisk = 0, , records = 0] = numbers('persisted');
    assert.ok(fromDisk > 0 && records >= 1.9, stdout);
    const firstMs = (rule: string): number => numbers(rule)[7] ?? 0;
    assert.ok(firstMs('silence') > 5_600 && firstMs('incarnations') < 1_000, stdout);
  });

  test('tells its options, and refuses others', async () => {
    assert.match((await compare('--help')).stdout, /--seeds N/);
    await assert.rejects(compare('--seeds', 'some'), { code: 2, stderr: /a whole number from 1 to 1000/ });
  });
});
