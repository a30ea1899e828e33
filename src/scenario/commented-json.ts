import { ScenarioError } from './scenario-error.ts';

/** A value from a text, and the line on which each part of it begins, by its path: `faults[2].atMs`. */
export interface Located {
  readonly value: unknown;
  readonly lines: ReadonlyMap<string, number>;
}

/**
 * Reads JSON in which a person may write comments (`//` to the end of the line, or between slash-stars) and trailing
 * commas. Throws `ScenarioError`, which names the line.
 */
export function parseCommentedJson(text: string): Located {
  return new Reader(text).read();
}

const TOKEN = /(?:\s|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*([{}[\],:]|"(?:[^"\\\n]|\\.)*"|[^\s{}[\],:"/]+|$)/y;

class Reader {
  readonly #text: string;
  readonly #lines = new Map<string, number>();
  #at = 0;
  #token = '';
  #tokenAt = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): Located {
    this.#next();
    const value = this.#value('');
    if (this.#token !== '') throw this.#unexpected('nothing more');
    return { value, lines: this.#lines };
  }

  #next(): void {
    TOKEN.lastIndex = this.#at;
    const match = TOKEN.exec(this.#text);
    this.#tokenAt = match === null ? this.#at : TOKEN.lastIndex - (match[1] ?? '').length;
    if (match === null) {
      this.#token = this.#text.slice(this.#at).trimStart().split('\n')[0] ?? '';
      throw this.#unexpected('JSON: is a string or a comment left open?');
    }
    this.#at = TOKEN.lastIndex;
    this.#token = match[1] ?? '';
  }

  #value(path: string): unknown {
    this.#lines.set(path, this.#line());
    switch (this.#token) {
      case '{':
        return this.#object(path);
      case '[':
        return this.#array(path);
      default:
        return this.#scalar('a value');
    }
  }

  #object(path: string): Record<string, unknown> {
    const value: Record<string, unknown> = {};
    this.#next();
    while (this.#token !== '}') {
      if (!this.#token.startsWith('"')) throw this.#unexpected('a field name in double quotes, or }');
      const line = this.#line();
      const name = String(this.#scalar('a field name'));
      if (Object.hasOwn(value, name)) throw new ScenarioError(`line ${line}: "${name}" is written twice: keep one`);
      if (this.#token !== ':') throw this.#unexpected(`a colon after "${name}"`);
      this.#next();
      Object.defineProperty(value, name, {
        value: this.#value(path === '' ? name : `${path}.${name}`),
        enumerable: true,
      });
      this.#separator('}');
    }
    this.#next();
    return value;
  }

  #array(path: string): unknown[] {
    const value: unknown[] = [];
    this.#next();
    while (this.#token !== ']') {
      value.push(this.#value(`${path}[${value.length}]`));
      this.#separator(']');
    }
    this.#next();
    return value;
  }

  #separator(close: string): void {
    if (this.#token === ',') this.#next();
    else if (this.#token !== close) throw this.#unexpected(`a comma, or ${close}`);
  }

  #scalar(expected: string): unknown {
    let value: unknown;
    try {
      value = JSON.parse(this.#token);
    } catch {
      throw this.#unexpected(expected);
    }
    this.#next();
    return value;
  }

  #line(): number {
    return this.#text.slice(0, this.#tokenAt).split('\n').length;
  }

  #unexpected(expected: string): ScenarioError {
    const found = this.#token === '' ? 'the end of the file' : this.#token.slice(0, 40);
    return new ScenarioError(`line ${this.#line()}: expected ${expected}, found ${found}`);
  }
}
