import type { Model } from '../../src/check/index.ts';
import {
  type Address,
  type AnyProcess,
  address,
  clone,
  type Effect,
  type Event,
  hash,
  hashHex,
  type Message,
  print,
  step,
  type Timer,
} from '../../src/kernel/index.ts';

interface ArmedTimer {
  readonly timer: Timer;
  readonly earliest: number;
  readonly latest: number;
}

interface TimedNode {
  /** Null while it is down. */
  readonly process: AnyProcess | null;
  readonly timers: readonly ArmedTimer[];
  readonly records: readonly unknown[];
}

interface Flight {
  readonly to: Address;
  readonly from: Address;
  readonly message: Message;
  readonly sentAt: number;
}

export interface TimedState<H> {
  readonly now: number;
  readonly nodes: ReadonlyMap<Address, TimedNode>;
  readonly flights: readonly Flight[];
  readonly crashes: number;
  readonly history: H;
}

export type TimedAction =
  | { readonly type: 'deliver'; readonly flight: Flight }
  | { readonly type: 'timer'; readonly at: Address; readonly armed: ArmedTimer }
  | { readonly type: 'crash' | 'restart'; readonly at: Address }
  | { readonly type: 'tick' };

export interface TimedOptions<H> {
  readonly nodes: ReadonlyMap<Address, () => AnyProcess>;
  /** Given at the start, in order. */
  readonly inputs: readonly { readonly to: Address; readonly message: Message }[];
  /** A message can arrive at any moment from when it was sent until so many ticks later, any number of times, or never. */
  readonly propagation: number;
  readonly crashing: Address;
  readonly crashes: number;
  readonly history: { readonly start: H; readonly output: (history: H, at: Address, output: unknown) => H };
  readonly invariants: Readonly<Record<string, (history: H) => string | null>>;
  readonly goals?: Readonly<Record<string, (history: H) => boolean>>;
  readonly outcomes?: Readonly<Record<string, (history: H) => string>>;
}

/**
 * Processes in whole ticks of one time, which all clocks show: what `processModel` leaves out. Time goes on when no
 * timer has to fire before; a message arrives within the longest propagation. Disks are immediate.
 */
