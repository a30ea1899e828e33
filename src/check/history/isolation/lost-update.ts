import { print } from '../../../kernel/index.ts';
import type { Anomaly } from './anomaly.ts';
import { identify, nameOf } from './transaction.ts';

/** Given who read which version of a key that they then replaced: one version can be replaced only once. */
export function readsOfReplaced(
  reads: readonly { readonly transaction: number; readonly key: string; readonly version: unknown }[],
): Anomaly[] {
  const anomalies: Anomaly[] = [];
  for (const same of Map.groupBy(reads, ({ key, version }) => `${key} ${identify(version)}`).values()) {
    const [first] = same;
    if (first === undefined || same.length < 2) continue;
    const transactions = same.map(({ transaction }) => transaction);
    const names = transactions.slice(0, 5).map(nameOf).join(' and ');
    const who = same.length === 2 ? 'both' : 'all';
    const story = [`${names} ${who} read ${first.key} -> ${print(first.version)}, and each of them replaced that`];
    anomalies.push({ name: 'lost-update', transactions, story });
  }
  return anomalies;
}
