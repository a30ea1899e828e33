import type { Cut } from '../../check/index.ts';
import type { CallsAnswer, Excluded } from '../calls/answer.ts';
import { type CallsQuestion, REPORTS, tellOperation, tellReport, tellText } from '../question.ts';
import { listed } from '../words.ts';
import { tellContradiction } from './contradiction.ts';
import { tellSteps } from './steps.ts';
import { tellAmongOthers, tellAssumptions, tellObserved, wrapped } from './words.ts';

export function tellCalls(answer: CallsAnswer, why: boolean): string {
  const { question } = answer;
  const parts = [
    wrapped(question.title),
    tellProgram(question),
    wrapped(tellAssumptions(question)),
    tellResult(answer),
  ];
  let before: readonly string[] = [];
  for (const { observed, execution } of answer.possible) {
    const steps = tellSteps(execution, '  ', before);
    parts.push(`${tellObserved(observed)}: an execution of ${execution.length} steps, and none is shorter\n\n${steps}`);
    before = execution;
  }
  parts.push(...answer.contradictions.map((each) => tellContradiction(each, why)));
  if (answer.excluded !== null && answer.excluded.length > 0) parts.push(tellExcluded(answer, answer.excluded, why));
  parts.push(tellSearched(answer));
  return `${parts.join('\n\n')}\n`;
}

function tellProgram({ program, initially, asks }: CallsQuestion): string {
  const rows: [string, string][] = [];
  for (const [index, { operation, reported }] of program.entries()) {
    const isRead = operation.type === 'get' && asks === 'values';
    const isAny = reported.length === REPORTS.length;
    const known = isAny ? 'reports what?' : `reported ${listed(reported.map(tellReport), 'or')}`;
    const told = isRead && reported.includes('success') ? 'returned what?' : known;
    const before = program[index - 1];
    if (before?.operation === operation) {
      const last = rows.at(-1);
      const count = program.filter((call) => call.operation === operation).length;
      if (last !== undefined) last[1] = `${told} (${count} times)`;
    } else rows.push([tellOperation(operation), told]);
  }
  const width = Math.max(...rows.map(([name]) => name.length));
  const first = Object.entries(initially).map(([key, value]) => `${tellText(key)} = ${tellText(value)}`);
  const lines = rows.map(([name, told]) => `  ${name.padEnd(width)}   ${told}`);
  return [`  ${first.length === 0 ? 'The store is empty.' : `At first ${listed(first, 'and')}.`}`, ...lines].join('\n');
}

function tellResult({ question, possible, cuts }: CallsAnswer): string {
  const observed = possible.map((each) => tellObserved(each.observed));
  const isCut = cuts.length > 0;
  if (isCut && observed.length === 0) return 'NO ANSWER: nothing was found yet.';
  if (question.asks === 'outcomes') return isCut ? tellSoFar(observed) : tellVerdicts(question, observed);
  const reads = question.program
    .filter(({ operation }) => operation.type === 'get')
    .map(({ operation }) => tellOperation(operation));
  const what = listed(reads, 'and');
  const verb = reads.length === 1 ? 'returns' : 'return';
  if (observed.length === 0) return 'ANSWER: none, for no execution agrees with what is said to be reported.';
  const values = listed(
    possible.map((each) => tellAmongOthers(each.observed)),
    'or',
  );
  if (isCut) return wrapped(`FOUND SO FAR: ${what} ${verb} ${values}. There may be more.`);
  return wrapped(`ANSWER: ${what} ${verb} ${values}. Nothing else is possible.`);
}

function tellSoFar(observed: readonly string[]): string {
  return ['FOUND SO FAR: these can be reported. There may be more.', '', ...observed.map((each) => `  ${each}`)].join(
    '\n',
  );
}

