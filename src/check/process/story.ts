import { address, diff, type Effect, type NodeId, print } from '../../kernel/index.ts';
import { tellChange } from '../tell-change.ts';
import { type Action, tellTimer } from './action.ts';
import type { WorldState } from './layout.ts';
import type { Library } from './library.ts';
import type { NodeState } from './node-state.ts';
import { type NodeEvent, type Surroundings, traceOf } from './node-stepper.ts';

/** The event of an action that happens at a node, with what was chosen in it. */
export interface NodeHappening {
  readonly index: number;
  readonly event: NodeEvent;
  readonly chosen: readonly number[];
}

export function happeningOf(action: Action): NodeHappening | null {
  switch (action.type) {
    case 'node':
      return { index: action.index, event: action.event, chosen: action.transition.doings.chosen };
    case 'deliver':
    case 'input': {
      const event: NodeEvent = { type: 'deliver', envelope: action.contents };
      return { index: action.index, event, chosen: action.transition.doings.chosen };
    }
    case 'failure':
      return { index: action.index, event: action.event, chosen: [] };
    case 'drop':
    case 'cut':
      return null;
    default:
      return action satisfies never;
  }
}

/** What a step did, a line for each effect and each field that changed. */
export function tellStep(library: Library, before: WorldState, action: Action): readonly string[] {
  const happening = happeningOf(action);
  if (happening === null) return [];
  const { index, event, chosen } = happening;
  const state = library.states.get(before[index] as number);
  const around = library.around[index] as Surroundings;
  const lines: string[] = [];
  for (const step of traceOf(state, event, around, { at: 0, chosen })) {
    if (!('process' in step)) continue;
    for (const effect of step.effects) lines.push(`${step.process} ${tellEffect(effect)}`);
    if (step.error !== undefined) lines.push(`${step.process} throws: ${step.error}`);
  }
  if ('transition' in action && event.type !== 'crash') {
    lines.push(...tellChanges(around.node, state, library.states.get(action.transition.state)));
  }
  return lines;
}

function tellChanges(node: NodeId, before: NodeState, after: NodeState): string[] {
  const lines: string[] = [];
  for (const [name, process] of after.processes) {
    const at = address(node, name);
    const earlier = before.processes.get(name);
    if (earlier === undefined) lines.push(`${at} is ${print(process)}`);
    else for (const change of diff(earlier, process)) lines.push(`${at}: ${tellChange(change)}`);
  }
  return lines;
}

export function tellEffect(effect: Effect): string {
  switch (effect.type) {
    case 'send':
      return `sends ${print(effect.message)} to ${effect.to}${effect.early ? ', early' : ''}`;
    case 'setTimer':
      return `sets ${tellTimer(effect.timer)} to ${tellLength(effect.minMs, effect.maxMs)}`;
    case 'cancelTimer':
      return `cancels ${tellTimer(effect.timer)}`;
    case 'persist':
      return `persists ${print(effect.record)}`;
    case 'checkpoint':
      return `replaces its records by ${print(effect.records)}`;
    case 'flush':
      return `flushes its storage, to be told ${print(effect.done)}`;
    case 'output':
      return `outputs ${print(effect.output)}${effect.early ? ', early' : ''}`;
    default:
      return effect satisfies never;
  }
}

function tellLength(minMs: number, maxMs: number): string {
  return minMs === maxMs ? `${minMs} ms` : `${minMs} to ${maxMs} ms`;
}
