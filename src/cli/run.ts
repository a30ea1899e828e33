import { readFile } from 'node:fs/promises';
import { type ErrorCode, RefusedError } from '../client/index.ts';
import { parse } from './arguments.ts';
import { type Command, EXIT, type ExitCode, UsageError } from './command.ts';
import { COMMANDS } from './commands/index.ts';
import { commandHelp, groupHelp, overview } from './help.ts';
import { nearest } from './nearest.ts';
import type { Terminal } from './terminal.ts';

/** Runs a command line, and tells every failure in one line that says what to do. */
export async function run(typed: readonly string[], terminal: Terminal): Promise<ExitCode> {
  try {
    return await dispatch(typed, terminal);
  } catch (error) {
    const message = oneLine(error);
    if (asksForJson(typed)) terminal.warn(JSON.stringify({ code: codeOf(error), message }));
    else terminal.warn(`coterie: ${message}`);
    return exitCodeOf(error);
  }
}

function asksForJson(typed: readonly string[]): boolean {
  const end = typed.indexOf('--');
  return (end === -1 ? typed : typed.slice(0, end)).includes('--json');
}

/** What a program tells errors apart by: an `ErrorCode`, the code of a command's own error, or one of the system's. */
function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'failed';
}

async function dispatch(typed: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const [first] = typed;
  checkText(typed);
  if (first === '--version') {
    await terminal.write(`coterie ${await packageVersion()}\n`);
    return EXIT.ok;
  }
  if (first === '--help' || first === '-h' || first === 'help') {
    const about = typed.slice(1).filter((word) => !word.startsWith('-'));
    await terminal.write(first === 'help' && about.length > 0 ? helpAbout(about) : overview(COMMANDS));
    return EXIT.ok;
  }
  if (first === undefined) throw new UsageError("no command: try 'coterie up' or 'coterie --help'");
  if (groupOf(first).length > 0 && (typed[1] ?? '-').startsWith('-')) return runGroup(first, typed, terminal);
  const command = find(typed);
  const given = parse(command, typed.slice(command.name.split(' ').length));
  if (given.has('help')) {
    await terminal.write(commandHelp(command));
    return EXIT.ok;
  }
  return command.run(given, terminal);
}

function helpAbout(about: readonly string[]): string {
  const [first = ''] = about;
  const group = groupOf(first);
  return about.length === 1 && group.length > 0 ? groupHelp(first, group) : commandHelp(find(about));
}

/** A group's name alone: the help that was asked for, or is needed. */
async function runGroup(name: string, typed: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const help = groupHelp(name, groupOf(name));
  if (typed.includes('--help') || typed.includes('-h')) {
    await terminal.write(help);
    return EXIT.ok;
  }
  const message = `${name} needs a command: see 'coterie ${name} --help'`;
  if (asksForJson(typed)) throw new UsageError(message);
  terminal.warn(`coterie: ${name} needs a command\n\n${help.trimEnd()}`);
  return EXIT.wrongUse;
}

/** Node puts U+FFFD in place of each byte that is not UTF-8: what would be stored is not what was typed. */
function checkText(typed: readonly string[]): void {
  const wrong = typed.find((word) => word.includes('\ufffd'));
  if (wrong === undefined) return;
  throw new UsageError(`'${wrong}' is not UTF-8: give keys and values of other bytes in hexadecimal, with --hex`);
}

function find(typed: readonly string[]): Command {
  for (const command of COMMANDS) {
    const words = command.name.split(' ');
    if (words.every((word, index) => typed[index] === word)) return command;
  }
  const [first = '', second = ''] = typed;
  if (first.startsWith('-')) throw new UsageError(`flags come after a command: got '${first}'; see 'coterie --help'`);
  const names = groupOf(first).map(({ name }) => name.slice(first.length + 1));
  if (names.length > 0) throw unknownCommand(first, second, names);
  throw unknownCommand(
    '',
    first,
    COMMANDS.flatMap(({ name }) => [name, name.replace(/ .*/, '')]),
  );
}

/** @param group  the word before, of a command of two words */
function unknownCommand(group: string, typed: string, names: readonly string[]): UsageError {
  const full = (name: string): string => `${group} ${name}`.trim();
  const close = nearest(typed, names);
  const hint = close === null ? `see 'coterie ${full('--help')}'` : `did you mean '${full(close)}'?`;
  return new UsageError(`unknown command '${full(typed)}': ${hint}`);
}

/** The commands of two words that begin with this one. */
function groupOf(word: string): readonly Command[] {
  return COMMANDS.filter(({ name }) => name.startsWith(`${word} `));
}

function oneLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const hint = error instanceof RefusedError ? HINTS[error.code] : undefined;
  return (hint === undefined ? message : `${message}: ${hint}`).replaceAll(/\s*\n\s*/g, ' ');
}

/** What to do about refusals whose texts, which are etcd's, do not say. */
const HINTS: { readonly [Code in ErrorCode]?: string } = {
  compacted: 'ask for a later revision, or for none',
  futureRevision: "'coterie status' tells the current one",
  duplicateKey: 'put each key once',
  tooManyOperations: 'split the transaction',
  requestTooLarge: 'split it, or store less in a key',
  responseTooLarge: 'read with get, which has no such limit',
};

function exitCodeOf(error: unknown): ExitCode {
  switch (codeOf(error)) {
    case 'wrongUse':
    case 'invalidArgument':
      return EXIT.wrongUse;
    case 'unknownOutcome':
    case 'deadline':
      return EXIT.unknownOutcome;
    case 'overloaded':
      return EXIT.overloaded;
    case 'serverError':
      return EXIT.serverError;
    case 'rejected':
      return EXIT.refused;
    case 'unreachable':
      return EXIT.unreachable;
    default:
      return EXIT.failed;
  }
}

async function packageVersion(): Promise<string> {
  const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8');
  return String((JSON.parse(text) as { version?: unknown }).version);
}
