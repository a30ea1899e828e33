import {
  type Address,
  type AnyProcess,
  address,
  clone,
  type Event,
  encode,
  type Message,
  type NodeDefinition,
  type NodeId,
  step,
  type Timer,
} from '../../kernel/index.ts';

interface NaiveWorld {
  readonly nodes: Map<NodeId, { process: AnyProcess | null; timers: Timer[]; records: unknown[] }>;
  readonly network: { readonly from: Address; readonly to: Address; readonly message: Message }[];
  crashes: number;
}

/**
 * Counts the states of nodes of one process each, the plainest way there is: every step clones the whole world, and a
 * world is told apart by its sorted text. To hold the real search against; knows a multiset of messages, timers
 * that fire in any order, and crashes.
 */
export function countNaively(nodes: ReadonlyMap<NodeId, NodeDefinition>, crashes: number): number {
  const start: NaiveWorld = { nodes: new Map(), network: [], crashes: 0 };
  for (const [node, definition] of nodes) boot(start, node, definition);
  const seen = new Set([textOf(start)]);
  const queue = [start];
  for (const world of queue) {
    for (const next of successors(world, nodes, crashes)) {
      const text = textOf(next);
      if (seen.has(text)) continue;
      seen.add(text);
      queue.push(next);
    }
  }
  return seen.size;
}

function* successors(
  world: NaiveWorld,
  nodes: ReadonlyMap<NodeId, NodeDefinition>,
  crashes: number,
): Iterable<NaiveWorld> {
  for (const [index, { from, to, message }] of world.network.entries()) {
    if (world.nodes.get(to)?.process === null) {
      yield changed(world, (next) => next.network.splice(index, 1)); // it came to a node that is down
      continue;
    }
    yield changed(world, (next) => {
      next.network.splice(index, 1);
      act(next, to, { type: 'message', from, message });
    });
  }
  for (const [node, { process, timers }] of world.nodes) {
    for (const [index, timer] of timers.entries()) {
      yield changed(world, (next) => {
        next.nodes.get(node)?.timers.splice(index, 1);
        act(next, node, { type: 'timer', timer });
      });
    }
    const definition = nodes.get(node);
    if (process === null && definition !== undefined) yield changed(world, (next) => boot(next, node, definition));
    if (process !== null && world.crashes < crashes) {
      yield changed(world, (next) => {
        next.crashes += 1;
        next.nodes.set(node, { process: null, timers: [], records: next.nodes.get(node)?.records ?? [] });
      });
    }
  }
}

function changed(world: NaiveWorld, change: (next: NaiveWorld) => void): NaiveWorld {
  const next = clone(world);
  change(next);
  return next;
}

function boot(world: NaiveWorld, node: NodeId, definition: NodeDefinition): void {
  const storage = (): never => {
    throw new Error('the naive search knows no storages');
  };
  const process = definition({ node, storage }).get('');
  if (process === undefined) throw new Error('the naive search knows nodes of one process only');
  const records = world.nodes.get(node)?.records ?? [];
  world.nodes.set(node, { process, timers: [], records });
  for (const record of [...records]) act(world, node, { type: 'recover', record });
  act(world, node, { type: 'start' });
}

function act(world: NaiveWorld, node: NodeId, event: Event): void {
  const state = world.nodes.get(node);
  if (state === undefined || state.process === null) return;
  const context = { self: address(node), now: 0, choose: () => 0 };
  for (const effect of step(state.process, event, context)) {
    if (effect.type === 'send') world.network.push({ from: address(node), to: effect.to, message: effect.message });
    if (effect.type === 'setTimer') state.timers.push(effect.timer);
    if (effect.type === 'persist') state.records.push(effect.record);
  }
}

function textOf({ nodes, network, crashes }: NaiveWorld): string {
  const states = [...nodes].map(([node, { process, timers, records }]) => [
    node,
    text(process === null ? null : { ...process }),
    timers.map(text).sort(),
    text(records),
  ]);
  return JSON.stringify([states, network.map(text).sort(), crashes]);
}

/** Canonical: equal values have equal texts. */
function text(value: unknown): string {
  return String.fromCharCode(...encode(sorted(value)));
}

function sorted(value: unknown): unknown {
  if (value instanceof Set) return ['set', ...[...value].map((item) => text(item)).sort()];
  if (value instanceof Map) return ['map', ...[...value].map((entry) => text(entry)).sort()];
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).map(([name, part]) => [name, sorted(part)] as const);
  return fields.sort(([a], [b]) => (a < b ? -1 : 1));
}
