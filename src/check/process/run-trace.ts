import { equal, type NodeId, type Trace, type TraceStep } from '../../kernel/index.ts';
import type { Run, Step } from '../model.ts';
import { type Action, tellAction } from './action.ts';
import type { WorldState } from './layout.ts';
import type { Library } from './library.ts';
import { NEVER_BOOTED } from './node-state.ts';
import { type NodeEvent, type Surroundings, traceOf } from './node-stepper.ts';
import type { ProcessModel } from './process-model.ts';
import { happeningOf } from './story.ts';

export interface TraceLabels {
  /** The name by which whoever replays the trace finds the definitions of its nodes. */
  readonly subject: string;
  readonly reason?: string;
  /** What else is needed to make the model again, as plain data. */
  readonly options?: unknown;
}

/**
 * A run of a process model as a trace that `replayTrace` repeats, a viewer opens and a file holds. `attempted`: a last
 * action, in which a process throws. The time of a step is its number, as the search knows no other.
 */
export function traceOfRun<H>(
  model: ProcessModel<H>,
  run: Run<WorldState, Action>,
  labels: TraceLabels,
  attempted: Action | null = null,
): Trace {
  const { library } = model;
  const steps = library.nodes.flatMap((_, index) => bootOf(library, index, run.start));
  let before = run.start;
  for (const [index, { action, state }] of run.steps.entries()) {
    steps.push(...stepsOf(library, before, action, index + 1));
    before = state;
  }
  if (attempted !== null) steps.push(...stepsOf(library, before, attempted, run.steps.length + 1));
  return { header: { format: 'coterie-trace', version: 1, origin: 'check', ...labels }, steps };
}

function stepsOf(library: Library, before: WorldState, action: Action, at: number): TraceStep[] {
  const happening = happeningOf(action);
  if (happening === null) return [{ at, type: 'note', text: tellAction(action) }];
  const { index, event, chosen } = happening;
  const steps = traceOf(library.states.get(before[index] as number), event, around(library, index), { at, chosen });
  // Without a note, a delivery that leaves a copy in flight would look like one that does not.
  const needsNote = steps.length === 0 || (action.type === 'deliver' && action.duplicate);
  return needsNote ? [{ at, type: 'note', text: tellAction(action) }, ...steps] : steps;
}

/** The first boot of a node: the one, of all that its choices allow, that leads to its state at the start. */
function bootOf(library: Library, index: number, start: WorldState): TraceStep[] {
  const event: NodeEvent = { type: 'boot' };
  const blank = library.states.id(NEVER_BOOTED);
  const boots = library.transitions(index, blank, event).filter(({ state }) => state === start[index]);
  const boot = boots.find(({ sent }) => sent.every((envelope) => start.includes(envelope))) ?? boots[0];
  if (boot === undefined) throw new Error(`the run starts in a state to which ${nodeAt(library, index)} does not boot`);
  return traceOf(NEVER_BOOTED, event, around(library, index), { at: 0, chosen: boot.doings.chosen });
}

function around(library: Library, index: number): Surroundings {
  return library.around[index] as Surroundings;
}

function nodeAt(library: Library, index: number): NodeId {
  return library.nodes[index] as NodeId;
}

/** The first step of a run that goes another way when it is taken again: some process is not deterministic. Null: none. */
export function unrepeatableStep<H>({ library }: ProcessModel<H>, run: Run<WorldState, Action>): string | null {
  let before = run.start;
  for (const { action, state } of run.steps) {
    const happening = happeningOf(action);
    if (happening !== null && 'transition' in action) {
      const { index, event } = happening;
      const again = library.transitions(index, before[index] as number, event);
      if (!again.some((transition) => transition.state === action.transition.state)) return tellAction(action);
    }
    before = state;
  }
  return null;
}

/**
 * The run that a trace tells of, in this model: to search on from any of its states, or to tell it again. Throws if the
 * model has no such run, because it, or the processes, are not what they were.
 */
export function runOfTrace<H>(model: ProcessModel<H>, trace: Trace): Run<WorldState, Action> {
  const [boots = [], ...rest] = groupsOf(trace.steps);
  const labels = { subject: trace.header.subject };
  const start = [...model.initial()].find((state) =>
    equal(traceOfRun(model, { start: state, steps: [] }, labels).steps, boots),
  );
  if (start === undefined) throw new Error('the trace does not begin as the model does: its nodes boot differently');
  const steps: Step<WorldState, Action>[] = [];
  for (const group of rest) {
    const before = steps.at(-1)?.state ?? start;
    const step = stepLike(model, before, group);
    if (step === null) break;
    steps.push(step);
  }
  return { start, steps };
}

/** The steps of a trace by their time; the first group is what comes before the first step of the run. */
function groupsOf(steps: readonly TraceStep[]): TraceStep[][] {
  const groups: TraceStep[][] = [[]];
  for (const step of steps) {
    const group = groups[step.at] ?? [];
    groups[step.at] = group;
    group.push(step);
  }
  return groups;
}

/** The step that looks so in a trace; null if it is one in which a process throws, and so the end of the run. */
function stepLike<H>(
  model: ProcessModel<H>,
  before: WorldState,
  group: readonly TraceStep[],
): Step<WorldState, Action> | null {
  const at = group[0]?.at ?? 0;
  for (const action of model.actions(before)) {
    if (!equal(stepsOf(model.library, before, action, at), group)) continue;
    if (action.type === 'failure') return null;
    const state = model.next(before, action);
    if (state !== null) return { action, state };
  }
  throw new Error(`step ${at} of the trace is not possible in the model: were budgets, inputs or processes changed?`);
}
