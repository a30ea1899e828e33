import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Address,
  address,
  type Message,
  type NodeDefinition,
  Process,
  type Spec,
  type World,
} from '../kernel/index.ts';
import { linksBetween, oneWay } from './faults.ts';
import type { SimulationOptions } from './options.ts';
import { Simulation } from './simulation.ts';
import { InvariantViolation, ProcessFailure } from './world.ts';

type Ping = { readonly type: 'ping'; readonly value: number } | { readonly type: 'pong'; readonly value: number };

/** Pings its peer each 10 ms. */
class Pinger extends Process<Ping, string, never, string> {
  peer: Address;
  sent = 0;
  readonly answers: number[] = [];
  readonly asked: number[] = [];

  constructor(peer: Address) {
    super();
    this.peer = peer;
  }

  override onStart(): void {
    this.setTimer('ping', 10);
  }

  override onTimer(): void {
    this.sent += 1;
    this.send(this.peer, { type: 'ping', value: this.sent });
    this.setTimer('ping', 10);
  }

  override onMessage(from: Address, message: Ping): void {
    switch (message.type) {
      case 'ping':
        this.asked.push(message.value);
        this.send(from, { type: 'pong', value: message.value });
        return;
      case 'pong':
        this.answers.push(message.value);
        return;
      default:
        message satisfies never;
    }
  }
}

type Count = { readonly type: 'add' };
type Added = { readonly added: number };

/** Counts, and acknowledges each count; `early` breaks it. */
class Counter extends Process<Count, never, Added, number> {
  count = 0;
  recovered = 0;
  private readonly early: boolean;

  constructor(early: boolean) {
    super();
    this.early = early;
  }

  override onRecord(record: Added): void {
    this.count = record.added;
    this.recovered += 1;
  }

  override onMessage(): void {
    this.count += 1;
    this.persist({ added: this.count });
    this.output(this.count, { early: this.early });
  }
}

function alone(make: () => Process<never, never, never, never>): NodeDefinition {
  return () => new Map([['', make() as never]]);
}

function pingers(options: Partial<SimulationOptions> = {}): Simulation {
  const nodes = new Map([
    ['a', alone(() => new Pinger(address('b')) as never)],
    ['b', alone(() => new Pinger(address('a')) as never)],
  ]);
  return new Simulation({ seed: 1, nodes, ...options });
}

function pinger(sim: Simulation, node: string): Pinger {
  return sim.process(address(node)) as unknown as Pinger;
}

function counterRun(seed: number, early: boolean): { sim: Simulation; acknowledged: () => number } {
  let acknowledged = 0;
  const sim = new Simulation({
    seed,
    nodes: new Map([['a', alone(() => new Counter(early) as never)]]),
    invariants: {
      'what was acknowledged is not forgotten': (world) => {
        const counter = world.process(address('a')) as unknown as Counter | undefined;
        if (counter === undefined) return null;
        return counter.count >= acknowledged ? null : `acknowledged ${acknowledged}, but it counts ${counter.count}`;
      },
    },
    onOutput: (output) => {
      acknowledged = Math.max(acknowledged, output as number);
    },
    repro: (again) => `npm run sim -- --seed ${again}`,
  });
  return { sim, acknowledged: () => acknowledged };
}

test('two nodes exchange messages', () => {
  const sim = pingers();
  sim.run({ untilMs: 1000 });
  assert.equal(sim.nowMs, 1000);
  assert.ok(pinger(sim, 'a').answers.length >= 97);
  assert.equal(sim.statistics.lost, 0);
});

test('a lossy, duplicating network loses, duplicates and reorders', () => {
  const sim = pingers({ network: { loss: 0.2, duplication: 0.2, latency: { minMs: 1, meanMs: 20, maxMs: 200 } } });
  sim.run({ untilMs: 5000 });
  const { asked } = pinger(sim, 'b');
  assert.ok(sim.statistics.lost > 50);
  assert.ok(new Set(asked).size < 480, 'some were lost');
  assert.ok(new Set(asked).size < asked.length, 'some came twice');
  assert.ok(
    asked.some((value, index) => value < (asked[index - 1] ?? 0)),
    'some overtook others',
  );
});

