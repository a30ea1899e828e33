import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { parseTrace } from '../kernel/index.ts';
import { type Printed, runRecorded } from './recorded-terminal.fixture.ts';

const NAIVE = 'examples/lock/naive.ts';
const LOCK = 'examples/lock/lock.ts';

function check(...typed: readonly string[]): Promise<Printed> {
  return runRecorded(['check', ...typed]);
}

async function refused(typed: readonly string[], message: RegExp): Promise<void> {
  const { code, stdout, stderr } = await check(...typed);
  assert.deepEqual({ code, stdout }, { code: 2, stdout: '' });
  assert.match(stderr, message);
}

/** What makes a module one that asks for something. */
const ASKING = 'export const spec = { invariants: { any: () => null } };';

/** A counter up to 99, on which 13 must not come. Written as JavaScript, with no imports. */
const COUNTER = `
export const model = {
  initial: () => [0],
  actions: () => ['add 1', 'add 5'],
  next: (n, action) => (n >= 99 ? null : n + (action === 'add 1' ? 1 : 5)),
  properties: {
    invariants: { not13: (n) => (n === 13 ? 'it is 13' : null) },
    goals: { forty: (n) => n === 40 },
    outcomes: { end: (n) => String(n) },
  },
};
export const score = (n) => -Math.abs(n - 13);
`;

