import { readFile, writeFile } from 'node:fs/promises';
import {
  type Action,
  exploration,
  type Model,
  type Options,
  type ProcessModel,
  type ProcessModelOptions,
  type Progress,
  processModel,
  type Result,
  type Run,
  runOfTrace,
  traceOfRun,
  unrepeatableStep,
  type Violation,
  type WorldState,
} from '../../check/index.ts';
import { formatTrace, nodeOf, parseTrace } from '../../kernel/index.ts';
import type { Arguments } from '../arguments.ts';
import { Breath } from '../breath.ts';
import { grouped, tellSearched, toReport } from '../check-report.ts';
import { type CheckableProcesses, loadCheckable } from '../checkable.ts';
import { type Command, CommandFailure, EXIT, type ExitCode, UsageError } from '../command.ts';
import { toJsonLine } from '../json.ts';
import { programName } from '../program-name.ts';
import { faultsOf, searchOptions } from '../search-options.ts';
import type { Terminal } from '../terminal.ts';

export const check: Command = {
  name: 'check',
  summary: 'Search all that a protocol can do for what must not be',
  arguments: ['FILE'],
  flags: {
    search: { value: 'bfs|dfs|best-first|walk', help: 'how: breadth first finds the shortest run (default bfs)' },
    depth: { value: 'N', help: 'go no deeper than N steps' },
    states: { value: 'N', help: 'stop after N distinct states (default 5000000)' },
    seconds: { value: 'N', help: 'stop after N seconds' },
    walks: { value: 'N', help: 'with --search walk: how many random runs (default 10000)' },
    seed: { value: 'N', help: 'with --search walk: what they are drawn from (default 1)' },
    faults: { value: 'crashes=N,drops=N,…', help: 'at most so many in one run; also duplicates, partitions, timers' },
    all: { help: 'go on after the first violation, and tell one of each property' },
    'no-symmetry': { help: 'tell apart nodes that FILE calls interchangeable' },
    'no-reduction': { help: 'take steps in every order, also if no property can tell' },
    trace: { value: 'OUT', help: 'save the run to the violation' },
    from: { value: 'TRACE', help: 'search on from where a saved run ends' },
    step: { value: 'N', help: 'with --from: from where it was after N steps' },
  },
  notes: `
FILE is a module (.ts, .js) that exports the nodes of a protocol and what must hold of it, or else a model;
docs/checker.md tells how to write both. Whatever orders of deliveries and timers there are, and as many faults as
allowed, are tried; a run that breaks something is told step by step. Exit codes: 0 all was searched, and all holds;
1 violated; 2 wrong use; 3 the search was cut short and found nothing, which proves nothing. Example:

  $0 check examples/lock/naive.ts --trace lock.trace
`,
  async run(given, terminal) {
    const file = given.at(0);
    const checkable = await loadCheckable(file);
    if (checkable.type === 'processes') return checkProcesses(given, terminal, checkable);
    for (const flag of ['faults', 'no-symmetry', 'no-reduction', 'trace', 'from', 'step']) {
      if (given.has(flag)) throw new UsageError(`--${flag} is for nodes that run processes: ${file} exports a model`);
    }
    const { verdict } = await search(given, terminal, checkable.model, searchOptions(given, checkable.score));
    return EXIT_CODES[verdict];
  },
};

const EXIT_CODES = { holds: EXIT.ok, violated: EXIT.violated, cut: EXIT.cutShort } as const;

async function checkProcesses(given: Arguments, terminal: Terminal, module: CheckableProcesses): Promise<ExitCode> {
  const { options, score } = module;
  const system = withFlags(options, given);
  const model = refused(() => processModel(system));
  const from = await startOf(given, model);
  const result = await search(given, terminal, model, {
    ...searchOptions(given, score && ((state: WorldState) => score(model.world(state)))),
    ...(from && { from }),
  });
  warnOf(terminal, system, model, result);
  if (given.has('trace')) await saveTrace(given, terminal, model, result);
  return EXIT_CODES[result.verdict];
}

/** What is likely a mistake in the module, and what could make a search that is cut complete. */
function warnOf<H>(
  terminal: Terminal,
  { budgets, inputs = [] }: ProcessModelOptions<H>,
  model: ProcessModel<H>,
  { cuts, violations }: Result<WorldState, Action>,
): void {
  const outside = new Set(['outside', ...inputs.map(({ from }) => from && nodeOf(from))]);
  for (const node of model.library.strangers) {
    if (!outside.has(node)) terminal.warn(`messages are sent to '${node}', and there is no such node`);
  }
  if (budgets?.timers === undefined && cuts.some(({ by }) => by === 'states')) {
    terminal.warn('timers fire as often as they like: --faults timers=N bounds how often in one run');
  }
  const found = violations.map(traceable).find((run) => run !== null);
  const step = found === undefined ? null : unrepeatableStep(model, found.run);
  if (step !== null)
    terminal.warn(`'${step}' goes another way when taken again: is there chance, or a clock, in a process?`);
}

function withFlags(options: ProcessModelOptions<unknown>, given: Arguments): ProcessModelOptions<unknown> {
  const { symmetric, ...rest } = options;
  return {
    ...rest,
    ...(symmetric && !given.has('no-symmetry') && { symmetric }),
    ...(given.has('no-reduction') && { reduce: false }),
    budgets: { ...options.budgets, ...faultsOf(given) },
  };
}

/** Searches, and tells what came of it. */
async function search<S, A>(
  given: Arguments,
  terminal: Terminal,
  model: Model<S, A>,
  options: Options<S, A>,
): Promise<Result<S, A>> {
  const breath = new Breath(terminal);
  const searching = refused(() => exploration(model, options));
  let next = refused(() => searching.next());
  while (!next.done) {
    const progress = next.value;
    const goesOn = await breath.goesOn(() => tellProgress(progress, breath.seconds));
    next = refused(() => searching.next(goesOn));
  }
  terminal.progress(null);
  const searched = { file: given.at(0), model, result: next.value, seconds: breath.seconds };
  await terminal.write(given.has('json') ? toJsonLine(toReport(searched)) : tellSearched(searched));
  return next.value;
}

/** What the checker throws at its caller is about the module: it cannot be checked as it is. */
function refused<T>(use: () => T): T {
  try {
    return use();
  } catch (error) {
    throw new UsageError(`it cannot be checked: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
}

function tellProgress({ states, depth, waiting }: Progress, seconds: number): string {
  const rate = grouped(states / Math.max(seconds, 0.001));
  return `${grouped(states)} states, ${rate}/s, depth ${depth}, queue ${grouped(waiting)}`;
}

/** The run that the search is to go on from; null for the start. */
async function startOf<H>(given: Arguments, model: ProcessModel<H>): Promise<Run<WorldState, Action> | null> {
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
  const steps = trace.steps.at(-1)?.at ?? 0;
  if (step !== undefined && step > steps) {
    throw new UsageError(`--step is at most ${steps}, as many as ${file} has: got ${step}`);
  }
  const upTo = trace.steps.filter(({ at }) => at <= (step ?? steps));
  return refused(() => runOfTrace(model, { ...trace, steps: upTo }));
}

async function saveTrace<H>(
  given: Arguments,
  terminal: Terminal,
  model: ProcessModel<H>,
  { violations }: Result<WorldState, Action>,
): Promise<void> {
  const out = given.text('trace') ?? '';
  const found = violations.map(traceable).find((run) => run !== null);
  if (found === undefined) {
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
