import { print } from '../../../kernel/index.ts';
import { HistoryError } from '../history-error.ts';
import { identify, nameOf, type Transaction } from './transaction.ts';

export interface Write {
  readonly transaction: number;
  readonly value: unknown;
  /** Whether the transaction wrote to the key no more after it. */
  readonly isFinal: boolean;
  readonly outcome: Transaction['outcome'];
}

/** Who wrote each value, by key and value. Throws `HistoryError` if a value was written to a key twice. */
export class Writes {
  readonly #byKey = new Map<string, Map<string, Write>>();

  constructor(transactions: readonly Transaction[]) {
    transactions.forEach(({ operations, outcome }, transaction) => {
      const last = new Map<string, number>();
      operations.forEach(({ type, key }, index) => {
        if (type !== 'read') last.set(key, index);
      });
      operations.forEach(({ type, key, value }, index) => {
        if (type !== 'read') this.#add(key, { transaction, value, isFinal: last.get(key) === index, outcome });
      });
    });
  }

  of(key: string, value: unknown): Write | undefined {
    return this.#byKey.get(key)?.get(identify(value));
  }

  keys(): Iterable<string> {
    return this.#byKey.keys();
  }

  to(key: string): Iterable<Write> {
    return this.#byKey.get(key)?.values() ?? [];
  }

  #add(key: string, write: Write): void {
    const ofKey = this.#byKey.get(key) ?? new Map<string, Write>();
    this.#byKey.set(key, ofKey);
    const id = identify(write.value);
    const other = ofKey.get(id);
    if (write.value === null || write.value === undefined) {
      const what = `${nameOf(write.transaction)} writes null to ${key}, which stands for what was never written`;
      throw new HistoryError('ambiguous', what);
    }
    if (other !== undefined) {
      const who = `${nameOf(other.transaction)} and ${nameOf(write.transaction)}`;
      const what = `${who} both write ${print(write.value)} to ${key}, so that a read does not tell which it saw`;
      throw new HistoryError('ambiguous', `${what}: have each write a value of its own`);
    }
    ofKey.set(id, write);
  }
}
