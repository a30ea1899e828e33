import { isObject, pathOf } from '../../located-json/read-json.ts';

/** Of titles, keys and values: they are to be read. */
export const TEXT_MAX = 200;

/** A question that the machine does not understand: which field, what is wrong with it, what to write. */
export class QuestionError extends Error {
  override readonly name = 'QuestionError';
  readonly code = 'wrongUse';
  /** Where in the question, as in `program[1].reported`; empty for the whole. */
  readonly field: string;

  constructor(field: string, message: string) {
    super(field === '' ? `the question ${message}` : `the question's ${field} ${message}`);
    this.field = field;
  }
}

/** The fields of one object of a question; each is read once, and what is left over is an error. */
export class Fields {
  readonly path: string;
  readonly #given: Readonly<Record<string, unknown>>;
  readonly #read = new Set<string>();

  constructor(value: unknown, path: string) {
    if (!isObject(value)) throw new QuestionError(path, `is an object, as in { … }: got ${show(value)}`);
    this.path = path;
    this.#given = value;
  }

  at(name: string): string {
    return pathOf(this.path, name);
  }

  get names(): string[] {
    return Object.keys(this.#given);
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#given, name);
  }

  get(name: string): unknown {
    this.#read.add(name);
    return this.has(name) ? this.#given[name] : undefined;
  }

  /** The fields of an object in this one; without it, of an empty one. */
  object(name: string): Fields {
    const value = this.get(name);
    return new Fields(value === undefined ? {} : value, this.at(name));
  }

  list(name: string): readonly unknown[] {
    const value = this.get(name);
    if (!Array.isArray(value) || value.length === 0) {
      throw new QuestionError(this.at(name), `is a list with at least one item: got ${show(value)}`);
    }
    return value;
  }

  text(name: string): string | undefined {
    const value = this.get(name);
    if (value === undefined) return undefined;
    if (typeof value === 'string' && value !== '' && isLine(value)) return value;
    throw new QuestionError(
      this.at(name),
      `is one line of text, not empty and of at most ${TEXT_MAX} characters: got ${show(value)}`,
    );
  }

  flag(name: string): boolean | undefined {
    const value = this.get(name);
    if (value === undefined || typeof value === 'boolean') return value;
    throw new QuestionError(this.at(name), `is true or false: got ${show(value)}`);
  }

  number(name: string, { min, max }: { readonly min: number; readonly max: number }): number | undefined {
    const value = this.get(name);
    if (value === undefined) return undefined;
    if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value;
    throw new QuestionError(this.at(name), `is a whole number from ${min} to ${max}: got ${show(value)}`);
  }

  oneOf<const Choice extends string>(name: string, choices: readonly Choice[]): Choice | undefined {
    const value = this.get(name);
    return value === undefined ? undefined : choiceOf(value, choices, this.at(name));
  }

  /** Called when all that there may be was read. */
  end(): void {
    for (const name of this.names) {
      if (this.#read.has(name)) continue;
      const known = [...this.#read].sort().join(', ');
      throw new QuestionError(this.at(name), `is not known: remove it; there may be ${known}`);
    }
  }
}

/** Whether a text can be printed as it is: no controls, and short. */
export function isLine(text: string): boolean {
  return text.length <= TEXT_MAX && !/\p{Cc}/u.test(text);
}

export function choiceOf<const Choice extends string>(value: unknown, choices: readonly Choice[], at: string): Choice {
  const choice = choices.find((candidate) => candidate === value);
  if (choice === undefined) throw new QuestionError(at, `is ${listed(choices)}: got ${show(value)}`);
  return choice;
}

function listed(choices: readonly string[]): string {
  const quoted = choices.map((choice) => `"${choice}"`);
  return quoted.length < 2 ? quoted.join('') : `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`;
}

export function show(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length <= 60 ? text : `${text.slice(0, 57)}...`;
}
