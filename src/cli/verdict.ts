import {
  type Bar,
  type BarMark,
  type Call,
  type ConsistencyResult,
  checkCausalConsistency,
  checkIsolation,
  checkLinearizability,
  checkSequentialConsistency,
  checkSessionGuarantee,
  describeConsistency,
  describeIsolation,
  describeLinearizability,
  describeOperation,
  describeTransaction,
  type IsolationModel,
  isProscribed,
  type LinearizabilityResult,
  type ObjectHistory,
  type Operation,
  type SearchProgress,
  type Transaction,
  type TransactionModel,
  transactionHistory,
  UNKNOWN,
} from '../check/index.ts';

/** What was found out about a history. */
export interface Verdict {
  readonly verdict: 'holds' | 'violated' | 'unknown';
  /** Told to a person: lines. */
  readonly text: string;
  /** The same for programs. */
  readonly details: Readonly<Record<string, unknown>>;
  readonly bars: readonly Bar[];
}

export const CONSISTENCIES = [
  'linearizable',
  'sequential',
  'causal',
  'causal-convergence',
  'weak-causal',
  'read-your-writes',
  'monotonic-reads',
  'monotonic-writes',
  'writes-follow-reads',
] as const;
export type Consistency = (typeof CONSISTENCIES)[number];

/** Asked now and then, with what is known of the progress; true ends a check. */
export type ShouldStop = (progress?: SearchProgress) => boolean;

export function judgeObject(history: ObjectHistory, consistency: Consistency, shouldStop: ShouldStop): Verdict {
  const { model, operations } = history;
  switch (consistency) {
    case 'linearizable':
      return ofLinearizability(
        checkLinearizability(operations, model, { shouldStop, placements: Number.POSITIVE_INFINITY }),
        history,
      );
    case 'sequential':
      return ofConsistency(checkSequentialConsistency(operations, model, { shouldStop }), history);
    case 'causal':
    case 'causal-convergence':
    case 'weak-causal':
      return ofConsistency(checkCausalConsistency(operations, consistency, { shouldStop }), history);
    case 'read-your-writes':
    case 'monotonic-reads':
    case 'monotonic-writes':
    case 'writes-follow-reads':
      return ofConsistency(checkSessionGuarantee(operations, consistency), history);
    default:
      return consistency satisfies never;
  }
}

export function judgeTransactions(
  calls: readonly Call[],
  { model, isolation, shouldStop }: { model: TransactionModel; isolation: IsolationModel; shouldStop: ShouldStop },
): Verdict {
  const transactions = transactionHistory(calls, model);
  const result = checkIsolation(transactions, isolation, { shouldStop });
  const { verdict, reason, anomalies } = result;
  const violations = anomalies.filter(({ name }) => isProscribed(name, isolation));
  const offending = new Set(violations.flatMap((anomaly) => anomaly.transactions));
  const details = {
    ...(reason === null ? {} : { reason }),
    anomalies: anomalies.map(({ name, transactions: involved, story }) => ({
      name,
      allowed: !isProscribed(name, isolation),
      transactions: involved.map((index) => ({ index, ...transactions[index] })),
      story,
    })),
  };
  const bars = transactions.map((transaction, index) => barOf(transaction, index, offending));
  return { verdict, text: describeIsolation(result), details, bars };
}

function barOf(transaction: Transaction, index: number, offending: ReadonlySet<number>): Bar {
  const { client, invokeAt, completeAt, outcome, operations } = transaction;
  const isRead = operations.every(({ type }) => type === 'read');
  return {
    id: `T${index}`,
    client,
    invokeAt,
    completeAt,
    label: `T${index}: ${describeTransaction(transaction)}`,
    kind: outcome === 'aborted' ? 'aborted' : isRead ? 'read' : 'write',
    mark: offending.has(index) ? 'offending' : null,
  };
}

function ofLinearizability(result: LinearizabilityResult<unknown, unknown, unknown>, history: ObjectHistory): Verdict {
  const text = describeLinearizability(result);
  switch (result.linearizable) {
    case true:
      return { verdict: 'holds', text, details: {}, bars: barsOf(history, new Map()) };
    case 'unknown':
      return { verdict: 'unknown', text, details: cutIn(result.partition), bars: barsOf(history, new Map()) };
    case false: {
      const { partition, longestPrefix, cannotPlace, concurrent, state } = result;
      const details = { ...cutIn(partition), placed: longestPrefix.length, state, cannotPlace, concurrent };
      const marks = new Map<Operation, BarMark>();
      for (const operation of longestPrefix.slice(-LAST_MARKED)) marks.set(operation, 'last');
      for (const operation of concurrent) marks.set(operation, 'concurrent');
      marks.set(cannotPlace, 'offending');
      return { verdict: 'violated', text, details, bars: barsOf(history, marks, partition) };
    }
    default:
      return result satisfies never;
  }
}

const LAST_MARKED = 12;

function cutIn(partition: string): { readonly key?: string } {
  return partition === '' ? {} : { key: partition };
}

function ofConsistency(result: ConsistencyResult, history: ObjectHistory): Verdict {
  const text = describeConsistency(result);
  switch (result.verdict) {
    case 'holds':
      return { verdict: 'holds', text, details: {}, bars: barsOf(history, new Map()) };
    case 'unknown':
      return { verdict: 'unknown', text, details: { reason: result.reason }, bars: barsOf(history, new Map()) };
    case 'violated': {
      const { pattern, operations, story } = result;
      const marks = new Map(operations.map((operation) => [operation, 'offending' as const]));
      return { verdict: 'violated', text, details: { pattern, operations, story }, bars: barsOf(history, marks) };
    }
    default:
      return result satisfies never;
  }
}

/** Those of another part of the object than the one that is told about are marked as such. */
function barsOf(
  { operations, model }: ObjectHistory,
  marks: ReadonlyMap<Operation, BarMark>,
  partition?: string,
): Bar[] {
  return operations.map((operation, index) => {
    const { client, invokeAt, completeAt, input, output } = operation;
    const isAside = partition !== undefined && (model.partition?.(input) ?? '') !== partition;
    return {
      id: `o${index}`,
      client,
      invokeAt,
      completeAt,
      label: model.describe?.(operation) ?? describeOperation(operation),
      kind: model.changesNothing?.(input, completeAt === null ? UNKNOWN : output) === true ? 'read' : 'write',
      mark: marks.get(operation) ?? (isAside ? 'aside' : null),
    };
  });
}
