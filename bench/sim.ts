/**
 * How fast the simulator is: events a second of trivial processes, which is its own cost; seeds of the whole store under
 * every fault at once, with all checks; and a group of five replicas through its share of a year of a cluster. In
 * seconds of processor time, so that what else the machine does counts less.
 */
import { readFileSync } from 'node:fs';
import { type Address, address, type NodeDefinition, Process } from '../src/kernel/index.ts';
import { parseScenario, StoreTrial, Year } from '../src/scenario/index.ts';
import { Simulation } from '../src/sim/index.ts';

type Ball = { readonly type: 'ball'; readonly count: number };

/** Returns each ball to whoever threw it. */
class Player extends Process<Ball> {
  private readonly first: Address | null;
  private readonly balls: number;

  constructor(first: Address | null, balls: number) {
    super();
    this.first = first;
    this.balls = balls;
  }

  override onStart(): void {
    if (this.first === null) return;
    for (let count = 0; count < this.balls; count += 1) this.send(this.first, { type: 'ball', count });
  }

  override onMessage(from: Address, { count }: Ball): void {
    this.send(from, { type: 'ball', count: count + 1 });
  }
}

/** Persists each ball before it returns it. */
class CarefulPlayer extends Process<Ball, never, number> {
  private readonly first: Address | null;

  constructor(first: Address | null) {
    super();
    this.first = first;
  }

  override onStart(): void {
    if (this.first !== null)
      for (let count = 0; count < 100; count += 1) this.send(this.first, { type: 'ball', count });
  }

  override onMessage(from: Address, { count }: Ball): void {
    this.persist(count);
    this.send(from, { type: 'ball', count: count + 1 });
    if (count % 1000 === 0) this.checkpoint([]);
  }
}

/** Does nothing but re-arm a timer, as a follower that hears its leader's heartbeats does. */
class Ticker extends Process<Ball, string> {
  override onStart(): void {
    this.onTimer();
  }

  override onTimer(): void {
    this.setTimer('tick', 5, 15);
  }

  override onMessage(): void {}
}

const NODES = ['a', 'b', 'c', 'd', 'e'];
const STEPS = 1_000_000;

function processorSeconds(run: () => void): number {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

function measure(name: string, make: (index: number) => Process<Ball, string, number>, paranoid = false): void {
  const rates = [1, 2, 3].map((seed) => {
    const nodes = new Map(
      NODES.map((node, index): [string, NodeDefinition] => [node, () => new Map([['', make(index) as never]])]),
    );
    const sim = new Simulation({ seed, nodes, paranoid });
    const steps = paranoid ? STEPS / 10 : STEPS;
    const seconds = processorSeconds(() => sim.run({ steps }));
    return steps / seconds;
  });
  const median = rates.sort((a, b) => a - b)[1] ?? 0;
  console.log(`${name.padEnd(48)} ${(median / 1e6).toFixed(2)} M events/s`);
}

const next = (index: number): Address => address(NODES[(index + 1) % NODES.length] ?? '');
measure('ping, 5 nodes, 5 messages under way', (index) => new Player(next(index), 1) as never);
measure('ping, 5 nodes, 500 messages under way', (index) => new Player(next(index), 100) as never);
measure('ping, the same, through the codec (paranoid)', (index) => new Player(next(index), 100) as never, true);
measure('persist, then answer; 500 messages under way', (index) => new CarefulPlayer(next(index)) as never);
measure('timers only', () => new Ticker() as never);

function scenarioIn(file: string): ReturnType<typeof parseScenario> {
  return parseScenario(readFileSync(new URL(`../scenarios/${file}.jsonc`, import.meta.url), 'utf8'), file);
}

function measureStore(seeds: number): void {
  const scenario = scenarioIn('everything');
  if (scenario.system !== 'store') throw new Error('the scenario is not about the store');
  const trial = new StoreTrial(scenario);
  const sums = { steps: 0, operations: 0, simulatedMs: 0 };
  const seconds = processorSeconds(() => {
    for (let seed = 1; seed <= seeds; seed += 1) {
      const { statistics, operations, simulatedMs } = trial.run(trial.plan(seed));
      sums.steps += statistics.steps;
      sums.operations += operations;
      sums.simulatedMs += simulatedMs;
    }
  });
  const rates = [
    `${(seeds / seconds).toFixed(1)} seeds/s`,
    `${(sums.simulatedMs / 1000 / seconds).toFixed(0)} simulated s/s`,
    `${(sums.operations / seconds / 1000).toFixed(1)} k operations/s`,
    `${(sums.steps / seconds / 1000).toFixed(0)} k events/s`,
  ];
  console.log(`${'the store, every fault and every check on'.padEnd(48)} ${rates.join(', ')}`);
}

function measureYear(groups: number): void {
  const scenario = scenarioIn('year-of-a-cluster');
  if (scenario.system !== 'year') throw new Error('the scenario is not about a year');
  const year = new Year(scenario, 1);
  let steps = 0;
  let writes = 0;
  const seconds = processorSeconds(() => {
    for (let group = 0; group < groups; group += 1) {
      const outcome = year.group(group);
      steps += outcome.steps;
      writes += outcome.acknowledgedWrites;
    }
  });
  const each = seconds / groups;
  const rates = [
    `${each.toFixed(2)} s a group`,
    `${((each * scenario.groups) / 60).toFixed(1)} min for ${scenario.groups}`,
    `${(writes / groups).toFixed(0)} writes and ${(steps / groups / 1000).toFixed(0)} k events a group`,
  ];
  console.log(`${'a group of five through a year of a cluster'.padEnd(48)} ${rates.join(', ')}`);
}

measureStore(40);
measureYear(10);
