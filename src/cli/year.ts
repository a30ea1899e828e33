import { writeFile } from 'node:fs/promises';
import {
  type GroupYear,
  grouped,
  htmlReport,
  summarise,
  textReport,
  Year,
  type YearScenario,
  type YearSummary,
} from '../scenario/index.ts';
import type { Arguments } from './arguments.ts';
import { Breath } from './breath.ts';
import { CommandFailure, EXIT, type ExitCode, UsageError } from './command.ts';
import { toJsonLine } from './json.ts';
import { programName } from './program-name.ts';
import { duration } from './sim-report.ts';
import type { Terminal } from './terminal.ts';

/** Simulates a year of a cluster, or the part of it that the flags name, and reports it. */
export async function simulateYear(scenario: YearScenario, given: Arguments, terminal: Terminal): Promise<ExitCode> {
  for (const flag of ['seeds', 'trace']) {
    if (given.has(flag))
      throw new UsageError(`--${flag} is not for a year of a cluster: it has one seed, and no trace`);
  }
  const days = given.number('days', { min: 1, max: 365 }) ?? scenario.days;
  const seed = given.number('seed', { min: 0, max: Number.MAX_SAFE_INTEGER }) ?? 1;
  const year = new Year({ ...scenario, days }, seed);
  const breath = new Breath(terminal);
  const asked = groupsAsked(scenario, given);
  const groups = new Map<number, GroupYear>();
  for (const group of asked) {
    if (!(await breath.goesOn(() => progressOf(groups, asked.length, breath.seconds)))) break;
    const outcome = year.group(group);
    groups.set(group, outcome);
    if (outcome.failure !== null) break;
  }
  terminal.progress(null);
  const summary = summarise(year, groups);
  if (given.has('report')) await save(given.text('report') ?? '', htmlReport(year, summary));
  const code = exitCode(summary, asked.length);
  if (given.has('json')) await terminal.write(toJsonLine(toJson(year, summary, breath.seconds, code)));
  else await terminal.write(tell(year, summary, { given, of: asked.length, seconds: breath.seconds, days }));
  return code;
}

function groupsAsked({ groups }: YearScenario, given: Arguments): number[] {
  const one = given.number('group', { min: 0, max: groups - 1 });
  if (one !== undefined) return [one];
  const count = given.number('groups', { min: 1, max: groups }) ?? groups;
  return Array.from({ length: count }, (_, group) => group);
}

function exitCode({ failure, groups }: YearSummary, asked: number): ExitCode {
  if (failure !== null) return EXIT.violated;
  return groups.length < asked ? EXIT.cutShort : EXIT.ok;
}

function progressOf(groups: ReadonlyMap<number, GroupYear>, of: number, seconds: number): string {
  const writes = [...groups.values()].reduce((sum, { acknowledgedWrites }) => sum + acknowledgedWrites, 0);
  const left = groups.size === 0 ? '' : `, ${duration((1000 * seconds * (of - groups.size)) / groups.size)} to go`;
  return `group ${groups.size} of ${of}, ${grouped(writes)} writes acknowledged${left}`;
}

interface Telling {
  readonly given: Arguments;
  readonly of: number;
  readonly seconds: number;
  readonly days: number;
}

function tell(year: Year, summary: YearSummary, { given, of, seconds, days }: Telling): string {
  const { failure, groups, simulatedMs, steps } = summary;
  const name = given.at(0);
  const cost = `${grouped(steps)} steps, ${duration(simulatedMs)} simulated in ${seconds.toFixed(1)} s`;
  if (failure !== null) {
    const { property, what, atMs } = failure.failure;
    const some = given.has('days') ? ` --days ${days}` : '';
    const repeat = `${programName()} sim ${name} --seed ${year.seed}${some} --group ${failure.group}`;
    return `${name}: violated\n\ngroup ${failure.group} violates ${property} after ${atMs} ms of simulation: ${what}\n\nrepeat it: ${repeat}\n`;
  }
  const verdict =
    groups.length < of
      ? `cut short after ${groups.length} of ${of} groups, in which nothing failed`
      : `holds: every history is linearizable, nothing that was acknowledged is lost`;
  return `${name}, seed ${year.seed}: ${verdict}\n${cost}\n\n${textReport(year, summary)}`;
}

function toJson(year: Year, summary: YearSummary, seconds: number, code: ExitCode): Record<string, unknown> {
  const { groups, ...rest } = summary;
  const verdict = code === EXIT.ok ? 'holds' : summary.failure === null ? 'cutShort' : 'violated';
  return {
    scenario: year.scenario.name,
    verdict,
    seed: year.seed,
    days: year.scenario.days,
    seconds,
    ...rest,
    groups: groups.map(({ group, availability, downMs, outages, year: { acknowledgedWrites, lostWrites } }) => {
      return { group, availability, downMs, outages: outages.length, acknowledgedWrites, lostWrites };
    }),
  };
}

async function save(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text);
  } catch (error) {
    throw new CommandFailure(`cannot save the report: ${error instanceof Error ? error.message : error}`);
  }
}
