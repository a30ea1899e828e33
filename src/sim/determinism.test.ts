import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Address,
  address,
  afterPrefix,
  type Boot,
  formatTrace,
  type Message,
  type NodeDefinition,
  Process,
  parseTrace,
  Random,
  replayTrace,
  type Storage,
} from '../kernel/index.ts';
import { lastFaultEndsAtMs } from './faults.ts';
import { Simulation } from './simulation.ts';
import type { Statistics } from './statistics.ts';
import { swarm } from './swarm.ts';

type Gossip =
  | { readonly type: 'rumour'; readonly value: number; readonly sentAt: number }
  | { readonly type: 'note'; readonly value: number }
  | { readonly type: 'flushed'; readonly upTo: number };

const NODES = ['a', 'b', 'c', 'd', 'e'];

/** Uses everything that a process may use: every effect, chance, the clock, storage, and a neighbour on its node. */
class Gossiper extends Process<Gossip, { readonly type: 'gossip' }, number, number> {
  sum = 0;
  written = 0;
  private readonly storage: Storage;

  constructor(storage: Storage) {
    super();
    this.storage = storage;
    for (const [, value] of storage.entries('k', afterPrefix('k'))) this.written += value.length;
  }

  override onRecord(record: number): void {
    this.sum += record;
  }

  override onStart(): void {
    this.setTimer({ type: 'gossip' }, 5, 15);
  }

  override onTimer(): void {
    this.setTimer({ type: 'gossip' }, 5, 15);
    const to = this.choose(NODES);
    this.send(
      address(to, 'gossip'),
      { type: 'rumour', value: this.choose([1, 2, 3]), sentAt: this.now() },
      { early: true },
    );
  }

  override onMessage(_from: Address, message: Gossip): void {
    switch (message.type) {
      case 'rumour':
        this.sum += message.value;
        this.persist(message.value);
        this.send(address(this.self.split('/')[0] ?? '', 'notes'), { type: 'note', value: this.sum });
        this.output(this.sum);
        this.storage.set(`k${this.sum}`, new Uint8Array([this.sum & 255]));
        if (this.sum % 10 === 0) this.flush({ type: 'flushed', upTo: this.sum });
        return;
      case 'flushed':
        this.checkpoint([this.sum]);
        return;
      case 'note':
        return;
      default:
        message satisfies never;
    }
  }
}

class Notes extends Process<Gossip> {
  last = 0;
  override onMessage(_from: Address, message: Gossip): void {
    if (message.type === 'note') this.last = message.value;
  }
}

const definition = ({ storage }: Boot) =>
  new Map<string, Process<Message>>([
    ['gossip', new Gossiper(storage('gossip')) as never],
    ['notes', new Notes() as never],
  ]);
const nodes = new Map(NODES.map((node) => [node, definition as unknown as NodeDefinition]));

function run(seed: number, { paranoid = true, jumpMs = 0, rottenDisksMax = 0, record = true } = {}): Simulation {
  const bounds = { nodes: NODES, faultsUntilMs: 1500, driftPpm: 1000, longestMs: 500, jumpMs, rottenDisksMax };
  const plan = swarm(new Random(seed), bounds);
  const network = { ...plan.network, bytesPerSecond: 5_000, queueBytesMax: 120 };
  const sim = new Simulation({ seed, nodes, ...plan, network, record, paranoid });
  sim.run({ untilMs: 1600 });
  return sim;
}

test('the same seed gives the same trace, byte for byte, and another seed another', () => {
  const texts = [1, 2, 3].map((seed) => formatTrace(run(seed).trace));
  assert.deepEqual(
    [1, 2, 3].map((seed) => formatTrace(run(seed).trace)),
    texts,
  );
  assert.equal(new Set(texts).size, 3);
  assert.ok(texts.every((text) => text.length > 50_000));
});

test('a paranoid run is the same run as one that is not', () => {
  assert.equal(formatTrace(run(4, { paranoid: false }).trace), formatTrace(run(4).trace));
});

test('every recorded step does the same when it is given its input again', () => {
  for (let seed = 1; seed <= 3; seed += 1) {
    const { trace } = run(seed);
    assert.deepEqual(replayTrace(parseTrace(formatTrace(trace)), nodes), { type: 'same', steps: trace.steps.length });
  }
});

test('over a few seeds, the swarm makes everything happen', () => {
  const total = new Map<string, number>();
  const kinds = new Set<string>();
  for (let seed = 1; seed <= 25; seed += 1) {
    const plan = swarm(new Random(seed), {
      nodes: NODES,
      faultsUntilMs: 3000,
      driftPpm: 1000,
      jumpMs: 100,
      rottenDisksMax: 1,
    });
    for (const fault of plan.faults) kinds.add(fault.type);
    assert.ok(lastFaultEndsAtMs(plan.faults) <= 3000.001);
    const { statistics } = run(seed, { jumpMs: 100, rottenDisksMax: 2, record: false, paranoid: false });
    for (const name of Object.keys(statistics) as (keyof Statistics)[]) {
      total.set(name, (total.get(name) ?? 0) + statistics[name]);
    }
  }
  for (const [name, count] of total) assert.ok(count > 0, `no ${name}`);
  assert.equal(kinds.size, 12);
});

test('when the faults are over, every node is up, no link is cut and nothing is paused', () => {
  for (let seed = 1; seed <= 20; seed += 1) {
    const sim = run(seed, { record: false, paranoid: false });
    assert.ok(NODES.every((node) => sim.isUp(node)));
    const { cut, delivered } = sim.statistics;
    sim.run({ untilMs: 2000 });
    assert.equal(sim.statistics.cut, cut);
    assert.ok(sim.statistics.delivered > delivered + 50);
  }
});
