import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { runRecorded } from './recorded-terminal.fixture.ts';

const FORGETFUL = 'examples/forgetful-lock.ts';
const EXAMPLE = 'examples/lock-service.ts';

let directory = '';
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'coterie-sim-'));
});
after(() => rm(directory, { recursive: true }));

test('a protocol that holds under the faults of every seed ends with 0', async () => {
  const { code, stdout, stderr } = await runRecorded(['sim', EXAMPLE, '--seeds', '30']);
  assert.deepEqual([code, stderr], [0, '']);
  assert.match(stdout, /^examples\/lock-service\.ts: 30 seeds hold, from 1 on\n/);
  assert.match(stdout, / crashes, .* lost messages/);
  assert.match(stdout, /seeds that reached: everybodyIsDone in 30\n/);
});

test('a violation is made smaller, told step by step, saved, and repeated by the line that is printed', async () => {
  const trace = join(directory, 'forgetful.trace');
  const found = await runRecorded(['sim', FORGETFUL, '--seeds', '5', '--trace', trace]);
  assert.equal(found.code, 1);
  assert.match(found.stdout, /violates mutualExclusion after [\d.]+ ms: client1 and client2 hold the lock\n/);
  assert.match(found.stdout, /faults 3 → 1, operations 0 → 0, milliseconds 5,000 → [\d,]+\n/);
  assert.match(found.stdout, /with this fault:\n {2}at \d+ ms, for \d+ ms: server down\n/);
  assert.match(found.stdout, /client\d: holds was false, is now true\n\nrepeat it: /);
  const [, line = ''] = /repeat it: npm run -s coterie -- (.*)\n/.exec(found.stdout) ?? [];
  const again = await runRecorded(line.split(' '));
  assert.equal(again.code, 1);
  assert.equal(again.stdout.split('\n')[2], found.stdout.split('\n')[2]);

  const told = await runRecorded(['replay', trace]);
  assert.deepEqual([told.code, told.stderr], [0, '']);
  assert.match(told.stdout, /seed 1: \d+ steps, from the simulator\nkept because of mutualExclusion: client1 and/);
  assert.match(told.stdout, /server crashes\n/);
  assert.match(told.stdout, /\nthe same: every effect of \d+ steps, byte for byte\n$/);
});

test('a replay tells the steps that are asked for', async () => {
  const trace = join(directory, 'asked.trace');
  await runRecorded(['sim', EXAMPLE, '--seed', '2', '--trace', trace]);
  const { stdout } = await runRecorded(['replay', trace, '--from', '3', '--to', '9', '--node', 'server', '--json']);
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(lines.pop().result, { type: 'same', steps: (await readFile(trace, 'utf8')).split('\n').length - 2 });
  assert.ok(lines.length >= 1);
  for (const { number, what } of lines) assert.ok(number >= 3 && number <= 9 && what.startsWith('server'), what);
});

test('a replay to a step before the first is wrong use, and so is searching on from a trace of the simulator', async () => {
  const trace = join(directory, 'bounds.trace');
  await runRecorded(['sim', EXAMPLE, '--seed', '2', '--trace', trace]);
  const replayed = await runRecorded(['replay', trace, '--from', '5', '--to', '2']);
  assert.equal(replayed.code, 2);
  assert.match(replayed.stderr, /--to is not before --from: got --from 5 --to 2/);
  const checked = await runRecorded(['check', EXAMPLE, '--from', trace]);
  assert.equal(checked.code, 2);
  assert.match(checked.stderr, /--from takes a trace that 'check --trace' saved: .* is one of the simulator/);
});

test('a run that fails by chance, or for want of a message, is told as such', async () => {
  const kernel = new URL('../kernel/index.ts', import.meta.url);
  const told = async (body: string, network: string): Promise<{ stdout: string; stderr: string }> => {
    const file = join(directory, `told-${body.length}.js`);
    const head = `import { Process } from '${kernel}'; let runs = 0;`;
    const a = `class A extends Process { n = 0; onMessage() { this.n += 1; } onStart() { ${body} } }`;
    const nodes = "const one = () => new Map([['', new A()]]); export const nodes = { a: one, b: one };";
    const spec = "export const spec = { invariants: { few: (w) => (w.process('a').n > 1 ? 'many' : null) } };";
    await writeFile(file, [head, a, nodes, spec, `export const scenario = { network: ${network} };`].join('\n'));
    return runRecorded(['sim', file, '--seed', '1']);
  };
  const chance = await told('runs += 1; if (runs === 1) this.n = 2;', '{}');
  assert.match(chance.stderr, /the run goes another way when repeated/);
  const doubled = await told("if (this.self === 'b') this.send('a', { type: 'x' });", '{ duplication: 1 }');
  assert.match(doubled.stdout, /no fault is needed for it but a network that doubles 100 % of all messages/);
});

test('a replay ends with 1 and the step when the protocol is no longer what it was', async () => {
  const trace = join(directory, 'changed.trace');
  await runRecorded(['sim', EXAMPLE, '--seed', '2', '--trace', trace]);
  await writeFile(
    trace,
    (await readFile(trace, 'utf8')).replace('"type":"granted","turn":1', '"type":"granted","turn":9'),
  );
  const { code, stdout } = await runRecorded(['replay', trace]);
  assert.equal(code, 1);
  assert.match(stdout, /not the same from step \d+ on \(line \d+ of the file\): expected .*turn: 9.*, found .*turn: 1/);
});

