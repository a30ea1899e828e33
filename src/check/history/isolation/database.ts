import type { Random } from '../../../kernel/index.ts';
import type { MicroOperation, Transaction } from './transaction.ts';

/** How a simulated database isolates its transactions. */
export type Discipline =
  /** One at a time. */
  | 'serial'
  /** Reads are of the beginning; writes take effect at the end, unless another wrote one of the keys meanwhile. */
  | 'snapshot'
  /** The same, and writes take effect all the same. */
  | 'lossy'
  /** Reads are of what is committed at the time. */
  | 'committed'
  /** Reads and writes take effect one by one. */
  | 'none';

interface Running {
  readonly client: number;
  readonly invokeAt: number;
  readonly planned: readonly MicroOperation[];
  readonly done: MicroOperation[];
  readonly snapshot: ReadonlyMap<string, unknown>;
  readonly wrote: Set<string>;
}

export interface Load {
  readonly type: 'append' | 'write';
  readonly discipline: Discipline;
  readonly clients: number;
  readonly count: number;
  readonly keys: number;
  /** How many micro-operations a transaction has at most. */
  readonly length: number;
  /** The chance that the outcome of a transaction is unknown. */
  readonly loss?: number;
}

/** A history as a database of a discipline would show it: material for tests. */
export function execute(random: Random, load: Load): Transaction[] {
  const { discipline, clients, count } = load;
  const contents = new Map<string, unknown>();
  const running = new Map<number, Running>();
  const history: Transaction[] = [];
  let begun = 0;
  let value = 0;
  for (let now = 0; history.length < count; now += 1) {
    const mayBegin = begun < count && (discipline !== 'serial' || running.size === 0);
    const client = random.integer(clients);
    const current = running.get(client);
    if (current === undefined) {
      if (!mayBegin) continue;
      const planned = Array.from({ length: 1 + random.integer(load.length) }, (): MicroOperation => {
        const key = `k${random.integer(load.keys)}`;
        value += 1;
        return random.chance(0.5) ? { type: 'read', key, value: undefined } : { type: load.type, key, value };
      });
      running.set(client, { client, invokeAt: now, planned, done: [], snapshot: new Map(contents), wrote: new Set() });
      begun += 1;
    } else if (current.done.length < current.planned.length) {
      step(current, discipline, contents);
    } else {
      running.delete(client);
      history.push(
        end(current, { discipline, contents, now, others: [...running.values()], loss: random.chance(load.loss ?? 0) }),
      );
    }
  }
  return history.sort((a, b) => a.invokeAt - b.invokeAt);
}

function step({ planned, done, snapshot }: Running, discipline: Discipline, contents: Map<string, unknown>): void {
  const operation = planned[done.length] as MicroOperation;
  const base = discipline === 'snapshot' || discipline === 'lossy' ? snapshot : contents;
  if (operation.type === 'read') {
    const view = new Map(base);
    if (discipline !== 'none') for (const own of done) write(own, view);
    done.push({ ...operation, value: view.get(operation.key) ?? null });
  } else {
    done.push(operation);
    if (discipline === 'none') write(operation, contents);
  }
}

function end(
  current: Running,
  {
    discipline,
    contents,
    now,
    others,
    loss,
  }: {
    readonly discipline: Discipline;
    readonly contents: Map<string, unknown>;
    readonly now: number;
    readonly others: readonly Running[];
    readonly loss: boolean;
  },
): Transaction {
  const { client, invokeAt, done, wrote } = current;
  const writes = done.filter(({ type }) => type !== 'read');
  const isAborted = discipline === 'snapshot' && writes.some(({ key }) => wrote.has(key));
  if (!isAborted && discipline !== 'none') for (const operation of writes) write(operation, contents);
  if (!isAborted) for (const other of others) for (const { key } of writes) other.wrote.add(key);
  const operations = isAborted || loss ? done.map((o) => (o.type === 'read' ? { ...o, value: undefined } : o)) : done;
  const outcome = loss ? 'unknown' : isAborted ? 'aborted' : 'committed';
  return { client: `c${client}`, invokeAt, completeAt: loss ? null : now, outcome, operations };
}

function write({ type, key, value }: MicroOperation, contents: Map<string, unknown>): void {
  if (type === 'append') contents.set(key, [...((contents.get(key) as unknown[] | undefined) ?? []), value]);
  if (type === 'write') contents.set(key, value);
}
