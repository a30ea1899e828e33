import type { Compare, Operation } from '../store/api.ts';
import { InvalidArgumentError } from './errors.ts';
import type { Txn } from './operations.ts';
import type { TxnResult } from './results.ts';
import type { CallOptions } from './store.ts';

/** Gathers a mini-transaction; nothing happens before `commit`. Each method may be called again, to add more. */
export class TxnBuilder {
  readonly #commit: (txn: Txn, options: CallOptions) => Promise<TxnResult>;
  readonly #compares: Compare[] = [];
  readonly #success: Operation[] = [];
  readonly #failure: Operation[] = [];

  constructor(commit: (txn: Txn, options: CallOptions) => Promise<TxnResult>) {
    this.#commit = commit;
  }

  /** All of these must hold. Without any, they do. */
  if(...compares: Compare[]): this {
    this.#compares.push(...compares);
    return this;
  }

  /** What to do if all compares hold. */
  // biome-ignore lint/suspicious/noThenProperty: awaiting a builder is refused, and if-then-else reads as it should
  then(...operations: Operation[]): this {
    // What `await` does to anything that has a `then`.
    if (operations.some((operation) => typeof operation === 'function')) {
      throw new InvalidArgumentError('a transaction was awaited before it was committed: await txn.commit()');
    }
    this.#success.push(...operations);
    return this;
  }

  /** What to do if one of them does not. */
  else(...operations: Operation[]): this {
    this.#failure.push(...operations);
    return this;
  }

  /** Executes it, as one step at one revision. */
  commit(options: CallOptions = {}): Promise<TxnResult> {
    return this.#commit({ compares: this.#compares, success: this.#success, failure: this.#failure }, options);
  }
}
