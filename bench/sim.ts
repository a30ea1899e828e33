/** How many events a second the simulator gives to trivial processes: its own cost, with nothing of a protocol in it. */
import { type Address, address, type NodeDefinition, Process } from '../src/kernel/index.ts';
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
const STEPS = 2_000_000;

function measure(name: string, make: (index: number) => Process<Ball, string, number>, paranoid = false): void {
  const rates = [1, 2, 3].map((seed) => {
    const nodes = new Map(
      NODES.map((node, index): [string, NodeDefinition] => [node, () => new Map([['', make(index) as never]])]),
    );
    const sim = new Simulation({ seed, nodes, paranoid });
    const steps = paranoid ? STEPS / 10 : STEPS;
    const began = performance.now();
    sim.run({ steps });
    return steps / ((performance.now() - began) / 1000);
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
