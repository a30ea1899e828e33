import { Random } from '../../kernel/index.ts';
import type { Operation } from './history.ts';
import type { KeyValueInput, QueueInput, RegisterInput, Value } from './models.ts';

export interface RandomHistoryOptions {
  readonly seed: number | string;
  readonly clients: number;
  readonly operations: number;
  /** The chance that a client never learns the outcome; half of those operations never take effect. Default 0.002. */
  readonly loss?: number;
}

/** What an atomic register shows its clients, each value being written once. For tests and benchmarks. */
export function randomRegisterHistory(options: RandomHistoryOptions): Operation<RegisterInput, Value>[] {
  let state: Value = null;
  return observe<RegisterInput, Value>(
    options,
    (random, id) => (random.chance(0.5) ? { type: 'read' } : { type: 'write', value: id }),
    (input) => {
      if (input.type === 'read') return state;
      state = input.value;
      return undefined;
    },
  );
}

/** The same of an atomic map. */
export function randomMapHistory(
  options: RandomHistoryOptions & { readonly keys: number },
): Operation<KeyValueInput, Value>[] {
  const map = new Map<string, Value>();
  return observe<KeyValueInput, Value>(
    options,
    (random, id) => {
      const key = `k${random.integer(options.keys)}`;
      return random.pick<KeyValueInput>([
        { type: 'get', key },
        { type: 'get', key },
        { type: 'put', key, value: `v${id}` },
        { type: 'delete', key },
        { type: 'compareAndSet', key, expected: null, value: `v${id}` },
      ]);
    },
    (input) => execute(map, input),
  );
}

/** The same of a queue, each value being put in once. */
export function randomQueueHistory(options: RandomHistoryOptions): Operation<QueueInput, Value>[] {
  const queue: Value[] = [];
  return observe<QueueInput, Value>(
    options,
    (random, id) => (random.chance(0.5) ? { type: 'enqueue', value: id } : { type: 'dequeue' }),
    (input) => {
      if (input.type === 'dequeue') return queue.shift() ?? null;
      queue.push(input.value);
      return undefined;
    },
  );
}

function execute(map: Map<string, Value>, input: KeyValueInput): Value {
  const before = map.get(input.key) ?? null;
  switch (input.type) {
    case 'get':
      return before;
    case 'put':
      map.set(input.key, input.value);
      return undefined;
    case 'delete':
      map.delete(input.key);
      return before !== null;
    case 'compareAndSet':
      if (before !== input.expected) return false;
      map.set(input.key, input.value);
      return true;
    case 'increment': {
      const sum = (typeof before === 'number' ? before : 0) + input.by;
      map.set(input.key, sum);
      return sum;
    }
    default:
      return input satisfies never;
  }
}

interface Drawn<I, O> {
  readonly client: string;
  readonly invokeAt: number;
  /** The instant at which it takes effect; infinity if it never does. */
  readonly at: number;
  readonly completeAt: number | null;
  readonly input: I;
  output: O | undefined;
}

/** Each client asks one thing after another; the object takes each at some instant between its beginning and its end. */
function observe<I, O>(
  { seed, clients, operations, loss = 0.002 }: RandomHistoryOptions,
  draw: (random: Random, id: number) => I,
  run: (input: I) => O | undefined,
): Operation<I, O>[] {
  const random = new Random(seed);
  const drawn: Drawn<I, O>[] = [];
  for (let client = 0; client < clients; client += 1) {
    let now = random.between(0, 10);
    for (let index = 0; index < operations / clients; index += 1) {
      const completeAt = now + random.exponential(10);
      const isLost = random.chance(loss);
      const at = isLost && random.chance(0.5) ? Number.POSITIVE_INFINITY : random.between(now, completeAt);
      const input = draw(random, drawn.length);
      const known = isLost ? null : completeAt;
      drawn.push({ client: `c${client}`, invokeAt: now, at, completeAt: known, input, output: undefined });
      now = completeAt + random.exponential(1);
    }
  }
  for (const operation of [...drawn].sort((a, b) => a.at - b.at)) {
    if (operation.at === Number.POSITIVE_INFINITY) continue;
    const output = run(operation.input);
    if (operation.completeAt !== null) operation.output = output;
  }
  return drawn.map(({ at: _, ...operation }) => operation);
}
