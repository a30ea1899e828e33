import { DELIVERIES_MAX } from '../calls/canon.ts';
import { isEndless } from '../calls/model.ts';
import {
  type CallsQuestion,
  countsExecutions,
  executesEveryCopy,
  isPatient,
  mayTimeOut,
  type NetworkRules,
  type Operation,
  type ProgramCall,
  REPORTS,
  type Report,
  SEMANTICS,
  type ServerRules,
} from '../question.ts';
import { choiceOf, Fields, isLine, QuestionError, show, TEXT_MAX } from './fields.ts';

const CALLS_MAX = 20;
const RETRIES_MAX = 10;
const CRASHES_MAX = 3;
const OPERATIONS = ['put', 'get', 'remove', 'increment'] as const;

export function readCalls(fields: Fields, asks: CallsQuestion['asks']): CallsQuestion {
  const semantics = fields.oneOf('semantics', SEMANTICS);
  if (semantics === undefined) throw new QuestionError('semantics', `is missing: write one of ${SEMANTICS.join(', ')}`);
  const deadline = deadlineIn(fields, semantics);
  const rules = { asks, semantics, neverTimesOut: !mayTimeOut({ semantics, deadline }) };
  const question: CallsQuestion = {
    type: 'calls',
    title: fields.text('title') ?? 'A question',
    asks,
    semantics,
    retries: retriesIn(fields, semantics),
    deadline,
    acknowledges: fields.flag('acknowledges') ?? false,
    initially: initiallyIn(fields.object('initially')),
    program: programIn(fields, rules),
    server: serverIn(fields.object('server'), semantics),
    network: networkIn(fields.object('network')),
  };
  check(question);
  return question;
}

function retriesIn(fields: Fields, semantics: CallsQuestion['semantics']): number {
  const retries = fields.number('retries', { min: 0, max: RETRIES_MAX });
  if (semantics !== 'maybe') return retries ?? 1;
  if (retries !== undefined && retries > 0) {
    throw new QuestionError('retries', `is 0 or left out with "maybe", which sends once: got ${retries}`);
  }
  return 0;
}

function deadlineIn(fields: Fields, semantics: CallsQuestion['semantics']): boolean {
  const deadline = fields.flag('deadline') ?? false;
  if (deadline && !isPatient({ semantics })) {
    throw new QuestionError(
      'deadline',
      `does not go with "${semantics}", whose client gives up by itself: leave it out`,
    );
  }
  return deadline;
}

/** What a program is read by. */
interface ProgramRules {
  readonly asks: CallsQuestion['asks'];
  readonly semantics: CallsQuestion['semantics'];
  readonly neverTimesOut: boolean;
}

function initiallyIn(fields: Fields): Record<string, string> {
  if (fields.has('')) throw new QuestionError(fields.at(''), 'is an empty key: give it a name');
  return Object.fromEntries(fields.names.map((name) => [keyIn(name, fields.at(name)), valueIn(fields, name)]));
}

function keyIn(key: string, at: string): string {
  if (key === '__proto__') throw new QuestionError(at, 'is a key that JavaScript keeps for itself: call it otherwise');
  return key;
}

/** Numbers are texts too: 1 is "1". */
function valueIn(fields: Fields, name: string): string {
  const value = fields.get(name);
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string' && isLine(value)) return value;
  throw new QuestionError(
    fields.at(name),
    `is a number, or one line of text of at most ${TEXT_MAX} characters: got ${show(value)}`,
  );
}

function programIn(fields: Fields, rules: ProgramRules): ProgramCall[] {
  const program = fields.list('program').flatMap((item, index) => callsIn(item, `program[${index}]`, rules));
  if (program.length > CALLS_MAX) {
    throw new QuestionError('program', `has at most ${CALLS_MAX} calls: got ${program.length}`);
  }
  return program;
}

function callsIn(item: unknown, at: string, rules: ProgramRules): ProgramCall[] {
  const fields = new Fields(item, at);
  const operation = operationIn(fields);
  const times = fields.number('times', { min: 1, max: CALLS_MAX }) ?? 1;
  const reported = reportedIn(fields, operation, rules);
  fields.end();
  return Array.from({ length: times }, () => ({ operation, reported }));
}

function operationIn(fields: Fields): Operation {
  const named = OPERATIONS.filter((name) => fields.has(name));
  const [type] = named;
  if (type === undefined || named.length > 1) {
    throw new QuestionError(
      fields.path,
      `names one operation of ${OPERATIONS.join(', ')} and its key, as in { "get": "k" }: got ${fields.names.join(', ') || 'nothing'}`,
    );
  }
  const key = keyIn(fields.text(type) ?? '', fields.at(type));
  if (type !== 'put') return { type, key };
  return { type, key, value: valueIn(fields, 'value') };
}

