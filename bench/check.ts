/**
 * How fast the checker searches: `node bench/check.ts`. One core, breadth first. Prints for each model its distinct states,
 * the steps taken, how many of each in a second of CPU time (best of three runs), bytes a state in the visited set, and how
 * many times fewer states symmetry and the reduction of orders leave. Then what a visited set of ten million states costs;
 * `--large`: of a hundred million, which takes three gigabytes.
 */
import { lockService } from '../examples/lock/lock.ts';
import { lockSpec } from '../examples/lock/spec.ts';
import { explore, type Model, type ProcessModelOptions, processModel } from '../src/check/index.ts';
import { clockMutex } from '../src/check/models/clock-mutex.ts';
import { twoPhase } from '../src/check/models/two-phase.ts';
import { lock } from '../src/check/testing/lock.fixture.ts';
import { singleDecree } from '../src/check/testing/single-decree.fixture.ts';
import { VisitedSet } from '../src/check/visited.ts';

const RUNS = 3;

/** Of this process, so that other work on the machine does not count. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

interface Row {
  readonly name: string;
  readonly states: number;
  readonly generated: number;
  readonly ms: number;
  readonly bytes: number;
  /** States without symmetry, and without the reduction of orders: null where there is none to be left out. */
  readonly asymmetric: number | null;
  readonly unreduced: number | null;
}

function measure<S, A>(name: string, make: () => Model<S, A>): Row {
  let best = Number.POSITIVE_INFINITY;
  let result = explore(make());
  for (let run = 0; run < RUNS; run += 1) {
    const model = make();
    const started = cpuMs();
    result = explore(model);
    best = Math.min(best, cpuMs() - started);
  }
  const { states, generated, bytes } = result;
  return { name, states, generated, bytes, ms: best, asymmetric: null, unreduced: null };
}

function measureProcesses(name: string, options: ProcessModelOptions<null>): Row {
  const { symmetric, ...plain } = options;
  const asymmetric = symmetric === undefined ? null : explore(processModel(plain)).states;
  const unreduced = explore(processModel({ ...options, reduce: false })).states;
  return { ...measure(name, () => processModel(options)), asymmetric, unreduced };
}

function print({ name, states, generated, ms, bytes, asymmetric, unreduced }: Row): void {
  const times = (more: number | null): string => (more === null ? '' : `${(more / states).toFixed(1)} x`);
  line([
    name,
    String(states),
    String(generated),
    `${Math.round(states / ms)} k/s`,
    `${Math.round(generated / ms)} k/s`,
    `${Math.round(bytes / states)} B`,
    times(asymmetric),
    times(unreduced),
  ]);
}

function line([name = '', ...columns]: readonly string[]): void {
  console.log(name.padEnd(44) + columns.map((column) => column.padStart(11)).join(''));
}

/** The visited set alone, with fingerprints that spread like random numbers. */
function measureVisited(count: number): void {
  const visited = new VisitedSet();
  const print = { high: 0, low: 0 };
  let seed = 1;
  const started = cpuMs();
  for (let number = 0; number < count; number += 1) {
    seed = Math.imul(seed ^ (seed >>> 15), 0x2c1b3c6d) + number;
    print.low = Math.imul(seed, 0x297a2d39) >>> 0;
    print.high = Math.imul(number, 0x9e3779b1) >>> 0;
    visited.add(print, number - 1);
  }
  const ns = ((cpuMs() - started) / count) * 1e6;
  const bytes = `${(visited.bytes / count).toFixed(1)} B a state, ${(visited.bytes / 2 ** 30).toFixed(2)} GiB in all`;
  console.log(`\nvisited set of ${visited.size}: ${ns.toFixed(0)} ns and ${bytes}`);
}

const acceptors = { symmetric: [['a1', 'a2', 'a3']], unordered: ['acceptors', 'promises', 'votes'] };
const paxos = { ...singleDecree({ proposers: 2, acceptors: 3 }), ...acceptors };
const crash = { budgets: { crashes: 1 }, crashing: ['a1', 'a2', 'a3'] };
const slowDisk: ProcessModelOptions<null> = { ...paxos, crashing: ['a1'], disk: 'explicit' };
const repaired: ProcessModelOptions<null> = {
  ...lockSpec,
  nodes: new Map(Object.entries(lockService(1))),
  budgets: { timers: 4, crashes: 1, duplicates: 1, drops: 1 },
};

line(['model', 'states', 'steps', 'states/s', 'steps/s', 'a state', 'symmetry', 'orders']);
print(measure('two-phase commit, 7 managers, by hand', () => twoPhase(7)));
print(measure("Lamport's mutual exclusion, clocks to 6", () => clockMutex(3, 6)));
print(measureProcesses('a lock, 6 clients', lock({ clients: 6, naive: false })));
print(measureProcesses('the lock of the tutorial, 3 processes', repaired));
print(measureProcesses('  and symmetry', { ...repaired, symmetric: [['ann', 'bob']] }));
print(measureProcesses('Paxos, 2 proposers and 3 acceptors', paxos));
print(measureProcesses('  and a crash', { ...paxos, ...crash }));
print(measureProcesses('  and slow disks instead', slowDisk));
measureVisited(process.argv.includes('--large') ? 100_000_000 : 10_000_000);
