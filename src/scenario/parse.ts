import { type Fault, readJson } from '../located-json/read-json.ts';
import { Fields } from './fields.ts';
import type { Setting } from './scenario.ts';
import { ScenarioError } from './scenario-error.ts';
import { parseSetting } from './setting.ts';
import { parseStore } from './store/parse.ts';
import type { StoreScenario } from './store/scenario.ts';
import { parseYear } from './year/parse.ts';
import type { YearScenario } from './year/scenario.ts';

/** What a scenario file is about: a protocol in a module of its own, named relative to the file. */
export interface ProtocolScenario {
  readonly system: 'module';
  readonly module: string;
  readonly setting: Setting;
}

export type Scenario = ProtocolScenario | StoreScenario | YearScenario;

/** Reads a scenario file. Throws `ScenarioError`. */
export function parseScenario(text: string, name: string): Scenario {
  const { value, lines } = readJson(text, refusal);
  const fields = new Fields(value, '', lines);
  const scenario = parseSystem(fields, name);
  fields.end();
  return scenario;
}

function refusal({ path, line, column, what }: Fault): ScenarioError {
  const part = path === undefined ? '' : `${path || 'the scenario'} `;
  return new ScenarioError(`line ${line}, column ${column}: ${part}${what}`);
}

function parseSystem(fields: Fields, name: string): Scenario {
  const system = fields.text('system');
  if (system === 'store') return parseStore(fields, name);
  if (system === 'year') return parseYear(fields, name);
  if (/\.[cm]?[jt]s$/.test(system)) return { system: 'module', module: system, setting: parseSetting(fields, name) };
  throw new ScenarioError(
    `${fields.at('system')}: expected "store", "year", or a module such as "./lock.ts", found "${system}"`,
  );
}

/** What a module says in its export `scenario`; with none, every fault of the swarm. */
export function settingOf(value: unknown, name: string): Setting {
  const fields = new Fields(value ?? { swarm: {} }, 'scenario');
  const setting = parseSetting(fields, name);
  fields.end();
  return setting;
}
