import { compare, op, type Selection, type Txn } from '../client/index.ts';
import { UsageError } from './command.ts';

type Condition = NonNullable<Txn['compares']>[number];
type Operation = NonNullable<Txn['success']>[number];

export const TXN_SCRIPT_HELP = `One condition or operation a line; if every condition holds, the \`then\` lines are executed, or else the \`else\` lines,
as one step:

  if value KEY = TEXT              also: != > <; or instead of \`value TEXT\`, a number of
  if version KEY = NUMBER          \`version\` (0: not there), \`create\` or \`mod\` (revisions)
  then put KEY TEXT                \`then\` or \`else\`
  then get KEY [--prefix|--range END]
  else del KEY [--prefix|--range END]

A word with blanks is written as a JSON string: "two words". Empty lines and lines that begin with # are skipped.`;

/** Reads the lines of a transaction. */
export function parseTxn(script: string): Txn {
  const compares: Condition[] = [];
  const success: Operation[] = [];
  const failure: Operation[] = [];
  for (const [index, text] of script.split('\n').entries()) {
    const line = new Line(index + 1, text.trim());
    if (line.isBlank()) continue;
    const side = line.keyword(['if', 'then', 'else']);
    if (side === 'if') compares.push(condition(line));
    else (side === 'then' ? success : failure).push(operation(line));
    line.end();
  }
  if (compares.length + success.length + failure.length === 0) {
    throw new UsageError("the transaction is empty: write lines like 'then put KEY TEXT'; see coterie txn --help");
  }
  return { compares, success, failure };
}

function condition(line: Line): Condition {
  const target = line.keyword(['value', 'version', 'create', 'mod']);
  const key = line.word('KEY');
  const relation = RELATIONS[line.keyword(['=', '!=', '>', '<'])];
  switch (target) {
    case 'value':
      return compare.value(key)[relation](line.word('TEXT'));
    case 'version':
      return compare.version(key)[relation](line.number());
    case 'create':
      return compare.createRevision(key)[relation](line.number());
    case 'mod':
      return compare.modRevision(key)[relation](line.number());
    default:
      return target satisfies never;
  }
}

const RELATIONS = { '=': 'equals', '!=': 'notEquals', '>': 'greaterThan', '<': 'lessThan' } as const;

function operation(line: Line): Operation {
  const verb = line.keyword(['put', 'get', 'del']);
  switch (verb) {
    case 'put':
      return op.put(line.word('KEY'), line.word('TEXT'));
    case 'get':
      return op.get(selection(line));
    case 'del':
      return op.delete(selection(line));
    default:
      return verb satisfies never;
  }
}

function selection(line: Line): Selection {
  const key = line.word('KEY');
  if (line.isBlank()) return { key };
  return line.keyword(['--prefix', '--range']) === '--prefix' ? { prefix: key } : { from: key, to: line.word('END') };
}

/** What is left to read of one line. */
class Line {
  readonly #number: number;
  #rest: string;

  constructor(number: number, text: string) {
    this.#number = number;
    this.#rest = text;
  }

  isBlank(): boolean {
    return this.#rest === '' || this.#rest.startsWith('#');
  }

  /** A word, bare or written as a JSON string. */
  word(name: string): string {
    const match = /^("(?:[^"\\]|\\.)*"|\S+)\s*/.exec(this.#rest);
    const [matched, word] = match ?? [];
    if (matched === undefined || word === undefined) throw this.#wrong(`${name} is missing`);
    this.#rest = this.#rest.slice(matched.length);
    return word.startsWith('"') ? this.#unquote(word) : word;
  }

  keyword<const Word extends string>(choices: readonly Word[]): Word {
    const given = this.word(choices.join(' or '));
    const choice = choices.find((candidate) => candidate === given);
    if (choice === undefined) throw this.#wrong(`expected ${choices.join(' or ')}, found '${given}'`);
    return choice;
  }

  number(): number {
    const given = this.word('NUMBER');
    if (!/^\d+$/.test(given)) throw this.#wrong(`expected a whole number, found '${given}'`);
    return Number(given);
  }

  end(): void {
    if (!this.isBlank()) throw this.#wrong(`'${this.#rest}' is too much`);
  }

  #unquote(word: string): string {
    try {
      return String(JSON.parse(word));
    } catch {
      throw this.#wrong(`${word} is no JSON string`);
    }
  }

  #wrong(what: string): UsageError {
    return new UsageError(`line ${this.#number} of the transaction: ${what}; see coterie txn --help`);
  }
}