test('a fifo link keeps the order of messages', () => {
  const sim = pingers({ network: { fifo: true, loss: 0.2, latency: { minMs: 1, meanMs: 20, maxMs: 200 } } });
  sim.run({ untilMs: 5000 });
  const { asked } = pinger(sim, 'b');
  assert.ok(asked.length > 300);
  assert.deepEqual(
    asked,
    [...asked].sort((x, y) => x - y),
  );
});

test('one link may differ from the others', () => {
  const sim = pingers({ network: { links: [{ from: 'a', to: 'b', loss: 1 }] } });
  sim.run({ untilMs: 1000 });
  assert.equal(pinger(sim, 'b').asked.length, 0);
  assert.ok(pinger(sim, 'a').asked.length > 90);
});

test('a partition stops both directions until it heals', () => {
  const sim = pingers();
  const cut = sim.partition(linksBetween(['a'], ['b']));
  sim.run({ untilMs: 1000 });
  assert.equal(pinger(sim, 'a').asked.length + pinger(sim, 'b').asked.length, 0);
  sim.heal(cut);
  sim.run({ untilMs: 2000 });
  assert.ok(pinger(sim, 'a').asked.length > 90);
});

test('a one-way partition stops one direction', () => {
  const sim = pingers();
  sim.partition(oneWay({ from: ['a'], to: ['b'] }));
  sim.run({ untilMs: 1000 });
  assert.equal(pinger(sim, 'b').asked.length, 0);
  assert.ok(pinger(sim, 'a').asked.length > 90);
  assert.equal(pinger(sim, 'a').answers.length, 0);
});

test('overlapping partitions end one by one', () => {
  const links = linksBetween(['a'], ['b']);
  const sim = pingers({
    faults: [
      { type: 'partition', atMs: 0, forMs: 500, links },
      { type: 'partition', atMs: 100, forMs: 900, links },
    ],
  });
  sim.run({ untilMs: 999 });
  assert.equal(pinger(sim, 'b').asked.length, 0);
  sim.run({ untilMs: 2000 });
  assert.ok(pinger(sim, 'b').asked.length > 90);
});

test('a paused node does nothing, and then everything that waited', () => {
  const sim = pingers();
  sim.at(100, () => sim.pause('b', 500));
  sim.run({ untilMs: 599 });
  const before = pinger(sim, 'b').asked.length;
  assert.ok(before < 12);
  sim.run({ untilMs: 601 });
  assert.ok(pinger(sim, 'b').asked.length > before + 45);
});

test('a crash loses memory, timers and what was on its way within the node', () => {
  const sim = pingers();
  sim.at(500, () => sim.crash('a'));
  sim.run({ untilMs: 800 });
  assert.equal(sim.process(address('a')), undefined);
  assert.ok(sim.statistics.undeliverable > 20);
  sim.restart('a');
  sim.run({ untilMs: 1000 });
  assert.ok(pinger(sim, 'a').sent <= 20);
});

test('timers go by the clock of their own node, which skews and drifts', () => {
  const sim = pingers({ clocks: { epochMs: 1_000_000, skewMs: 500, driftPpm: 0 } });
  sim.run({ untilMs: 1 });
  const skew = Math.abs(sim.clockMs('a') - sim.clockMs('b'));
  assert.ok(skew > 0 && skew <= 500);
  sim.driftClock('a', 500_000);
  sim.run({ untilMs: 10_001 });
  assert.ok(Math.abs(pinger(sim, 'a').sent - 1500) < 5, `sent ${pinger(sim, 'a').sent}`);
  assert.ok(Math.abs(pinger(sim, 'b').sent - 1000) < 5);
});

