import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseScenario } from './parse.ts';
import { ScenarioError } from './scenario-error.ts';
import { StoreTrial } from './store/trial.ts';

function store(more: string): string {
  return `{\n  "system": "store",\n  "nodes": 3,\n${more}}`;
}

test('a scenario that cannot be run is refused with the line, what was expected and what was found', () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    [store('  "holds": [}\n'), /^line 4, column 13: expected a value, or \], found \}$/],
    [store('  "nodes": 4\n'), /^line 4, column 3: nodes is written twice: keep one of them$/],
    ['1e400', /^line 1, column 1: the scenario is a number that is too large: got 1e400; /],
    ['{}', /^line 1: the scenario: "system" is missing$/],
    ['[]', /^line 1: the scenario: expected an object, found \[\]$/],
    [
      '{ "system": "stor" }',
      /^line 1: system: expected "store", "year", or a module such as "\.\/lock\.ts", found "stor"$/,
    ],
    [store('  "nodez": 4\n'), /^line 4: nodez: there is no such field; there are system, about, domains, network, /],
    [store('  "durationMs": 0\n'), /^line 4: durationMs: expected a number from 1, found 0$/],
    [
      store('  "faults": [\n    { "type": "crush", "atMs": 1 }\n  ]\n'),
      /^line 5: faults\[0\]\.type: expected one of crash, /,
    ],
    [
      store('  "faults": [{ "type": "crash", "atMs": 1, "nodes": ["a"] }]\n'),
      /^line 4: faults\[0\]: "forMs" is missing$/,
    ],
    [
      store('  "faults": [{ "type": "crash", "atMs": 1, "forMs": 1, "nodes": ["d"] }]\n'),
      /^faults\[0\]: there is no node, domain or role 'd': there are a, b, c, leader, followers, \*$/,
    ],
    [
      store('  "faults": [{ "type": "partition", "atMs": 1, "forMs": 1, "links": ["a to b"] }]\n'),
      /^line 4: faults\[0\]\.links: expected links such as "a -> b" or "a <-> b", found \["a to b"\]$/,
    ],
    [store('  "network": { "loss": 2 }\n'), /^line 4: network\.loss: expected a number from 0 to 1, found 2$/],
    [store('  "holds": ["fast"]\n'), /^line 4: holds: expected some of linearizable, balances, .*, found \["fast"\]$/],
    [
      store('  "workload": { "mix": { "get": 0 } }\n'),
      /^line 4: workload\.mix: every weight is 0: give one of them more$/,
    ],
  ];
  for (const [text, message] of cases) {
    assert.throws(
      () => parseScenario(text, 'x'),
      (error) => error instanceof ScenarioError && message.test(error.message),
      text,
    );
  }
});

test('a scenario means what it says', () => {
  const text = store(`
    "domains": { "rack": ["a", "b"] },
    "network": { "loss": 0.1, "links": [{ "from": "rack", "to": "c", "fifo": true }] },
    "faults": [
      { "type": "pause", "atMs": 10, "everyMs": 400, "forMs": 5, "nodes": ["rack"] },
      { "type": "partition", "atMs": 20, "forMs": 5, "links": ["a <-> leader"] },
      { "type": "rotDisk", "atMs": 30, "nodes": ["*"] }
    ],
    "workload": { "clients": 2, "keys": 1, "thinkMs": 100, "mix": { "put": 1 } },
    "durationMs": 1000
  `);
  const scenario = parseScenario(text, 'x');
  assert.ok(scenario.system === 'store');
  const plan = new StoreTrial(scenario).plan(1);
  assert.deepEqual(plan.nodes, ['a', 'b', 'c']);
  assert.deepEqual(plan.network, { loss: 0.1, links: [{ from: 'rack', to: 'c', fifo: true }] });
  assert.deepEqual(plan.faults, [
    { type: 'pause', atMs: 10, forMs: 5, nodes: ['rack'] },
    { type: 'pause', atMs: 410, forMs: 5, nodes: ['rack'] },
    { type: 'pause', atMs: 810, forMs: 5, nodes: ['rack'] },
    {
      type: 'partition',
      atMs: 20,
      forMs: 5,
      links: [
        ['a', 'leader'],
        ['leader', 'a'],
      ],
    },
    { type: 'rotDisk', atMs: 30, nodes: ['*'] },
  ]);
  assert.ok(plan.operations.length > 5 && plan.operations.every(({ what }) => what.type === 'put'));
  assert.deepEqual(new StoreTrial(scenario).plan(1), plan);
  assert.notDeepEqual(new StoreTrial(scenario).plan(2).operations, plan.operations);
});