export function timedModel<H>(options: TimedOptions<H>): Model<TimedState<H>, TimedAction> {
  const { history, propagation } = options;

  function act(state: TimedState<H>, at: Address, node: TimedNode, event: Event): TimedState<H> {
    if (node.process === null) return state;
    const process = clone(node.process);
    const context = { self: at, now: state.now, choose: () => 0 };
    return perform(state, at, { ...node, process }, step(process, event, context));
  }

  function perform(state: TimedState<H>, at: Address, node: TimedNode, effects: readonly Effect[]): TimedState<H> {
    let { timers, records } = node;
    let { flights, history: seen } = state;
    const without = (timer: Timer) => timers.filter((armed) => hashHex(armed.timer) !== hashHex(timer));
    for (const effect of effects) {
      switch (effect.type) {
        case 'send':
          flights = withFlight(flights, { to: effect.to, from: at, message: effect.message, sentAt: state.now });
          break;
        case 'setTimer': {
          const { timer, minMs, maxMs } = effect;
          timers = [...without(timer), { timer, earliest: state.now + minMs, latest: state.now + maxMs }];
          break;
        }
        case 'cancelTimer':
          timers = without(effect.timer);
          break;
        case 'persist':
          records = [...records, effect.record];
          break;
        case 'checkpoint':
          records = effect.records;
          break;
        case 'output':
          seen = history.output(seen, at, effect.output);
          break;
        case 'flush':
          throw new Error('a timed model has no storage');
        default:
          effect satisfies never;
      }
    }
    const nodes = new Map(state.nodes).set(at, { process: node.process, timers, records });
    return { ...state, nodes, flights, history: seen };
  }

  function boot(state: TimedState<H>, at: Address, records: readonly unknown[]): TimedState<H> {
    const process = options.nodes.get(at)?.() ?? null;
    let next = state;
    let node: TimedNode = { process, timers: [], records };
    for (const record of records) {
      next = act(next, at, node, { type: 'recover', record });
      node = next.nodes.get(at) ?? node;
    }
    return act(next, at, node, { type: 'start' });
  }

  function next(state: TimedState<H>, action: TimedAction): TimedState<H> | null {
    switch (action.type) {
      case 'tick': {
        const now = state.now + 1;
        return { ...state, now, flights: state.flights.filter(({ sentAt }) => sentAt + propagation >= now) };
      }
      case 'crash': {
        const records = state.nodes.get(action.at)?.records ?? [];
        const nodes = new Map(state.nodes).set(action.at, { process: null, timers: [], records });
        return { ...state, nodes, crashes: state.crashes + 1 };
      }
      case 'restart':
        return boot(state, action.at, state.nodes.get(action.at)?.records ?? []);
      case 'timer': {
        const node = state.nodes.get(action.at);
        if (node === undefined) return null;
        const timers = node.timers.filter((armed) => armed !== action.armed);
        return act(state, action.at, { ...node, timers }, { type: 'timer', timer: action.armed.timer });
      }
      case 'deliver': {
        const { to, from, message } = action.flight;
        const node = state.nodes.get(to);
        return node === undefined ? null : act(state, to, node, { type: 'message', from, message });
      }
      default:
        return action satisfies never;
    }
  }

  return {
    initial: () => {
      let state: TimedState<H> = { now: 0, nodes: new Map(), flights: [], crashes: 0, history: history.start };
      for (const at of options.nodes.keys()) state = boot(state, at, []);
      for (const { to, message } of options.inputs) {
        const node = state.nodes.get(to);
        if (node !== undefined) {
          state = act(state, to, node, { type: 'message', from: address('outside'), message });
        }
      }
      return [state];
    },
    actions: (state) => {
      const actions: TimedAction[] = state.flights
        .filter(({ to }) => (state.nodes.get(to)?.process ?? null) !== null)
        .map((flight) => ({ type: 'deliver', flight }));
      let mayTick = state.flights.length > 0;
      let mustWait = false;
      for (const [at, { timers }] of state.nodes) {
        for (const armed of timers) {
          mayTick = true;
          if (armed.earliest <= state.now) actions.push({ type: 'timer', at, armed });
          if (armed.latest < state.now + 1) mustWait = true;
        }
      }
      const isUp = state.nodes.get(options.crashing)?.process !== null;
      if (!isUp) actions.push({ type: 'restart', at: options.crashing });
      else if (state.crashes < options.crashes) actions.push({ type: 'crash', at: options.crashing });
      if (mayTick && !mustWait) actions.push({ type: 'tick' });
      return actions;
    },
    next,
    fingerprint: (state, into) => {
      const flights = state.flights.map((flight) => hashHex(flight)).sort();
      const { high, low } = hash([state.now, state.nodes, flights, state.crashes, state.history]);
      into.high = high;
      into.low = low;
    },
    properties: {
      invariants: Object.fromEntries(
        Object.entries(options.invariants).map(([name, check]) => [name, (state) => check(state.history)]),
      ),
      goals: Object.fromEntries(
        Object.entries(options.goals ?? {}).map(([name, check]) => [name, (state) => check(state.history)]),
      ),
      outcomes: Object.fromEntries(
        Object.entries(options.outcomes ?? {}).map(([name, show]) => [name, (state) => show(state.history)]),
      ),
    },
    tellAction: (action) => {
      switch (action.type) {
        case 'tick':
          return 'time goes on by one';
        case 'crash':
        case 'restart':
          return `${action.at} ${action.type}s`;
        case 'timer':
          return `${action.at}: timer ${print(action.armed.timer)}`;
        case 'deliver':
          return `${action.flight.to} receives ${print(action.flight.message)}, sent at ${action.flight.sentAt}`;
        default:
          return action satisfies never;
      }
    },
  };
}

/** Of equal messages the latest can do what the others can, and more. */
function withFlight(flights: readonly Flight[], sent: Flight): Flight[] {
  const contentOf = ({ to, from, message }: Flight) => hashHex([to, from, message]);
  const content = contentOf(sent);
  return [...flights.filter((flight) => contentOf(flight) !== content), sent];
}