/** A read whose report is not told has returned something. */
function reportedIn(fields: Fields, { type }: Operation, rules: ProgramRules): readonly Report[] {
  const given = fields.get('reported');
  const at = fields.at('reported');
  if (rules.asks === 'outcomes') {
    if (given === undefined) return REPORTS;
    throw new QuestionError(at, 'is what is asked for: leave it out, or ask for "values"');
  }
  if (given === 'any') return REPORTS;
  if (Array.isArray(given)) return reportsIn(given, at, rules);
  if (given !== undefined) return [reportIn(given, [...REPORTS, 'any'], at, rules)];
  if (type === 'get') return ['success', 'noKey'];
  throw new QuestionError(at, `is missing: write what the call reported, one of ${REPORTS.join(', ')} or any`);
}

function reportsIn(given: readonly unknown[], at: string, rules: ProgramRules): readonly Report[] {
  if (given.length === 0) throw new QuestionError(at, 'is a list of at least one report, or "any": got []');
  return given.map((each, index) => {
    const first = given.indexOf(each);
    if (first < index)
      throw new QuestionError(`${at}[${index}]`, `is in the list already: got ${show(each)}; keep one`);
    return reportIn(each, REPORTS, `${at}[${index}]`, rules);
  });
}

function reportIn(given: unknown, choices: readonly string[], at: string, rules: ProgramRules): Report {
  const report = choiceOf(given, choices, at) as Report;
  if (report === 'timeout' && rules.neverTimesOut) {
    throw new QuestionError(
      at,
      `is "timeout", which no call reports with "${rules.semantics}": it is sent until it is answered; write what it answered, or have callers give up with "deadline": true`,
    );
  }
  return report;
}

function serverIn(fields: Fields, semantics: CallsQuestion['semantics']): ServerRules {
  const server: ServerRules = {
    cache: fields.oneOf('cache', ['none', 'memory', 'disk']) ?? CACHE[semantics],
    store: fields.oneOf('store', ['memory', 'disk']) ?? 'disk',
    crashes: fields.number('crashes', { min: 0, max: CRASHES_MAX }) ?? 0,
    incarnations: fields.flag('incarnations') ?? false,
    fails: fields.flag('fails') ?? false,
    gets: fields.oneOf('gets', ['cached', 'current']) ?? 'cached',
  };
  fields.end();
  return server;
}

/** Where the server remembers calls, unless the question says otherwise. */
const CACHE: Readonly<Record<CallsQuestion['semantics'], ServerRules['cache']>> = {
  maybe: 'none',
  atLeastOnce: 'none',
  atMostOnce: 'memory',
  atMostTwice: 'memory',
  exactlyOnce: 'disk',
};

function networkIn(fields: Fields): NetworkRules {
  const network: NetworkRules = {
    order: fields.oneOf('order', ['any', 'fifo']) ?? 'any',
    loses: fields.flag('loses') ?? true,
    duplicates: fields.flag('duplicates') ?? true,
    deliveriesMax: fields.number('deliveriesMax', { min: 1, max: DELIVERIES_MAX - 1 }) ?? null,
  };
  fields.end();
  return network;
}

function check(question: CallsQuestion): void {
  const { program, semantics, server, network } = question;
  if (question.asks === 'values' && !program.some(({ operation }) => operation.type === 'get')) {
    throw new QuestionError('program', 'reads nothing: end it with { "get": KEY }, whose values are the answer');
  }
  if (question.acknowledges && executesEveryCopy(question)) {
    throw new QuestionError(
      'acknowledges',
      'does not go with a server that remembers no calls ("cache": "none"): leave it out, or give it a cache',
    );
  }
  if (semantics === 'atMostTwice' && server.cache === 'none') {
    throw new QuestionError('server.cache', 'does not go with "atMostTwice", which counts copies in it: leave it out');
  }
  if (countsExecutions(question)) {
    const field = server.incarnations ? 'server.incarnations' : server.gets === 'current' ? 'server.gets' : null;
    if (field !== null) throw new QuestionError(field, `does not go with "${semantics}": leave it out`);
  }
  if (server.cache === 'disk' && server.incarnations) {
    throw new QuestionError(
      'server.incarnations',
      'does not go with a cache on disk, which does the same work: choose one',
    );
  }
  if (network.order === 'fifo' && network.deliveriesMax !== null) {
    throw new QuestionError('network.deliveriesMax', 'goes with the order "any" only: leave one of them out');
  }
  if (isEndless(question)) {
    throw new QuestionError(
      'network.deliveriesMax',
      'is missing: each duplicate is counted, and there is no end of them; say how many, or "duplicates": false',
    );
  }
}
