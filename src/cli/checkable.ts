import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  asksSomething,
  type CheckedWorld,
  checkModel,
  checkOptionNames,
  checkOptions,
  type Model,
  type ProcessModelOptions,
} from '../check/index.ts';
import { checkExports, protocolOf } from '../scenario/index.ts';
import { UsageError } from './command.ts';

/** What a module exports for the checker. What its states, or its history, look like only the module knows. */
export type Checkable = CheckableProcesses | CheckableModel;

export interface CheckableProcesses {
  readonly type: 'processes';
  readonly options: ProcessModelOptions<unknown>;
  /** Best first goes on where it is highest. */
  readonly score: ((world: CheckedWorld<unknown>) => number) | null;
}

export interface CheckableModel {
  readonly type: 'model';
  readonly model: Model<unknown, unknown>;
  readonly score: ((state: unknown) => number) | null;
}

type Exports = Readonly<Record<string, unknown>>;

/**
 * Loads a module for the checker. It exports what the simulator reads too (`nodes`, `spec`, `inputs`) and in `check` what
 * else there is of the options of `processModel`; or it exports a `model`. Either may come with a `score`.
 */
export async function loadCheckable(file: string): Promise<Checkable> {
  const exports = await importModule(file);
  const { nodes, model, check = {} } = exports;
  checkExports(exports, file);
  const score = isFunction(exports['score']) ? exports['score'] : null;
  if (model !== undefined) {
    if (nodes !== undefined) throw new UsageError(`${file} exports both nodes and a model: keep one of them`);
    return { type: 'model', model: checkedModel(model, file), score };
  }
  refused(() => checkOptionNames("'check'", check));
  const protocol = protocolOf(exports, file);
  const options: ProcessModelOptions<unknown> = {
    inputs: protocol.inputs,
    ...protocol.spec,
    ...(check as Partial<ProcessModelOptions<unknown>>),
    nodes: protocol.nodes,
  };
  refused(() => checkOptions(options));
  if (!asksSomething(options)) {
    throw new UsageError(
      `${file}: nothing was asked: export what must hold, as in \`export const spec = { invariants: { … } }\``,
    );
  }
  return { type: 'processes', options, score };
}

async function importModule(file: string): Promise<Exports> {
  try {
    return await import(pathToFileURL(resolve(file)).href);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(`cannot load ${file}: ${why}`, { cause: error });
  }
}

function checkedModel(model: unknown, file: string): Model<unknown, unknown> {
  const missing = ['initial', 'actions', 'next'].filter((name) => !isObject(model) || !isFunction(model[name]));
  if (missing.length === 0) {
    const checked = model as Model<unknown, unknown>;
    refused(() => checkModel(checked));
    if (!asksSomething(checked.properties ?? {})) {
      throw new UsageError(`${file}: nothing was asked: give the model \`properties: { invariants: { … } }\``);
    }
    return checked;
  }
  throw new UsageError(
    `${file}: a model has functions initial, actions and next; this one has no ${missing.join(', ')}`,
  );
}

function isObject(value: unknown): value is Exports {
  return typeof value === 'object' && value !== null;
}

function isFunction(value: unknown): value is (given: unknown) => number {
  return typeof value === 'function';
}

/** What the checker throws at its caller is about the module: it cannot be checked as it is. */
export function refused<T>(use: () => T): T {
  try {
    return use();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(`it cannot be checked: ${why}${adviceOn(why)}`, { cause: error });
  }
}

/** A step is known to the copy of the kernel that took it, and to no other. */
function adviceOn(why: string): string {
  if (!why.includes('a process acts only while a runtime steps it')) return '';
  return ', or, if it is: the module imports another copy of coterie than this program is, so run the one that it imports';
}
