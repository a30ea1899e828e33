/**
 * Plain data: what the state of a process, a message and a record consist of. `undefined`, `null`, booleans, numbers,
 * strings, bigints, `Uint8Array`, arrays, `Map`, `Set`, plain objects, and instances of classes whose state is their
 * own enumerable fields; no field is called `__proto__`. What each operation does with them is said in its own file,
 * what they share is here.
 */

/** How deep plain data may be nested. Deeper is taken for a cycle, and is refused from the wire. */
export const DEPTH_MAX = 256;

export type ObjectKind = 'array' | 'map' | 'set' | 'bytes' | 'object' | 'instance' | 'other';

export type PlainDataErrorCode = 'cycle' | 'tooDeep' | 'notPlain';

/** A value is not plain data. `path` says where in it, as `diff` writes paths. */
export class PlainDataError extends Error {
  override readonly name = 'PlainDataError';
  readonly code: PlainDataErrorCode;
  readonly path: string;

  constructor(code: PlainDataErrorCode, path: string, message: string) {
    super(message);
    this.code = code;
    this.path = path;
  }
}

export function kindOf(value: object): ObjectKind {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return 'object';
  if (prototype === Array.prototype) return 'array';
  if (prototype === Map.prototype) return 'map';
  if (prototype === Set.prototype) return 'set';
  if (prototype === Uint8Array.prototype) return 'bytes';
  if (knownClasses.has(prototype as object)) return 'instance';
  return rareKindOf(value, prototype as object);
}

/** The prototypes that an instance was found of: telling it from a built-in object takes a while. */
const knownClasses = new WeakSet<object>();

/**
 * Built-in objects keep their content elsewhere than in fields, so that a copy of their fields would be empty. They
 * have a tag of their own, or extend what has one.
 */
function rareKindOf(value: object, prototype: object): ObjectKind {
  if (value instanceof Uint8Array) return 'bytes';
  if (value instanceof Map || value instanceof Set || ArrayBuffer.isView(value)) return 'other';
  if (Object.prototype.toString.call(value) !== '[object Object]') return 'other';
  knownClasses.add(prototype);
  return 'instance';
}

/** Thrown inside an operation that met what it can't work on; its entry then asks `explain` for the reason. */
export class NotPlain extends Error {}

/** One for all: an operation that throws it is over, and `explain` makes the error that the caller sees. */
export const NOT_PLAIN: NotPlain = new NotPlain('not plain data');

/** Whether an operation takes class instances; what has to be read back without knowing the classes does not. */
export type Instances = 'instances allowed' | 'no instances';

/** Says why the value is not plain data, and where. Slow: called only after an operation has failed. */
export function explain(verb: string, value: unknown, instances: Instances = 'instances allowed'): PlainDataError {
  const trouble = find(value, '', [], instances);
  if (trouble !== null) return new PlainDataError(trouble.code, trouble.path, `cannot ${verb} ${trouble.text}`);
  return new PlainDataError('tooDeep', '', `cannot ${verb} a value nested deeper than ${DEPTH_MAX} levels`);
}

interface Trouble {
  readonly code: PlainDataErrorCode;
  readonly path: string;
  readonly text: string;
}

function find(value: unknown, path: string, above: object[], instances: Instances): Trouble | null {
  const where = path === '' ? 'the value itself' : `'${path}'`;
  if (typeof value === 'function' || typeof value === 'symbol') {
    return { code: 'notPlain', path, text: `${where}: it is a ${typeof value}, not plain data` };
  }
  if (typeof value !== 'object' || value === null) return null;
  if (above.includes(value)) return { code: 'cycle', path, text: `${where}: it contains itself` };
  const kind = kindOf(value);
  if (kind === 'other') {
    const text = `${where}: it is of class ${classNameOf(value)}, whose content is not in fields of its own`;
    return { code: 'notPlain', path, text };
  }
  if (kind === 'instance' && instances === 'no instances') {
    const text = `${where}: it is an instance of ${classNameOf(value)}; convert it to a plain object first`;
    return { code: 'notPlain', path, text };
  }
  if (kind === 'bytes' || above.length >= DEPTH_MAX) return null;
  above.push(value);
  if (Object.hasOwn(value, '__proto__')) {
    return { code: 'notPlain', path, text: `${where}: it has a field called '__proto__'` };
  }
  for (const [step, part] of partsOf(value, kind)) {
    const trouble = find(part, joinPath(path, step), above, instances);
    if (trouble !== null) return trouble;
  }
  above.pop();
  return null;
}

function* partsOf(value: object, kind: ObjectKind): Iterable<readonly [string, unknown]> {
  if (kind === 'map') {
    for (const [key, part] of value as Map<unknown, unknown>) {
      yield ['.keys()', key];
      yield [`.get(${briefly(key)})`, part];
    }
  } else if (kind === 'set') {
    for (const part of value as Set<unknown>) yield ['.values()', part];
  } else if (kind === 'array') {
    for (const [index, part] of (value as unknown[]).entries()) yield [`[${index}]`, part];
  } else {
    for (const name in value) yield [fieldStep(name), (value as Record<string, unknown>)[name]];
  }
}

function briefly(key: unknown): string {
  return typeof key === 'string' ? JSON.stringify(key) : typeof key === 'object' ? '…' : String(key);
}

/** How a path goes on to a field: `.name`, or `["any name"]`. */
export function fieldStep(name: string): string {
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
}

/** A path is written without the dot in front of its first field. */
export function joinPath(path: string, step: string): string {
  return path === '' && step.startsWith('.') ? step.slice(1) : path + step;
}

export function classNameOf(value: object): string {
  const maker: unknown = Reflect.get(value, 'constructor');
  return typeof maker === 'function' && maker.name !== '' ? maker.name : 'an unnamed class';
}
