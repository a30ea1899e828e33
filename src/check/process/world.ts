import type { Address, AnyProcess, MemoryStorage, NodeId, World } from '../../kernel/index.ts';
import { address, nodeOf, processOf } from '../../kernel/index.ts';
import type { NodeState } from './node-state.ts';

/** The world of one state of a search, with what the model's history has gathered on the way to it. */
export interface CheckedWorld<H> extends World {
  readonly history: H;
}

/** Shows the nodes of a state as a world. */
export class NodesView<H> implements CheckedWorld<H> {
  readonly #nodes: ReadonlyMap<NodeId, NodeState>;
  readonly history: H;

  constructor(nodes: ReadonlyMap<NodeId, NodeState>, history: H) {
    this.#nodes = nodes;
    this.history = history;
  }

  *processes(): Iterable<readonly [Address, AnyProcess]> {
    for (const [node, state] of this.#nodes) {
      for (const [name, process] of state.processes) yield [address(node, name), process];
    }
  }

  process(at: Address): AnyProcess | undefined {
    return this.#nodes.get(nodeOf(at))?.processes.get(processOf(at));
  }

  storage(node: NodeId, name: string): MemoryStorage | undefined {
    return this.#nodes.get(node)?.storages.get(name)?.storage;
  }
}
