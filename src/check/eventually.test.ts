import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Address, type AnyProcess, address, type NodeDefinition, Process, type World } from '../kernel/index.ts';
import { explore } from './explore.ts';
import { Hasher } from './fingerprint.ts';
import type { Model } from './model.ts';
import { processModel } from './process/process-model.ts';
import type { Violation } from './result.ts';
import { tellViolation } from './tell.ts';
import { holders, lock } from './testing/lock.fixture.ts';

/** A graph by its edges, `from action to`; it starts in `a`. Actions whose names begin with `?` need never happen. */
function graph(...edges: readonly string[]): Model<string, string> {
  const parsed = edges.map((edge) => edge.split(' '));
  const hasher = new Hasher();
  return {
    initial: () => ['a'],
    actions: (state) => parsed.filter(([from]) => from === state).map(([, action]) => action as string),
    next: (state, action) => parsed.find(([from, by]) => from === state && by === action)?.[2] ?? null,
    fingerprint: (state, into) => hasher.reset().text(state).finish(into),
    fairness: (action) => (action.startsWith('?') ? null : action),
    properties: { eventually: { done: (state) => state === 'done' } },
  };
}

/** How a run can go on for ever without being done: `stem (cycle)`; null if it can not. */
function lassoOf<S>(model: Model<S, string>): string | null {
  const { verdict, violations } = explore(model);
  const [violation] = violations;
  assert.equal(verdict, violation === undefined ? 'holds' : 'violated');
  if (violation?.type !== 'eventually') return null;
  const stem = violation.run.steps.map(({ action }) => action);
  const cycle = violation.cycle.map(({ action }) => action);
  return `${stem.join(' ')} (${cycle.join(' ')})`;
}

describe('under weak fairness', () => {
  test('what stays possible happens in the end', () => {
    assert.equal(lassoOf(graph('a spin b', 'b spin a', 'a exit done', 'b exit done')), null);
  });
  test('what is possible again and again need not happen', () => {
    assert.equal(lassoOf(graph('a there b', 'b back a', 'a exit done')), ' (there back)');
  });
  test('a run may end where nothing can happen', () => {
    assert.equal(lassoOf(graph('a exit done', 'a fall b')), 'fall ()');
  });
  test('a run may end where nothing has to happen', () => {
    assert.equal(lassoOf(graph('a ?exit done')), ' ()');
    assert.equal(lassoOf(graph('a exit done')), null);
  });
  test('a step that leads back to where it starts is none', () => {
    assert.equal(lassoOf(graph('a spin a', 'a exit done')), null);
    assert.equal(lassoOf(graph('a spin a')), ' ()');
  });
  test('a cycle goes round by way of every step that has to be in it', () => {
    const figure = graph('a left b', 'b home a', 'a right c', 'c home2 a', 'b up d', 'd down b', 'a ?exit done');
    assert.equal(lassoOf(figure), ' (left home)');
    assert.equal(lassoOf(graph('a x b', 'b x a', 'a y c', 'c x a', 'b y a')), ' (x y)');
  });
  test('being done once is enough, whatever comes after', () => {
    assert.equal(lassoOf(graph('a go done', 'done on b', 'b on c', 'c on b')), null);
  });
  test('the shortest way into a cycle is told', () => {
    assert.equal(
      lassoOf(graph('a 1 b', 'b 2 c', 'c 3 d', 'd 4 d2', 'd2 5 d', 'b 6 e', 'e 7 b2', 'b2 8 e')),
      '1 6 (7 8)',
    );
  });
});

test('a lock is granted to a client in the end, unless its request is lost', () => {
  const options = { ...lock({ clients: 2, naive: false }), eventually: { granted: wasGranted } };
  assert.equal(explore(processModel(options)).verdict, 'holds');
  const lossy = processModel({ ...options, budgets: { drops: 1 } });
  const [violation] = explore(lossy).violations;
  assert.ok(violation?.type === 'eventually');
  assert.deepEqual([violation.run.steps.length, violation.cycle.length], [3, 0]);
});

function wasGranted(world: World): boolean {
  return holders(world).includes(address('client1'));
}

type Politeness = { readonly type: 'after you' };

/** Goes through the door, but lets whoever else is there go first, by turns. */
class Polite extends Process<Politeness> {
  through = false;
  readonly other: Address;

  constructor(other: Address) {
    super();
    this.other = other;
  }

  override onMessage(): void {
    this.send(this.other, { type: 'after you' });
  }
}

test('a livelock is told as a cycle', (t) => {
  const door =
    (other: string): NodeDefinition =>
    () =>
      new Map<string, AnyProcess>([['', new Polite(address(other))]]);
  const model = processModel({
    nodes: new Map([
      ['alphonse', door('gaston')],
      ['gaston', door('alphonse')],
    ]),
    inputs: [{ to: address('gaston'), message: { type: 'after you' } }],
    eventually: {
      through: (world) => [...world.processes()].some(([, { ...state }]) => Reflect.get(state, 'through')),
    },
  });
  const violation = explore(model).violations[0] as Violation<readonly number[], never>;
  assert.ok(violation.type === 'eventually');
  t.assert.fileSnapshot(tellViolation(model, violation), 'src/check/testing/livelock.txt', {
    serializers: [(value: string) => `${value}\n`],
  });
});

test('a search that is cut finds a lasso in what it saw, and does not take its edge for an end', () => {
  const { verdict, cuts } = explore(graph('a 1 b', 'b 2 c', 'c 3 done'), { limits: { depth: 1 } });
  assert.deepEqual([verdict, cuts.length], ['cut', 1]);
  assert.equal(explore(graph('a 1 b', 'b 2 a', 'a 3 c', 'c 4 done'), { limits: { depth: 2 } }).verdict, 'violated');
});

/** Is done when its timer has fired three times. */
class Patient extends Process<{ readonly type: 'never' }, 'tick'> {
  ticks = 0;

  override onStart(): void {
    this.setTimer('tick', 10);
  }

  override onMessage(): void {}

  override onTimer(): void {
    this.ticks += 1;
    if (this.ticks < 3) this.setTimer('tick', 10);
  }
}

test('a budget of timers that is used up is no end of a run', () => {
  const search = (timers: number) =>
    explore(
      processModel({
        nodes: new Map([['patient', () => new Map([['', new Patient()]])]]),
        budgets: { timers },
        eventually: { done: (world) => Reflect.get(world.process(address('patient')) ?? {}, 'ticks') === 3 },
      }),
    );
  const short = search(2);
  assert.deepEqual([short.verdict, short.violations, short.cuts], ['cut', [], [{ by: 'bound', states: 1 }]]);
  assert.equal(search(3).verdict, 'holds');
});
