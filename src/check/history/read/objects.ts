import { equal, print } from '../../../kernel/index.ts';
import type { Operation } from '../history.ts';
import { HistoryError } from '../history-error.ts';
import { casRegister, counter, keyValue, lock, queue, register } from '../models.ts';
import type { SequentialModel } from '../sequential-model.ts';
import type { Call } from './call.ts';
import { hasFields, refuseUnknownFields } from './form.ts';
import { keyed } from './keyed.ts';
import { keyNameOf, nameOf } from './names.ts';

export const OBJECT_MODELS = ['register', 'cas-register', 'kv', 'queue', 'lock', 'counter'] as const;
export type ObjectModel = (typeof OBJECT_MODELS)[number];

/** Operations, and the sequential object that they are of. */
export interface ObjectHistory {
  readonly model: SequentialModel<unknown, unknown, unknown>;
  readonly operations: readonly Operation[];
}

/**
 * What was called, as operations of a model. What failed had no effect, and is left out. Several registers are a
 * key-value map; several queues, locks or counters are checked one by one.
 */
export function objectHistory(calls: readonly Call[], name: ObjectModel): ObjectHistory {
  const succeeded = calls.filter(({ outcome }) => outcome !== 'failed');
  const isKeyed = name === 'kv' || isOfKeys(succeeded);
  const operations = succeeded.map((call): Operation => {
    const own = isKeyed ? keyOf(call) : call;
    if (hasFields(call.input)) refuseUnknownFields(call.input, call.line, INPUT_FIELDS, 'an input');
    const { input, output } = TRANSLATIONS[name](own);
    const { client, invokeAt, completeAt } = call;
    const whole = isKeyed && !KEYED_BY_THEMSELVES.has(name) ? { key: own.key ?? '', input } : input;
    return { client, invokeAt, completeAt, input: whole, output: completeAt === null ? undefined : output };
  });
  return { model: modelOf(name, isKeyed), operations };
}

/** What was called, for a model of the user's: as the history tells it, or else `{ type, key?, value? }`. */
export function plainOperations(calls: readonly Call[]): Operation[] {
  return calls
    .filter(({ outcome }) => outcome !== 'failed')
    .map(({ client, invokeAt, completeAt, f, key, value, answer, input }) => ({
      client,
      invokeAt,
      completeAt,
      input: input ?? {
        type: f,
        ...(key === null ? {} : { key }),
        ...(value === undefined || value === null ? {} : { value }),
      },
      output: completeAt === null ? undefined : answer,
    }));
}

const INPUT_FIELDS = ['type', 'key', 'value', 'expected', 'owner', 'by'];

/** Those that become a key-value map. */
const KEYED_BY_THEMSELVES: ReadonlySet<ObjectModel> = new Set(['register', 'cas-register', 'kv']);

function modelOf(name: ObjectModel, isKeyed: boolean): SequentialModel<unknown, unknown, unknown> {
  // What is translated is what the model takes: nothing else gets here.
  const model = isKeyed && KEYED_BY_THEMSELVES.has(name) ? keyValue : MODELS[name];
  const untyped = model as SequentialModel<unknown, unknown, unknown>;
  if (!isKeyed || KEYED_BY_THEMSELVES.has(name)) return untyped;
  return keyed(untyped) as SequentialModel<unknown, unknown, unknown>;
}

const MODELS = { register, 'cas-register': casRegister, kv: keyValue, queue, lock, counter } as const;

interface Translated {
  readonly input: unknown;
  readonly output: unknown;
}

const TRANSLATIONS: Readonly<Record<ObjectModel, (call: Call) => Translated>> = {
  register: registerCall,
  'cas-register': registerCall,
  kv: registerCall,
  queue(call) {
    if (is(call, 'enqueue')) {
      return { input: { type: 'enqueue', value: given(call) }, output: undefined };
    }
    if (is(call, 'dequeue')) return { input: { type: 'dequeue' }, output: answered(call) };
    throw unknownCall(call, 'enqueue and dequeue');
  },
  lock(call) {
    const owner = nameOf(field(call, 'owner') ?? call.client);
    const output = call.answer !== false;
    if (is(call, 'acquire', 'lock')) return { input: { type: 'acquire', owner }, output };
    if (is(call, 'release', 'unlock')) return { input: { type: 'release', owner }, output };
    throw unknownCall(call, 'acquire and release');
  },
  counter(call) {
    if (is(call, 'read', 'get')) return { input: { type: 'read' }, output: answered(call) ?? 0 };
    if (is(call, 'add', 'increment', 'inc')) {
      return { input: { type: 'add', by: numberOf(call, field(call, 'by') ?? call.value ?? 1) }, output: undefined };
    }
    throw unknownCall(call, 'read and add');
  },
};

