import { equal, print } from '../../../kernel/index.ts';
import { HistoryError } from '../history-error.ts';
import type { Anomaly } from './anomaly.ts';
import type { Dependency, Observed } from './dependency.ts';
import { readsOfReplaced } from './lost-update.ts';
import { describeMicroOperation, identify, nameOf, type Transaction } from './transaction.ts';
import { type Write, Writes } from './writes.ts';

/** What a transaction read of a key that others had written. */
interface Read {
  readonly transaction: number;
  readonly key: string;
  /** As it was before the transaction appended to it itself. */
  readonly version: readonly unknown[];
}

export interface ObservedLists extends Observed {
  /** By key: what was appended after everything that was read, in an order that nobody saw; of each who did, one. */
  readonly unordered: readonly { readonly key: string; readonly writes: readonly Write[] }[];
}

/**
 * Histories of transactions that append to lists and read them. A list shows all of its versions at once, so what is
 * read tells the whole order of what was appended, and every dependency follows (Kingsbury and Alvaro, 2020).
 */
export function observeListAppend(transactions: readonly Transaction[]): ObservedLists {
  return new ListAppend(transactions).observe();
}

class ListAppend {
  readonly #transactions: readonly Transaction[];
  readonly #writes: Writes;
  readonly #anomalies: Anomaly[] = [];
  readonly #reads: Read[] = [];
  /** By key: the longest version that was read, and by whom. */
  readonly #longest = new Map<string, { readonly list: readonly unknown[]; readonly transaction: number }>();
  readonly #dependencies: Dependency[] = [];
  /** Those that took effect: committed, or seen by one that was. */
  readonly #effective = new Set<number>();

  constructor(transactions: readonly Transaction[]) {
    this.#transactions = transactions;
    this.#writes = new Writes(transactions);
  }

