import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Address, type AnyProcess, address, type NodeDefinition, Process } from '../kernel/index.ts';
import type { Fault } from './faults.ts';
import type { SimulationOptions } from './options.ts';
import { Simulation } from './simulation.ts';

type Letter = { readonly type: 'letter'; readonly number: number; readonly padding: Uint8Array };

/** Sends a letter to each other node every 10 ms, and persists those that it gets. */
class Correspondent extends Process<Letter, string, number, string> {
  readonly others: readonly Address[];
  readonly bytes: number;
  written = 0;
  /** When each letter came, by its sender and number. */
  readonly got: Map<string, number> = new Map();
  records = 0;

  constructor(others: readonly Address[], bytes: number) {
    super();
    this.others = others;
    this.bytes = bytes;
  }

  override onRecord(): void {
    this.records += 1;
  }

  override onStart(): void {
    this.setTimer('write', 10);
  }

  override onTimer(): void {
    this.setTimer('write', 10);
    this.written += 1;
    for (const other of this.others) {
      this.send(other, { type: 'letter', number: this.written, padding: new Uint8Array(this.bytes) }, { early: true });
    }
  }

  override onMessage(from: Address, { number }: Letter): void {
    this.got.set(`${from} ${number}`, this.now());
    this.persist(number);
  }
}

const NODES = ['a', 'b', 'c', 'd'];
const LATENCY = { minMs: 5, meanMs: 5, maxMs: 5 };

function correspondence(
  faults: readonly Fault[],
  { bytes = 1, ...options }: Partial<SimulationOptions> & { readonly bytes?: number } = {},
): Simulation {
  const definition = (node: string): NodeDefinition => {
    const others = NODES.filter((other) => other !== node).map((other) => address(other));
    return () => new Map([['', new Correspondent(others, bytes) as unknown as AnyProcess]]);
  };
  return new Simulation({
    seed: 1,
    nodes: new Map(NODES.map((node) => [node, definition(node)])),
    network: { latency: LATENCY },
    domains: { rack1: ['a', 'b'], rack2: ['c', 'd'], hall: ['rack1', 'rack2'] },
    faults,
    ...options,
  });
}

function at(sim: Simulation, node: string): Correspondent {
  const process = sim.process(address(node)) as unknown;
  assert.ok(process instanceof Correspondent, `${node} is down`);
  return process;
}

function upAt(sim: Simulation, untilMs: number): string {
  sim.run({ untilMs });
  return NODES.filter((node) => sim.isUp(node)).join('');
}

test('a fault of a domain happens to all of its nodes, and to those of domains within it', () => {
  const sim = correspondence([
    { type: 'crash', atMs: 100, forMs: 100, nodes: ['rack1'] },
    { type: 'crash', atMs: 300, forMs: 100, nodes: ['hall'] },
    { type: 'crash', atMs: 500, forMs: 100, nodes: ['rack2', 'c', 'a'] },
  ]);
  assert.deepEqual(
    [50, 150, 250, 350, 450, 550, 650].map((ms) => upAt(sim, ms)),
    ['abcd', 'cd', 'abcd', '', 'abcd', 'b', 'abcd'],
  );
});

test('a link between domains is every link between their nodes, in that direction', () => {
  const sim = correspondence([{ type: 'partition', atMs: 0, forMs: 1000, links: [['rack1', 'rack2']] }]);
  sim.run({ untilMs: 500 });
  const heardBy = (node: string) => [...new Set([...at(sim, node).got.keys()].map((letter) => letter[0]))].join('');
  assert.deepEqual(NODES.map(heardBy), ['bcd', 'acd', 'd', 'c']);
});

test('links between domains may be as slow as the way is long', () => {
  const far = { minMs: 80, meanMs: 80, maxMs: 80 };
  const network = { latency: LATENCY, links: [{ from: 'rack1', to: 'rack2', latency: far }] };
  const sim = correspondence([], { network });
  sim.run({ untilMs: 500 });
  assert.equal(at(sim, 'b').got.get('a 1'), 15);
  assert.equal(at(sim, 'c').got.get('a 1'), 90);
  assert.equal(at(sim, 'a').got.get('c 1'), 15);
});

test('a role is played by whoever plays it when the fault begins', () => {
  const eldest = (sim: { isUp(node: string): boolean }) => NODES.filter((node) => sim.isUp(node)).slice(0, 1);
  const crash = (atMs: number): Fault => ({ type: 'crash', atMs, forMs: 1000, nodes: ['eldest'] });
  const sim = correspondence([crash(100), crash(200)], { roles: { eldest } });
  assert.deepEqual(
    [50, 150, 250].map((ms) => upAt(sim, ms)),
    ['abcd', 'bcd', 'cd'],
  );
});

test('a name that nobody has is refused when the fault begins, with the names that there are', () => {
  const sim = correspondence([{ type: 'crash', atMs: 100, forMs: 1, nodes: ['rack3'] }]);
  assert.throws(() => sim.run({ untilMs: 200 }), /no node, domain or role 'rack3': there are a, b, c, d, rack1/);
  const endless = correspondence([{ type: 'rotDisk', atMs: 1, nodes: ['x'] }], { domains: { x: ['y'], y: ['x'] } });
  assert.throws(() => endless.run({ untilMs: 200 }), /the domain 'x' holds itself/);
});

