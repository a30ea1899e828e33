import type { Arguments } from './arguments.ts';
import type { Terminal } from './terminal.ts';

/** What a command can end with; `coterie --help` documents them. The lab's commands say less: violated, and cut short. */
export const EXIT = {
  ok: 0,
  failed: 1,
  violated: 1,
  wrongUse: 2,
  unknownOutcome: 3,
  cutShort: 3,
  noSuchKey: 4,
  overloaded: 5,
  serverError: 6,
  refused: 7,
  unreachable: 8,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export interface Flag {
  /** What the flag's value is called in the help; a flag without one is a switch. */
  readonly value?: string;
  readonly help: string;
}

export interface Command {
  /** As it is typed: `put`, `member list`. */
  readonly name: string;
  readonly summary: string;
  /** The names of the arguments, all required. */
  readonly arguments: readonly string[];
  readonly flags: Readonly<Record<string, Flag>>;
  /** Shown by `--help`, below the flags: an example that works when pasted, what else there is to know. `$0` stands for the program. */
  readonly notes: string;
  run(given: Arguments, terminal: Terminal): Promise<ExitCode>;
}

/** Wrong use of the command line: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly code = 'wrongUse';
}

/** A failure that is fully told by its one-line message: exit code 1. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
  readonly code = 'failed';
}