/** Two calls make a table, more a list. */
function tellVerdicts({ program }: CallsQuestion, possible: readonly string[]): string {
  const [rows, columns, ...more] = program.map(({ operation }) => tellOperation(operation));
  if (rows === undefined || columns === undefined || more.length > 0) {
    const verdict = 'ANSWER: these can be reported; if anything else is, a tester may call the server wrong:';
    return [verdict, '', ...possible.map((each) => `  ${each}`)].join('\n');
  }
  const told = REPORTS.map(tellReport);
  const header = ['', ...told];
  const lines = told.map((row) => [
    row,
    ...told.map((column) => (possible.includes(`${row}, ${column}`) ? 'can be' : 'WRONG')),
  ]);
  const table = [header, ...lines].map((cells) => `  ${cells.map((cell) => cell.padEnd(9)).join(' ')}`.trimEnd());
  return [
    `ANSWER: ${rows} reports the row, ${columns} the column; where it says WRONG, a tester may call the server so:`,
    '',
    ...table,
  ].join('\n');
}

function tellExcluded({ question }: CallsAnswer, excluded: readonly Excluded[], why: boolean): string {
  const lines = ['NOT POSSIBLE:'];
  for (const group of grouped(excluded)) {
    const [first] = group;
    if (first === undefined) continue;
    lines.push('', wrapped(tellGroup(group, question), '  '), ...tellReasons(first, why));
  }
  return lines.join('\n');
}

const INEXPLICABLE = 'Nothing makes it possible: no assumption relaxed alone, and no two together.';
const UNEXPLAINED = 'Nothing was found that makes it possible, but not all was searched; see --states.';

function tellReasons({ reasons, isSearched }: Excluded, why: boolean): string[] {
  const [only] = reasons;
  if (only === undefined) return [`    ${isSearched ? INEXPLICABLE : UNEXPLAINED}`];
  const lines =
    reasons.length === 1 && !why ? [`    It would be possible if ${only.if}.`] : ['    It would be possible if'];
  if (reasons.length === 1 && !why) return lines;
  for (const reason of reasons) {
    lines.push(`    - ${reason.if}`);
    if (why) lines.push('', tellSteps(reason.execution, '      '), '');
  }
  return lines;
}

/** Neighbours that have the same reasons. */
function grouped(excluded: readonly Excluded[]): Excluded[][] {
  const groups: Excluded[][] = [];
  for (const each of excluded) {
    const last = groups.at(-1);
    if (last !== undefined && reasonsOf(last[0]) === reasonsOf(each)) last.push(each);
    else groups.push([each]);
  }
  return groups;
}

function reasonsOf(excluded: Excluded | undefined): string {
  return (excluded?.reasons ?? []).map((reason) => reason.if).join('\n');
}

function tellGroup(group: readonly Excluded[], { asks }: CallsQuestion): string {
  const told = group.map(({ observed }) => (asks === 'outcomes' ? tellObserved(observed) : tellAmongOthers(observed)));
  const first = told[0] ?? '';
  const last = told.at(-1) ?? '';
  const isRange = told.length > 2 && told.every((each, index) => Number(each) === Number(first) + index);
  if (isRange) return `${first} to ${last}`;
  return asks === 'outcomes' ? told.join('; ') : listed(told, 'and');
}

function tellSearched({ states, cuts, candidates, excluded, contradictions, question }: CallsAnswer): string {
  if (cuts.length > 0)
    return wrapped(
      `The search was cut (${cuts.map(tellCut).join(', ')}): what was not found may still be possible, so nothing is said to be impossible. Search more states with --states, or ask for less.`,
    );
  const told = [`Every execution was searched: ${states} distinct states.`];
  if (contradictions.length > 0) return wrapped(told.join(' '));
  if (candidates === null) told.push('There are too many values to list those that are not possible.');
  else if (excluded?.length === 0) told.push('Every candidate is possible.');
  else if (question.asks === 'values')
    told.push(
      `Of ${candidates} candidates, each is told to be possible or not: "no key", what the program writes, what its counters could count to.`,
    );
  return wrapped(told.join(' '));
}

function tellCut({ by, states }: Cut): string {
  return `by the limit of ${by}, with ${states} left to search on from`;
}
