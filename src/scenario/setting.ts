import type { ClockOptions, Delay, DiskOptions, Domains, LinkOptions, NetworkOptions } from '../sim/index.ts';
import type { Fields } from './fields.ts';
import { parseFault } from './parse-fault.ts';
import type { Setting, SwarmField } from './scenario.ts';
import { ScenarioError } from './scenario-error.ts';

const DEFAULT_DURATION_MS = 20_000;
const DEFAULT_HEALS_WITHIN_MS = 20_000;

/** What every scenario says. */
export function parseSetting(fields: Fields, name: string): Setting {
  return {
    name,
    about: fields.optional('about', (field) => fields.text(field)) ?? '',
    domains: fields.optional('domains', (field) => fields.object(field, parseDomains)) ?? {},
    network: fields.optional('network', (field) => fields.object(field, parseNetwork)) ?? {},
    disk: fields.optional('disk', (field) => fields.object(field, parseDisk)) ?? {},
    clocks: fields.optional('clocks', (field) => fields.object(field, parseClocks)) ?? {},
    faults: fields.optional('faults', (field) => fields.list(field, parseFault)) ?? [],
    swarm: fields.optional('swarm', (field) => fields.object(field, parseSwarm)) ?? null,
    durationMs: fields.optional('durationMs', (field) => fields.number(field, { min: 1 })) ?? DEFAULT_DURATION_MS,
    healsWithinMs:
      fields.optional('healsWithinMs', (field) => fields.number(field, { min: 1 })) ?? DEFAULT_HEALS_WITHIN_MS,
  };
}

/** A fault or link that names nobody would only be noticed when it begins, if ever. */
export function checkNames({ domains, faults, network }: Setting, nodesAndRoles: readonly string[]): void {
  const known = new Set([...nodesAndRoles, ...Object.keys(domains), '*']);
  const check = (where: string, names: readonly string[]): void => {
    for (const name of names) {
      if (known.has(name)) continue;
      throw new ScenarioError(`${where}: there is no node, domain or role '${name}': there are ${list(known)}`);
    }
  };
  for (const [domain, members] of Object.entries(domains)) check(`domains.${domain}`, members);
  for (const [index, { fault }] of faults.entries()) {
    check(`faults[${index}]`, 'nodes' in fault ? fault.nodes : fault.links.flat());
  }
  for (const [index, { from, to }] of (network.links ?? []).entries()) {
    check(`network.links[${index}]`, [from ?? '*', to ?? '*']);
  }
}

function list(names: ReadonlySet<string>): string {
  return [...names].join(', ');
}

function parseDomains(fields: Fields): Domains {
  return Object.fromEntries(fields.names.map((name) => [name, fields.texts(name)]));
}

function parseNetwork(fields: Fields): NetworkOptions {
  const common = parseLink(fields);
  const links = fields.optional('links', (field) =>
    fields.list(field, (link) => {
      const from = link.optional('from', (end) => link.text(end));
      const to = link.optional('to', (end) => link.text(end));
      const override = {
        ...parseLink(link),
        ...(from === undefined ? {} : { from }),
        ...(to === undefined ? {} : { to }),
      };
      link.end();
      return override;
    }),
  );
  return links === undefined ? common : { ...common, links };
}

function parseLink(fields: Fields): Partial<LinkOptions> {
  return present<LinkOptions>({
    latency: fields.optional('latency', (field) => fields.object(field, parseDelay)),
    loss: fields.optional('loss', (field) => fields.number(field, { max: 1 })),
    duplication: fields.optional('duplication', (field) => fields.number(field, { max: 1 })),
    fifo: fields.optional('fifo', (field) => fields.boolean(field)),
    bytesPerSecond: fields.optional('bytesPerSecond', (field) => fields.number(field, { min: 1 })),
    queueBytesMax: fields.optional('queueBytesMax', (field) => fields.number(field)),
  });
}

function parseDelay(fields: Fields): Delay {
  return { minMs: fields.number('minMs'), meanMs: fields.number('meanMs'), maxMs: fields.number('maxMs') };
}

function parseDisk(fields: Fields): Partial<DiskOptions> {
  return present<DiskOptions>({
    sync: fields.optional('sync', (field) => fields.object(field, parseDelay)),
    flush: fields.optional('flush', (field) => fields.object(field, parseDelay)),
    survival: fields.optional('survival', (field) => fields.number(field, { max: 1 })),
    tornWrites: fields.optional('tornWrites', (field) => fields.number(field, { max: 1 })),
  });
}

function parseClocks(fields: Fields): Partial<ClockOptions> {
  return fields.someNumbers<ClockOptions>({ epochMs: 0, skewMs: 0, driftPpm: 0 });
}

function parseSwarm(fields: Fields): SwarmField {
  return fields.someNumbers<Required<SwarmField>>({
    longestMs: 0,
    skewMs: 0,
    jumpMs: 0,
    driftPpm: 0,
    rottenDisksMax: 0,
  });
}

/** Without the fields that are not there. */
function present<T>(fields: { readonly [Name in keyof T]: T[Name] | undefined }): Partial<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<T>;
}
