import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { address, replayTrace, type World } from '../../kernel/index.ts';
import { explore } from '../explore.ts';
import { type Fingerprint, Hasher } from '../fingerprint.ts';
import type { Model } from '../model.ts';
import { LockClient, lock } from '../testing/lock.fixture.ts';
import { singleDecree } from '../testing/single-decree.fixture.ts';
import type { Action } from './action.ts';
import type { WorldState } from './layout.ts';
import type { ProcessModelOptions } from './options.ts';
import { processModel } from './process-model.ts';
import { traceOfRun } from './run-trace.ts';

const clients = (count: number): string[] => Array.from({ length: count }, (_, index) => `client${index + 1}`);
const acceptors = { symmetric: [['a1', 'a2', 'a3']], unordered: ['acceptors', 'promises', 'votes'] };

const MODELS: Readonly<Record<string, ProcessModelOptions<null>>> = {
  'a lock': { ...lock({ clients: 4, naive: false }), symmetric: [clients(4)] },
  'a naive lock': { ...lock({ clients: 3, naive: true }), symmetric: [clients(3)] },
  'a lock, lossy, in channels': {
    ...lock({ clients: 3, naive: false }),
    network: 'fifo',
    budgets: { drops: 1, duplicates: 1, partitions: 1 },
    cuts: clients(3).map((client) => [client]),
    symmetric: [clients(3)],
  },
  'Paxos, its acceptors': { ...singleDecree({ proposers: 2, acceptors: 3 }), ...acceptors },
  'Paxos and crashes, its acceptors': {
    ...singleDecree({ proposers: 1, acceptors: 3 }),
    budgets: { crashes: 1 },
    ...acceptors,
  },
};

/** How many classes of symmetric states a search without symmetry meets. */
function classesOf(options: ProcessModelOptions<null>): number {
  const symmetric = processModel(options);
  const hasher = new Hasher();
  const found = new Set<string>();
  const print: Fingerprint = { high: 0, low: 0 };
  const note = (state: WorldState): null => {
    symmetric.fingerprint(state, print);
    found.add(`${print.high} ${print.low}`);
    return null;
  };
  const plain: Model<WorldState, Action> = {
    ...symmetric,
    appearance: (state, into) => hasher.reset().words(state).finish(into),
    fingerprint: (state, into) => hasher.reset().words(state).finish(into),
    properties: { invariants: { note } },
  };
  explore(plain);
  return found.size;
}

for (const [name, options] of Object.entries(MODELS)) {
  test(`symmetry leaves one state of each class, and the verdict on ${name}`, () => {
    const { invariants: _, ...system } = options;
    const reduced = explore(processModel(system));
    assert.equal(reduced.states, classesOf(options));
    const { symmetric: __, ...plain } = options;
    const full = explore(processModel(plain));
    assert.ok(reduced.states < full.states || full.verdict === 'violated');
    const checked = explore(processModel(options));
    assert.equal(checked.verdict, full.verdict);
    assert.equal(checked.depth, full.depth);
  });
}

test('three acceptors are nearly six times fewer states, four clients of a lock 15 times', () => {
  const states = (name: string) => explore(processModel(MODELS[name] as ProcessModelOptions<null>)).states;
  assert.deepEqual([states('Paxos, its acceptors'), states('a lock')], [5406, 35]);
});

test('a counterexample found with symmetry is a run that replays', () => {
  const options = MODELS['a naive lock'] as ProcessModelOptions<null>;
  const model = processModel(options);
  const [violation] = explore(model).violations;
  assert.ok(violation?.type === 'invariant');
  assert.equal(violation.run.steps.length, 4);
  const trace = traceOfRun(model, violation.run, { subject: 'lock' });
  assert.equal(replayTrace(trace, options.nodes).type, 'same');
});

describe('nodes that are not interchangeable are refused:', () => {
  const paxos = singleDecree({ proposers: 2, acceptors: 3 });
  test('if a field tells them apart', () => {
    const model = processModel({ ...paxos, symmetric: [['p1', 'p2']] });
    assert.throws(() => explore(model), /not interchangeable at the start: get\(""\)\.ballot of p1 could be 1 or 2/);
  });
  test('if a list of them has an order', () => {
    const model = processModel({ ...paxos, symmetric: [['a1', 'a2']] });
    assert.throws(() => explore(model), /acceptors\[0\] of p1 could be "a1" or "a2"; name fields whose order/);
  });
  test('if they are not there', () => {
    assert.throws(() => processModel({ ...paxos, symmetric: [['a4']] }), /'a4', which is no node/);
  });
  test('if fairness is asked for', () => {
    const eventually = { never: () => false };
    assert.throws(() => processModel({ ...paxos, ...acceptors, eventually }), /fairness tells nodes apart/);
  });
});

test('a property that tells interchangeable nodes apart is refused', () => {
  const options = { ...lock({ clients: 2, naive: true }), symmetric: [clients(2)], invariants: {} };
  const isHeld = (world: World): boolean => {
    const client = world.process(address('client1'));
    return client instanceof LockClient && client.holds;
  };
  const named = (world: World): string | null => (isHeld(world) ? 'client1 holds it' : null);
  const wrong: readonly Partial<ProcessModelOptions<null>>[] = [
    { invariants: { named } },
    { steps: { named: (_, after) => named(after) } },
    { goals: { named: isHeld } },
  ];
  for (const more of wrong) {
    assert.throws(() => explore(processModel({ ...options, ...more })), /'named' tells apart nodes that are declared/);
  }
});
