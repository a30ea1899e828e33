import type { NodeId } from '../../kernel/index.ts';
import { DEFAULT_LIMITS, DEFAULT_TIMING, type Limits, type Timing } from '../../protocols/index.ts';
import { Fields } from '../fields.ts';
import { checkNames, parseSetting } from '../setting.ts';
import {
  type Action,
  HAPPENINGS,
  type MembershipField,
  PROPERTIES,
  type StoreScenario,
  type WorkloadField,
} from './scenario.ts';

/** Who can be named in faults besides nodes and domains. */
export const STORE_ROLES = ['leader', 'followers'] as const;

/** Reads what is written of the store in a scenario. Throws `ScenarioError`. */
export function parseStore(fields: Fields, name: string): StoreScenario {
  const scenario: StoreScenario = {
    system: 'store',
    setting: parseSetting(fields, name),
    nodes: parseNodes(fields),
    timing: fields.optional('timing', (field) => fields.object(field, parseTiming)) ?? {},
    limits: fields.optional('limits', (field) => fields.object(field, parseLimits)) ?? {},
    membership: fields.optional('membership', (field) => fields.object(field, parseMembership)) ?? null,
    workload: parseWorkload(fields.optional('workload', (field) => fields.inner(field)) ?? new Fields({}, 'workload')),
    holds: fields.optional('holds', (field) => fields.manyOf(field, PROPERTIES)) ?? PROPERTIES,
    reaches: fields.optional('reaches', (field) => fields.manyOf(field, HAPPENINGS)) ?? [],
  };
  const most = scenario.nodes.reduce((a, b) => (b.length > a.length ? b : a), []);
  checkNames(scenario.setting, [...most, ...(scenario.membership?.spares ?? []), ...STORE_ROLES]);
  return scenario;
}

const NODE_NAMES = 'abcdefghijklmnopqrstuvwxyz';

/** A number of nodes, several numbers to draw from, or names. */
function parseNodes(fields: Fields): NodeId[][] {
  if (fields.isListOfTexts('nodes')) return [fields.texts('nodes')];
  const counts = fields.choices('nodes', { min: 1, max: NODE_NAMES.length - 1, whole: true });
  return counts.map((count) => [...NODE_NAMES.slice(0, count)]);
}

function parseTiming(fields: Fields): Partial<Timing> {
  return fields.someNumbers<Timing>(DEFAULT_TIMING);
}

function parseLimits(fields: Fields): Partial<Limits> {
  return fields.someNumbers<Limits>(DEFAULT_LIMITS);
}

function parseMembership(fields: Fields): MembershipField {
  return {
    spares: fields.texts('spares'),
    chance: fields.optional('chance', (name) => fields.number(name, { max: 1 })) ?? 1,
    meanGapMs: fields.number('meanGapMs', { min: 1 }),
  };
}

const DEFAULT_MIX: Readonly<Record<Action, number>> = {
  get: 28,
  put: 19,
  delete: 9,
  compareAndSet: 19,
  transfer: 15,
  audit: 10,
};

function parseWorkload(fields: Fields): WorkloadField {
  const whole = { min: 1, whole: true };
  const workload = {
    clients: fields.optional('clients', (field) => fields.choices(field, { min: 0, whole: true })) ?? [4],
    keys: fields.optional('keys', (field) => fields.choices(field, whole)) ?? [3],
    accounts: fields.optional('accounts', (field) => fields.number(field, { min: 2, whole: true })) ?? 4,
    thinkMs: fields.optional('thinkMs', (field) => fields.choices(field, { min: 1 })) ?? [100],
    timeoutMs: fields.optional('timeoutMs', (field) => fields.number(field, { min: 1 })) ?? 3_000,
    mix: fields.optional('mix', (field) => fields.object(field, parseMix)) ?? DEFAULT_MIX,
  };
  fields.end();
  return workload;
}

/** What is not named is not done. */
function parseMix(fields: Fields): Record<Action, number> {
  const weight = (action: Action): number => fields.optional(action, (name) => fields.number(name)) ?? 0;
  const mix = {
    get: weight('get'),
    put: weight('put'),
    delete: weight('delete'),
    compareAndSet: weight('compareAndSet'),
    transfer: weight('transfer'),
    audit: weight('audit'),
  };
  if (Object.values(mix).every((each) => each === 0)) throw fields.wrong('every weight is 0: give one of them more');
  return mix;
}
