import { equal, print } from '../../../kernel/index.ts';
import { HistoryError } from '../history-error.ts';
import type { Call } from './call.ts';
import { clockOf, isTime, type ReadTime } from './clock.ts';
import { FIELDS_BESIDES, type Fields, type Form, hasFields, refuseUnknownFields } from './form.ts';
import { keyNameOf, nameOf } from './names.ts';

const TYPES = ['invoke', 'ok', 'fail', 'info'] as const;
type EventType = (typeof TYPES)[number];

const FIELDS = ['type', 'process', 'f', 'value', 'key', 'time'] as const;
type Field = (typeof FIELDS)[number];

interface Event {
  readonly line: number;
  readonly fields: Fields<Field>;
  readonly type: EventType;
  readonly process: string;
  readonly f: string;
  readonly value: unknown;
  /** Null if there is none. */
  readonly key: unknown;
  /** As the history says, or null. */
  readonly time: ReadTime | null;
}

/**
 * A history as Jepsen writes it: an event when an operation begins (`invoke`), and one when it ends (`ok`; `fail` if it
 * certainly did not happen; `info` if nobody knows). What begins and never ends is unknown too. What a
 * process that invokes nothing tells with `info`, as a nemesis does, is left out.
 *
 * Times are those of the file; if not all events have one, the order of the events.
 */
export function callsOfEvents(forms: readonly Form[]): Call[] {
  const events = forms.map(eventOf);
  const clients = new Set(events.filter(({ type }) => type === 'invoke').map(({ process }) => process));
  const times = events.flatMap(({ time }) => time ?? []);
  const hasTimes = times.length === events.length;
  const readClock = clockOf(times);
  const open = new Map<string, { readonly event: Event; readonly at: number }>();
  const calls: Call[] = [];
  events.forEach((event, index) => {
    const { process, type } = event;
    if (!clients.has(process) && type === 'info') return;
    refuseUnknownFields(event.fields, event.line, [...FIELDS, ...FIELDS_BESIDES], 'an event');
    const at = hasTimes ? readClock(event.time ?? index) : index;
    const begun = open.get(process);
    if (type === 'invoke') {
      if (begun !== undefined) throw overlapping(event, begun.event);
      open.set(process, { event, at });
      return;
    }
    if (begun === undefined) {
      // A process may tell something besides, as that it was told to stop.
      if (type === 'info') return;
      const what = `process ${process} ends ${event.f}, and it has begun none`;
      throw new HistoryError('malformed', `line ${event.line}: ${what}: each '${type}' follows an 'invoke'`);
    }
    open.delete(process);
    refuseOther(begun.event, event);
    if (at < begun.at) {
      const what = `it ends at ${at}, and began at ${begun.at}, at line ${begun.event.line}`;
      throw new HistoryError('malformed', `line ${event.line}: ${what}: times are those of one clock`);
    }
    calls.push(callOf(begun.event, begun.at, { event, at }));
  });
  for (const { event, at } of open.values()) calls.push(callOf(event, at, null));
  return calls.sort((a, b) => a.invokeAt - b.invokeAt || a.line - b.line);
}

function callOf(
  { line, process, f, value, key }: Event,
  invokeAt: number,
  end: { readonly event: Event; readonly at: number } | null,
): Call {
  const outcome = end?.event.type === 'ok' ? 'ok' : end?.event.type === 'fail' ? 'failed' : 'unknown';
  const completeAt = outcome === 'unknown' ? null : (end?.at ?? null);
  return {
    line,
    client: process,
    invokeAt,
    completeAt,
    outcome,
    f,
    key,
    value,
    answer: end?.event.value,
    endLine: end?.event.line ?? line,
  };
}

/** Whether a form looks like an event. */
export function isEvent(value: unknown): value is Fields<Field> {
  return hasFields(value) && 'process' in value && 'type' in value;
}

function eventOf({ line, value }: Form): Event {
  if (!isEvent(value)) {
    const what = `expected an event with type, process and f, found ${print(value).slice(0, 80)}`;
    throw new HistoryError('malformed', `line ${line}: ${what}`);
  }
  const type = TYPES.find((each) => each === value.type);
  if (type === undefined) {
    throw new HistoryError('malformed', `line ${line}: type is ${print(value.type)}: expected ${TYPES.join(', ')}`);
  }
  if (value.time !== undefined && value.time !== null && !isTime(value.time)) {
    throw new HistoryError('malformed', `line ${line}: time is ${print(value.time)}: expected a number`);
  }
  return {
    line,
    fields: value,
    type,
    process: nameOf(value.process),
    f: nameOf(value.f),
    value: value.value,
    key: value.key ?? null,
    time: value.time ?? null,
  };
}

/** What ends is what began. */
function refuseOther(begun: Event, end: Event): void {
  const { process, line } = begun;
  const began = `process ${process} began`;
  if (end.f !== begun.f) {
    const what = `it ends ${end.f}, and ${began} ${begun.f}, at line ${line}`;
    throw new HistoryError('malformed', `line ${end.line}: ${what}: both have the same f`);
  }
  if (end.key !== null && !equal(end.key, begun.key)) {
    const keyBegun = begun.key === null ? 'none' : keyNameOf(begun.key);
    const what = `it ends ${end.f} of key ${keyNameOf(end.key)}, and ${began} that of ${keyBegun}, at line ${line}`;
    throw new HistoryError('malformed', `line ${end.line}: ${what}: both have the same key`);
  }
}

function overlapping(event: Event, begun: Event): HistoryError {
  const what = `process ${event.process} begins ${event.f}, and the ${begun.f} of line ${begun.line} has not ended`;
  const advice = "end each with 'ok', 'fail' or 'info', and give what runs at the same time to processes of their own";
  return new HistoryError('overlapping', `line ${event.line}: ${what}: ${advice}`);
}
