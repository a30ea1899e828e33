import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { deterministic, type SequentialModel } from '../check/index.ts';
import { UsageError } from './command.ts';

type Model = SequentialModel<unknown, unknown, unknown>;

/** Whether a model is named by the file that it is in. */
export function isFile(model: string): boolean {
  return /[/\\]|\.[cm]?[jt]s$/.test(model);
}

/** Loads a model of the user's: what the module exports as `model`, or by default. */
export async function loadModel(file: string): Promise<Model> {
  const exports = await importModule(file);
  const model = exports['model'] ?? exports['default'];
  if (!isObject(model) || typeof model['init'] !== 'function') throw noModel(file);
  const name = typeof model['name'] === 'string' ? model['name'] : file;
  // What a module exports only the module knows.
  const given = { ...model, name } as unknown as Model & Parameters<typeof deterministic<unknown, unknown, unknown>>[0];
  if (typeof model['apply'] === 'function') return given;
  if (typeof model['run'] === 'function') return deterministic(given);
  throw noModel(file);
}

async function importModule(file: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return await import(pathToFileURL(resolve(file)).href);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(`cannot load the model ${file}: ${why}`, { cause: error });
  }
}

function noModel(file: string): UsageError {
  return new UsageError(
    `${file} exports no model: export const model = { name, init, run }, as docs/histories.md tells`,
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
