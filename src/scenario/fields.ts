import { print } from '../kernel/index.ts';
import { isObject, pathOf } from '../located-json/read-json.ts';
import { ScenarioError } from './scenario-error.ts';

/** The line on which each part of a file begins, by its path. */
type Lines = ReadonlyMap<string, number>;

const NO_LINES: Lines = new Map();

type Range = { readonly min?: number; readonly max?: number; readonly whole?: boolean };

/** The fields of an object in a file, read one by one; `end` refuses what nobody has read. */
export class Fields {
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #path: string;
  readonly #lines: Lines;
  readonly #read = new Set<string>();

  constructor(value: unknown, path: string, lines: Lines = NO_LINES) {
    this.#lines = lines;
    this.#path = path;
    if (!isObject(value)) throw new ScenarioError(`${this.#where(path)}: expected an object, found ${print(value)}`);
    this.#values = value;
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#values, name);
  }

  get names(): string[] {
    return Object.keys(this.#values);
  }

  /** Where a field is, for messages. */
  at(name: string): string {
    return this.#where(pathOf(this.#path, name));
  }

  #where(path: string): string {
    const line = this.#lines.get(path);
    const what = path === '' ? 'the scenario' : path;
    return line === undefined ? what : `line ${line}: ${what}`;
  }

  number(name: string, range: Range = {}): number {
    return asNumber(this.#take(name), this.at(name), range);
  }

  /** One number, or several of which each seed draws one. */
  choices(name: string, range: Range = {}): number[] {
    const value = this.#take(name);
    const choices = Array.isArray(value) ? value : [value];
    if (choices.length === 0) throw this.#unexpected(name, 'at least one number');
    return choices.map((choice) => asNumber(choice, this.at(name), range));
  }

  text(name: string): string {
    const value = this.#take(name);
    if (typeof value !== 'string') throw this.#unexpected(name, 'a string');
    return value;
  }

  boolean(name: string): boolean {
    const value = this.#take(name);
    if (typeof value !== 'boolean') throw this.#unexpected(name, 'true or false');
    return value;
  }

  oneOf<const T extends string>(name: string, options: readonly T[]): T {
    const value = this.text(name);
    const found = options.find((option) => option === value);
    if (found === undefined) throw this.#unexpected(name, `one of ${options.join(', ')}`);
    return found;
  }

  isListOfTexts(name: string): boolean {
    const value = this.#values[name];
    return Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'string');
  }

  texts(name: string): string[] {
    const value = this.#take(name);
    if (!Array.isArray(value) || !value.every((item) => typeof item === 'string')) {
      throw this.#unexpected(name, 'a list of strings');
    }
    return value;
  }

  manyOf<const T extends string>(name: string, options: readonly T[]): T[] {
    return this.texts(name).map((text) => {
      const found = options.find((option) => option === text);
      if (found === undefined) throw this.#unexpected(name, `some of ${options.join(', ')}`);
      return found;
    });
  }

  /** Links are written `"a -> b"` and `"a <-> b"`, between nodes, domains, roles or `*`. */
  links(name: string): (readonly [string, string])[] {
    return this.texts(name).flatMap((text) => {
      const [, from, arrow, to] = /^\s*(\S+)\s*(<?->)\s*(\S+)\s*$/.exec(text) ?? [];
      if (from === undefined || to === undefined) throw this.#unexpected(name, 'links such as "a -> b" or "a <-> b"');
      return arrow === '->' ? [[from, to] as const] : [[from, to] as const, [to, from] as const];
    });
  }

  inner(name: string): Fields {
    return new Fields(this.#take(name), pathOf(this.#path, name), this.#lines);
  }

  /** The object in a field, read by the function given, which must know all of its fields. */
  object<T>(name: string, read: (fields: Fields) => T): T {
    const fields = this.inner(name);
    const value = read(fields);
    fields.end();
    return value;
  }

  /** Any of the numbers that a set of options has. */
  someNumbers<T extends { readonly [Name in keyof T]: number }>(known: T): Partial<T> {
    const options: Partial<Record<string, number>> = {};
    for (const name of Object.keys(known)) {
      const value = this.optional(name, (field) => this.number(field));
      if (value !== undefined) options[name] = value;
    }
    return options as Partial<T>;
  }

  list<T>(name: string, each: (fields: Fields) => T): T[] {
    const value = this.#take(name);
    if (!Array.isArray(value)) throw this.#unexpected(name, 'a list');
    return value.map((item, index) => each(new Fields(item, `${pathOf(this.#path, name)}[${index}]`, this.#lines)));
  }

  /** What the field holds if it is there, read by the function given. */
  optional<T>(name: string, read: (name: string) => T): T | undefined {
    this.#read.add(name);
    return this.has(name) ? read(name) : undefined;
  }

  end(): void {
    for (const name of this.names) {
      if (this.#read.has(name)) continue;
      const known = [...this.#read].join(', ');
      throw new ScenarioError(`${this.at(name)}: there is no such field; there are ${known}`);
    }
  }

  /** What to throw when the fields do not go together. */
  wrong(what: string): ScenarioError {
    return new ScenarioError(`${this.#where(this.#path)}: ${what}`);
  }

  #take(name: string): unknown {
    this.#read.add(name);
    if (!this.has(name)) throw new ScenarioError(`${this.#where(this.#path)}: "${name}" is missing`);
    return this.#values[name];
  }

  #unexpected(name: string, expected: string): ScenarioError {
    return new ScenarioError(`${this.at(name)}: expected ${expected}, found ${print(this.#values[name])}`);
  }
}

function asNumber(value: unknown, path: string, { min = 0, max = Number.MAX_VALUE, whole = false }: Range): number {
  const fits = typeof value === 'number' && value >= min && value <= max && (!whole || Number.isInteger(value));
  if (fits) return value;
  const bounds = max === Number.MAX_VALUE ? `from ${min}` : `from ${min} to ${max}`;
  throw new ScenarioError(`${path}: expected a ${whole ? 'whole ' : ''}number ${bounds}, found ${print(value)}`);
}
