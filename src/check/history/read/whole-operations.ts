import { print } from '../../../kernel/index.ts';
import { HistoryError } from '../history-error.ts';
import type { Call } from './call.ts';
import { clockOf, isTime, type ReadTime } from './clock.ts';
import { FIELDS_BESIDES, type Form, hasFields, refuseUnknownFields } from './form.ts';
import { nameOf } from './names.ts';

const OUTCOMES = ['ok', 'failed', 'unknown'] as const;

/** A history of whole operations, as `formatHistory` writes it: each tells when it began and when it ended, if it did. */
export function callsOfOperations(forms: readonly Form[]): Call[] {
  const fields = forms.map(({ value }) => (hasFields<Field>(value) ? value : {}));
  const readClock = clockOf(fields.flatMap(({ invokeAt, completeAt }) => [invokeAt, completeAt].filter(isTime)));
  return forms.map((form) => callOf(form, readClock)).sort((a, b) => a.invokeAt - b.invokeAt || a.line - b.line);
}

const FIELDS = ['client', 'invokeAt', 'completeAt', 'outcome', 'input', 'output'] as const;
type Field = (typeof FIELDS)[number];

function callOf({ line, value }: Form, readClock: (time: ReadTime) => number): Call {
  if (!hasFields<Field>(value) || !('client' in value) || !('input' in value)) {
    const what = `expected an operation with client, invokeAt, completeAt, input and output`;
    throw new HistoryError('malformed', `line ${line}: ${what}, found ${print(value).slice(0, 80)}`);
  }
  refuseUnknownFields(value, line, [...FIELDS, ...FIELDS_BESIDES], 'an operation');
  const { client, input, output } = value;
  const invokeAt = readClock(timeOf(value.invokeAt, line, 'invokeAt'));
  const completeAt = value.completeAt === undefined || value.completeAt === null ? null : value.completeAt;
  const end = completeAt === null ? null : readClock(timeOf(completeAt, line, 'completeAt'));
  if (end !== null && end < invokeAt) {
    const what = `completeAt is ${end}, before invokeAt, which is ${invokeAt}`;
    throw new HistoryError('malformed', `line ${line}: ${what}: times are those of one clock`);
  }
  const fields = hasFields<'type' | 'key' | 'value'>(input) ? input : null;
  const outcome = value.outcome === undefined ? (end === null ? 'unknown' : 'ok') : outcomeOf(value.outcome, line);
  if (outcome === 'ok' && end === null) {
    throw new HistoryError('malformed', `line ${line}: outcome is ok, and there is no completeAt: when did it end?`);
  }
  return {
    line,
    client: nameOf(client),
    invokeAt,
    completeAt: outcome === 'unknown' ? null : end,
    outcome,
    f: fields === null ? 'txn' : nameOf(fields.type ?? ''),
    key: fields?.key ?? null,
    value: fields === null ? input : fields.value,
    answer: output,
    input,
  };
}

function timeOf(value: unknown, line: number, name: string): ReadTime {
  if (isTime(value)) return value;
  throw new HistoryError('malformed', `line ${line}: ${name} is ${print(value)}: expected a number`);
}

function outcomeOf(value: unknown, line: number): Call['outcome'] {
  const outcome = OUTCOMES.find((each) => each === value);
  if (outcome !== undefined) return outcome;
  throw new HistoryError('malformed', `line ${line}: outcome is ${print(value)}: expected ${OUTCOMES.join(', ')}`);
}