test('a scenario file names a module, and what happens to it', async () => {
  const file = join(directory, 'server-crash.json');
  const text = `{
    // The server goes down in the middle of it.
    "about": "a crash of the server",
    "system": "${join(process.cwd(), EXAMPLE)}",
    "faults": [{ "type": "crash", "atMs": 100, "forMs": 500, "nodes": ["server"] }],
    "durationMs": 1000,
  }`;
  await writeFile(file, text);
  const { code, stdout } = await runRecorded(['sim', file, '--seed', '7', '--json']);
  assert.equal(code, 0);
  const { verdict, counts, seeds } = JSON.parse(stdout);
  assert.deepEqual([verdict, counts.crashes, seeds], ['holds', 1, 1]);
});

test('an interrupted simulation says how far it came, and ends with 3', async () => {
  const interrupted = async (): Promise<void> => {};
  const { code, stdout } = await runRecorded(['sim', EXAMPLE, '--seeds', '100000'], { interrupted });
  assert.equal(code, 3);
  assert.match(stdout, /cut short after \d+ of 100000 seeds, in which nothing failed\n/);
});

test('what cannot be simulated or replayed is refused with 2, and what to do', async () => {
  const bad = join(directory, 'bad.json');
  await writeFile(bad, '{\n  "system": "./x.ts",\n  "durationMs": "long"\n}\n');
  const misspelt = join(directory, 'misspelt.json');
  await writeFile(misspelt, '{\n  "system": "./x.ts",\n  "fault": []\n}\n');
  const noTrace = join(directory, 'no.trace');
  await writeFile(noTrace, 'hello\n');
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [['sim', bad], /^coterie: line 3: durationMs: expected a number from 1, found "long"\n$/],
    [['sim', misspelt], /^coterie: line 3: fault: there is no such field; there are system, about, /],
    [['sim', './nowhere.json'], /^coterie: cannot read the scenario \.\/nowhere\.json: ENOENT/],
    [
      ['sim', 'leadercrash'],
      /^coterie: no scenario called leadercrash is shipped: did you mean leader-crash\?; a file/,
    ],
    [['sim', 'year-of-a-cluster', '--seeds', '2'], /^coterie: --seeds is not for a year of a cluster: /],
    [['sim', 'src/cli/columns.ts'], /^coterie: src\/cli\/columns\.ts exports no nodes: write, for example, `export/],
    [['sim', EXAMPLE, '--seeds', '0'], /^coterie: --seeds is a whole number of at least 1: got '0'\n$/],
    [['replay', noTrace], /^coterie: .*no\.trace is no trace: line 1 of the trace: it is not JSON/],
  ];
  for (const [typed, expected] of cases) {
    const { code, stderr } = await runRecorded(typed);
    assert.match(stderr, expected);
    assert.equal(code, 2, stderr);
  }
});

test('every shipped scenario is listed in the help', async () => {
  const { stdout } = await runRecorded(['sim', '--help']);
  for (const file of await readdir('scenarios')) assert.ok(stdout.includes(file.replace('.jsonc', '')), file);
});

test('part of a year of a cluster is simulated, and saved as a picture', async () => {
  const report = join(directory, 'year.html');
  const typed = ['sim', 'year-of-a-cluster', '--days', '4', '--groups', '2', '--report', report];
  const { code, stdout, stderr } = await runRecorded(typed);
  assert.deepEqual([code, stderr], [0, '']);
  assert.match(stdout, /^year-of-a-cluster, seed 1: holds: every history is linearizable/);
  assert.match(stdout, /writes acknowledged {6}[\d,]+\n {2}acknowledged and lost {4}0\n/);
  assert.match(await readFile(report, 'utf8'), /^<!doctype html>[\s\S]*<svg [\s\S]*<\/html>\n$/);
  const json = JSON.parse((await runRecorded([...typed, '--json'])).stdout);
  assert.deepEqual([json.verdict, json.lostWrites, json.groups.length], ['holds', 0, 2]);
});

test('a module that cannot be loaded, has a misspelt field, or asks nothing is wrong use', async () => {
  const nodes = 'export const nodes = { a: () => new Map() };';
  const cases: readonly (readonly [string, RegExp])[] = [
    ['}', /cannot load .*: Unexpected token/],
    [nodes, /nothing was asked: export what must hold/],
    [`${nodes}export const spec = { invariant: {} };`, /'spec' has no field 'invariant'/],
    [`${nodes}export const invariants = {};`, /'invariants' is exported by itself/],
  ];
  for (const [index, [text, message]] of cases.entries()) {
    const file = join(directory, `wrong-${index}.js`);
    await writeFile(file, text);
    const { code, stdout, stderr } = await runRecorded(['sim', file]);
    assert.deepEqual([code, stdout], [2, '']);
    assert.match(stderr, message);
  }
  const missing = await runRecorded(['sim', join(directory, 'nowhere.ts')]);
  assert.equal(missing.code, 2);
  assert.match(missing.stderr, /cannot load .*nowhere\.ts/);
});
