import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Printed, runRecorded } from './recorded-terminal.fixture.ts';

function ask(...typed: readonly string[]): Promise<Printed> {
  return runRecorded(['ask', ...typed]);
}

function question(name: string): string {
  return fileURLToPath(new URL(`../../questions/${name}.json`, import.meta.url));
}

describe('coterie ask', () => {
  let directory: string;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'coterie-ask-'));
  });

  after(() => rm(directory, { recursive: true }));

  async function written(name: string, text: string): Promise<string> {
    const file = join(directory, name);
    await writeFile(file, text);
    return file;
  }

  for (const name of ['1-both-succeed', '7-may-a-tester-complain', '8-two-generals', '10-late-write']) {
    it(`tells the answer to ${name} as the golden file says`, async (t: TestContext) => {
      const { code, stdout, stderr } = await ask(question(name));
      assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
      const golden = fileURLToPath(new URL(`./golden/ask-${name}.txt`, import.meta.url));
      const told = stdout.replace(/\d+ distinct states/, 'N distinct states'); // it changes with any change of the protocol
      t.assert.fileSnapshot(told, golden, { serializers: [String] });
    });
  }

  it('tells with --why how what is not possible would be', async () => {
    const { stdout } = await ask(question('1-both-succeed'), '--why');
    assert.match(stdout, /- the server executed every copy [\s\S]*duplicated PUT\(k, 100\), which arrives again/);
  });

  it('prints JSON', async () => {
    const { code, stdout } = await ask(question('11-two-reads'), '--json');
    const { complete, possible, impossible } = JSON.parse(stdout);
    assert.deepEqual([code, complete], [0, true]);
    assert.deepEqual(
      possible.map(({ observed }: { observed: unknown }) => observed),
      [
        [{ report: 'noKey' }, { report: 'noKey' }],
        [{ report: 'noKey' }, { value: '1' }],
        [{ value: '1' }, { value: '1' }],
      ],
    );
    assert.deepEqual(impossible[0].observed, [{ value: '1' }, { report: 'noKey' }]);
    const generals = JSON.parse((await ask(question('8-two-generals'), '--json')).stdout);
    assert.deepEqual([generals.isPossible, generals.agreeing], [false, '32']);
  });

  it('ends with 3 if the search was cut short, and claims nothing that it does not know', async () => {
    const { code, stdout } = await ask(question('2-both-time-out'), '--states', '20');
    assert.equal(code, 3);
    assert.match(stdout, /The search was cut/);
    assert.doesNotMatch(stdout, /NOT POSSIBLE|Nothing else/);
    const { complete, impossible } = JSON.parse(
      (await ask(question('2-both-time-out'), '--states', '9', '--json')).stdout,
    );
    assert.deepEqual([complete, impossible], [false, null]);
  });

  it('ends with 2 for a question that it cannot read, and says which field', async () => {
    const file = await written(
      'bad.json',
      '{ "semantics": "atMostOnce", "program": [{ "get": "k" }], "retries": "two" }',
    );
    assert.deepEqual(await ask(file), {
      code: 2,
      stdout: '',
      stderr: `coterie: ${file}: the question's retries is a whole number from 0 to 10: got "two"; see docs/questions.md\n`,
    });
    const { code, stderr } = await ask(join(directory, 'none.json'));
    assert.equal(code, 2);
    assert.match(stderr, /^coterie: cannot read the question '.*none\.json': there is no such file; name one, such as/);
    const folder = await ask(directory);
    assert.equal(folder.code, 2);
    assert.match(folder.stderr, /it is a directory; name a file in it\n$/);
    const latin = join(directory, 'latin.json');
    await writeFile(latin, Buffer.from('{ "title": "d\xe9j\xe0" }', 'latin1'));
    assert.match((await ask(latin)).stderr, /latin\.json: the question is no JSON: it is not UTF-8/);
  });
});
