/**
 * What can be wrong with a history of transactions. Those of cycles are Adya's ("Weak consistency: a generalized
 * theory and optimistic implementations for distributed transactions", 1999), as told apart by Kingsbury and Alvaro
 * ("Elle: inferring isolation anomalies from experimental observations", 2020); the suffix says which order the cycle
 * also needs: that of each client's transactions, or that of time.
 */
export type CycleName = 'G0' | 'G1c' | 'G-single' | 'G-nonadjacent' | 'G2-item';
export type OrderSuffix = '' | '-process' | '-realtime';

export type AnomalyName =
  | `${CycleName}${OrderSuffix}`
  /** A read saw what an aborted transaction wrote. */
  | 'G1a'
  /** A read saw what a transaction wrote before it wrote again. */
  | 'G1b'
  /** A transaction disagrees with what it read or wrote itself. */
  | 'internal'
  /** Two transactions read one version, and both replaced it. */
  | 'lost-update'
  /** A write of an aborted transaction lies below one that was committed. */
  | 'dirty-update'
  /** Two reads show orders of versions that cannot both be. */
  | 'incompatible-order'
  /** A read shows one element twice. */
  | 'duplicate-elements'
  /** A read shows what nobody wrote, or not yet. */
  | 'garbage-read'
  /** No order of all transactions explains what they read, though no cycle of direct dependencies shows it. */
  | 'no-serial-order';

export interface Anomaly {
  readonly name: AnomalyName;
  /** Of the history, by place. */
  readonly transactions: readonly number[];
  /** A line a step. */
  readonly story: readonly string[];
}
