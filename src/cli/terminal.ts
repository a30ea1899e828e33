import { text } from 'node:stream/consumers';

/** What a command sees of the world around it; tests give it another one. */
export interface Terminal {
  readonly env: { readonly COTERIE_ENDPOINTS?: string | undefined };
  /** To stdout, as it is. */
  write(chunk: string | Uint8Array): Promise<void>;
  /** A line to stderr. */
  warn(line: string): void;
  /** All of stdin. */
  input(): Promise<string>;
  /** Resolves with its name when a signal asks the command to end. */
  interrupted(): Promise<NodeJS.Signals>;
}

export const processTerminal: Terminal = {
  env: process.env,
  write: (chunk) => new Promise((resolve) => process.stdout.write(chunk, () => resolve())),
  warn: (line) => void process.stderr.write(`${line}\n`),
  input: () => text(process.stdin),
  interrupted: () =>
    new Promise((resolve) => {
      process.once('SIGINT', resolve);
      process.once('SIGTERM', resolve);
    }),
};
