import {
  type Address,
  type AnyProcess,
  address,
  MemoryStorage,
  type NodeId,
  nodeOf,
  processOf,
  type World,
} from '../../kernel/index.ts';
import type { NodeState } from './node-state.ts';
import { withStorages } from './storage-handle.ts';

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

  /** Has the processes' storages hold what they hold in this world, while `use` looks at it. */
  during<T>(use: () => T): T {
    return withStorages((node, name) => this.#storage(node, name), use);
  }

  #storage(node: NodeId, name: string): MemoryStorage {
    return this.#nodes.get(node)?.storages.get(name)?.storage ?? new MemoryStorage();
  }
}
