import type { AnomalyName, OrderSuffix } from './anomaly.ts';

export const ISOLATION_MODELS = [
  'read-uncommitted',
  'read-committed',
  'consistent-view',
  'snapshot-isolation',
  'strong-session-snapshot-isolation',
  'strong-snapshot-isolation',
  'repeatable-read',
  'serializable',
  'strong-session-serializable',
  'strict-serializable',
] as const;
export type IsolationModel = (typeof ISOLATION_MODELS)[number];

/**
 * Isolation levels, each with what it does not allow. `rank` orders the anomalies; `order` says whether a cycle also
 * counts that needs the order of each client's transactions, or that of time.
 *
 * As histories have no predicates, `repeatable-read` (Adya's PL-2.99) is `serializable` here.
 */
const MODELS: Readonly<Record<IsolationModel, { readonly rank: number; readonly order: OrderSuffix }>> = {
  'read-uncommitted': { rank: 0, order: '' },
  'read-committed': { rank: 1, order: '' },
  'consistent-view': { rank: 2, order: '' },
  'snapshot-isolation': { rank: 3, order: '' },
  'strong-session-snapshot-isolation': { rank: 3, order: '-process' },
  'strong-snapshot-isolation': { rank: 3, order: '-realtime' },
  'repeatable-read': { rank: 4, order: '' },
  serializable: { rank: 4, order: '' },
  'strong-session-serializable': { rank: 4, order: '-process' },
  'strict-serializable': { rank: 4, order: '-realtime' },
};

/** The lowest rank of a model that does not allow it. */
const RANKS = {
  G0: 0,
  'garbage-read': 0,
  'duplicate-elements': 0,
  G1a: 1,
  G1b: 1,
  G1c: 1,
  'dirty-update': 1,
  'incompatible-order': 1,
  internal: 2,
  'G-single': 2,
  'lost-update': 2,
  'G-nonadjacent': 3,
  'G2-item': 4,
  'no-serial-order': 4,
} as const;

const ORDERS: readonly OrderSuffix[] = ['', '-process', '-realtime'];

export function isProscribed(anomaly: AnomalyName, model: IsolationModel): boolean {
  const { rank, order } = MODELS[model];
  const suffix = ORDERS.findLast((each) => anomaly.endsWith(each)) ?? '';
  const base = anomaly.slice(0, anomaly.length - suffix.length) as keyof typeof RANKS;
  return RANKS[base] <= rank && ORDERS.indexOf(suffix) <= ORDERS.indexOf(order);
}

/** The order that a model asks for besides that of dependencies. */
export function orderOf(model: IsolationModel): OrderSuffix {
  return MODELS[model].order;
}

export function allowsWriteSkew(model: IsolationModel): boolean {
  return MODELS[model].rank < RANKS['G2-item'];
}

/** Whether what is known of dependencies decides the model, even where the order of some versions is not known. */
export function isDecidedByReads(model: IsolationModel): boolean {
  return MODELS[model].rank <= RANKS.G1c;
}
