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
  unrepeatableStep,
  type WorldState,
} from '../../check/index.ts';
import { nodeOf } from '../../kernel/index.ts';
import type { Arguments } from '../arguments.ts';
import { Breath } from '../breath.ts';
import { grouped, tellSearched, toReport } from '../check-report.ts';
import { firstTraceable, saveTrace, startOf } from '../check-trace.ts';
import { type CheckableProcesses, loadCheckable, refused } from '../checkable.ts';
import { type Command, EXIT, type ExitCode, UsageError } from '../command.ts';
import { toJsonLine } from '../json.ts';
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

  $0 check examples/lock/naive.ts --faults crashes=1
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
  const found = firstTraceable(violations);
  const step = found === null ? null : unrepeatableStep(model, found.run);
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

function tellProgress({ states, depth, waiting }: Progress, seconds: number): string {
  const rate = grouped(states / Math.max(seconds, 0.001));
  return `${grouped(states)} states, ${rate}/s, depth ${depth}, queue ${grouped(waiting)}`;
}
