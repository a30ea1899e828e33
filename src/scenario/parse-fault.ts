import type { Fault } from '../sim/index.ts';
import type { Fields } from './fields.ts';
import type { RepeatedFault } from './scenario.ts';

/** What can go wrong, as it is written in a scenario. */
const TYPES = [
  'crash',
  'pause',
  'slow',
  'partition',
  'degrade',
  'disconnect',
  'slowDisk',
  'stallDisk',
  'fillDisk',
  'rotDisk',
  'driftClock',
  'jumpClock',
] as const satisfies readonly Fault['type'][];

/** One fault of a scenario, with `everyMs` if it comes again. */
export function parseFault(fields: Fields): RepeatedFault {
  const fault = parseOne(fields);
  const everyMs = fields.optional('everyMs', (field) => fields.number(field, { min: 1 })) ?? null;
  fields.end();
  return { fault, everyMs };
}

function parseOne(fields: Fields): Fault {
  const type = fields.oneOf('type', TYPES);
  const atMs = fields.number('atMs');
  const forMs = (): number => fields.number('forMs');
  const nodes = (): string[] => fields.texts('nodes');
  const drift = { min: -900_000, max: 900_000 };
  const jump = { min: -Number.MAX_VALUE };
  switch (type) {
    case 'crash':
    case 'pause':
    case 'stallDisk':
    case 'fillDisk':
      return { type, atMs, forMs: forMs(), nodes: nodes() };
    case 'slow':
      return { type, atMs, forMs: forMs(), nodes: nodes(), stepMs: fields.number('stepMs') };
    case 'slowDisk':
      return { type, atMs, forMs: forMs(), nodes: nodes(), factor: fields.number('factor', { min: 1 }) };
    case 'rotDisk':
      return { type, atMs, nodes: nodes() };
    case 'partition':
      return { type, atMs, forMs: forMs(), links: fields.links('links') };
    case 'disconnect':
      return { type, atMs, links: fields.links('links') };
    case 'degrade':
      return { type, atMs, forMs: forMs(), links: fields.links('links'), ...degradation(fields) };
    case 'driftClock':
      return { type, atMs, nodes: nodes(), driftPpm: fields.number('driftPpm', drift) };
    case 'jumpClock':
      return { type, atMs, nodes: nodes(), byMs: fields.number('byMs', jump) };
    default:
      return type satisfies never;
  }
}

function degradation(fields: Fields): { loss: number; extraMs: number; bytesPerSecond?: number } {
  const loss = fields.optional('loss', (field) => fields.number(field, { max: 1 })) ?? 0;
  const extraMs = fields.optional('extraMs', (field) => fields.number(field)) ?? 0;
  const bytesPerSecond = fields.optional('bytesPerSecond', (field) => fields.number(field, { min: 1 }));
  return bytesPerSecond === undefined ? { loss, extraMs } : { loss, extraMs, bytesPerSecond };
}
