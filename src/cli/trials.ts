import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, extname, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { asksSomething } from '../check/index.ts';
import type { NodeDefinition, NodeId, TraceHeader } from '../kernel/index.ts';
import {
  type Protocol,
  ProtocolTrial,
  parseScenario,
  protocolOf,
  STORE_SUBJECT,
  type StorePlan,
  StoreTrial,
  settingOf,
  storeNodes,
  type Trial,
  type YearScenario,
} from '../scenario/index.ts';
import { UsageError } from './command.ts';
import { nearest } from './nearest.ts';

const SHIPPED = fileURLToPath(new URL('../../scenarios/', import.meta.url));

/** What SCENARIO names: a scenario file, a module with a protocol, or a scenario that is shipped. */
export async function loadTrial(given: string): Promise<Trial | YearScenario> {
  if (isModule(given)) {
    const protocol = asking(await importProtocol(given));
    return new ProtocolTrial(protocol, settingOf(protocol.scenario, given));
  }
  const file = extname(given) === '' && !given.includes('/') ? await shipped(given) : given;
  const scenario = parseScenario(await readScenario(file, given), given);
  switch (scenario.system) {
    case 'store':
      return new StoreTrial(scenario);
    case 'year':
      return scenario;
    case 'module':
      return new ProtocolTrial(asking(await importProtocol(resolve(dirname(file), scenario.module))), scenario.setting);
    default:
      return scenario satisfies never;
  }
}

/** The nodes that a trace is of. */
export async function nodesOf({ subject, options }: TraceHeader): Promise<ReadonlyMap<NodeId, NodeDefinition>> {
  const { plan } = (options ?? {}) as { readonly plan?: StorePlan };
  if (subject === STORE_SUBJECT && plan !== undefined) return storeNodes(plan);
  if (!isModule(subject)) {
    throw new UsageError(`the trace is of '${subject}', which is no module: it cannot be run again without its nodes`);
  }
  return (await importProtocol(subject)).nodes;
}

/** The file of a scenario that comes with this program. */
async function shipped(name: string): Promise<string> {
  const names = (await readdir(SHIPPED)).map((file) => basename(file, '.jsonc'));
  if (names.includes(name)) return resolve(SHIPPED, `${name}.jsonc`);
  const close = nearest(name, names);
  const hint = close === null ? `there are ${names.join(', ')}` : `did you mean ${close}?`;
  throw new UsageError(`no scenario called ${name} is shipped: ${hint}; a file of your own is written as ./${name}`);
}

function isModule(path: string): boolean {
  return /\.[cm]?[jt]s$/.test(path);
}

async function importProtocol(path: string): Promise<Protocol> {
  let exports: Readonly<Record<string, unknown>>;
  try {
    exports = await import(pathToFileURL(resolve(path)).href);
  } catch (error) {
    throw new UsageError(`cannot load ${path}: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  }
  return protocolOf(exports, path);
}

/** Refuses a protocol of which nothing is asked: that it holds would mean nothing. */
function asking(protocol: Protocol): Protocol {
  if (protocol.judge !== null || asksSomething(protocol.spec)) return protocol;
  throw new UsageError(
    `${protocol.name}: nothing was asked: export what must hold, as in \`export const spec = { invariants: { … } }\``,
  );
}

async function readScenario(file: string, given: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const what = `cannot read the scenario ${given}: ${error instanceof Error ? error.message : error}`;
    throw new UsageError(what, { cause: error });
  }
}
