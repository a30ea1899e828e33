import { DEFAULT_LIMITS, DEFAULT_TIMING, type Limits, type Timing } from '../../protocols/index.ts';
import type { Fields } from '../fields.ts';
import { type ClientField, FAILURE_KINDS, type FailureField, type FailureKind, type YearScenario } from './scenario.ts';

/** Reads what is written of a year of a cluster. Throws `ScenarioError`. */
export function parseYear(fields: Fields, name: string): YearScenario {
  const whole = { min: 1, whole: true };
  const scenario: YearScenario = {
    system: 'year',
    name,
    about: fields.optional('about', (field) => fields.text(field)) ?? '',
    days: fields.number('days', { min: 1, max: 365 }),
    machines: fields.number('machines', whole),
    racks: fields.number('racks', whole),
    powerUnits: fields.number('powerUnits', whole),
    groups: fields.number('groups', whole),
    replicas: fields.number('replicas', { min: 1, max: 9, whole: true }),
    failures: fields.object('failures', parseFailures),
    clients: fields.object('clients', parseClients),
    settleSeconds: fields.number('settleSeconds', { min: 1 }),
    timing: fields.optional('timing', (field) => fields.object(field, parseTiming)) ?? {},
    limits: fields.optional('limits', (field) => fields.object(field, parseLimits)) ?? {},
  };
  if (scenario.replicas > scenario.racks) throw fields.wrong('there are fewer racks than replicas: give it more');
  return scenario;
}

const NONE: FailureField = { count: 0, minutes: [0, 0], share: 0, loss: 0 };

function parseFailures(fields: Fields): Record<FailureKind, FailureField> {
  const read = (kind: FailureKind): FailureField =>
    fields.optional(kind, (field) => fields.object(field, parseFailure)) ?? NONE;
  return Object.fromEntries(FAILURE_KINDS.map((kind) => [kind, read(kind)])) as Record<FailureKind, FailureField>;
}

function parseFailure(fields: Fields): FailureField {
  const [min = 0, max = min, ...more] = fields.choices('minutes');
  if (more.length > 0 || max < min) throw fields.wrong('"minutes" is a number, or two: the least and the most');
  return {
    count: fields.number('count'),
    minutes: [min, max],
    share: fields.optional('share', (field) => fields.number(field, { max: 1 })) ?? 0,
    loss: fields.optional('loss', (field) => fields.number(field, { max: 1 })) ?? 0,
  };
}

function parseClients(fields: Fields): ClientField {
  return {
    count: fields.number('count', { min: 1, whole: true }),
    keys: fields.number('keys', { min: 1, whole: true }),
    quietMinutes: fields.number('quietMinutes', { min: 1 }),
    busySeconds: fields.number('busySeconds', { min: 1 }),
    timeoutMs: fields.number('timeoutMs', { min: 1 }),
    slowMs: fields.number('slowMs', { min: 1 }),
  };
}

function parseTiming(fields: Fields): Partial<Timing> {
  return fields.someNumbers<Timing>(DEFAULT_TIMING);
}

function parseLimits(fields: Fields): Partial<Limits> {
  return fields.someNumbers<Limits>(DEFAULT_LIMITS);
}
