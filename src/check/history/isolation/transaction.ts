import { print, toJson } from '../../../kernel/index.ts';

/** What a transaction did to one key. The value of a read is `undefined` where nobody knows what it saw. */
export type MicroOperation =
  | { readonly type: 'append'; readonly key: string; readonly value: unknown }
  | { readonly type: 'write'; readonly key: string; readonly value: unknown }
  | { readonly type: 'read'; readonly key: string; readonly value: unknown };

/** Several operations that a client had executed as one. Times are of one clock, that of an observer of all. */
export interface Transaction {
  readonly client: string;
  readonly invokeAt: number;
  /** Null if its outcome is unknown. */
  readonly completeAt: number | null;
  readonly outcome: 'committed' | 'aborted' | 'unknown';
  readonly operations: readonly MicroOperation[];
}

/** How transactions are called: by their place in the history. */
export function nameOf(transaction: number): string {
  return `T${transaction}`;
}

/** A transaction on one line. */
export function describeTransaction({ operations }: Transaction): string {
  return operations.map(describeMicroOperation).join(', ');
}

export function describeMicroOperation(operation: MicroOperation): string {
  const { type, key, value } = operation;
  switch (type) {
    case 'append':
      return `append ${print(value)} to ${key}`;
    case 'write':
      return `write ${key} = ${print(value)}`;
    case 'read':
      return `read ${key}${value === undefined ? '' : ` -> ${print(value)}`}`;
    default:
      return type satisfies never;
  }
}

/** The same for equal values only. */
export function identify(value: unknown): string {
  return typeof value === 'number' ? `${value}` : JSON.stringify(toJson(value));
}
