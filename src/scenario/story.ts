import { tellTimer } from '../check/process/action.ts';
import { tellEffect } from '../check/process/story.ts';
import { tellChange } from '../check/tell-change.ts';
import {
  diff,
  MemoryStorage,
  type NodeDefinition,
  type NodeId,
  type ProcessStep,
  print,
  type ReplayResult,
  replayTrace,
  type Trace,
  type TraceStep,
} from '../kernel/index.ts';

/** What a step of a trace tells: what happened, and below it what that led to. */
export interface ToldStep {
  /** As steps are counted for people: from 1. */
  readonly number: number;
  readonly atMs: number;
  readonly what: string;
  readonly details: readonly string[];
}

const CHANGES_SHOWN = 8;

/** Runs a trace again, and tells each of its steps up to where it is no longer the same run. */
export function tellTrace(
  trace: Trace,
  nodes: ReadonlyMap<NodeId, NodeDefinition>,
): { readonly steps: readonly ToldStep[]; readonly result: ReplayResult } {
  const changes = new Map<number, string[]>();
  const result = replayTrace(trace, nodes, {
    onStep: (index, before, after) => {
      changes.set(index, changesOf((trace.steps[index] as ProcessStep).process, before, after));
    },
  });
  const through = result.type === 'same' ? trace.steps.length : result.step;
  const steps = trace.steps.slice(0, through).map((step, index) => tellTraceStep(step, index + 1, changes.get(index)));
  return { steps, result };
}

export function tellTraceStep(step: TraceStep, number: number, changes: readonly string[] = []): ToldStep {
  const told = { number, atMs: step.at };
  if (!('process' in step)) return { ...told, what: tellHappening(step), details: [] };
  const details = step.effects.map((effect) => `${step.process} ${tellEffect(effect)}`);
  if (step.error !== undefined) details.push(`${step.process} throws: ${step.error}`);
  return { ...told, what: tellEvent(step), details: [...details, ...changes] };
}

/** As it is printed: the step in a line, what it led to in lines below. */
export function formatToldStep({ number, atMs, what, details }: ToldStep): string {
  const head = `${String(number).padStart(5)}. ${atMs.toFixed(3).padStart(11)} ms  ${what}\n`;
  return head + details.map((detail) => `${' '.repeat(24)}${detail}\n`).join('');
}

function tellHappening(step: Exclude<TraceStep, ProcessStep>): string {
  switch (step.type) {
    case 'boot':
      return `${step.node} boots`;
    case 'crash':
      return `${step.node} crashes`;
    case 'beginFlush':
      return `${step.node} begins to flush its storage '${step.storage}'`;
    case 'completeFlush':
      return `the disk of ${step.node} holds the flush of '${step.storage}'`;
    case 'note':
      return step.text;
    default:
      return step satisfies never;
  }
}

function tellEvent({ process, event, choices }: ProcessStep): string {
  const chosen = choices.length === 0 ? '' : `, choosing ${choices.map((c) => `option ${c + 1}`).join(', then ')}`;
  switch (event.type) {
    case 'start':
      return `${process} starts${chosen}`;
    case 'recover':
      return `${process} reads back ${print(event.record)}`;
    case 'message':
      return `${process} receives ${print(event.message)} from ${event.from}${chosen}`;
    case 'timer':
      return `${tellTimer(event.timer)} fires at ${process}${chosen}`;
    default:
      return event satisfies never;
  }
}

/** A line for each field that changed. What is in storages is left out: it is many rows, and told by what is written. */
function changesOf(process: ProcessStep['process'], before: object, after: object): string[] {
  const changes = diff(withoutStorages(before), withoutStorages(after));
  const told = changes.slice(0, CHANGES_SHOWN).map((change) => `${process}: ${tellChange(change)}`);
  const more = changes.length - told.length;
  return more === 0 ? told : [...told, `${process}: ${more} more changes`];
}

function withoutStorages(process: object): object {
  const fields = Object.entries(process).filter(([, field]) => !isOverStorage(field));
  return Object.fromEntries(fields);
}

function isOverStorage(field: unknown): boolean {
  if (typeof field !== 'object' || field === null) return false;
  return field instanceof MemoryStorage || Object.values(field).some((part) => part instanceof MemoryStorage);
}
