import { parseArgs } from 'node:util';
import { listed } from '../ask/words.ts';
import { type Command, type Flag, UsageError } from './command.ts';
import { nearest } from './nearest.ts';

/** Flags that every command takes. */
export const COMMON_FLAGS: Readonly<Record<string, Flag>> = {
  json: { help: 'print JSON' },
  help: { help: 'print this' },
};

const UNITS = new Map([
  ['KiB', 2 ** 10],
  ['MiB', 2 ** 20],
  ['GiB', 2 ** 30],
]);

/** What was typed after a command's name, checked against what the command takes. */
export class Arguments {
  readonly #positionals: readonly string[];
  readonly #flags: ReadonlyMap<string, string>;

  constructor(positionals: readonly string[], flags: ReadonlyMap<string, string>) {
    this.#positionals = positionals;
    this.#flags = flags;
  }

  /** The argument at an index that the command requires. */
  at(index: number): string {
    const value = this.#positionals[index];
    if (value === undefined) throw new Error(`the command declares no argument ${index}`);
    return value;
  }

  has(flag: string): boolean {
    return this.#flags.has(flag);
  }

  text(flag: string): string | undefined {
    return this.#flags.get(flag);
  }

  /** A whole number within bounds. */
  number(flag: string, { min, max }: { readonly min: number; readonly max: number }): number | undefined {
    const given = this.#flags.get(flag);
    return given === undefined ? undefined : wholeNumber(given, `--${flag}`, { min, max });
  }

  /** A number of bytes: `65536`, `64KiB`. */
  bytes(flag: string, { min }: { readonly min: number }): number | undefined {
    const given = this.#flags.get(flag);
    if (given === undefined) return undefined;
    const [, digits, unit = ''] = /^(\d+)(KiB|MiB|GiB)?$/.exec(given) ?? [];
    const value = Number(digits) * (UNITS.get(unit) ?? 1);
    if (value >= min && Number.isSafeInteger(value)) return value;
    throw new UsageError(`--${flag} is a number of bytes of at least ${min}, as in 65536 or 64MiB: got '${given}'`);
  }

  oneOf<const Choice extends string>(flag: string, choices: readonly Choice[]): Choice | undefined {
    const given = this.#flags.get(flag);
    if (given === undefined) return undefined;
    const choice = choices.find((candidate) => candidate === given);
    if (choice === undefined) throw new UsageError(`--${flag} is ${choices.join(' or ')}: got '${given}'`);
    return choice;
  }
}

export function wholeNumber(given: string, what: string, { min, max }: { min: number; max: number }): number {
  const value = Number(given);
  if (/^\d+$/.test(given) && value >= min && value <= max) return value;
  const bounds = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
  throw new UsageError(`${what} is a whole number ${bounds}: got '${given}'`);
}

/** Reads what was typed after a command's name. `--help` excuses everything else. */
export function parse(command: Command, typed: readonly string[]): Arguments {
  const known: Readonly<Record<string, Flag>> = { ...command.flags, ...COMMON_FLAGS };
  const { tokens } = parseArgs({
    args: [...typed],
    options: Object.fromEntries(
      Object.entries(known).map(([name, { value }]) => [
        name,
        { type: value === undefined ? 'boolean' : 'string', ...(name === 'help' ? { short: 'h' } : {}) },
      ]),
    ),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const flags = new Map<string, string>();
  const positionals: string[] = [];
  let wrong: UsageError | null = null;
  let negative = -1;
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind !== 'option') continue;
    const word = typed[token.index] ?? '';
    if (/^-\d/.test(word)) {
      // No flag is a digit, so it is a negative number; each of its digits comes as a token.
      if (token.index !== negative) positionals.push(word);
      negative = token.index;
      continue;
    }
    wrong ??= checkFlag(token, known, flags.has(token.name));
    flags.set(token.name, token.value ?? '');
  }
  const parsed = new Arguments(positionals, flags);
  if (parsed.has('help')) return parsed;
  wrong ??= checkCount(command, positionals, flagBehindEnd(typed, known));
  if (wrong !== null) throw wrong;
  return parsed;
}

interface FlagToken {
  readonly name: string;
  readonly rawName: string;
  readonly value?: string | undefined;
  readonly inlineValue?: boolean | undefined;
}

function checkFlag(token: FlagToken, known: Readonly<Record<string, Flag>>, repeated: boolean): UsageError | null {
  const { name, rawName, value } = token;
  const flag = Object.hasOwn(known, name) ? known[name] : undefined;
  if (flag === undefined) {
    if (!rawName.startsWith('--')) {
      return new UsageError(`unknown flag '${rawName}': before an argument that begins with '-', write --`);
    }
    const close = nearest(name, Object.keys(known));
    return new UsageError(`unknown flag '${rawName}'${close === null ? '' : `: did you mean --${close}?`}`);
  }
  if (repeated) return new UsageError(`--${name} is given twice: give it once`);
  if (flag.value === undefined) {
    return value === undefined ? null : new UsageError(`--${name} takes no value: got '${value}'`);
  }
  if (value === undefined || (token.inlineValue === false && /^-(?!\d)/.test(value))) {
    return new UsageError(`--${name} needs a value: --${name} ${flag.value}`);
  }
  return null;
}

function checkCount(
  command: Command,
  positionals: readonly string[],
  behindEnd: string | undefined,
): UsageError | null {
  const { name, arguments: wanted } = command;
  if (positionals.length === wanted.length) return null;
  const takes = `${name} takes ${wanted.length === 0 ? 'no arguments' : listed(wanted, 'and')}`;
  const missing = wanted.slice(positionals.length);
  if (missing.length > 0) {
    return new UsageError(`${takes}: ${listed(missing, 'and')} ${missing.length === 1 ? 'is' : 'are'} missing`);
  }
  const extra = positionals.slice(wanted.length).map((word) => `'${word}'`);
  const tooMany = `${listed(extra, 'and')} ${extra.length === 1 ? 'is one' : 'are'} too many`;
  return new UsageError(`${takes}: ${tooMany}${hintOf(wanted, behindEnd)}`);
}

function hintOf(wanted: readonly string[], behindEnd: string | undefined): string {
  if (behindEnd !== undefined) return `; what follows -- is no flag, so write ${behindEnd} before it`;
  return wanted.length === 0 ? '' : '; put what has spaces in quotes';
}

/** What looks like a flag and was taken for an argument, as it stands behind `--`. */
function flagBehindEnd(typed: readonly string[], known: Readonly<Record<string, Flag>>): string | undefined {
  const end = typed.indexOf('--');
  const behind = end === -1 ? [] : typed.slice(end + 1);
  return behind.map((word) => word.replace(/=.*/s, '')).find((word) => isNameOf(known, word));
}

function isNameOf(known: Readonly<Record<string, Flag>>, word: string): boolean {
  return word.startsWith('--') && Object.hasOwn(known, word.slice(2));
}
