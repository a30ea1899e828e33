import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Address, type AnyProcess, address, type NodeDefinition, Process, type Storage } from '../kernel/index.ts';
import type { SimulationOptions } from './options.ts';
import { Simulation } from './simulation.ts';

type Order =
  | { readonly type: 'record'; readonly value: number }
  | { readonly type: 'early'; readonly value: number }
  | { readonly type: 'checkpoint'; readonly values: readonly number[] }
  | { readonly type: 'write'; readonly key: string }
  | { readonly type: 'flush' }
  | { readonly type: 'flushed' }
  | { readonly type: 'spin' };

/** Does what it is told to, and outputs that it did. */
class Scribe extends Process<Order, never, number, string> {
  readonly records: number[] = [];
  spins = 0;
  private readonly storage: Storage;

  constructor(storage: Storage) {
    super();
    this.storage = storage;
  }

  override onRecord(record: number): void {
    this.records.push(record);
  }

  override onMessage(_from: Address, order: Order): void {
    switch (order.type) {
      case 'record':
        this.records.push(order.value);
        this.persist(order.value);
        this.output(`recorded ${order.value}`);
        return;
      case 'early':
        this.output(`early ${order.value}`, { early: true });
        return;
      case 'checkpoint':
        this.checkpoint(order.values);
        this.output('checkpointed');
        return;
      case 'write':
        this.storage.set(order.key, new Uint8Array([1]));
        return;
      case 'flush':
        this.flush({ type: 'flushed' });
        return;
      case 'flushed':
        this.output('flushed');
        return;
      case 'spin':
        this.spins += 1;
        this.send(this.self, order);
        return;
      default:
        order satisfies never;
    }
  }
}

const definition: NodeDefinition = ({ storage }) =>
  new Map<string, AnyProcess>([
    ['scribe', new Scribe(storage('scribe')) as unknown as AnyProcess],
    ['other', new Scribe(storage('other')) as unknown as AnyProcess],
  ]);

class Desk {
  readonly sim: Simulation;
  readonly said: string[] = [];
  readonly saidAtMs: number[] = [];

  constructor(options: Partial<SimulationOptions> = {}) {
    this.sim = new Simulation({
      seed: 1,
      nodes: new Map([['a', definition]]),
      disk: { sync: { minMs: 10, meanMs: 10, maxMs: 10 }, flush: { minMs: 50, meanMs: 50, maxMs: 50 } },
      onOutput: (output, { atMs }) => {
        this.said.push(output as string);
        this.saidAtMs.push(atMs);
      },
      ...options,
    });
    this.sim.run({ untilMs: 0 });
  }

  tell(...orders: Order[]): void {
    for (const order of orders) this.sim.deliver('a', 'scribe', order);
  }

  runTo(untilMs: number): void {
    this.sim.run({ untilMs });
  }

  scribe(name = 'scribe'): Scribe {
    return this.sim.process(address('a', name)) as unknown as Scribe;
  }
}

const record = (value: number): Order => ({ type: 'record', value });

test('what follows a record waits for it, in order, and what is early does not', () => {
  const desk = new Desk();
  desk.tell(record(1), { type: 'early', value: 2 }, record(3));
  desk.runTo(5);
  assert.deepEqual(desk.said, ['early 2']);
  desk.runTo(100);
  assert.deepEqual(desk.said, ['early 2', 'recorded 1', 'recorded 3']);
});

test('what is written during a sync joins the next: one sync at a time', () => {
  const desk = new Desk();
  desk.tell(record(1));
  desk.runTo(5);
  for (let value = 2; value <= 50; value += 1) desk.tell(record(value));
  desk.runTo(100);
  assert.equal(desk.said.length, 50);
  assert.equal(desk.sim.statistics.syncs, 2);
  assert.deepEqual(new Set(desk.saidAtMs.map(Math.round)), new Set([10, 20]));
});

test('a process does not wait for the records of another', () => {
  const desk = new Desk();
  desk.tell(record(1));
  desk.sim.deliver('a', 'other', { type: 'flushed' });
  desk.runTo(5);
  assert.deepEqual(desk.said, ['flushed']);
});

test('a checkpoint replaces the records of its process, once it is durable and not before', () => {
  const desk = new Desk({ disk: { sync: { minMs: 10, meanMs: 10, maxMs: 10 } } });
  desk.tell(record(1), record(2));
  desk.sim.deliver('a', 'other', record(9));
  desk.runTo(30);
  desk.tell({ type: 'checkpoint', values: [3] });
  desk.runTo(35);
  desk.sim.crash('a', { survivors: 0, torn: true });
  desk.sim.restart('a');
  assert.deepEqual(desk.scribe().records, [1, 2]);
  desk.tell({ type: 'checkpoint', values: [3] }, record(4));
  desk.runTo(60);
  desk.sim.crash('a');
  desk.sim.restart('a');
  assert.deepEqual(desk.scribe().records, [3, 4]);
  assert.deepEqual(desk.scribe('other').records, [9]);
});