  observe(): ObservedLists {
    this.#transactions.forEach((transaction, index) => {
      if (transaction.outcome !== 'committed') return;
      this.#effective.add(index);
      this.#readAll(transaction, index);
    });
    for (const key of this.#writes.keys()) this.#order(key);
    for (const read of this.#reads) this.#depend(read);
    const replacing = this.#reads.filter(({ transaction, key }) => this.#writesTo(transaction, key));
    this.#anomalies.push(...readsOfReplaced(replacing));
    const unordered = Array.from(this.#writes.keys(), (key) => ({ key, writes: this.#unseen(key) }));
    return {
      dependencies: this.#dependencies,
      anomalies: this.#anomalies,
      unordered: unordered.filter(({ writes }) => writes.length > 1),
    };
  }

  #writesTo(transaction: number, key: string): boolean {
    return this.#transactions[transaction]?.operations.some((o) => o.type !== 'read' && o.key === key) === true;
  }

  #readAll({ operations }: Transaction, transaction: number): void {
    const bases = new Map<string, readonly unknown[]>();
    const own = new Map<string, unknown[]>();
    for (const operation of operations) {
      const { type, key, value } = operation;
      if (type === 'write') {
        throw new HistoryError('unsupported', `${nameOf(transaction)} both writes and appends: use one of the two`);
      }
      const appended = own.get(key) ?? [];
      own.set(key, appended);
      if (type === 'append') appended.push(value);
      else if (value !== undefined) {
        const list = listOf(value, transaction, key);
        const version = withoutTail(list, appended);
        const base = bases.get(key);
        // One that reads again what did not change depends on nothing more.
        if (base === undefined || !equal(base, version)) this.#reads.push({ transaction, key, version });
        if (base === undefined) bases.set(key, version);
        const longest = this.#longest.get(key)?.list.length ?? 0;
        if (version.length > longest) this.#longest.set(key, { list: version, transaction });
        const expected = [...(base ?? version), ...appended];
        if (!equal(expected, [...list])) {
          const story = [`${nameOf(transaction)} ${describeMicroOperation(operation)}`];
          story.push(`what it had read and appended itself before makes that ${print(expected)}`);
          this.#anomalies.push({ name: 'internal', transactions: [transaction], story });
        }
        this.#lookAt(list, transaction, key);
      }
    }
  }

  /** What is wrong with a list by itself. */
  #lookAt(list: readonly unknown[], transaction: number, key: string): void {
    if (new Set(list.map(identify)).size < list.length) {
      const story = [`${nameOf(transaction)} read ${key} -> ${print(list)}, in which an element is there twice`];
      this.#anomalies.push({ name: 'duplicate-elements', transactions: [transaction], story });
    }
    for (const value of list) {
      const write = this.#writes.of(key, value);
      if (write === undefined) {
        const story = [`${nameOf(transaction)} read ${print(value)} in ${key}, which nobody appended`];
        this.#anomalies.push({ name: 'garbage-read', transactions: [transaction], story });
      } else if (write.outcome === 'aborted') {
        const story = [
          `${nameOf(write.transaction)} appended ${print(value)} to ${key}, and was aborted`,
          `${nameOf(transaction)} read ${key} -> ${print(list)}`,
        ];
        this.#anomalies.push({ name: 'G1a', transactions: [write.transaction, transaction], story });
      } else this.#effective.add(write.transaction);
    }
  }

  /** Each version was replaced by the next; what nobody read yet came after what was. */
  #order(key: string): void {
    const longest = this.#longest.get(key)?.list ?? [];
    let last: Write | null = null;
    let aborted: Write | null = null;
    for (const value of longest) {
      const write = this.#writes.of(key, value);
      if (write === undefined) continue;
      if (write.outcome === 'aborted') {
        aborted = write;
        continue;
      }
      if (aborted !== null) this.#noteDirty(key, aborted, write);
      aborted = null;
      if (last !== null) this.#depends({ type: 'ww', from: last, to: write, key });
      last = write;
    }
    for (const write of this.#unseen(key)) {
      if (last !== null) this.#depends({ type: 'ww', from: last, to: write, key });
    }
  }

  /** What was certainly appended, but is in no list that was read: the first of it by each transaction. */
  #unseen(key: string): Write[] {
    const seen = new Set((this.#longest.get(key)?.list ?? []).map(identify));
    const first = new Map<number, Write>();
    for (const write of this.#writes.to(key)) {
      if (!this.#effective.has(write.transaction) || seen.has(identify(write.value))) continue;
      if (!first.has(write.transaction)) first.set(write.transaction, write);
    }
    return [...first.values()];
  }

  #depends(edge: { type: 'ww'; from: Write; to: Write; key: string }): void {
    const { type, from, to, key } = edge;
    if (from.transaction === to.transaction) return;
    const ends = { from: from.transaction, to: to.transaction };
    this.#dependencies.push({ type, ...ends, key, version: from.value, next: to.value });
  }

  #noteDirty(key: string, aborted: Write, write: Write): void {
    const story = [
      `${nameOf(aborted.transaction)} appended ${print(aborted.value)} to ${key}, and was aborted`,
      `${nameOf(write.transaction)} appended ${print(write.value)} on top of it, and was committed`,
    ];
    const transactions = [aborted.transaction, write.transaction];
    this.#anomalies.push({ name: 'dirty-update', transactions, story });
  }

  #depend({ transaction, key, version }: Read): void {
    const longest = this.#longest.get(key);
    if (longest !== undefined && !equal([...version], longest.list.slice(0, version.length))) {
      const transactions = [transaction, longest.transaction];
      const story = [
        `${nameOf(transaction)} read ${key} -> ${print(version)}`,
        `${nameOf(longest.transaction)} read ${key} -> ${print(longest.list)}, of which that is no beginning`,
      ];
      this.#anomalies.push({ name: 'incompatible-order', transactions, story });
      return;
    }
    this.#readFrom({ transaction, key, version });
    this.#replacedBy({ transaction, key, version }, longest?.list ?? []);
  }

  #readFrom({ transaction, key, version }: Read): void {
    const value = version.at(-1);
    const write = version.length === 0 ? undefined : this.#writes.of(key, value);
    if (write === undefined || write.outcome === 'aborted') return;
    if (write.transaction === transaction) {
      const story = [`${nameOf(transaction)} read ${print(value)} in ${key}, which it appended only after`];
      this.#anomalies.push({ name: 'garbage-read', transactions: [transaction], story });
      return;
    }
    const ends = { from: write.transaction, to: transaction };
    this.#dependencies.push({ type: 'wr', ...ends, key, version: value, next: undefined });
    if (write.isFinal) return;
    const story = [
      `${nameOf(transaction)} read ${key} -> ${print(version)}`,
      `${nameOf(write.transaction)} appended ${print(value)}, and then more to ${key}: that was an intermediate state`,
    ];
    this.#anomalies.push({ name: 'G1b', transactions: [write.transaction, transaction], story });
  }

  #replacedBy({ transaction, key, version }: Read, longest: readonly unknown[]): void {
    const read = version.length === 0 ? null : version.at(-1);
    const add = ({ transaction: to, value }: Write): void => {
      if (to === transaction) return;
      this.#dependencies.push({ type: 'rw', from: transaction, to, key, version: read, next: value });
    };
    for (const value of longest.slice(version.length)) {
      const write = this.#writes.of(key, value);
      if (write === undefined || write.outcome === 'aborted') continue;
      add(write);
      return;
    }
    for (const write of this.#unseen(key)) add(write);
  }
}

/** A list as it was before a transaction appended to its end. */
function withoutTail(list: readonly unknown[], appended: readonly unknown[]): readonly unknown[] {
  const own = new Set(appended.map(identify));
  let end = list.length;
  while (end > 0 && own.has(identify(list[end - 1]))) end -= 1;
  return list.slice(0, end);
}

function listOf(value: unknown, transaction: number, key: string): readonly unknown[] {
  if (value === null) return [];
  if (Array.isArray(value)) return value;
  const what = `${nameOf(transaction)} appends to lists, and read ${key} -> ${print(value)}`;
  throw new HistoryError('unsupported', `${what}: a list is expected`);
}