/** Of one register, or of a key. */
function registerCall(call: Call): Translated {
  const { key, value } = call;
  const of = key === null ? {} : { key };
  if (is(call, 'read', 'get')) return { input: { type: key === null ? 'read' : 'get', ...of }, output: answered(call) };
  if (is(call, 'write', 'put', 'set')) {
    return { input: { type: key === null ? 'write' : 'put', ...of, value: given(call) }, output: undefined };
  }
  if (is(call, 'cas', 'compareAndSet', 'compare-and-set')) {
    const [expected, next] = pairOf(call);
    return { input: { type: 'compareAndSet', ...of, expected, value: next }, output: call.answer !== false };
  }
  if (key !== null && is(call, 'delete', 'del', 'remove')) {
    return { input: { type: 'delete', key }, output: answered(call) ?? true };
  }
  if (key !== null && is(call, 'increment', 'inc')) {
    const by = numberOf(call, field(call, 'by') ?? value ?? 1);
    return { input: { type: 'increment', key, by }, output: answered(call) };
  }
  throw unknownCall(call, key === null ? 'read, write and cas' : 'get, put, cas, delete and increment');
}

function is({ f }: Call, ...names: readonly string[]): boolean {
  return names.includes(f);
}

/** What is written. That of an event is told again when it ends, or is nil or left out there. */
function given(call: Call): unknown {
  const { value, line, f } = call;
  if (value === undefined) {
    throw new HistoryError('malformed', `line ${line}: ${f} has no value: say what it is of, if only null`);
  }
  refuseOtherValue(call, call.answer !== null);
  return value;
}

function refuseOtherValue({ value, answer, outcome, f, line, endLine }: Call, isTold: boolean): void {
  if (endLine === undefined || outcome !== 'ok' || answer === undefined || !isTold || equal(value, answer)) return;
  const what = `it ends ${f} of ${print(answer)}, and began that of ${print(value)}, at line ${line}`;
  throw new HistoryError('malformed', `line ${endLine}: ${what}: both have the same value`);
}

/** What was answered: of what did not end there is nothing. */
function answered({ answer, outcome, f, line, endLine, input }: Call): unknown {
  if (answer !== undefined || outcome !== 'ok') return answer ?? null;
  const name = input === undefined ? 'value' : 'output';
  const what = `${f} was answered, and there is no ${name}: say what it was, if only null`;
  throw new HistoryError('malformed', `line ${endLine ?? line}: ${what}`);
}

/** What a compare-and-set expects, and what it sets. */
function pairOf(call: Call): readonly [unknown, unknown] {
  const { value, line } = call;
  const expected = field(call, 'expected');
  if (expected !== undefined) return [expected, given(call)];
  if (Array.isArray(value) && value.length === 2) {
    refuseOtherValue(call, Array.isArray(call.answer));
    return [value[0] ?? null, value[1] ?? null];
  }
  const what = `${call.f} has the value ${print(value)}: expected [old new]`;
  throw new HistoryError('malformed', `line ${line}: ${what}`);
}

function numberOf({ line, f }: Call, value: unknown): number {
  if (typeof value === 'number') return value;
  throw new HistoryError('malformed', `line ${line}: ${f} is of ${print(value)}: expected a number`);
}

type Field = 'owner' | 'by' | 'expected';

function field({ input }: Call, name: Field): unknown {
  return hasFields<Field>(input) ? input[name] : undefined;
}

/** Jepsen's independent keys: each value is `[key value]`, even of what has none, as a read that begins. */
function isOfKeys(calls: readonly Call[]): boolean {
  if (calls.some(({ key }) => key !== null)) return true;
  const isPair = (value: unknown): boolean => Array.isArray(value) && value.length === 2;
  if (calls.length === 0 || !calls.every(({ value, input }) => input === undefined && isPair(value))) return false;
  return calls.some((call) => !is(call, 'cas', 'write') || (call.f === 'cas' && isPair((call.value as unknown[])[1])));
}

function keyOf(call: Call): Call {
  if (call.key !== null) return { ...call, key: keyNameOf(call.key) };
  const { value, answer } = call;
  if (!Array.isArray(value) || value.length !== 2) {
    const what = `${call.f} names no key: give it one, as "key", or have its value be [key value]`;
    throw new HistoryError('malformed', `line ${call.line}: ${what}`);
  }
  const isPair = Array.isArray(answer) && answer.length === 2;
  if (isPair && !equal(answer[0], value[0])) {
    const what = `it ends ${call.f} of key ${keyNameOf(answer[0])}, and began that of ${keyNameOf(value[0])}`;
    const advice = 'both have the same key';
    throw new HistoryError('malformed', `line ${call.endLine ?? call.line}: ${what}, at line ${call.line}: ${advice}`);
  }
  return { ...call, key: keyNameOf(value[0]), value: value[1], answer: isPair ? answer[1] : answer };
}

function unknownCall({ line, f }: Call, known: string): HistoryError {
  const what = `'${f}' is none of what the model knows, ${known}`;
  return new HistoryError('unsupported', `line ${line}: ${what}: check it with another --model`);
}
