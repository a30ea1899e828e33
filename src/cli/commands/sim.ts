import { writeFile } from 'node:fs/promises';
import { formatTrace, type Trace } from '../../kernel/index.ts';
import { type FailingPlan, type Failure, grouped, type Plan, type Trial, tellTrace } from '../../scenario/index.ts';
import type { Arguments } from '../arguments.ts';
import { Breath } from '../breath.ts';
import { type Command, CommandFailure, EXIT, type ExitCode } from '../command.ts';
import { toJsonLine } from '../json.ts';
import { programName } from '../program-name.ts';
import { makeSmaller, runSeeds, type Tally } from '../seeds.ts';
import { isToldOf, neverReached, tellFailure, tellFaults, tellSmaller, tellSteps, tellTally } from '../sim-report.ts';
import type { Terminal } from '../terminal.ts';
import { loadTrial, nodesOf } from '../trials.ts';
import { simulateYear } from '../year.ts';

const SEEDS_DEFAULT = 100;

export const sim: Command = {
  name: 'sim',
  summary: 'Simulate a scenario, or a protocol of your own, under faults',
  arguments: ['SCENARIO'],
  flags: {
    seed: { value: 'N', help: 'the first seed (default 1); alone, this one only' },
    seeds: { value: 'N', help: `how many seeds, one after the other (default ${SEEDS_DEFAULT}, or 1 with --seed)` },
    trace: { value: 'OUT', help: "save the failing run, or else the last one, as a trace, for 'coterie replay'" },
    groups: { value: 'N', help: 'of a year of a cluster: the first N groups' },
    group: { value: 'N', help: 'of a year of a cluster: group N alone' },
    days: { value: 'N', help: 'of a year of a cluster: as many days' },
    report: { value: 'OUT', help: 'of a year of a cluster: save the picture, a page of HTML' },
    'as-is': { help: 'tell a failing run as it is, instead of making it smaller first' },
  },
  notes: `
SCENARIO is a scenario file; or one that is shipped: everything, leader-crash, one-way-partition, slow-disk, clock-drift,
rolling-restart, bit-rot, data-centres, year-of-a-cluster; or a module (.ts, .js) that exports the nodes of a protocol and what must
hold of it. docs/simulation.md tells how to write your own. Each seed draws its own faults. The run that fails is made
smaller (fewer faults, fewer operations, shorter) and told step by step, with the line that repeats it. Exit codes:
0 holds, 1 violated, 2 wrong use, 3 cut short. Example:

  $0 sim examples/lock-service.ts --seeds 20
`,
  async run(given, terminal) {
    const trial = await loadTrial(given.at(0));
    if ('system' in trial) return simulateYear(trial, given, terminal);
    const bounds = { min: 0, max: Number.MAX_SAFE_INTEGER };
    const seed = given.number('seed', bounds);
    const count = given.number('seeds', { ...bounds, min: 1 }) ?? (seed === undefined ? SEEDS_DEFAULT : 1);
    const breath = new Breath(terminal);
    const { tally, end } = await runSeeds(trial, { first: seed ?? 1, count }, breath);
    terminal.progress(null);
    const report = new Report(given, terminal, trial, tally, breath);
    switch (end.type) {
      case 'holds':
        return report.holds(end.last);
      case 'cutShort':
        return report.cutShort(count);
      case 'violated':
        return report.violated(end.failing);
      default:
        return end satisfies never;
    }
  },
};

class Report {
  readonly #given: Arguments;
  readonly #terminal: Terminal;
  readonly #trial: Trial;
  readonly #tally: Tally;
  readonly #breath: Breath;

  constructor(given: Arguments, terminal: Terminal, trial: Trial, tally: Tally, breath: Breath) {
    this.#given = given;
    this.#terminal = terminal;
    this.#trial = trial;
    this.#tally = tally;
    this.#breath = breath;
  }

