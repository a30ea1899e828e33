import { equal } from '../../../kernel/index.ts';
import { permutationsOf, subsetsOf } from '../../arrangements.ts';
import type { MicroOperation, Transaction } from './transaction.ts';

/** What all keys hold: lists, or single values. */
type Contents = ReadonlyMap<string, unknown>;

/** The models that are decided here by trying everything. */
export type DecidableModel =
  | 'read-committed'
  | 'snapshot-isolation'
  | 'strong-session-snapshot-isolation'
  | 'strong-snapshot-isolation'
  | 'serializable'
  | 'strong-session-serializable'
  | 'strict-serializable';

/** The definitions, word by word: oracles for tests, of a handful of transactions only. */
export function allowsByDefinition(transactions: readonly Transaction[], model: DecidableModel): boolean {
  const unknown = transactions.filter(({ outcome }) => outcome === 'unknown');
  const committed = transactions.filter(({ outcome }) => outcome === 'committed');
  return subsetsOf(unknown).some((subset) => allowsCommitted([...committed, ...subset], model));
}

function allowsCommitted(transactions: readonly Transaction[], model: DecidableModel): boolean {
  switch (model) {
    case 'read-committed':
      return permutationsOf(transactions).some((order) => readsCommitted(order));
    case 'serializable':
      return permutationsOf(transactions).some((order) => isSerial(order));
    case 'strong-session-serializable':
      return permutationsOf(transactions).some((order) => respects(order, isSession) && isSerial(order));
    case 'strict-serializable':
      return permutationsOf(transactions).some((order) => respects(order, isRealTime) && isSerial(order));
    case 'snapshot-isolation':
      return isSnapshotIsolated(transactions, () => false);
    case 'strong-session-snapshot-isolation':
      return isSnapshotIsolated(transactions, isSession);
    case 'strong-snapshot-isolation':
      return isSnapshotIsolated(transactions, isRealTime);
    default:
      return model satisfies never;
  }
}

type Before = (a: Transaction, b: Transaction) => boolean;

const isRealTime: Before = (a, b) => a.completeAt !== null && a.completeAt < b.invokeAt;
const isSession: Before = (a, b) => a.client === b.client && a.outcome === 'committed' && a.invokeAt < b.invokeAt;

/** Executed one after the other, each reads what it did read. */
function isSerial(order: readonly Transaction[]): boolean {
  let contents: Contents = new Map();
  for (const transaction of order) {
    if (!readsFrom(transaction, contents)) return false;
    contents = written(transaction.operations, contents);
  }
  return true;
}

/**
 * Versions are in the order of the transactions, and each read is of a version that one before it left: then no
 * dependency of a write, or on a write, points back.
 */
function readsCommitted(order: readonly Transaction[]): boolean {
  return order.every((transaction, place) => {
    const versions: Contents[] = [new Map()];
    for (const before of order.slice(0, place)) versions.push(written(before.operations, versions.at(-1) ?? new Map()));
    return externalReads(transaction).every(({ key, value }) =>
      versions.some((contents) => equal(contents.get(key) ?? emptyOf(value), value)),
    );
  });
}

/** What was read of others: a list without what the transaction had appended to its end; no value that is its own. */
function externalReads({ operations, outcome }: Transaction): { key: string; value: unknown }[] {
  if (outcome === 'unknown') return [];
  return operations.flatMap(({ type, key, value }, place) => {
    if (type !== 'read') return [];
    const own = operations.slice(0, place).filter((before) => before.type !== 'read' && before.key === key);
    const isOwn = (item: unknown): boolean => own.some((before) => equal(before.value, item));
    if (Array.isArray(value)) return [{ key, value: value.slice(0, value.findLastIndex((item) => !isOwn(item)) + 1) }];
    return isOwn(value) ? [] : [{ key, value }];
  });
}

/** Tries every order of all beginnings and ends: reads are of the beginning, and of two that write a key one ends first. */
function isSnapshotIsolated(transactions: readonly Transaction[], isBefore: Before): boolean {
  const place = (
    running: readonly { transaction: Transaction; snapshot: Contents; wrote: Set<string> }[],
    rest: readonly Transaction[],
    ended: readonly Transaction[],
    contents: Contents,
  ): boolean => {
    if (running.length === 0 && rest.length === 0) return true;
    const begins = rest.some((transaction) => {
      if (!transactions.every((other) => !isBefore(other, transaction) || ended.includes(other))) return false;
      if (!readsFrom(transaction, contents)) return false;
      const begun = { transaction, snapshot: contents, wrote: new Set<string>() };
      return place(
        [...running, begun],
        rest.filter((other) => other !== transaction),
        ended,
        contents,
      );
    });
    if (begins) return true;
    return running.some(({ transaction, wrote }) => {
      const keys = transaction.operations.filter(({ type }) => type !== 'read').map(({ key }) => key);
      if (keys.some((key) => wrote.has(key))) return false;
      const others = running.filter((other) => other.transaction !== transaction);
      const marked = others.map((other) => ({ ...other, wrote: new Set([...other.wrote, ...keys]) }));
      return place(marked, rest, [...ended, transaction], written(transaction.operations, contents));
    });
  };
  return place([], transactions, [], new Map());
}

function readsFrom({ operations, outcome }: Transaction, contents: Contents): boolean {
  let own = contents;
  return operations.every((operation) => {
    const { type, key, value } = operation;
    if (type === 'read') return outcome === 'unknown' || equal(own.get(key) ?? emptyOf(value), value);
    own = written([operation], own);
    return true;
  });
}

function written(operations: readonly MicroOperation[], contents: Contents): Contents {
  const next = new Map(contents);
  for (const { type, key, value } of operations) {
    if (type === 'append') next.set(key, [...((next.get(key) as unknown[] | undefined) ?? []), value]);
    if (type === 'write') next.set(key, value);
  }
  return next;
}

function emptyOf(value: unknown): unknown {
  return Array.isArray(value) ? [] : null;
}

function respects(order: readonly Transaction[], isBefore: Before): boolean {
  return order.every((transaction, index) => order.slice(index + 1).every((later) => !isBefore(later, transaction)));
}
