import { buffer } from 'node:stream/consumers';
import { utf8Text } from './utf8-text.ts';

/** What a command sees of the world around it; tests give it another one. */
export interface Terminal {
  readonly env: { readonly COTERIE_ENDPOINTS?: string | undefined };
  /** To stdout, as it is. */
  write(chunk: string | Uint8Array): Promise<void>;
  /** A line to stderr. */
  warn(line: string): void;
  /** How far a command is: a line on the terminal that the next one replaces, and null removes. Nothing elsewhere. */
  progress(line: string | null): void;
  /** All of stdin, which is text. */
  input(): Promise<string>;
  /** Resolves when the command is asked to end: by a signal, or by the end of the process that forked it. */
  interrupted(): Promise<void>;
  /** To the process that forked this one, if one did. */
  notifyParent(event: { readonly event: string; readonly name: string }): void;
}

export const processTerminal: Terminal = {
  env: process.env,
  write: (chunk) => new Promise((resolve) => process.stdout.write(chunk, () => resolve())),
  warn: (line) => void process.stderr.write(`${line}\n`),
  progress: (line) => {
    const { isTTY, columns } = process.stderr;
    // A terminal that does not know its size says 0.
    if (isTTY) process.stderr.write(`\r\x1b[K${line?.slice(0, (columns || 80) - 1) ?? ''}`);
  },
  input: async () => {
    if (process.stdin.isTTY) process.stderr.write('reading from the terminal; Ctrl-D ends the input\n');
    return utf8Text(await buffer(process.stdin), 'stdin');
  },
  interrupted: () =>
    new Promise((resolve) => {
      // Not once: Ctrl-C reaches a program below npm twice, from the terminal and from npm, and is still one wish to end.
      process.on('SIGINT', () => resolve());
      process.on('SIGTERM', () => resolve());
      process.once('disconnect', () => resolve());
    }),
  notifyParent: (event) => void process.send?.(event),
};