  async holds(last: Plan): Promise<ExitCode> {
    const { seeds, first } = this.#tally;
    if (this.#given.has('trace')) await this.#save(this.#record(last));
    if (this.#given.has('json')) return this.#json('holds', EXIT.ok, {});
    const which = seeds === 1 ? `seed ${first} holds` : `${grouped(seeds)} seeds hold, from ${first} on`;
    await this.#terminal.write(`${this.#trial.name}: ${which}\n`);
    await this.#terminal.write(tellTally(this.#trial, this.#tally, this.#breath.seconds));
    const never = seeds === 1 ? [] : neverReached(this.#trial, this.#tally);
    if (never.length > 0) this.#terminal.warn(`no seed reached ${never.join(', ')}: about that, nothing was shown`);
    return EXIT.ok;
  }

  async cutShort(of: number): Promise<ExitCode> {
    if (this.#given.has('json')) return this.#json('cutShort', EXIT.cutShort, {});
    const { seeds } = this.#tally;
    await this.#terminal.write(
      `${this.#trial.name}: cut short after ${seeds} of ${of} seeds, in which nothing failed\n`,
    );
    await this.#terminal.write(tellTally(this.#trial, this.#tally, this.#breath.seconds));
    return EXIT.cutShort;
  }

  async violated(found: FailingPlan<Plan>): Promise<ExitCode> {
    const asIs = this.#given.has('as-is');
    const { failing, runs } = asIs ? { failing: found, runs: 0 } : await makeSmaller(this.#trial, found, this.#breath);
    this.#terminal.progress(null);
    const trace = this.#record(failing.plan, failing.failure);
    if (this.#given.has('trace')) await this.#save(trace);
    if (this.#given.has('json')) return this.#jsonViolated(found, failing, runs);
    const { terminal, trial } = { terminal: this.#terminal, trial: this.#trial };
    const { seeds } = this.#tally;
    await terminal.write(`${trial.name}: violated, by the ${grouped(seeds)}${nth(seeds)} seed\n\n`);
    await terminal.write(tellFailure(failing));
    if (!asIs) await terminal.write(tellSmaller(found.plan, failing.plan, runs));
    await terminal.write(`${tellFaults(failing.plan)}\n`);
    const count = trace.steps.length;
    const { steps } = tellTrace(trace, await nodesOf(trace.header), isToldOf(count, failing));
    await terminal.write(tellSteps(steps, count));
    const saved = this.#given.text('trace');
    const hint = saved === undefined ? 'add --trace FILE to save it' : `$0 replay ${saved} tells all of it`;
    const { seed } = failing.plan;
    await terminal.write(`\nrepeat it: ${this.#repeat(seed)}\n(${hint.replace('$0', programName())})\n`);
    return EXIT.violated;
  }

  #repeat(seed: number): string {
    const asIs = this.#given.has('as-is') ? ' --as-is' : '';
    return `${programName()} sim ${this.#given.at(0)} --seed ${seed}${asIs}`;
  }

  /** The run once more, recorded; says so if it fails no more, or in another way than the first time. */
  #record(plan: Plan, failure: Failure | null = null): Trace {
    const { trace, failure: again } = this.#trial.run(plan, { record: true });
    if (again?.property !== failure?.property || again?.atMs !== failure?.atMs) {
      this.#terminal.warn('the run goes another way when repeated: is there chance, or a clock, in a process?');
    }
    if (trace === null) throw new CommandFailure(`${this.#trial.name} cannot be recorded as one trace`);
    return trace;
  }

  async #save(trace: Trace): Promise<void> {
    const file = this.#given.text('trace') ?? '';
    try {
      await writeFile(file, formatTrace(trace));
    } catch (error) {
      throw new CommandFailure(`cannot save the trace: ${error instanceof Error ? error.message : error}`);
    }
  }

  #jsonViolated(found: FailingPlan<Plan>, failing: FailingPlan<Plan>, runs: number): Promise<ExitCode> {
    const { plan, failure } = failing;
    const { seed, faults, operations, durationMs } = plan;
    return this.#json('violated', EXIT.violated, {
      failing: { seed, ...failure, faults, operations, durationMs },
      smaller: { runs, faultsBefore: found.plan.faults.length, operationsBefore: found.plan.operations.length },
      repeat: this.#repeat(seed),
    });
  }

  async #json(verdict: string, code: ExitCode, more: Record<string, unknown>): Promise<ExitCode> {
    const { reached, counts, first, ...sums } = this.#tally;
    const line = {
      scenario: this.#trial.name,
      verdict,
      firstSeed: first,
      seconds: this.#breath.seconds,
      ...sums,
      reached: Object.fromEntries(reached),
      neverReached: neverReached(this.#trial, this.#tally),
      counts: Object.fromEntries(counts),
      ...more,
    };
    await this.#terminal.write(toJsonLine(line));
    return code;
  }
}

function nth(count: number): string {
  if (count % 100 >= 11 && count % 100 <= 13) return 'th';
  return ['th', 'st', 'nd', 'rd'][count % 10] ?? 'th';
}
