import { HistoryError } from '../history-error.ts';
import type { Form } from './form.ts';

/**
 * Reads the extensible data notation of Clojure (github.com/edn-format/edn), as plain data: keywords become strings that
 * begin with their colon, symbols and characters strings, lists arrays, sets sets, maps objects if their keys are strings, and tagged values what they
 * tag. Whole numbers beyond what JavaScript holds exactly become bigints.
 *
 * The forms of a file are its top-level ones, or, if it is one vector or list, the items of that.
 */
export function readEdn(text: string): Form[] {
  return new EdnReader(text).readAll();
}

const CLOSERS: Readonly<Record<string, string>> = { '[': ']', '(': ')', '{': '}' };
const DELIMITERS = new Set([' ', '\t', '\n', '\r', ',', '(', ')', '[', ']', '{', '}', '"', ';']);
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f', '"': '"', '\\': '\\' };
const NAMED_CHARACTERS: Readonly<Record<string, string>> = {
  newline: '\n',
  space: ' ',
  tab: '\t',
  return: '\r',
  formfeed: '\f',
  backspace: '\b',
};

class EdnReader {
  readonly #text: string;
  #at = 0;
  #line = 1;
  /** Up to where lines are counted. */
  #counted = 0;

  constructor(text: string) {
    this.#text = text;
  }

  readAll(): Form[] {
    const forms: Form[] = [];
    this.#skip();
    const opener = this.#text[this.#at];
    // One vector of everything: its items are read one by one, so that each has its line.
    const isOne = opener === '[' || opener === '(';
    if (isOne) this.#at += 1;
    const closer = isOne ? CLOSERS[opener] : undefined;
    for (;;) {
      this.#skip();
      if (this.#at >= this.#text.length) {
        if (closer !== undefined) throw this.#error(`the file ends before its '${opener}' is closed`);
        return forms;
      }
      if (this.#text[this.#at] === closer) {
        this.#at += 1;
        this.#skip();
        if (this.#at < this.#text.length)
          throw this.#error(`there is more after the '${closer}' that ends the history`);
        return forms;
      }
      const line = this.#lineHere();
      forms.push({ line, value: this.#read() });
    }
  }

  #read(): unknown {
    const opener = this.#text[this.#at] ?? '';
    switch (opener) {
      case '[':
      case '(':
        this.#at += 1;
        return this.#items(opener);
      case '{':
        this.#at += 1;
        return this.#map();
      case '"':
        return this.#string();
      case '\\':
        return this.#character();
      case '#':
        return this.#dispatch();
      default:
        return this.#atom();
    }
  }

  /** Up to the closer of what was opened. */
  #items(opener: string): unknown[] {
    const line = this.#lineHere();
    const closer = CLOSERS[opener];
    const items: unknown[] = [];
    for (;;) {
      this.#skip();
      const next = this.#text[this.#at];
      if (next === undefined) throw this.#error(`the file ends before the '${opener}' of line ${line} is closed`);
      if (next === closer) {
        this.#at += 1;
        return items;
      }
      items.push(this.#read());
    }
  }

  #map(): unknown {
    const items = this.#items('{');
    if (items.length % 2 === 1) throw this.#error('a map has a key without a value');
    const pairs: [unknown, unknown][] = [];
    for (let index = 0; index < items.length; index += 2) pairs.push([items[index], items[index + 1]]);
    return pairs.every((pair): pair is [string, unknown] => typeof pair[0] === 'string')
      ? Object.fromEntries(pairs)
      : new Map(pairs);
  }

  #string(): string {
    const line = this.#lineHere();
    let value = '';
    for (let at = this.#at + 1; at < this.#text.length; at += 1) {
      const character = this.#text[at] as string;
      if (character === '"') {
        this.#at = at + 1;
        return value;
      }
      if (character !== '\\') {
        value += character;
        continue;
      }
      at += 1;
      const escaped = this.#text[at] ?? '';
      if (escaped === 'u') {
        value += String.fromCharCode(Number.parseInt(this.#text.slice(at + 1, at + 5), 16));
        at += 4;
      } else value += ESCAPES[escaped] ?? escaped;
    }
    throw this.#error(`the file ends before the string of line ${line} does`);
  }

  #character(): string {
    const first = this.#text[this.#at + 1] ?? '';
    this.#at += 2;
    const name = first + this.#token();
    if (/^u[0-9a-fA-F]{4}$/.test(name)) return String.fromCharCode(Number.parseInt(name.slice(1), 16));
    return NAMED_CHARACTERS[name] ?? name;
  }

  /** A set, something to be ignored, or a tag, which is left off. */
  #dispatch(): unknown {
    this.#at += 1;
    const next = this.#text[this.#at];
    if (next === '{') {
      this.#at += 1;
      return new Set(this.#items('{'));
    }
    if (next === '#') {
      this.#at += 1;
      return Number(this.#token().replace('Inf', 'Infinity'));
    }
    const tag = this.#token();
    if (tag === '') throw this.#error(`'#' is followed by '${next ?? 'nothing'}': expected a tag or a set`);
    this.#skip();
    return this.#read();
  }

  #atom(): unknown {
    const token = this.#token();
    if (token === '') throw this.#error(`unexpected '${this.#text[this.#at] ?? 'end of file'}'`);
    if (token === 'nil') return null;
    if (token === 'true') return true;
    if (token === 'false') return false;
    return /^[+-]?\d/.test(token) ? this.#number(token) : token;
  }

  #number(token: string): unknown {
    const whole = /^([+-]?\d+)N?$/.exec(token)?.[1];
    if (whole !== undefined) {
      const value = Number(whole);
      return Number.isSafeInteger(value) ? value : BigInt(whole);
    }
    const value = Number(token.replace(/M$/, ''));
    // A ratio is what it is called.
    return Number.isNaN(value) ? token : value;
  }

  #token(): string {
    const from = this.#at;
    while (this.#at < this.#text.length && !DELIMITERS.has(this.#text[this.#at] as string)) this.#at += 1;
    return this.#text.slice(from, this.#at);
  }

  /** Skips space, comments, and forms that are to be ignored. */
  #skip(): void {
    const text = this.#text;
    for (; this.#at < text.length; this.#at += 1) {
      const character = text[this.#at] as string;
      if (character === ';') {
        const end = text.indexOf('\n', this.#at);
        this.#at = end === -1 ? text.length : end;
      } else if (character === '#' && text[this.#at + 1] === '_') {
        this.#at += 2;
        this.#skip();
        this.#read();
        this.#at -= 1;
      } else if (!/[\s,]/.test(character)) return;
    }
  }

  #lineHere(): number {
    for (let at = this.#text.indexOf('\n', this.#counted); at !== -1 && at < this.#at; ) {
      this.#line += 1;
      this.#counted = at + 1;
      at = this.#text.indexOf('\n', this.#counted);
    }
    return this.#line;
  }

  #error(what: string): HistoryError {
    return new HistoryError('malformed', `line ${this.#lineHere()}: ${what}`);
  }
}