describe('coterie check', () => {
  let directory: string;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'coterie-check-'));
  });

  after(() => rm(directory, { recursive: true }));

  async function module(text: string): Promise<string> {
    const file = join(directory, `${Math.trunc(performance.now() * 1000)}.js`);
    await writeFile(file, text);
    return file;
  }

  it('ends with 0 if everything was searched and holds', async () => {
    const { code, stdout, stderr } = await check(NAIVE);
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
    assert.match(stdout, /^examples\/lock\/naive.ts: Every property holds. 22 distinct states among 29 generated/);
    assert.match(stdout, /'twoHadIt' is reached in 6 steps/);
  });

  it('ends with 1 if something is violated, and tells the run', async () => {
    const { code, stdout } = await check(NAIVE, '--faults', 'crashes=1');
    assert.equal(code, 1);
    assert.match(stdout, /'mutualExclusion' is violated after 6 steps: ann and bob hold the lock at once/);
    assert.match(stdout, / {2}2\. server crashes\n/);
    assert.match(stdout, /ann: holds was false, is now true/);
  });

  it('ends with 3 if the search was cut and found nothing', async () => {
    for (const limit of [
      ['--depth', '3'],
      ['--states', '100'],
      ['--search', 'walk', '--walks', '5'],
    ]) {
      const { code, stdout } = await check(LOCK, ...limit);
      assert.equal(code, 3);
      assert.match(stdout, /Nothing wrong was found, but not everything was searched/);
    }
  });

  it('ends with 3 if a budget of timers was used up where more could fire, whatever is asked', async () => {
    const kernel = new URL('../kernel/index.ts', import.meta.url);
    const ticking = (spec: string): Promise<string> =>
      module(`import { Process } from '${kernel}';
class A extends Process { n = 0; onMessage() {} onStart() { this.setTimer('t', 1); } onTimer() { this.n += 1; this.onStart(); } }
export const nodes = { a: () => new Map([['', new A()]]) };
export const spec = { ${spec} };
export const check = { budgets: { timers: 2 } };`);
    const goal = await ticking("goals: { three: (w) => w.process('a').n === 3 }");
    const invariant = await ticking("invariants: { few: (w) => (w.process('a').n > 2 ? 'many' : null) }");
    for (const file of [goal, invariant]) {
      const { code, stdout } = await check(file);
      assert.equal(code, 3);
      assert.match(stdout, /Nothing wrong was found, but not everything was searched/);
      assert.match(stdout, /A budget was used up in 1 state: what else can happen from there is not known/);
    }
    assert.equal((await check(invariant, '--faults', 'timers=3')).code, 1);
  });

  it('says what to do about timers that never end', async () => {
    const { code, stderr } = await check('examples/lock-service.ts', '--states', '2000');
    assert.equal(code, 3);
    assert.match(stderr, /--faults timers=N bounds how often/);
  });

  it('says what is likely a mistake in the module', async () => {
    const kernel = new URL('../kernel/index.ts', import.meta.url);
    const process = async (body: string): Promise<Printed> => {
      const head = `import { address, Process } from '${kernel}';\nclass A extends Process { n = 0; onMessage() {} ${body} }`;
      const nodes = "export const nodes = { a: () => new Map([['', new A()]]) };";
      const spec = "export const spec = { invariants: { few: (w) => (w.process('a').n > 1 ? 'many' : null) } };";
      return check(await module([head, nodes, spec].join('\n')));
    };
    const lost = await process("onStart() { this.send(address('sever'), { type: 'x' }); }");
    assert.match(lost.stderr, /messages are sent to 'sever', and there is no such node/);
    const moody = await process("onStart() { this.setTimer('t', 1); } onTimer() { this.n = 2 + Math.random(); }");
    assert.match(moody.stderr, /'the timer 't' fires at a' goes another way when taken again/);
    const hidden = await process("#m = 0; onStart() { this.setTimer('t', 1); } onTimer() { this.#m += 1; }");
    assert.match(hidden.stdout, /write `private x` instead of `#x`/);
    const thrown = await process("onStart() { throw new Error('boom'); }");
    assert.deepEqual([thrown.code, thrown.stderr.includes("node 'a' throws when it boots: boom")], [2, true]);
  });

  it('saves the run to a violation, which can be read back, and searched on from', async () => {
    const out = join(directory, 'lock.trace');
    const { stdout } = await check(NAIVE, '--faults', 'crashes=1', '--trace', out);
    assert.match(stdout, /saved: .* replay .*lock\.trace runs it again\n$/);
    const { header } = parseTrace(await readFile(out, 'utf8'));
    assert.deepEqual([header.origin, header.subject], ['check', NAIVE]);
    const again = await check(NAIVE, '--faults', 'crashes=1', '--from', out, '--step', '2', '--json');
    const { verdict, states, violations } = JSON.parse(again.stdout);
    assert.equal(verdict, 'violated');
    assert.ok(states < 40);
    assert.equal(violations[0].steps[1].what, 'server crashes');
    const late = await check(NAIVE, '--from', out, '--step', '1');
    assert.equal(late.code, 0);
    await refused([NAIVE, '--from', out, '--step', '3'], /step 2 of the trace is not possible in the model/);
    await refused([NAIVE, '--from', out, '--faults', 'crashes=1', '--step', '7'], /--step is at most 6/);
  });

  it('says so if there is no run to save', async () => {
    const { code, stderr } = await check(NAIVE, '--trace', join(directory, 'none.trace'));
    assert.equal(code, 0);
    assert.match(stderr, /none\.trace was not written: there is no run to save/);
  });

  it('prints one line of JSON', async () => {
    const { code, stdout } = await check(await module(COUNTER), '--json', '--all');
    assert.equal(code, 1);
    const { verdict, states, violations, goals, outcomes } = JSON.parse(stdout);
    assert.deepEqual([verdict, states, goals], ['violated', 104, { forty: 8 }]);
    assert.deepEqual(outcomes.end.sort(), ['100', '101', '102', '103', '99']);
    assert.deepEqual(
      violations.map(({ property, steps }: { property: string; steps: { what: string }[] }) => [
        property,
        steps.map(({ what }) => what),
      ]),
      [['not13', ['add 1', 'add 1', 'add 1', 'add 5', 'add 5']]],
    );
  });

  it('searches depth first, best first and at random, and tells a run without needless steps', async () => {
    const file = await module(COUNTER);
    for (const how of [['dfs'], ['best-first'], ['walk', '--seed', '7']]) {
      const { code, stdout } = await check(file, '--search', ...how, '--json');
      assert.equal(code, 1);
      const [{ steps }] = JSON.parse(stdout).violations;
      assert.ok(steps.length <= 13);
    }
    const best = JSON.parse((await check(file, '--search', 'best-first', '--json')).stdout);
    assert.ok(best.states < 20, 'the score leads straight to it');
  });

  it('follows the score of worlds, too', async () => {
    const naive = new URL('../../examples/lock/naive.ts', import.meta.url);
    const score = `export const score = (world) => -[...world.processes()].length;`; // first where the server is down
    const file = await module(`export { nodes, spec, check } from '${naive}';\n${score}`);
    const { code, stdout } = await check(file, '--search', 'best-first', '--faults', 'crashes=1', '--json');
    assert.equal(code, 1);
    assert.equal(JSON.parse(stdout).violations[0].steps.length, 6);
  });

  it('searches without reductions when told to', async () => {
    const states = async (...flags: string[]) =>
      JSON.parse((await check(LOCK, '--faults', 'timers=1', '--json', ...flags)).stdout).states;
    const reduced = await states();
    assert.ok(reduced < (await states('--no-symmetry')));
    assert.ok(reduced < (await states('--no-reduction')));
    for (const [file, code] of [
      [LOCK, 3],
      [NAIVE, 1],
    ] as const) {
      for (const flags of [[], ['--no-symmetry'], ['--no-reduction'], ['--search', 'dfs']]) {
        const result = await check(file, '--faults', 'crashes=1', ...flags);
        assert.equal(result.code, code);
      }
    }
  });

  it('says what is wrong with what it is given', async () => {
    await refused(['nowhere.ts'], /cannot load nowhere\.ts: Cannot find module/);
    await refused(['examples/lock/spec.ts'], /exports no nodes: write, for example/);
    await refused(
      [await module('export const nodes = { a: 1 };')],
      /node 'a' is no function that makes its processes: 1/,
    );
    await refused([await module('export const model = { initial: () => [] };')], /this one has no actions, next/);
    await refused([NAIVE, '--search', 'best-first'], /needs a score: export one/);
    await refused([NAIVE, '--search', 'all'], /--search is bfs or dfs or best-first or walk: got 'all'/);
    await refused([NAIVE, '--seed', '1'], /--seed goes with --search walk/);
    await refused([NAIVE, '--step', '1'], /--step goes with --from TRACE/);
    await refused([NAIVE, '--from', 'nowhere'], /cannot read the trace: ENOENT/);
    await refused([NAIVE, '--from', NAIVE], /line 1 of the trace: it is not JSON of a trace/);
    await refused([NAIVE, '--faults', 'crash=1'], /--faults knows crashes, drops, duplicates, .*: got 'crash'/);
    await refused([NAIVE, '--faults', 'crashes'], /--faults crashes is a whole number/);
    await refused([await module(COUNTER), '--faults', 'crashes=1'], /--faults is for nodes that run processes/);
    const odd = "export const nodes = { a: () => new Map() }; export const check = { symmetric: [['b']] };";
    const other =
      "export const nodes = { a: () => { throw new Error('a process acts only while a runtime steps it: …'); } };";
    await refused([await module(`${other}${ASKING}`)], /imports another copy of coterie than this program/);
    await refused([await module(odd)], /it cannot be checked: 'symmetric' names 'b', which is no node/);
  });

  it('refuses what it would not heed, and a module that asks nothing', async () => {
    const nodes = 'export const nodes = { a: () => new Map(), b: () => new Map() };';
    const heeds = async (more: string, message: RegExp): Promise<void> =>
      refused([await module(`${nodes}${more}`)], message);
    const checks = (options: string, message: RegExp): Promise<void> =>
      heeds(`${ASKING}export const check = ${options};`, message);
    await heeds('', /nothing was asked: export what must hold/);
    await heeds('export const spec = { invariants: {} };', /nothing was asked/);
    await heeds(
      'export const spec = { invariant: { x: () => null } };',
      /'spec' has no field 'invariant': there are inv/,
    );
    await heeds('export const spec = { invariants: { x: 1 } };', /'spec\.invariants\.x' is no function: 1/);
    await heeds('export const spec = { invariants: [() => null] };', /'spec\.invariants' holds functions by name/);
    await heeds(
      'export const invariants = { x: () => null };',
      /'invariants' is exported by itself, .* `export const spec/,
    );
    await heeds("export const network = 'fifo';", /'network' is exported by itself, .* `export const check/);
    await heeds('export const specs = { invariants: {} };', /'specs': did you mean 'spec'\?/);
    await heeds(`${ASKING}export const chekc = {};`, /'chekc': did you mean 'check'\?/);
    await checks('{ budget: { crashes: 1 } }', /has no field 'budget': there are nodes, inputs, .*budgets/);
    await checks('{ budgets: { crash: 1 } }', /'budgets' has no field 'crash': there are crashes, drops/);
    await checks('{ budgets: { crashes: -1 } }', /'budgets\.crashes' is a whole number from 0: found -1/);
    await checks("{ symetric: [['a', 'b']] }", /has no field 'symetric'/);
    await checks("{ network: 'fifoo' }", /'network' is multiset or fifo or set: found "fifoo"/);
    await checks("{ disk: 'explicitly' }", /'disk' is immediate or explicit: found "explicitly"/);
    await checks("{ crashing: ['zz'] }", /'crashing' names 'zz', which is no node of the model: there are a, b/);
    await checks("{ cuts: [['qq']] }", /'cuts' names 'qq', which is no node/);
    await checks("{ unordered: 'votes' }", /'unordered' is a list: found "votes"/);
    const model = (more: string): Promise<string> =>
      module(`export const model = { initial: () => [0], actions: () => [], next: () => null, ${more} };`);
    await refused([await model('')], /nothing was asked: give the model/);
    await refused([await model('property: {}')], /the model has no field 'property': there are initial, /);
    await refused([await model('properties: [() => null]')], /'properties' of the model has to be an object/);
    await refused([await model('properties: { invariant: {} }')], /'properties' of the model has no field 'invariant'/);
  });
});
