import { type NodeId, print, type Timer } from '../../kernel/index.ts';
import type { Envelope } from './node-state.ts';
import type { Doings, NodeEvent } from './node-stepper.ts';

/** One way in which a node's event goes, with the ids of what it leads to. */
export interface Transition {
  readonly doings: Doings;
  /** The ids of the node's state before it and after it. */
  readonly before: number;
  readonly state: number;
  /** The ids of the envelopes sent. */
  readonly sent: readonly number[];
}

/** A step of a process model. */
export type Action =
  | {
      readonly type: 'node';
      readonly node: NodeId;
      readonly index: number;
      readonly event: NodeEvent;
      readonly transition: Transition;
    }
  | {
      readonly type: 'deliver';
      readonly node: NodeId;
      readonly index: number;
      readonly envelope: number;
      readonly contents: Envelope;
      /** It stays in flight, to be delivered again. */
      readonly duplicate: boolean;
      readonly transition: Transition;
    }
  | {
      readonly type: 'input';
      readonly node: NodeId;
      readonly index: number;
      readonly input: number;
      readonly contents: Envelope;
      readonly transition: Transition;
    }
  /** By the network, or because its node is down or cut off: only the first counts as a fault of its own. */
  | { readonly type: 'drop'; readonly envelope: number; readonly contents: Envelope; readonly fault: boolean }
  /** Cut 0 is none: the network is whole again. */
  | { readonly type: 'cut'; readonly cut: number; readonly side: readonly NodeId[] }
  /** A process threw: the step does not end in a state. */
  | {
      readonly type: 'failure';
      readonly node: NodeId;
      readonly index: number;
      readonly event: NodeEvent;
      readonly error: unknown;
    };

/** What an action does, as a person would say it. */
export function tellAction(action: Action): string {
  switch (action.type) {
    case 'node':
      return tellEvent(action.node, action.event) + tellChoices(action.transition.doings);
    case 'deliver':
      return (
        tellDelivery(action.contents) +
        (action.duplicate ? ' (and will receive it again)' : '') +
        tellChoices(action.transition.doings)
      );
    case 'input':
      return `${tellDelivery(action.contents)} (input ${action.input + 1})${tellChoices(action.transition.doings)}`;
    case 'drop':
      return `${print(action.contents.message)} from ${action.contents.from} to ${action.contents.to} is lost`;
    case 'cut':
      return action.cut === 0 ? 'the network is whole again' : `the network cuts off ${action.side.join(', ')}`;
    case 'failure':
      return tellEvent(action.node, action.event);
    default:
      return action satisfies never;
  }
}

export function tellEvent(node: NodeId, event: NodeEvent): string {
  switch (event.type) {
    case 'boot':
      return `${node} restarts`;
    case 'crash':
      return `${node} crashes`;
    case 'deliver':
      return tellDelivery(event.envelope);
    case 'local': {
      const { from, to, message } = event.message;
      return `${at(node, to)} receives ${print(message)} from ${at(node, from)}, on its own node`;
    }
    case 'timer':
      return `${tellTimer(event.timer.timer)} fires at ${at(node, event.timer.process)}`;
    case 'synced':
      return `the disk of ${node} holds the next record`;
    case 'flushed':
      return `the disk of ${node} holds what ${at(node, event.flush.process)} has flushed`;
    default:
      return event satisfies never;
  }
}

function tellDelivery({ from, to, message }: Envelope): string {
  return `${to} receives ${print(message)} from ${from}`;
}

export function tellTimer(timer: Timer): string {
  return `the timer ${typeof timer === 'string' ? `'${timer}'` : print(timer)}`;
}

function tellChoices({ chosen }: Doings): string {
  return chosen.length === 0 ? '' : `, choosing ${chosen.map((index) => `option ${index + 1}`).join(', then ')}`;
}

function at(node: NodeId, process: string): string {
  return process === '' ? node : `${node}/${process}`;
}

/** Whether a node is as before, and nothing left it. */
export function changesNothing({ before, state, doings }: Transition): boolean {
  return state === before && doings.sent.length === 0 && doings.seen.length === 0;
}
