import { type CallsQuestion, isPatient, type Operation, type ProgramCall } from './question.ts';

/**
 * What semantics promise, without any message: the answer to a question as a person would reason it out, and an oracle for
 * the machine. A call is executed some number of times between when it is issued and the end of the program, at most so
 * often as copies come and as the filter lets through. One that reports success was executed, and reports what an
 * execution gave that came before the report. For servers that do not fail.
 */
export function promised(question: CallsQuestion): Set<string> {
  const found = new Set<string>();
  const seen = new Set<string>();
  const { initially, server } = question;
  const open: State[] = [
    { next: 0, values: initially, calls: [], latest: 0, given: [], observed: [], crashes: server.crashes },
  ];
  for (const state of open) {
    const name = JSON.stringify(state);
    if (seen.has(name)) continue;
    seen.add(name);
    if (state.next > question.program.length) found.add(JSON.stringify(state.observed));
    else open.push(...executions(question, state), ...reports(question, state), ...crash(question, state));
  }
  return found;
}

interface State {
  /** How many calls were issued; one more than there are when all is over. */
  readonly next: number;
  readonly values: Readonly<Record<string, string>>;
  /** Those that were issued. */
  readonly calls: readonly Issued[];
  /** The latest call that was executed. */
  readonly latest: number;
  /** What the executions of the call under way gave. */
  readonly given: readonly string[];
  readonly observed: readonly string[];
  /** How many there may still be. */
  readonly crashes: number;
}

/** How often a call may still be executed; null for any number of times. */
interface Issued {
  /** As copies of it can come. */
  readonly copies: number | null;
  /** As the filter lets it through, for all it remembers. */
  readonly filter: number | null;
  /** Messages that cannot be lost or overtaken: so often it will be, before any later call is. */
  readonly owed: number;
}

/** Any call that was issued may be executed now, if not too often; and if messages come in order, none before another. */
function executions(question: CallsQuestion, state: State): State[] {
  const isFifo = question.network.order === 'fifo';
  return [...state.calls.entries()].flatMap(([index, call]) => {
    const operation = question.program[index]?.operation;
    if (call.copies === 0 || call.filter === 0 || operation === undefined) return [];
    if (isFifo && (index < state.latest || state.calls.slice(0, index).some(({ owed }) => owed > 0))) return [];
    const [values, result] = execute(state.values, operation);
    const calls = state.calls.with(index, {
      copies: call.copies === null ? null : call.copies - 1,
      filter: call.filter === null ? null : call.filter - 1,
      owed: Math.max(0, call.owed - 1),
    });
    const given = index === state.next - 1 ? withResult(question, state.given, result) : state.given;
    return [{ ...state, values: sorted(values), calls, latest: Math.max(state.latest, index), given }];
  });
}

/** Answers that cannot be lost or overtaken: the first one is the one that counts. */
function withResult({ network }: CallsQuestion, given: readonly string[], result: string): readonly string[] {
  if (network.order === 'fifo' && !network.loses && given.length > 0) return given;
  return given.includes(result) ? given : [...given, result].sort();
}

/** What is in memory is lost. */
function crash(question: CallsQuestion, state: State): State[] {
  const { cache, store, incarnations } = question.server;
  if (state.crashes === 0) return [];
  const forgets = cache === 'memory' && !incarnations;
  const calls = state.calls.map((call, index) => (forgets ? { ...call, filter: filterOf(question, index) } : call));
  const values = store === 'memory' ? {} : state.values;
  return [{ ...state, calls, values, crashes: state.crashes - 1 }];
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
  const issue = (calls: State['calls'], observed: readonly string[]): State => {
    const isLast = state.next >= program.length;
    const issued = {
      copies: copiesOf(question),
      filter: filterOf(question, state.next),
      owed: isLossless(question) ? 1 : 0,
    };
    return { ...state, next: state.next + 1, calls: isLast ? calls : [...calls, issued], given: [], observed };
  };
  const call = program[state.next - 1];
  if (call === undefined) return [issue(state.calls, state.observed)];
  const possible = isPatient(question) && !question.deadline ? state.given : [...state.given, 'timeout'];
  return possible.flatMap((result) => {
    const shown = observation(call, result);
    if (shown === null) return [];
    const calls = result === 'timeout' ? allSent(question, state.calls) : state.calls;
    return [issue(calls, [...state.observed, ...shown])];
  });
}

function isLossless({ network }: CallsQuestion): boolean {
  return network.order === 'fifo' && !network.loses;
}

/** Of a call that timed out every copy was sent: as many are executed, if nothing is lost, as the filter lets through. */
function allSent(question: CallsQuestion, calls: State['calls']): State['calls'] {
  const last = calls.at(-1);
  if (!isLossless(question) || question.deadline || last === undefined) return calls;
  const filter = filterOf(question, calls.length - 1);
  const sent = Math.min(question.retries + 1, filter ?? Number.POSITIVE_INFINITY);
  const left = filter === null ? last.copies : last.filter;
  const most = filter === null ? copiesOf(question) : filter;
  const executed = left === null || most === null ? 1 - last.owed : most - left;
  return calls.with(-1, { ...last, owed: Math.max(0, sent - executed) });
}

/** Null if the call is known to have reported something else. */
function observation({ operation, reported }: ProgramCall, result: string): string[] | null {
  const isValue = result.startsWith('value ');
  const report = reported.find((each) => each === (isValue ? 'success' : result));
  if (report === undefined) return null;
  if (operation.type !== 'get') return [];
  return [isValue ? JSON.stringify(result.slice('value '.length)) : report === 'noKey' ? 'no key' : report];
}

function copiesOf({ network, retries }: CallsQuestion): number | null {
  const copies = network.duplicates ? Number.POSITIVE_INFINITY : retries + 1;
  const most = Math.min(copies, network.deliveriesMax ?? Number.POSITIVE_INFINITY);
  return Number.isFinite(most) ? most : null;
}

/** Of the call at an index. */
function filterOf({ semantics, server, program }: CallsQuestion, index: number): number | null {
  if (semantics === 'atMostTwice') return 2;
  const isOpen = server.gets === 'current' && program[index]?.operation.type === 'get';
  return server.cache === 'none' || isOpen ? null : 1;
}
