import {
  type FailingPlan,
  formatToldStep,
  grouped,
  type Plan,
  type ToldStep,
  type Trial,
  tellFault,
} from '../scenario/index.ts';
import type { Tally } from './seeds.ts';

const STEPS_SHOWN = 40;
const FIRST_STEPS_SHOWN = 30;
const FAULTS_SHOWN = 12;

/** What seeds came to in which nothing was wrong. */
export function tellTally(trial: Trial, tally: Tally, seconds: number): string {
  const { simulatedMs, steps } = tally;
  const faster = Math.round(simulatedMs / 1000 / Math.max(seconds, 0.001));
  const asked = `${grouped(tally.operations)} operations, ${grouped(tally.answered)} answered; `;
  const lines = [
    `  ${tally.operations === 0 ? '' : asked}${grouped(steps)} steps`,
    `  ${duration(simulatedMs)} simulated in ${seconds.toFixed(1)} s: ${grouped(faster)} times as fast as it would be`,
  ];
  const happened = HAPPENINGS.filter(([what]) => (tally.counts.get(what) ?? 0) > 0);
  const told = happened.map(([what, words]) => `${grouped(tally.counts.get(what) ?? 0)} ${words}`);
  if (told.length > 0) lines.push(`  ${told.join(', ')}`);
  if (trial.reaches.length > 0) {
    const reached = trial.reaches.map((what) => `${what} in ${tally.reached.get(what) ?? 0}`);
    lines.push(`  seeds that reached: ${reached.join(', ')}`);
  }
  return `${lines.join('\n')}\n`;
}

/** What no seed led to, although the scenario is for it: about that, nothing is shown. */
export function neverReached(trial: Trial, tally: Tally): string[] {
  return trial.reaches.filter((what) => !tally.reached.has(what));
}

const HAPPENINGS: readonly (readonly [string, string])[] = [
  ['crashes', 'crashes'],
  ['lostRecords', 'lost records'],
  ['pauses', 'pauses'],
  ['lost', 'lost messages'],
  ['cut', 'cut off by partitions'],
  ['duplicated', 'duplicated'],
  ['reordered', 'reordered'],
  ['fullDisks', 'stops at full disks'],
  ['rottenDisks', 'rotten disks'],
];

export function tellFailure({ plan, failure }: FailingPlan<Plan>): string {
  return `seed ${plan.seed} violates ${failure.property} after ${failure.atMs} ms: ${failure.what}\n`;
}

/** From what to what a failing run was made smaller. */
export function tellSmaller(from: Plan, to: Plan, runs: number): string {
  const change = (name: string, of: (plan: Plan) => number): string =>
    `${name} ${grouped(of(from))} → ${grouped(of(to))}`;
  const parts = [
    change('faults', ({ faults }) => faults.length),
    change('operations', ({ operations }) => operations.length),
    change('milliseconds', ({ durationMs }) => Math.ceil(durationMs)),
  ];
  return `made smaller in ${runs} runs: ${parts.join(', ')}\n`;
}

/** What a plan's network does to messages all the time, as a share of them; not every scenario has one. */
interface OnNetwork {
  readonly network?: { readonly loss?: number; readonly duplication?: number };
}

export function tellFaults({ faults, network = {} }: Plan & OnNetwork): string {
  if (faults.length === 0) return tellNetwork(network);
  const shown = faults.slice(0, FAULTS_SHOWN).map((fault) => `  ${tellFault(fault)}\n`);
  const more = faults.length - shown.length;
  return `with ${faults.length === 1 ? 'this fault' : 'these faults'}:\n${shown.join('')}${more > 0 ? `  … ${more} more\n` : ''}`;
}

/** A network that loses or doubles messages all along is part of the world in which a run fails. */
function tellNetwork({ loss = 0, duplication = 0 }: NonNullable<OnNetwork['network']>): string {
  const share = (part: number, what: string): string =>
    `${what} ${Number((part * 100).toPrecision(2))} % of all messages`;
  const does = [
    ...(loss > 0 ? [share(loss, 'loses')] : []),
    ...(duplication > 0 ? [share(duplication, 'doubles')] : []),
  ];
  if (does.length === 0) return 'no fault is needed for it\n';
  return `no fault is needed for it but a network that ${does.join(' and ')}\n`;
}

/** Which of a run's steps are told: those that led to its end; if something never came, how it began, too. */
export function isToldOf(
  count: number,
  { plan, failure }: FailingPlan<Plan>,
): (step: unknown, number: number) => boolean {
  if (count <= STEPS_SHOWN + 1) return () => true;
  const first = failure.atMs > plan.durationMs ? FIRST_STEPS_SHOWN : 0;
  return (_, number) => number <= first || number > count - (STEPS_SHOWN - first);
}

export function tellSteps(steps: readonly ToldStep[], count: number): string {
  const left = count - steps.length;
  const gap = `         … ${grouped(left)} steps\n`;
  let before = 0;
  let told = '';
  for (const step of steps) {
    told += `${step.number > before + 1 ? gap : ''}${formatToldStep(step)}`;
    before = step.number;
  }
  return told;
}

export function duration(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 120) return `${seconds.toFixed(1)} s`;
  if (seconds < 7200) return `${(seconds / 60).toFixed(1)} minutes`;
  if (seconds < 172_800) return `${(seconds / 3600).toFixed(1)} hours`;
  return `${(seconds / 86_400).toFixed(1)} days`;
}
