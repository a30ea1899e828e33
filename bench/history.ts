/** How long histories take to be checked: fine ones, and ones with something wrong in the middle. */
import {
  checkCausalConsistency,
  checkIsolation,
  checkLinearizability,
  checkSequentialConsistency,
  keyValue,
  queue,
  register,
} from '../src/check/history/index.ts';
import { execute } from '../src/check/history/isolation/database.ts';
import { randomMapHistory, randomQueueHistory, randomRegisterHistory } from '../src/check/history/random-history.ts';
import { Random } from '../src/kernel/index.ts';

const SEEDS = [1, 2, 3, 4, 5];

function measure(name: string, check: (seed: number) => unknown): void {
  const verdicts = new Map<string, number>();
  const times = SEEDS.map((seed) => {
    const began = performance.now();
    const verdict = String(check(seed));
    verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1);
    return performance.now() - began;
  }).sort((a, b) => a - b);
  const told = [...verdicts].map(([verdict, count]) => `${verdict} ${count}×`).join(', ');
  console.log(`${name.padEnd(66)} median ${times[2]?.toFixed(0)} ms, worst ${times[4]?.toFixed(0)} ms   ${told}`);
}

for (const [clients, loss] of [
  [5, 0],
  [30, 0],
  [30, 0.01],
  [30, 0.1],
  [100, 0.01],
] as const) {
  const of = `10,000 operations, ${clients} clients, ${loss * 100}% unknown`;
  const drawn = (seed: number) => randomRegisterHistory({ seed, clients, operations: 10_000, loss });
  const histories = SEEDS.map(drawn);
  measure(`${of}, one register`, (seed) => checkLinearizability(histories[seed - 1] ?? [], register).linearizable);
  const stale = histories.map((history) => {
    const ends = Math.max(...history.map(({ invokeAt }) => invokeAt));
    const late = history.findIndex(({ input, invokeAt, completeAt }) => {
      return input.type === 'read' && completeAt !== null && invokeAt > ends / 2;
    });
    return history.map((operation, index) => (index === late ? { ...operation, output: null } : operation));
  });
  measure(`${of}, stale read`, (seed) => checkLinearizability(stale[seed - 1] ?? [], register).linearizable);
}
const maps = SEEDS.map((seed) => randomMapHistory({ seed, clients: 30, operations: 100_000, keys: 100, loss: 0.01 }));
measure('100,000 operations, 30 clients, 1% unknown, 100 keys', (seed) => {
  return checkLinearizability(maps[seed - 1] ?? [], keyValue).linearizable;
});

const queues = SEEDS.map((seed) => randomQueueHistory({ seed, clients: 30, operations: 10_000, loss: 0.01 }));
measure('10,000 operations, 30 clients, 1% unknown, one queue', (seed) => {
  return checkLinearizability(queues[seed - 1] ?? [], queue).linearizable;
});
const registers = SEEDS.map((seed) => randomRegisterHistory({ seed, clients: 30, operations: 10_000, loss: 0.01 }));
measure('the same of one register, sequential consistency', (seed) => {
  return checkSequentialConsistency(registers[seed - 1] ?? [], register).verdict;
});
measure('the same, causal consistency', (seed) => checkCausalConsistency(registers[seed - 1] ?? []).verdict);
for (const type of ['append', 'write'] as const) {
  for (const discipline of ['serial', 'snapshot', 'lossy'] as const) {
    // Registers that are hardly ever read tell too little of their order.
    const keys = type === 'write' ? 20 : 500;
    const histories = SEEDS.map((seed) =>
      execute(new Random(seed), { type, discipline, clients: 30, count: 10_000, keys, length: 4 }),
    );
    measure(`10,000 transactions, 30 clients, ${type}, ${discipline}, strict serializability`, (seed) => {
      return checkIsolation(histories[seed - 1] ?? [], 'strict-serializable').verdict;
    });
  }
}
