import { readFile } from 'node:fs/promises';
import { parseTrace, type ReplayResult, type Trace, TraceError, type TraceStep } from '../../kernel/index.ts';
import { formatToldStep, grouped, type ToldStep, tellTrace } from '../../scenario/index.ts';
import type { Arguments } from '../arguments.ts';
import { type Command, CommandFailure, EXIT, type ExitCode, UsageError } from '../command.ts';
import { toJsonLine } from '../json.ts';
import type { Terminal } from '../terminal.ts';
import { nodesOf } from '../trials.ts';

export const replay: Command = {
  name: 'replay',
  summary: 'Run a saved trace again, and tell it step by step',
  arguments: ['TRACE'],
  flags: {
    from: { value: 'N', help: 'tell from step N on' },
    to: { value: 'N', help: 'tell up to step N' },
    node: { value: 'NAME', help: 'tell only what happens at one node' },
  },
  notes: `
A trace is what 'sim --trace' saves, and the checker. Every step is run again, and all that it does is compared,
byte for byte, with what it did then. Exit codes: 0 the same, 1 it is not the same any more, 2 wrong use. Example:

  $0 sim examples/lock-service.ts --seed 1 --trace lock.trace && $0 replay lock.trace --to 20
`,
  async run(given, terminal) {
    const trace = await readTrace(given.at(0));
    const number = { min: 1, max: Number.MAX_SAFE_INTEGER };
    const from = given.number('from', number) ?? 1;
    const to = given.number('to', number) ?? Number.MAX_SAFE_INTEGER;
    if (to < from) throw new UsageError(`--to is not before --from: got --from ${from} --to ${to}`);
    const isAsked = (step: TraceStep, at: number): boolean => at >= from && at <= to && isAt(step, given.text('node'));
    const { steps, result } = tellTrace(trace, await nodesOf(trace.header), isAsked);
    return report(given, terminal, trace, steps, result);
  },
};

async function report(
  given: Arguments,
  terminal: Terminal,
  { header, steps: all }: Trace,
  told: readonly ToldStep[],
  result: ReplayResult,
): Promise<ExitCode> {
  const { origin, subject, seed, reason } = header;
  if (given.has('json')) {
    for (const step of told) await terminal.write(toJsonLine(step));
    await terminal.write(toJsonLine({ origin, subject, seed, reason, steps: all.length, result }));
    return exitCode(result);
  }
  const of = seed === undefined ? '' : `, seed ${seed}`;
  await terminal.write(`${subject}${of}: ${grouped(all.length)} steps, from ${ORIGINS[origin]}\n`);
  if (reason !== undefined) await terminal.write(`kept because of ${reason}\n`);
  await terminal.write('\n');
  for (const step of told) await terminal.write(formatToldStep(step));
  await terminal.write(`\n${verdict(result)}\n`);
  return exitCode(result);
}

const ORIGINS = { sim: 'the simulator', check: 'the checker', host: 'a real machine' } as const;

function verdict(result: ReplayResult): string {
  if (result.type === 'same') return `the same: every effect of ${grouped(result.steps)} steps, byte for byte`;
  const { step, expected, found } = result;
  return `not the same from step ${step + 1} on (line ${step + 2} of the file): expected ${expected}, found ${found}`;
}

function exitCode(result: ReplayResult): ExitCode {
  return result.type === 'same' ? EXIT.ok : EXIT.failed;
}

function isAt(step: TraceStep, node: string | undefined): boolean {
  if (node === undefined) return true;
  if ('process' in step) return step.process === node || step.process.startsWith(`${node}/`);
  return 'node' in step && step.node === node;
}

async function readTrace(file: string): Promise<Trace> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new CommandFailure(`cannot read the trace: ${error instanceof Error ? error.message : error}`);
  }
  try {
    return parseTrace(text);
  } catch (error) {
    if (!(error instanceof TraceError)) throw error;
    throw new UsageError(`${file} is no trace: ${error.message}`, { cause: error });
  }
}
