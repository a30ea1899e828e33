import {
  type Address,
  type AnyProcess,
  MemoryStorage,
  type NodeId,
  nodeOf,
  processOf,
  type World,
} from '../../kernel/index.ts';
import type { WorldState } from './layout.ts';
import type { Library } from './library.ts';
import type { NodeState } from './node-state.ts';
import { withStorages } from './storage-handle.ts';

/** The world of one state of a search, with what the model's history has gathered on the way to it. */
export interface CheckedWorld<H> extends World {
  readonly history: H;
}

/** Shows a state of a process model as a world. */
export class StateView<H> implements CheckedWorld<H> {
  readonly #library: Library;
  readonly #state: WorldState;
  readonly history: H;

  constructor(library: Library, state: WorldState, history: H) {
    this.#library = library;
    this.#state = state;
    this.history = history;
  }

  processes(): Iterable<readonly [Address, AnyProcess]> {
    const found: (readonly [Address, AnyProcess])[] = [];
    for (let index = 0; index < this.#library.nodes.length; index += 1) {
      for (const entry of this.#library.processesOf(index, this.#state[index] as number)) found.push(entry);
    }
    return found;
  }

  process(at: Address): AnyProcess | undefined {
    return this.#node(nodeOf(at))?.processes.get(processOf(at));
  }

  /** Has the processes' storages hold what they hold in this world, while `use` looks at it. */
  during<T>(use: () => T): T {
    return withStorages((node, name) => this.#node(node)?.storages.get(name)?.storage ?? new MemoryStorage(), use);
  }

  #node(node: NodeId): NodeState | undefined {
    const index = this.#library.indexOf(node);
    return index === undefined ? undefined : this.#library.states.get(this.#state[index] as number);
  }
}
