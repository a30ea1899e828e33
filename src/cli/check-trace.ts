import { readFile, writeFile } from 'node:fs/promises';
import {
  type Action,
  type ProcessModel,
  type Result,
  type Run,
  runOfTrace,
  traceOfRun,
  type Violation,
  type WorldState,
} from '../check/index.ts';
import { formatTrace, parseTrace } from '../kernel/index.ts';
import type { Arguments } from './arguments.ts';
import { refused } from './checkable.ts';
import { CommandFailure, UsageError } from './command.ts';
import { programName } from './program-name.ts';
import type { Terminal } from './terminal.ts';

/** The run that the search is to go on from; null for the start. */
export async function startOf<H>(given: Arguments, model: ProcessModel<H>): Promise<Run<WorldState, Action> | null> {
  const file = given.text('from');
  const step = given.number('step', { min: 0, max: Number.MAX_SAFE_INTEGER });
  if (file === undefined) {
    if (step === undefined) return null;
    throw new UsageError('--step goes with --from TRACE');
  }
  const text = await readFile(file, 'utf8').catch((error) => {
    throw new UsageError(`cannot read the trace: ${error.message}`, { cause: error });
  });
  const trace = refused(() => parseTrace(text));
  const { origin } = trace.header;
  if (origin !== 'check') {
    const whose = origin === 'sim' ? 'the simulator' : 'a real machine';
    throw new UsageError(
      `--from takes a trace that 'check --trace' saved: ${file} is one of ${whose}, whose times and faults the model has not`,
    );
  }
  const steps = trace.steps.at(-1)?.at ?? 0;
  if (step !== undefined && step > steps) {
    throw new UsageError(`--step is at most ${steps}, as many as ${file} has: got ${step}`);
  }
  const upTo = trace.steps.filter(({ at }) => at <= (step ?? steps));
  return refused(() => runOfTrace(model, { ...trace, steps: upTo }));
}

/** Writes down the run to the first violation that there is a run to. */
export async function saveTrace<H>(
  given: Arguments,
  terminal: Terminal,
  model: ProcessModel<H>,
  { violations }: Result<WorldState, Action>,
): Promise<void> {
  const out = given.text('trace') ?? '';
  const found = firstTraceable(violations);
  if (found === null) {
    terminal.warn(`${out} was not written: there is no run to save`);
    return;
  }
  const { run, reason, attempted } = found;
  const trace = traceOfRun(model, run, { subject: given.at(0), reason }, attempted);
  await writeFile(out, formatTrace(trace)).catch((error) => {
    throw new CommandFailure(`cannot save the trace: ${error.message}`, { cause: error });
  });
  if (!given.has('json')) await terminal.write(`\nsaved: ${programName()} replay ${out} runs it again\n`);
}

interface Traceable {
  readonly run: Run<WorldState, Action>;
  readonly reason: string;
  readonly attempted: Action | null;
}

/** The first violation of which there is a run. */
export function firstTraceable(violations: readonly Violation<WorldState, Action>[]): Traceable | null {
  return violations.map(traceable).find((run) => run !== null) ?? null;
}

function traceable(violation: Violation<WorldState, Action>): Traceable | null {
  switch (violation.type) {
    case 'invariant':
    case 'step':
      return { run: violation.run, reason: `'${violation.property}': ${violation.reason}`, attempted: null };
    case 'error':
      return violation;
    case 'eventually': {
      const { property, run, cycle } = violation;
      const reason = `'${property}' need never come: the last ${cycle.length} steps can repeat for ever`;
      return { run: { start: run.start, steps: [...run.steps, ...cycle] }, reason, attempted: null };
    }
    case 'goal':
      return null;
    default:
      return violation satisfies never;
  }
}