test('a clock set forward fires timers at once, and set back it stands still', () => {
  const sim = pingers();
  sim.run({ untilMs: 1005 });
  const before = pinger(sim, 'a').sent;
  const reading = sim.clockMs('a');
  sim.jumpClock('a', -500);
  sim.run({ untilMs: 1400 });
  assert.equal(sim.clockMs('a'), reading);
  assert.equal(pinger(sim, 'a').sent, before);
  sim.jumpClock('a', 1000);
  sim.run({ untilMs: 1401 });
  assert.equal(pinger(sim, 'a').sent, before + 1);
});

test('what is not yet durable is lost in a crash, and no output has left before', () => {
  const { sim, acknowledged } = counterRun(1, false);
  sim.run({ untilMs: 1 });
  for (let added = 0; added < 3; added += 1) sim.deliver('a', '', { type: 'add' } as Message);
  sim.run({ steps: 3 });
  assert.equal(acknowledged(), 0);
  sim.crash('a', { survivors: 1, torn: true });
  sim.restart('a');
  const counter = sim.process(address('a')) as unknown as Counter;
  assert.equal(counter.count, 1);
  assert.equal(counter.recovered, 1);
  assert.equal(sim.statistics.lostRecords, 2);
  assert.equal(sim.statistics.tornRecords, 1);
});

test('a process that acknowledges before it is durable is caught', () => {
  const run = (seed: number, early: boolean): void => {
    const { sim } = counterRun(seed, early);
    for (let at = 1; at < 200; at += 2) sim.at(at, () => sim.isUp('a') && sim.deliver('a', '', { type: 'add' }));
    for (let at = 10.3; at < 200; at += 20) {
      sim.at(at, () => sim.crash('a'));
      sim.at(at + 5, () => sim.restart('a'));
    }
    sim.run({ untilMs: 300 });
  };
  for (let seed = 0; seed < 20; seed += 1) run(seed, false);
  assert.throws(
    () => {
      for (let seed = 0; seed < 20; seed += 1) run(seed, true);
    },
    (error: unknown) => {
      assert.ok(error instanceof InvariantViolation);
      assert.match(error.message, /acknowledged \d+, but it counts \d+\nnpm run sim -- --seed \d+$/);
      return true;
    },
  );
});

test('a specification is checked at every state and every step, and its goals are noted', () => {
  const sent = (world: World): number => (world.process(address('a')) as unknown as Pinger | undefined)?.sent ?? 0;
  const spec: Spec = {
    goals: { 'ten sent': (world) => sent(world) >= 10, 'a million sent': (world) => sent(world) >= 1e6 },
    steps: { 'sends one by one': (before, after) => (sent(after) - sent(before) > 1 ? 'it sent two' : null) },
  };
  const sim = pingers({ spec });
  sim.run({ untilMs: 500 });
  assert.deepEqual([...sim.reached], ['ten sent']);
  const strict: Spec = { steps: { 'never sends': (before, after) => (sent(after) > sent(before) ? 'it sent' : null) } };
  assert.throws(() => pingers({ spec: strict }).run({ untilMs: 500 }), /invariant 'never sends' is violated at 10 ms/);
});

class Mutator extends Process<{ readonly type: 'list'; readonly items: number[] }, string> {
  items: number[] = [];
  override onStart(): void {
    this.send(address('b'), { type: 'list', items: this.items });
    this.setTimer('change', 0);
  }
  override onTimer(): void {
    this.items.push(1);
  }
  override onMessage(): void {}
}

test('a message that is changed after it was sent is found', () => {
  const sim = new Simulation({
    seed: 1,
    nodes: new Map([
      ['a', alone(() => new Mutator() as never)],
      ['b', alone(() => new Mutator() as never)],
    ]),
  });
  assert.throws(() => sim.run({ untilMs: 100 }), ProcessFailure);
});
