import { type CallsQuestion, REPORTS } from '../question.ts';
import { NO_KEY } from './program-client.ts';

const CANDIDATES_MAX = 100;

/**
 * What an answer says of each of these whether it is possible: for each read *no key*, what the store held at first, every
 * value that the program puts there, and, of a counter, every number up to as many executions as copies are sent.
 * Where outcomes are asked for: every combination of reports. Null if that were too many to list.
 */
export function candidatesOf(question: CallsQuestion): string[][] | null {
  const { program, asks } = question;
  let found: string[][] = [[]];
  for (const { operation } of program) {
    if (asks === 'values' && operation.type !== 'get') continue;
    const here = asks === 'outcomes' ? REPORTS : valuesOf(question, operation.key);
    if (found.length * here.length > CANDIDATES_MAX) return null;
    found = found.flatMap((before) => here.map((each) => [...before, each]));
  }
  return found;
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
    const from = Number(base);
    for (let count = 1; increments > 0 && count <= executions && Number.isSafeInteger(from); count += 1) {
      values.add(String(from + count));
    }
  }
  return [NO_KEY, ...[...values].map((value) => JSON.stringify(value))];
}
