import { print } from '../../kernel/index.ts';
import { describeOperation } from './describe-operation.ts';
import type { Operation } from './history.ts';
import type { Counterexample, LinearizabilityResult } from './linearizability.ts';
import type { SequentialModel } from './sequential-model.ts';

const PREFIX_SHOWN = 12;
const CONCURRENT_SHOWN = 20;

/** Tells the result to a person. */
export function describeLinearizability<S, I, O>(result: LinearizabilityResult<S, I, O>): string {
  const { model } = result;
  switch (result.linearizable) {
    case true:
      return `linearizable as a ${model.name}`;
    case 'unknown':
      return `unknown: the search was cut short${partOf(result.partition)}; nothing is said about the history`;
    case false:
      return describeCounterexample(result, model);
    default:
      return result satisfies never;
  }
}

function describeCounterexample<S, I, O>(found: Counterexample<S, I, O>, model: SequentialModel<S, I, O>): string {
  const show = (operation: Operation<I, O>): string => `  ${describe(operation, model)}`;
  const { longestPrefix, cannotPlace, concurrent } = found;
  const shown = longestPrefix.slice(-PREFIX_SHOWN);
  const hidden = longestPrefix.length - shown.length;
  return [
    `not linearizable as a ${model.name}${partOf(found.partition)}`,
    `${longestPrefix.length} operations can be put in an order:`,
    ...(hidden > 0 ? [`  … ${hidden} more`] : []),
    ...shown.map(show),
    `after them the state is ${print(found.state)}`,
    'and then this one has to come, and cannot:',
    show(cannotPlace),
    ...(concurrent.length > 0 ? ['not even with the help of these, which overlap with it:'] : []),
    ...[...concurrent].sort(knownFirst).slice(0, CONCURRENT_SHOWN).map(show),
    ...(concurrent.length > CONCURRENT_SHOWN ? [`  … ${concurrent.length - CONCURRENT_SHOWN} more`] : []),
  ].join('\n');
}

function knownFirst(a: Operation, b: Operation): number {
  return Number(a.completeAt === null) - Number(b.completeAt === null);
}

function describe<S, I, O>(operation: Operation<I, O>, model: SequentialModel<S, I, O>): string {
  const { client, invokeAt, completeAt } = operation;
  const what = model.describe?.(operation) ?? describeOperation(operation);
  return `[${invokeAt} to ${completeAt ?? '?'}] client ${client}: ${what}`;
}

function partOf(partition: string): string {
  return partition === '' ? '' : ` at '${partition}'`;
}
