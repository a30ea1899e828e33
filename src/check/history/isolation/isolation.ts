import type { Anomaly, AnomalyName } from './anomaly.ts';
import { findCycles } from './cycles.ts';
import type { Dependency, Observed } from './dependency.ts';
import { observeListAppend } from './list-append.ts';
import { allowsWriteSkew, type IsolationModel, isDecidedByReads, isProscribed, orderOf } from './models.ts';
import { observeRegisters } from './rw-register.ts';
import { contradictSerialOrder } from './serial.ts';
import { tellDependencies } from './tell.ts';
import { processOrder, realTimeOrder } from './time-order.ts';
import { describeTransaction, nameOf, type Transaction } from './transaction.ts';
import { contradictUnseenOrder } from './unseen-order.ts';

/**
 * - `holds`: what was read can be explained by the model.
 * - `violated`: it cannot: some of `anomalies` are such as the model does not allow; these come first.
 * - `unknown`: it was not found out.
 */
export interface IsolationResult {
  readonly model: IsolationModel;
  readonly verdict: 'holds' | 'violated' | 'unknown';
  /** Why it is unknown. */
  readonly reason: string | null;
  /** All that were found; those that the model allows too. */
  readonly anomalies: readonly Anomaly[];
  readonly transactions: readonly Transaction[];
}

export interface IsolationLimits {
  /** Asked now and then; true stops the check. */
  readonly shouldStop?: () => boolean;
}

/**
 * Checks transactions that append to lists and read them, or that write and read registers, from what they read alone
 * (Kingsbury and Alvaro, "Elle", 2020). Each value must be written to a key once; else throws `HistoryError`.
 *
 * Of lists the verdict is exact. Of registers the order of versions is not known, so beyond cycles of what is, an order
 * of all transactions is looked for: if there is one, every model that asks for no more holds.
 */
export function checkIsolation(
  transactions: readonly Transaction[],
  model: IsolationModel,
  limits: IsolationLimits = {},
): IsolationResult {
  const isLists = transactions.some(({ operations }) => operations.some(({ type }) => type === 'append'));
  return isLists ? checkLists(transactions, model, limits) : checkRegisters(transactions, model, limits);
}

function checkLists(
  transactions: readonly Transaction[],
  model: IsolationModel,
  limits: IsolationLimits,
): IsolationResult {
  const observed = observeListAppend(transactions);
  const dependencies = withOrders(transactions, observed);
  const anomalies = findAnomalies(transactions, observed, dependencies);
  const isDecided = !allowsWriteSkew(model) || anomalies.some(({ name }) => isProscribed(name, model));
  const found = isDecided
    ? null
    : contradictUnseenOrder(transactions, { dependencies, unordered: observed.unordered }, model, limits);
  if (found !== 'unknown') return conclude(transactions, model, found === null ? anomalies : [found, ...anomalies]);
  const reason = 'the search for an order of what was appended last was cut short';
  return { model, verdict: 'unknown', reason, anomalies, transactions };
}

function checkRegisters(
  transactions: readonly Transaction[],
  model: IsolationModel,
  { shouldStop }: IsolationLimits,
): IsolationResult {
  const observed = observeRegisters(transactions);
  const anomalies = findAnomalies(transactions, observed, withOrders(transactions, observed));
  const result = conclude(transactions, model, anomalies);
  if (result.verdict === 'violated' || isDecidedByReads(model)) return result;
  // A transaction that disagrees with itself, or read what was aborted, fits in no serial order.
  const isSerialless = anomalies.some(({ name }) => isProscribed(name, 'serializable'));
  const found = isSerialless
    ? null
    : contradictSerialOrder(transactions, observed, { order: orderOf(model), shouldStop });
  if (found === 'unknown') {
    return { ...result, verdict: 'unknown', reason: 'the search for an order of all transactions was cut short' };
  }
  if (found === null && !isSerialless) return result;
  if (found !== null && !allowsWriteSkew(model)) return conclude(transactions, model, [found, ...anomalies]);
  const reason =
    'no cycle of what is known of the order of versions forbids it, and no order of all transactions proves it';
  return { ...result, verdict: 'unknown', reason };
}

function withOrders(transactions: readonly Transaction[], { dependencies }: Observed): Dependency[] {
  return [...dependencies, ...processOrder(transactions), ...realTimeOrder(transactions)];
}

function findAnomalies(
  transactions: readonly Transaction[],
  observed: Observed,
  dependencies: readonly Dependency[],
): Anomaly[] {
  const cycles = findCycles(transactions.length, dependencies);
  return [...observed.anomalies, ...cycles.map((cycle) => tellDependencies(cycle, transactions))];
}

/** By what was found: what the model does not allow first. */
function conclude(
  transactions: readonly Transaction[],
  model: IsolationModel,
  anomalies: readonly Anomaly[],
): IsolationResult {
  const violations = anomalies.filter(({ name }) => isProscribed(name, model));
  const allowed = anomalies.filter(({ name }) => !isProscribed(name, model));
  const verdict = violations.length === 0 ? 'holds' : 'violated';
  return { model, verdict, reason: null, anomalies: [...violations, ...allowed], transactions };
}

const STORIES_SHOWN = 3;

/** Tells the result to a person. */
export function describeIsolation({ model, verdict, reason, anomalies, transactions }: IsolationResult): string {
  const counts = countsOf(anomalies);
  const lines: string[] = [];
  switch (verdict) {
    case 'holds':
      lines.push(`${model} holds`);
      break;
    case 'unknown':
      lines.push(`unknown whether ${model} holds: ${reason}`);
      break;
    case 'violated':
      lines.push(`${model} is violated`);
      break;
    default:
      verdict satisfies never;
  }
  if (counts !== '') lines.push(`${verdict === 'violated' ? 'found' : 'found, and allowed by it'}: ${counts}`);
  const violations = anomalies.filter(({ name }) => isProscribed(name, model));
  for (const anomaly of oneOfEach(violations).slice(0, STORIES_SHOWN)) lines.push(...tell(anomaly, transactions));
  return lines.join('\n');
}

function tell({ name, transactions: involved, story }: Anomaly, transactions: readonly Transaction[]): string[] {
  const list = involved.slice(0, 8).map((index) => {
    const { client, invokeAt, completeAt } = transactions[index] as Transaction;
    const what = describeTransaction(transactions[index] as Transaction);
    return `  ${nameOf(index)} [${invokeAt} to ${completeAt ?? '?'}] client ${client}: ${what}`;
  });
  return [`${name}:`, ...list, ...story.map((line) => `  - ${line}`)];
}

function countsOf(anomalies: readonly Anomaly[]): string {
  return [...Map.groupBy(anomalies, ({ name }) => name)].map(([name, of]) => `${name} × ${of.length}`).join(', ');
}

function oneOfEach(anomalies: readonly Anomaly[]): Anomaly[] {
  const seen = new Set<AnomalyName>();
  return anomalies.filter(({ name }) => !seen.has(name) && seen.add(name));
}