test('a crash keeps any prefix of what was not yet durable, and never a torn record', () => {
  const seen = new Set<number>();
  let torn = 0;
  for (let seed = 0; seed < 100; seed += 1) {
    const desk = new Desk({ seed });
    desk.tell(record(0));
    desk.runTo(20);
    desk.tell(record(1), record(2), record(3));
    desk.runTo(25);
    desk.sim.crash('a');
    desk.sim.restart('a');
    const records = [...desk.scribe().records];
    assert.deepEqual(records, [0, 1, 2, 3].slice(0, records.length));
    seen.add(records.length);
    torn += desk.sim.statistics.tornRecords;
    desk.tell(record(4));
    desk.runTo(50);
    desk.sim.crash('a');
    desk.sim.restart('a');
    assert.deepEqual(desk.scribe().records, [...records, 4], 'the log goes on after the torn record is cut off');
  }
  assert.deepEqual([...seen].sort(), [1, 2, 3, 4]);
  assert.ok(torn > 10 && torn < 90);
});

test('a recording says where a torn record was cut off', () => {
  const desk = new Desk({ record: true });
  desk.tell(record(1), record(2));
  desk.runTo(5);
  desk.sim.crash('a', { survivors: 1, torn: true });
  desk.sim.restart('a');
  const notes = desk.sim.trace.steps.flatMap((step) => ('text' in step ? [step.text] : []));
  assert.deepEqual(notes, ['a cuts a torn record off its log']);
});

test('a storage goes back to its last completed flush', () => {
  const desk = new Desk();
  desk.tell({ type: 'write', key: 'k1' }, { type: 'flush' });
  desk.runTo(49);
  desk.tell({ type: 'write', key: 'k2' });
  desk.runTo(60);
  assert.deepEqual(desk.said, ['flushed']);
  desk.tell({ type: 'flush' });
  desk.runTo(70);
  desk.sim.crash('a');
  desk.sim.restart('a');
  const { storage } = desk.scribe() as unknown as { readonly storage: Storage };
  const found = ['k1', 'k2'].filter((key) => storage.get(key) !== undefined);
  assert.deepEqual(found, ['k1']);
  assert.equal(desk.sim.statistics.lostFlushes, 1);
});

test('a slow disk takes longer, and a stalled one begins when the stall is over', () => {
  const desk = new Desk();
  const end = desk.sim.slowDisk('a', 5);
  desk.tell(record(1));
  desk.runTo(100);
  end();
  desk.sim.stallDisk('a', 100);
  desk.tell(record(2));
  desk.runTo(209);
  desk.tell(record(3));
  desk.runTo(300);
  assert.deepEqual(desk.saidAtMs.map(Math.round), [50, 210, 220]);
});

// A flush that was begun on a disk a hundred times too slow outlasted the fault by minutes, and a lagging replica cannot
// adopt a snapshot meanwhile: a store that had healed did not answer.
test('what a slow disk has begun goes on at full speed when it is no longer slow', () => {
  const desk = new Desk();
  const end = desk.sim.slowDisk('a', 10_000);
  desk.tell(record(1));
  desk.tell({ type: 'flush' });
  desk.runTo(100);
  assert.deepEqual(desk.said, []);
  end();
  desk.runTo(200);
  assert.deepEqual(desk.said, ['recorded 1', 'flushed']);
  desk.tell(record(2));
  desk.runTo(200_000);
  assert.deepEqual(desk.said, ['recorded 1', 'flushed', 'recorded 2'], 'and nothing is finished twice');
});

test('a paused node learns of its records only afterwards', () => {
  const desk = new Desk();
  desk.tell(record(1));
  desk.runTo(5);
  desk.sim.pause('a', 100);
  desk.runTo(300);
  assert.deepEqual(desk.saidAtMs.map(Math.round), [105]);
});

test('a process that talks to itself without end does not stop time for others', () => {
  const desk = new Desk();
  desk.tell({ type: 'spin' });
  desk.sim.deliver('a', 'other', record(1));
  desk.runTo(20);
  assert.deepEqual(desk.said, ['recorded 1']);
  assert.ok(desk.scribe().spins > 10_000);
});

test('a node may be added while others run, and a run that has nothing left to do says so', () => {
  const desk = new Desk();
  desk.sim.add('b', definition);
  assert.equal(desk.sim.run(), 'idle');
  assert.ok(desk.sim.isUp('b'));
  assert.throws(() => desk.sim.add('b', definition), /already/);
  assert.throws(() => desk.sim.crash('c'), /no node 'c': there are a, b/);
});