test('a link carries no more bytes a second than it has bandwidth for, and loses what finds its queue full', () => {
  const bytes = 1000;
  const network = { latency: LATENCY, links: [{ from: 'a', to: 'b', bytesPerSecond: 50_000, queueBytesMax: 10_000 }] };
  const sim = correspondence([], { network, bytes });
  sim.run({ untilMs: 5_000 });
  const arrived = [...at(sim, 'b').got.keys()].filter((letter) => letter.startsWith('a')).length;
  // Letters of about 1.1 kB, a hundred a second, through 50 kB a second.
  assert.ok(arrived > 200 && arrived < 250, `${arrived} letters`);
  assert.ok([...at(sim, 'c').got.keys()].filter((letter) => letter.startsWith('a')).length > 490);
  assert.ok(sim.statistics.queued > 200);
  assert.ok(sim.statistics.overflowed > 200);
});

test('a degraded link may have a lower bandwidth for a while', () => {
  const slow: Fault = {
    type: 'degrade',
    atMs: 0,
    forMs: 1000,
    links: [['a', 'b']],
    loss: 0,
    extraMs: 0,
    bytesPerSecond: 11_000,
  };
  const sim = correspondence([slow], { bytes: 1000 });
  sim.run({ untilMs: 3_000 });
  const delayOf = (number: number) => Math.round((at(sim, 'b').got.get(`a ${number}`) ?? 0) - 10 * number);
  assert.ok(delayOf(1) > 90 && delayOf(1) < 110, `${delayOf(1)}`);
  assert.ok(delayOf(5) > 400, `${delayOf(5)}`);
  assert.equal(delayOf(250), 5);
});

test('a broken connection loses what is under way, and nothing that is sent later', () => {
  const sim = correspondence([{ type: 'disconnect', atMs: 112, links: [['a', '*']] }]);
  sim.run({ untilMs: 500 });
  const missing = [10, 11, 12].filter((number) => !at(sim, 'b').got.has(`a ${number}`));
  assert.deepEqual(missing, [11]);
  assert.ok(at(sim, 'a').got.has('b 11'), 'the other direction is another connection');
  assert.equal(sim.statistics.broken, 3);
});

test('a slow node takes its time over each event, in order, and then catches up', () => {
  const sim = correspondence([{ type: 'slow', atMs: 100, forMs: 200, nodes: ['b'], stepMs: 8 }]);
  sim.run({ untilMs: 3_000 });
  const delayOf = (number: number) => (at(sim, 'b').got.get(`a ${number}`) ?? 0) - 10 * number;
  // Three letters and a timer each 10 ms, at 8 ms each.
  assert.ok(delayOf(5) === 5 && delayOf(18) > 100 && delayOf(250) === 5, `${[5, 18, 250].map(delayOf)}`);
  const fromA = [...at(sim, 'b').got.keys()].filter((letter) => letter.startsWith('a'));
  assert.deepEqual(
    fromA,
    fromA.map((_, index) => `a ${index + 1}`),
  );
  assert.ok(sim.statistics.delayedSteps > 50);
});

test('a node whose disk is full stops at its next write, and starts with what it had when there is room', () => {
  const sim = correspondence([{ type: 'fillDisk', atMs: 102, forMs: 200, nodes: ['b'] }]);
  assert.equal(upAt(sim, 101), 'abcd');
  assert.equal(upAt(sim, 200), 'acd');
  assert.equal(upAt(sim, 310), 'abcd');
  const { records } = at(sim, 'b');
  assert.ok(records >= 24 && records <= 27, `${records} records`);
  assert.equal(sim.statistics.fullDisks, 1);
});

test('a node that is started while its disk is full stops again', () => {
  const sim = correspondence([{ type: 'fillDisk', atMs: 100, forMs: 200, nodes: ['b'] }]);
  sim.run({ untilMs: 150 });
  sim.restart('b');
  assert.equal(upAt(sim, 250), 'acd');
  assert.equal(upAt(sim, 350), 'abcd');
  assert.equal(sim.statistics.fullDisks, 2);
});

test('a node whose disk rots goes on until it has to read it, and then refuses to start for ever', () => {
  const faults: Fault[] = [
    { type: 'rotDisk', atMs: 100, nodes: ['b'] },
    { type: 'crash', atMs: 200, forMs: 50, nodes: ['b'] },
    { type: 'crash', atMs: 400, forMs: 50, nodes: ['b', 'c'] },
  ];
  const sim = correspondence(faults, { record: true });
  assert.deepEqual(
    [150, 300, 600].map((ms) => upAt(sim, ms)),
    ['abcd', 'acd', 'acd'],
  );
  assert.ok(sim.isCorrupt('b') && !sim.isCorrupt('c'));
  assert.deepEqual([sim.statistics.rottenDisks, sim.statistics.refusedStarts], [1, 1]);
  const notes = sim.trace.steps.flatMap((step) => ('text' in step ? [step.text] : []));
  assert.ok(notes.includes('b refuses to start: its disk is not as it was written'));
});

test('a disk with nothing on it has nothing to rot', () => {
  const sim = correspondence([{ type: 'rotDisk', atMs: 1, nodes: ['b'] }]);
  sim.run({ untilMs: 5 });
  sim.crash('b');
  sim.restart('b');
  assert.equal(upAt(sim, 100), 'abcd');
  assert.equal(sim.statistics.rottenDisks, 0);
});
