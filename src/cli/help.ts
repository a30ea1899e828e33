import { COMMON_FLAGS } from './arguments.ts';
import type { Command, Flag } from './command.ts';
import { programName } from './program-name.ts';

export function commandHelp(command: Command): string {
  const usage = [`coterie ${command.name}`, ...command.arguments, '[flags]'].join(' ');
  const flags: Readonly<Record<string, Flag>> = { ...command.flags, ...COMMON_FLAGS };
  return `${command.summary}\n\nUsage: ${usage}\n\n${flagTable(flags)}${command.notes.replaceAll('$0', programName())}`;
}

/** Of commands whose names begin with the same word. */
export function groupHelp(group: string, commands: readonly Command[]): string {
  return `Usage: coterie ${group} COMMAND [flags]

${commandTable(commands)}
'coterie ${group} COMMAND --help' tells a command's flags, with an example.
`;
}

export function overview(commands: readonly Command[]): string {
  return `Coterie: a strongly consistent, replicated key-value store that speaks etcd v3

Usage: coterie COMMAND [flags]

${commandTable(commands)}
'coterie COMMAND --help' tells a command's flags, with an example. 'coterie --version' prints the version.

The commands that talk to a store find it at --endpoints host:port,…, or else at $COTERIE_ENDPOINTS, or else where 'up'
and 'serve' put it: at 127.0.0.1:2379, or 12379 or 22379 if nothing answers there. Before an argument that begins with
'-', write --. With --json an error is a line of JSON too, on stderr: its code, and its message.

Exit codes: 0 done, 1 failed, 2 wrong use of the command line, 3 a write was sent and never answered: it may have
been executed. Of 'coterie call' also: 4 no such key, 5 the server is overloaded, 6 it failed, 7 it refuses the call,
8 no server answers.
`;
}

function commandTable(commands: readonly Command[]): string {
  return table(commands.map(({ name, arguments: taken, summary }) => [[name, ...taken].join(' '), summary]));
}

function flagTable(flags: Readonly<Record<string, Flag>>): string {
  return table(
    Object.entries(flags).map(([name, { value, help }]) => [
      `--${name}${value === undefined ? '' : ` ${value}`}`,
      help,
    ]),
  );
}

function table(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}\n`).join('');
}
