import { print } from '../kernel/index.ts';

type Fields = Readonly<Record<string, unknown>>;

const PROPERTIES = ['invariants', 'steps', 'goals', 'eventually', 'outcomes'] as const;

/** Throws if there are fields that nobody would read: what they ask for would seem to hold. */
export function checkFields(what: string, value: unknown, known: readonly string[]): asserts value is Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Map) {
    throw new Error(`${what} has to be an object, found ${print(value)}`);
  }
  const unknown = Object.keys(value).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new Error(`${what} has no field '${unknown}': there are ${known.join(', ')}`);
}

/** Throws if what holds properties by name holds anything else. */
export function checkProperties(what: string, fields: Fields): void {
  for (const kind of PROPERTIES) {
    const named = fields[kind];
    if (named === undefined) continue;
    if (typeof named !== 'object' || named === null || Array.isArray(named) || named instanceof Map) {
      throw new Error(`'${kind}' of ${what} holds functions by name: found ${print(named)}`);
    }
    for (const [name, check] of Object.entries(named)) {
      if (typeof check !== 'function') throw new Error(`'${kind}.${name}' of ${what} is no function: ${print(check)}`);
    }
  }
}

/** Whether there is any property at all. */
export function asksSomething(
  fields: { readonly [Kind in (typeof PROPERTIES)[number]]?: object | undefined },
): boolean {
  return PROPERTIES.some((kind) => Object.keys(fields[kind] ?? {}).length > 0);
}

const MODEL = ['initial', 'actions', 'next', 'fingerprint', 'packing', 'properties', 'appearance', 'prune'];
const MODEL_TOLD = ['isBounded', 'fairness', 'tellAction', 'tellStep'];
const PROCESS_MODEL = ['world', 'nodeState', 'inFlight', 'library'];

/** Throws if a model that somebody wrote has fields that nobody reads. */
export function checkModel(model: object): void {
  const isPlain = Object.getPrototypeOf(model) === Object.prototype;
  if (isPlain) checkFields('the model', model, [...MODEL, ...MODEL_TOLD, ...PROCESS_MODEL]);
  const properties: unknown = 'properties' in model ? model.properties : undefined;
  if (properties === undefined) return;
  checkFields("'properties' of the model", properties, PROPERTIES);
  checkProperties("the model's properties", properties);
}
