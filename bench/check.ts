/**
 * How fast the checker searches: `node bench/check.ts`. One core, breadth first. Prints for each model its states, the
 * steps taken, steps a second of CPU time (best of three runs), bytes a state in the visited set, and how many times fewer states
 * the reductions leave.
 */
import { explore, type Model, type ProcessModelOptions, processModel } from '../src/check/index.ts';
import { twoPhase } from '../src/check/models/two-phase.ts';
import { lock } from '../src/check/testing/lock.ts';
import { singleDecree } from '../src/check/testing/single-decree.ts';
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
  /** Without reductions, if there are any. */
  readonly fullStates: number | null;
}

function measure<S, A>(name: string, make: () => Model<S, A>, full: (() => Model<S, A>) | null = null): Row {
  let best = Number.POSITIVE_INFINITY;
  let result = explore(make());
  for (let run = 0; run < RUNS; run += 1) {
    const model = make();
    const started = cpuMs();
    result = explore(model);
    best = Math.min(best, cpuMs() - started);
  }
  const { states, generated, bytes } = result;
  return { name, states, generated, bytes, ms: best, fullStates: full === null ? null : explore(full()).states };
}

/** `reduced`: against a search without reductions and symmetry. */
function measureProcesses(name: string, options: ProcessModelOptions<null>): Row {
  const { symmetric: _, ...full } = options;
  return measure(
    name,
    () => processModel(options),
    () => processModel({ ...full, reduce: false }),
  );
}

function print({ name, states, generated, ms, bytes, fullStates }: Row): void {
  const columns = [
    name.padEnd(44),
    String(states).padStart(9),
    String(generated).padStart(10),
    `${Math.round(generated / ms)} k/s`.padStart(10),
    `${Math.round(bytes / states)} B`.padStart(7),
    fullStates === null ? '' : `${(fullStates / states).toFixed(1)} x`.padStart(8),
  ];
  console.log(columns.join(' '));
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
  console.log(
    `\nvisited set of ${visited.size}: ${ns.toFixed(0)} ns and ${(visited.bytes / count).toFixed(1)} B a state`,
  );
}

console.log('model                                           states  generated      steps  memory  reduced');
print(measure('two-phase commit, 7 managers, by hand', () => twoPhase(7)));
print(measureProcesses('lock, 6 clients', lock({ clients: 6, naive: false })));
const paxos = singleDecree({ proposers: 2, acceptors: 3 });
const crash = { budgets: { crashes: 1 }, crashing: ['a1', 'a2', 'a3'] };
const symmetry = { symmetric: [['a1', 'a2', 'a3']], unordered: ['acceptors'] };
print(measureProcesses('Paxos, 2 proposers and 3 acceptors', paxos));
print(measureProcesses('  and a crash', { ...paxos, ...crash }));
print(measureProcesses('  and symmetry', { ...paxos, ...crash, ...symmetry }));
measureVisited(10_000_000);
