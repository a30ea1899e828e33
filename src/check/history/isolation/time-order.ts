import type { Dependency } from './dependency.ts';
import type { Transaction } from './transaction.ts';

/** Each client's committed transactions, one after the other. */
export function processOrder(transactions: readonly Transaction[]): Dependency[] {
  const dependencies: Dependency[] = [];
  const last = new Map<string, number>();
  for (const to of byInvocation(transactions)) {
    const { client, outcome } = transactions[to] as Transaction;
    if (outcome === 'aborted') continue;
    const from = last.get(client);
    if (from !== undefined) dependencies.push({ type: 'process', from, to });
    // One of unknown outcome may take effect after what its client did next.
    if (outcome === 'committed') last.set(client, to);
  }
  return dependencies;
}

/**
 * Which transaction had ended when another began: only those pairs from which all others follow, so that there are
 * about as many for each transaction as run at once.
 */
export function realTimeOrder(transactions: readonly Transaction[]): Dependency[] {
  const dependencies: Dependency[] = [];
  const ends = [...transactions.keys()]
    .filter((transaction) => transactions[transaction]?.outcome === 'committed')
    .sort((a, b) => endOf(transactions, a) - endOf(transactions, b));
  /** Those that ended and that no other that ended began after. */
  let latest: number[] = [];
  let ended = 0;
  for (const to of byInvocation(transactions)) {
    const { invokeAt, outcome } = transactions[to] as Transaction;
    for (; ended < ends.length && endOf(transactions, ends[ended] as number) < invokeAt; ended += 1) {
      const next = ends[ended] as number;
      const beganAt = transactions[next]?.invokeAt ?? 0;
      latest = latest.filter((earlier) => endOf(transactions, earlier) >= beganAt);
      latest.push(next);
    }
    if (outcome === 'aborted') continue;
    for (const from of latest) dependencies.push({ type: 'realTime', from, to });
  }
  return dependencies;
}

function byInvocation(transactions: readonly Transaction[]): number[] {
  const beginningOf = (transaction: number): number => transactions[transaction]?.invokeAt ?? 0;
  return [...transactions.keys()].sort((a, b) => beginningOf(a) - beginningOf(b));
}

function endOf(transactions: readonly Transaction[], transaction: number): number {
  return transactions[transaction]?.completeAt ?? Number.POSITIVE_INFINITY;
}
