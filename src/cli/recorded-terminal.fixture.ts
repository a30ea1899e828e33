import { run } from './run.ts';
import type { Terminal } from './terminal.ts';

/** What a command line printed, and ended with. */
export interface Printed {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command line in this process, on a terminal that keeps what is printed. */
export async function runRecorded(typed: readonly string[], changes: Partial<Terminal> = {}): Promise<Printed> {
  const stdout: Buffer[] = [];
  let stderr = '';
  const terminal: Terminal = {
    env: {},
    write: async (chunk) => void stdout.push(Buffer.from(chunk)),
    warn: (line) => {
      stderr += `${line}\n`;
    },
    progress: () => {},
    input: async () => '',
    interrupted: () => new Promise(() => {}),
    notifyParent: () => {},
    ...changes,
  };
  const code = await run(typed, terminal);
  return { code, stdout: Buffer.concat(stdout).toString(), stderr };
}
