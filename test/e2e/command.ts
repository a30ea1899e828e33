import { spawn } from 'node:child_process';
import { MAIN } from './cluster.ts';

export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end. */
export function execute(
  program: string,
  typed: readonly string[],
  {
    input = '',
    env = {},
    cwd,
  }: { readonly input?: string; readonly env?: Readonly<Record<string, string>>; readonly cwd?: string } = {},
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, typed, {
      env: { ...process.env, ...env },
      cwd,
      timeout: 30_000,
      killSignal: 'SIGKILL',
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
    child.stdin.on('error', () => {}); // a program need not read what it is given
    child.stdin.end(input);
  });
}

/** Runs a `coterie` command line to its end. */
export function coterie(typed: readonly string[], options: Parameters<typeof execute>[2] = {}): Promise<CommandResult> {
  return execute(process.execPath, [MAIN, ...typed], options);
}
