import { INITIALLY } from '../order/facts.ts';
import { Precedence } from '../order/precedence.ts';
import { findSerialOrder } from '../order/serial-order.ts';
import { tellCycle } from '../order/story.ts';
import type { Anomaly, OrderSuffix } from './anomaly.ts';
import type { ObservedRegisters } from './rw-register.ts';
import { processOrder, realTimeOrder } from './time-order.ts';
import { describeTransaction, nameOf, type Transaction } from './transaction.ts';

/**
 * Whether transactions over registers have a serial order that explains their reads, besides the order asked for:
 * `null` if they do, `'unknown'` if that was not found out in time.
 */
export function contradictSerialOrder(
  transactions: readonly Transaction[],
  { reads, writes, dependencies }: ObservedRegisters,
  { order, shouldStop }: { readonly order: OrderSuffix; readonly shouldStop?: (() => boolean) | undefined },
): Anomaly | null | 'unknown' {
  const seen = new Set(dependencies.filter(({ type }) => type === 'wr').map(({ from }) => from));
  const took = transactions.map(({ outcome }, index) => outcome === 'committed' || seen.has(index));
  const keys = new Map(
    [...new Set([...writes.keys(), ...reads.map(({ key }) => key)])].map((key, index) => [key, index]),
  );
  // Events are numbered from 1, as 0 is the beginning.
  const writers = Array.from(keys.keys(), (key) => {
    const final = [...writes.to(key)].filter(({ transaction, isFinal }) => isFinal && took[transaction]);
    return [INITIALLY, ...final.map(({ transaction }) => transaction + 1)];
  });
  const observations = reads.map(({ transaction, key, version }) => ({
    reader: transaction + 1,
    writer: version === null ? INITIALLY : (writes.of(key, version)?.transaction ?? -1) + 1,
    key: keys.get(key) ?? 0,
  }));
  const facts = { size: transactions.length + 1, observations, writers };
  const known = new Precedence(facts.size);
  for (let event = 1; event < facts.size; event += 1) known.add(INITIALLY, event, { type: 'session' });
  for (const { reader, writer, key } of observations) {
    if (writer !== INITIALLY) known.add(writer, reader, { type: 'readsFrom', key });
  }
  addOrder(known, transactions, order);
  const names = {
    event: (event: number) => nameOf(event - 1),
    client: (event: number) => `client ${transactions[event - 1]?.client}`,
  };
  const result = findSerialOrder(known, facts, {
    preference: [0, ...transactions.map(({ completeAt }) => completeAt ?? Number.POSITIVE_INFINITY)],
    shouldStop,
    tell: (cycle) => tellCycle(cycle, known, names),
  });
  switch (result.type) {
    case 'found':
      return null;
    case 'cut':
      return 'unknown';
    case 'none': {
      const involved = result.story.events.map((event) => event - 1);
      const told = involved.map(
        (index) => `${nameOf(index)}: ${describeTransaction(transactions[index] as Transaction)}`,
      );
      const story = [...told, ...result.story.lines];
      return { name: 'no-serial-order', transactions: involved, story };
    }
    default:
      return result satisfies never;
  }
}

function addOrder(known: Precedence, transactions: readonly Transaction[], order: OrderSuffix): void {
  switch (order) {
    case '':
      return;
    case '-process':
      for (const { from, to } of processOrder(transactions)) known.add(from + 1, to + 1, { type: 'session' });
      return;
    case '-realtime':
      for (const { from, to } of realTimeOrder(transactions)) known.add(from + 1, to + 1, { type: 'realTime' });
      return;
    default:
      order satisfies never;
  }
}
