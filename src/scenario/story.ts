import { tellTimer } from '../check/process/action.ts';
import { tellEffect } from '../check/process/story.ts';
import { tellChange } from '../check/tell-change.ts';
import {
  clone,
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

/** Runs a trace again, and tells those of its steps that are asked for, up to where it is no longer the same run. */
export function tellTrace(
  trace: Trace,
  nodes: ReadonlyMap<NodeId, NodeDefinition>,
  isAsked: (step: TraceStep, number: number) => boolean = () => true,
): { readonly steps: readonly ToldStep[]; readonly result: ReplayResult } {
  const isTold = (index: number): boolean => isAsked(trace.steps[index] as TraceStep, index + 1);
  const changes = new Changes(trace.steps, isTold);
  const result = replayTrace(trace, nodes, { watcher: changes });
  const through = result.type === 'same' ? trace.steps.length : result.step;
  const steps: ToldStep[] = [];
  for (let index = 0; index < through; index += 1) {
    const step = trace.steps[index] as TraceStep;
    if (isTold(index)) steps.push(tellTraceStep(step, index + 1, changes.of(index)));
  }
  return { steps, result };
}

/** Tells what each step changed in its process, but for what is in storages: those are many rows, told by what is written. */
class Changes {
  readonly #steps: readonly TraceStep[];
  readonly #isTold: (index: number) => boolean;
  readonly #lines = new Map<number, readonly string[]>();
  #before: object = {};

  constructor(steps: readonly TraceStep[], isTold: (index: number) => boolean) {
    this.#steps = steps;
    this.#isTold = isTold;
  }

  before(index: number, process: object): void {
    if (this.#isTold(index)) this.#before = clone(withoutStorages(process));
  }

  after(index: number, process: object): void {
    const step = this.#steps[index];
    if (step === undefined || !('process' in step) || !this.#isTold(index)) return;
    const changes = diff(this.#before, withoutStorages(process));
    const told = changes.slice(0, CHANGES_SHOWN).map((change) => `${step.process}: ${tellChange(change)}`);
    const more = changes.length - told.length;
    this.#lines.set(index, more === 0 ? told : [...told, `${step.process}: ${more} more changes`]);
  }

  /** A line for each field that changed. */
  of(index: number): readonly string[] {
    return this.#lines.get(index) ?? [];
  }
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

function withoutStorages(process: object): object {
  const fields = Object.entries(process).filter(([, field]) => !isOverStorage(field));
  return Object.fromEntries(fields);
}

function isOverStorage(field: unknown): boolean {
  if (typeof field !== 'object' || field === null) return false;
  return field instanceof MemoryStorage || Object.values(field).some((part) => part instanceof MemoryStorage);
}
