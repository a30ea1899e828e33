import { pathOf, QuestionError, show } from './fields.ts';

/** A mark, a text, a number or a word; or the end. */
const TOKEN = /[ \t\n\r]*([{}[\],:]|"(?:[^"\\\n]|\\.)*"|[^\s{}[\],:"]+|$|"[^\n]*)/y;

/** Deeper than any question. */
const DEPTH_MAX = 20;

/**
 * The value of a JSON text. Throws `QuestionError`, which names the line of what is no JSON, and the path of a field that
 * is written twice or of a number that JavaScript does not hold exactly: both would change without a word.
 */
export function parseJson(text: string): unknown {
  return new JsonReader(text).read();
}

class JsonReader {
  readonly #text: string;
  #at = 0;
  #depth = 0;
  #token = '';
  #tokenAt = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): unknown {
    this.#next();
    const value = this.#value('');
    if (this.#token !== '') throw this.#unexpected('nothing more');
    return value;
  }

  #next(): void {
    TOKEN.lastIndex = this.#at;
    this.#token = TOKEN.exec(this.#text)?.[1] ?? '';
    this.#at = TOKEN.lastIndex;
    this.#tokenAt = this.#at - this.#token.length;
  }

  #value(path: string): unknown {
    if (this.#token === '{') return this.#within(() => this.#object(path));
    if (this.#token === '[') return this.#within(() => this.#list(path));
    const written = this.#token;
    const value = this.#scalar('a value');
    if (typeof value === 'number' && !isExact(value)) {
      throw new QuestionError(
        path,
        `is a number that is too large: got ${written}; write it in quotes if it is a value`,
      );
    }
    return value;
  }

  #within<T>(read: () => T): T {
    this.#depth += 1;
    if (this.#depth > DEPTH_MAX) throw this.#unexpected(`at most ${DEPTH_MAX} objects and lists in one another`);
    const value = read();
    this.#depth -= 1;
    return value;
  }

  #object(path: string): ReadonlyMap<string, unknown> {
    const fields = new Map<string, unknown>();
    this.#next();
    while (this.#token !== '}') {
      if (!this.#token.startsWith('"')) throw this.#unexpected('a field in double quotes, or }');
      const name = String(this.#scalar('a field'));
      const at = pathOf(path, name);
      if (fields.has(name)) throw new QuestionError(at, 'is written twice: keep one of them');
      if (this.#token !== ':') throw this.#unexpected(`a colon after ${show(name)}`);
      this.#next();
      fields.set(name, this.#value(at));
      this.#separator('}', 'a field in double quotes');
    }
    this.#next();
    return fields;
  }

  #list(path: string): unknown[] {
    const items: unknown[] = [];
    this.#next();
    while (this.#token !== ']') {
      items.push(this.#value(`${path}[${items.length}]`));
      this.#separator(']', 'a value');
    }
    this.#next();
    return items;
  }

  #separator(close: string, item: string): void {
    if (this.#token === close) return;
    if (this.#token !== ',') throw this.#unexpected(`a comma, or ${close}`);
    this.#next();
    if (this.#token === close) throw this.#unexpected(`${item} after the comma`);
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

  #unexpected(expected: string): QuestionError {
    const lines = this.#text.slice(0, this.#tokenAt).split('\n');
    const found = this.#token === '' ? 'the end of the file' : this.#token.slice(0, 40);
    const where = `line ${lines.length}, column ${(lines.at(-1) ?? '').length + 1}`;
    return new QuestionError('', `is no JSON: ${where}: expected ${expected}, found ${found}`);
  }
}

function isExact(number: number): boolean {
  return Number.isFinite(number) && (!Number.isInteger(number) || Number.isSafeInteger(number));
}
