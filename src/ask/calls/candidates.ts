import { type CallsQuestion, REPORTS, type Report } from '../question.ts';
import { incremented } from './key-values.ts';
import { NO_KEY } from './program-client.ts';

const CANDIDATES_MAX = 100;
/** What a read may report, in the order in which it is told. */
const SHOWN: readonly Report[] = ['noKey', 'success', 'timeout', 'failure'];

/**
 * What an answer says of each of these whether it is possible: for each read *no key*, what the store held at first, every
 * value that the program puts there, and, of a counter, every number up to as many executions as copies are sent; but
 * nothing that the read is known not to have reported.
 * Where outcomes are asked for: every combination of reports. Null if that were too many to list.
 */
export function candidatesOf(question: CallsQuestion): string[][] | null {
  const { program, asks } = question;
  let found: string[][] = [[]];
  for (const { operation, reported } of program) {
    if (asks === 'values' && operation.type !== 'get') continue;
    const here =
      asks === 'outcomes'
        ? REPORTS
        : SHOWN.filter((each) => reported.includes(each)).flatMap((each) => seenAs(each, question, operation.key));
    if (found.length * here.length > CANDIDATES_MAX) return null;
    found = found.flatMap((before) => here.map((each) => [...before, each]));
  }
  return found;
}

function seenAs(report: Report, question: CallsQuestion, key: string): readonly string[] {
  if (report === 'success') return valuesOf(question, key);
  return [report === 'noKey' ? NO_KEY : report];
}

function valuesOf(question: CallsQuestion, key: string): string[] {
  const { program, initially, network, retries } = question;
  const values = new Set<string>();
  const first = Object.hasOwn(initially, key) ? initially[key] : undefined;
  if (first !== undefined) values.add(first);
  let increments = 0;
  for (const { operation } of program) {
    if (operation.key !== key) continue;
    if (operation.type === 'put') values.add(operation.value);
    if (operation.type === 'increment') increments += 1;
  }
  const executions = increments * (network.deliveriesMax ?? retries + 1);
  const bases = first === undefined ? ['0', ...values] : [...values];
  for (const base of bases) {
    for (let count = 1; increments > 0 && count <= executions; count += 1) {
      const counted = incremented(base, count);
      if (counted !== null) values.add(counted);
    }
  }
  return [...values].map((value) => JSON.stringify(value));
}
