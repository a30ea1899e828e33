import type { Address, AnyProcess, NodeDefinition, NodeId, World } from '../../src/kernel/index.ts';

/** Nodes of one process each. */
export function nodesOf(processes: Readonly<Record<NodeId, () => AnyProcess>>): Map<NodeId, NodeDefinition> {
  return new Map(Object.entries(processes).map(([node, make]) => [node, () => new Map([['', make()]])]));
}

/** The same process on each of these nodes; it gets its place among them. */
export function onEach(
  names: readonly NodeId[],
  make: (index: number) => AnyProcess,
): Record<NodeId, () => AnyProcess> {
  return Object.fromEntries(names.map((node, index) => [node, () => make(index)]));
}

/** The process at an address, if it is up. */
export function seen<P extends AnyProcess>(
  world: World,
  at: Address,
  kind: abstract new (...args: never[]) => P,
): P | null {
  const process = world.process(at);
  return process instanceof kind ? process : null;
}

/** All processes of a class that are up, by address. */
export function all<P extends AnyProcess>(
  world: World,
  kind: abstract new (...args: never[]) => P,
): (readonly [Address, P])[] {
  const found: (readonly [Address, P])[] = [];
  for (const [at, process] of world.processes()) if (process instanceof kind) found.push([at, process]);
  return found;
}
