import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type Printed, runRecorded } from './recorded-terminal.fixture.ts';

const STALE = 'examples/histories/stale-read.edn';

function verify(...typed: readonly string[]): Promise<Printed> {
  return runRecorded(['verify', ...typed]);
}

async function refused(typed: readonly string[], message: string): Promise<void> {
  assert.deepEqual(await verify(...typed), { code: 2, stdout: '', stderr: `coterie: ${message}\n` });
}

/** 60 adds at once, and a read of what is no sum of them: a search would have to try each subset. */
function hopeless(): string {
  const adds = Array.from({ length: 60 }, (_, index) => ({ type: 'add', by: 2 ** (index % 50) + index }));
  const lines = adds.map((input, index) => ({ client: `c${index}`, invokeAt: 0, completeAt: 10, input }));
  const read = { client: 'r', invokeAt: 1, completeAt: 9, input: { type: 'read' }, output: 0.5 };
  return [...lines, read].map((line) => JSON.stringify(line)).join('\n');
}

describe('coterie verify', () => {
  let directory: string;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'coterie-verify-'));
  });

  after(() => rm(directory, { recursive: true }));

  async function file(name: string, text: string): Promise<string> {
    const path = join(directory, name);
    await writeFile(path, text);
    return path;
  }

  it('ends with 0 if it holds and with 1 if it is violated, and tells both to programs', async () => {
    const violated = await verify(STALE, '--model', 'register', '--json');
    assert.equal(violated.code, 1);
    const { verdict, operations, placed, cannotPlace } = JSON.parse(violated.stdout);
    const input = { type: 'read' };
    assert.deepEqual(
      { verdict, operations, placed, cannotPlace },
      {
        verdict: 'violated',
        operations: 7,
        placed: 4,
        cannotPlace: { client: '2', invokeAt: 13000, completeAt: 16000, input, output: 1 },
      },
    );
    const holds = await verify(STALE, '--model', 'cas-register', '--consistency', 'causal', '--json');
    assert.equal(holds.code, 0);
    assert.equal(JSON.parse(holds.stdout).verdict, 'holds');
    const skew = await verify('examples/histories/write-skew.edn', '--model', 'list-append', '--json');
    assert.equal(skew.code, 1);
    assert.equal(JSON.parse(skew.stdout).anomalies[0].name, 'G2-item');
  });

  it('ends with 3 if it is cut short, and shows how far it is meanwhile', async () => {
    const path = await file('hopeless.jsonl', hopeless());
    const shown: string[] = [];
    const progress = (line: string | null): void => void shown.push(line ?? '');
    const { code, stdout } = await runRecorded(['verify', path, '--model', 'counter', '--seconds', '1'], { progress });
    assert.equal(code, 3);
    assert.match(stdout, /hopeless.jsonl: unknown\. 61 operations of 61 clients.*\nunknown: the search was cut short/);
    assert.match(shown[0] ?? '', /^checking: 0\.\d s of 1, \d+ of 61 operations in an order$/);
    assert.equal(shown.at(-1), '');
  });

  it('takes fractions of a second', async () => {
    const path = await file('hopeless.jsonl', hopeless());
    const { code } = await verify(path, '--model', 'counter', '--seconds', '0.01');
    assert.equal(code, 3);
    for (const wrong of ['0', '1e3', 'x']) {
      await refused(
        [STALE, '--model', 'register', '--seconds', wrong],
        `--seconds is a number above 0, of at most 1000000: got '${wrong}'`,
      );
    }
  });

  it('ends with 3 if the history does not tell', async () => {
    const skewAndMore = ['[["w","x",1],["r","y",null]]', '[["w","y",1],["r","x",null]]'].map(
      (value, process) => `{"process":${process},"type":"ok","f":"txn","value":${value},"time":9}`,
    );
    const begin = [0, 1].map((process) => `{"process":${process},"type":"invoke","f":"txn","value":[],"time":1}`);
    const path = await file('skew.jsonl', [...begin, ...skewAndMore].join('\n'));
    const { code, stdout } = await verify(path, '--model', 'rw-register', '--isolation', 'snapshot');
    assert.equal(code, 3);
    assert.match(stdout, /unknown whether snapshot-isolation holds/);
  });

  it('warns if no outcome is known, as nothing could be wrong then', async () => {
    const path = await file('open.jsonl', '{"client":"a","invokeAt":0,"input":{"type":"read"}}\n');
    assert.deepEqual((await verify(path, '--model', 'register')).stderr.split('\n'), [
      `coterie: warning: no operation of ${path} is known to have happened, so there is nothing that could be wrong: are its ends missing (ok, or completeAt)?`,
      '',
    ]);
    assert.equal((await verify(STALE, '--model', 'register')).stderr, '');
  });

  it('shows sets and maps to programs', async () => {
    const read = '{:process 0 :type :invoke :f :read} {:process 0 :type :ok :f :read :value #{{1 2}}}';
    const { stdout } = await verify(await file('set.edn', read), '--model', 'register', '--json');
    assert.deepEqual(JSON.parse(stdout).cannotPlace.output, [[[1, 2]]]);
  });

  it('reads stdin', async () => {
    const input = async () => readFile(STALE, 'utf8');
    const { code, stdout } = await runRecorded(['verify', '-', '--model', 'register'], { input });
    assert.equal(code, 1);
    assert.match(stdout, /^-: violated/);
  });

  it('draws the history, with what is wrong marked', async () => {
    const out = join(directory, 'stale.html');
    const { stdout } = await verify(STALE, '--model', 'register', '--html', out);
    assert.ok(stdout.endsWith(`drawn in ${out}\n`));
    const page = await readFile(out, 'utf8');
    assert.match(page, /<a id="o4" class="read offending"[^>]*title="read -> 1\nclient 2, 13000 to 16000">/);
    assert.equal(page.match(/class="(read|write)[^"]*" style=/g)?.length, 7);
    await refused(
      [STALE, '--model', 'register', '--html', join(directory, 'no', 'where.html')],
      `cannot write the page: ENOENT: no such file or directory, open '${join(directory, 'no', 'where.html')}'`,
    );
  });

  it('says what is wrong with what was typed, with a history, or with a model', async () => {
    await refused(
      [STALE],
      'of what is the history? Say --model register|cas-register|kv|queue|lock|counter|list-append|rw-register',
    );
    await refused([STALE, '--model', 'regster'], "unknown model 'regster': did you mean 'register'?");
    await refused(
      [STALE, '--model', 'kv', '--isolation', 'serializable'],
      'kv is of single operations: use --consistency, not --isolation',
    );
    await refused(
      [STALE, '--model', 'list-append', '--consistency', 'causal'],
      'list-append is of transactions: use --isolation, not --consistency',
    );
    await refused(
      ['nowhere.edn', '--model', 'kv'],
      "cannot read the history: ENOENT: no such file or directory, open 'nowhere.edn'",
    );
    await refused(
      [STALE, '--model', 'queue'],
      `${STALE}: line 2: 'write' is none of what the model knows, enqueue and dequeue: check it with another --model`,
    );
    const noModel = await file('no-model.js', 'export const x = 1;\n');
    await refused(
      [STALE, '--model', noModel],
      `${noModel} exports no model: export const model = { name, init, run }, as docs/histories.md tells`,
    );
    const throwing = await file(
      'throwing.js',
      "export const model = { init: () => 0, run() { throw new Error('no'); } };\n",
    );
    await refused([STALE, '--model', throwing], `${STALE} cannot be checked: no`);
  });
});
