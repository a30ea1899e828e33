import { type CallsQuestion, countsExecutions, isPatient, type Operation, type ProgramCall } from './question.ts';

/**
 * What semantics promise, without any message: the answer to a question as a person would reason it out, and an oracle for
 * the machine. A call is executed some number of times between when it is issued and the end of the program, at most so
 * often as its semantics allow. One that reports success was executed, and reports what one of its executions gave that
 * came before the report. For networks in which messages may overtake one another, and servers that do not crash or fail.
 */
export function promised(question: CallsQuestion): Set<string> {
  const found = new Set<string>();
  const seen = new Set<string>();
  const open: State[] = [{ next: 0, values: question.initially, left: [], given: [], observed: [] }];
  for (const state of open) {
    const name = JSON.stringify(state);
    if (seen.has(name)) continue;
    seen.add(name);
    if (state.next > question.program.length) found.add(JSON.stringify(state.observed));
    else open.push(...executions(question, state), ...reports(question, state));
  }
  return found;
}

interface State {
  /** How many calls were issued; one more than there are when all is over. */
  readonly next: number;
  readonly values: Readonly<Record<string, string>>;
  /** How often each call that was issued may still be executed; null for any number of times. */
  readonly left: readonly (number | null)[];
  /** What the executions of the call under way gave. */
  readonly given: readonly string[];
  readonly observed: readonly string[];
}

/** Any call that was issued may be executed now, if not too often. */
function executions(question: CallsQuestion, state: State): State[] {
  return [...state.left.entries()].flatMap(([index, left]) => {
    const operation = question.program[index]?.operation;
    if (left === 0 || operation === undefined) return [];
    const [values, result] = execute(state.values, operation);
    const isCurrent = index === state.next - 1;
    // A filter answers every copy as the first one; at-most-twice, as the latest.
    const given = isCurrent && !state.given.includes(result) ? [...state.given, result].sort() : state.given;
    const after = left === null ? null : left - 1;
    return [{ ...state, values: sorted(values), left: state.left.with(index, after), given }];
  });
}

function execute(values: State['values'], operation: Operation): [State['values'], string] {
  const { key } = operation;
  const before = values[key];
  switch (operation.type) {
    case 'put':
      return [{ ...values, [key]: operation.value }, 'success'];
    case 'get':
      return [values, before === undefined ? 'noKey' : `value ${before}`];
    case 'remove': {
      const { [key]: removed, ...rest } = values;
      return [rest, removed === undefined ? 'noKey' : 'success'];
    }
    case 'increment':
      return [{ ...values, [key]: String(Number(before ?? 0) + 1) }, 'success'];
    default:
      return operation satisfies never;
  }
}

function sorted(values: State['values']): State['values'] {
  return Object.fromEntries(Object.entries(values).sort());
}

/** The call under way may report what it is known to have reported; then the next is issued. */
function reports(question: CallsQuestion, state: State): State[] {
  const { program } = question;
  const issue = (observed: readonly string[]): State => {
    const left = state.next < program.length ? [...state.left, executionsMax(question)] : state.left;
    return { ...state, next: state.next + 1, left, given: [], observed };
  };
  const call = program[state.next - 1];
  if (call === undefined) return [issue(state.observed)];
  const possible = isPatient(question) ? state.given : [...state.given, 'timeout'];
  return possible.flatMap((result) => {
    const shown = observation(call, result);
    return shown === null ? [] : [issue([...state.observed, ...shown])];
  });
}

/** Null if the call is known to have reported something else. */
function observation({ operation, reported }: ProgramCall, result: string): string[] | null {
  const isValue = result.startsWith('value ');
  const report = reported.find((each) => each === (isValue ? 'success' : result));
  if (report === undefined) return null;
  if (operation.type !== 'get') return [];
  return [isValue ? JSON.stringify(result.slice('value '.length)) : report === 'noKey' ? 'no key' : report];
}

/** Null for any number of times. */
function executionsMax(question: CallsQuestion): number | null {
  const { semantics, server, network, retries } = question;
  const copies = network.duplicates ? Number.POSITIVE_INFINITY : retries + 1;
  const filtered = semantics === 'atMostTwice' ? 2 : countsExecutions(question) || server.cache !== 'none' ? 1 : copies;
  const most = Math.min(filtered, copies, network.deliveriesMax ?? Number.POSITIVE_INFINITY);
  return Number.isFinite(most) ? most : null;
}
