import { equal, print } from '../../../kernel/index.ts';
import { HistoryError } from '../history-error.ts';
import type { Anomaly } from './anomaly.ts';
import type { Dependency, Observed } from './dependency.ts';
import { readsOfReplaced } from './lost-update.ts';
import { describeMicroOperation, identify, nameOf, type Transaction } from './transaction.ts';
import { type Write, Writes } from './writes.ts';

/** What a transaction read of a key before it wrote to it, if it did. */
export interface RegisterRead {
  readonly transaction: number;
  readonly key: string;
  /** Null if nothing had been written. */
  readonly version: unknown;
}

export interface ObservedRegisters extends Observed {
  readonly reads: readonly RegisterRead[];
  readonly writes: Writes;
}

/**
 * Histories of transactions that read and write registers. A read tells who wrote what it saw, but little of the order
 * of versions: that the first replaced nothing, and that a transaction that read a version and then wrote replaced it.
 */
export function observeRegisters(transactions: readonly Transaction[]): ObservedRegisters {
  return new Registers(transactions).observe();
}

class Registers {
  readonly #transactions: readonly Transaction[];
  readonly #writes: Writes;
  readonly #anomalies: Anomaly[] = [];
  readonly #reads: RegisterRead[] = [];
  readonly #dependencies: Dependency[] = [];

  constructor(transactions: readonly Transaction[]) {
    this.#transactions = transactions;
    this.#writes = new Writes(transactions);
  }

  observe(): ObservedRegisters {
    this.#transactions.forEach((transaction, index) => {
      if (transaction.outcome === 'committed') this.#readAll(transaction, index);
    });
    for (const read of this.#reads) this.#readFrom(read);
    for (const key of this.#writes.keys()) this.#order(key);
    this.#anomalies.push(...readsOfReplaced(this.#reads.filter((read) => this.#replacement(read) !== null)));
    const { dependencies, anomalies } = { dependencies: this.#dependencies, anomalies: this.#anomalies };
    return { dependencies, anomalies, reads: this.#reads, writes: this.#writes };
  }

  #readAll({ operations }: Transaction, transaction: number): void {
    const held = new Map<string, unknown>();
    for (const operation of operations) {
      const { type, key, value } = operation;
      if (type === 'append') {
        throw new HistoryError('unsupported', `${nameOf(transaction)} both writes and appends: use one of the two`);
      }
      if (type === 'write') held.set(key, value);
      else if (value !== undefined && !held.has(key)) {
        held.set(key, value);
        this.#reads.push({ transaction, key, version: value });
      } else if (value !== undefined && !equal(held.get(key), value)) {
        const story = [
          `${nameOf(transaction)} ${describeMicroOperation(operation)}`,
          `by what it had read or written itself before, ${key} is ${print(held.get(key))}`,
        ];
        this.#anomalies.push({ name: 'internal', transactions: [transaction], story });
        this.#reads.push({ transaction, key, version: value });
      }
    }
  }

  #readFrom({ transaction, key, version }: RegisterRead): void {
    if (version === null) return;
    const write = this.#writes.of(key, version);
    const read = `${nameOf(transaction)} read ${key} -> ${print(version)}`;
    if (write === undefined) {
      this.#anomalies.push({
        name: 'garbage-read',
        transactions: [transaction],
        story: [`${read}, which nobody wrote`],
      });
      return;
    }
    const transactions = [write.transaction, transaction];
    const wrote = `${nameOf(write.transaction)} wrote ${key} = ${print(version)}`;
    if (write.outcome === 'aborted') {
      this.#anomalies.push({ name: 'G1a', transactions, story: [`${wrote}, and was aborted`, read] });
      return;
    }
    if (write.transaction === transaction) {
      const story = [`${read}, which it wrote only after`];
      this.#anomalies.push({ name: 'garbage-read', transactions: [transaction], story });
      return;
    }
    const ends = { from: write.transaction, to: transaction };
    this.#dependencies.push({ type: 'wr', ...ends, key, version, next: undefined });
    if (write.isFinal) return;
    this.#anomalies.push({ name: 'G1b', transactions, story: [`${wrote}, and then wrote ${key} again`, read] });
  }

  /** The final write of a transaction to a key that it had read; null if it did not write to it. */
  #replacement({ transaction, key }: RegisterRead): unknown {
    const { operations } = this.#transactions[transaction] as Transaction;
    return operations.findLast((operation) => operation.type === 'write' && operation.key === key)?.value ?? null;
  }

  /** Which versions are known to have replaced which. */
  #order(key: string): void {
    const reads = this.#reads.filter((read) => read.key === key);
    const next = new Map<string, Write[]>();
    const replaced = new Set<string>();
    for (const read of reads) {
      const value = this.#replacement(read);
      const write = value === null ? undefined : this.#writes.of(key, value);
      if (write === undefined || read.version === null) continue;
      replaced.add(identify(value));
      const id = identify(read.version);
      next.set(id, [...(next.get(id) ?? []), write]);
    }
    // Whatever replaced nothing that is known replaced, at some point, what was there in the beginning.
    const isFirst = ({ value, outcome, isFinal }: Write): boolean =>
      outcome !== 'aborted' && isFinal && !replaced.has(identify(value));
    next.set(
      identify(null),
      [...this.#writes.to(key)].filter((write) => isFirst(write) && this.#took(write, reads)),
    );
    this.#replace(key, reads, next);
  }

  /** One of unknown outcome took effect if it was seen. */
  #took({ outcome, value }: Write, reads: readonly RegisterRead[]): boolean {
    return outcome === 'committed' || reads.some(({ version }) => equal(version, value));
  }

  #replace(key: string, reads: readonly RegisterRead[], next: ReadonlyMap<string, readonly Write[]>): void {
    for (const { transaction: from, version } of reads) {
      for (const { transaction: to, value } of next.get(identify(version)) ?? []) {
        if (from !== to) this.#dependencies.push({ type: 'rw', from, to, key, version, next: value });
      }
    }
    for (const write of this.#writes.to(key)) {
      if (write.outcome === 'aborted') continue;
      for (const { transaction: to, value } of next.get(identify(write.value)) ?? []) {
        const from = write.transaction;
        if (from !== to) this.#dependencies.push({ type: 'ww', from, to, key, version: write.value, next: value });
      }
    }
  }
}
