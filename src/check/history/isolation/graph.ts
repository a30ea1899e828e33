import type { Arrow, Graph } from '../order/cycles.ts';
import type { Dependency, DependencyType } from './dependency.ts';

/** Transactions, and the dependencies of some types between them. */
export class DependencyGraph implements Graph<Dependency> {
  readonly size: number;
  readonly #leaving: Dependency[][];

  constructor(size: number, dependencies: readonly Dependency[], types: ReadonlySet<DependencyType>) {
    this.size = size;
    this.#leaving = Array.from({ length: size }, () => []);
    for (const dependency of dependencies) {
      if (types.has(dependency.type)) (this.#leaving[dependency.from] as Dependency[]).push(dependency);
    }
  }

  leaving(transaction: number): readonly Dependency[] {
    return this.#leaving[transaction] as Dependency[];
  }
}

export interface Step extends Arrow {
  readonly dependency: Dependency;
}

/**
 * The same, such that a walk never takes two `rw` in a row: each transaction is there twice, reached by an `rw` or by
 * something else. A walk from one back to the same is a cycle that snapshot isolation does not allow (Fekete et al.,
 * "Making snapshot isolation serializable", 2005; Cerone and Gotsman, "Analysing snapshot isolation", 2016); the
 * shortest of them visits no transaction twice, since of two cycles that it falls into, one would be shorter.
 */
export class NonadjacentGraph implements Graph<Step> {
  readonly size: number;
  readonly #leaving: Step[][];

  constructor(graph: DependencyGraph) {
    this.size = 2 * graph.size;
    this.#leaving = Array.from({ length: this.size }, () => []);
    for (let transaction = 0; transaction < graph.size; transaction += 1) {
      for (const dependency of graph.leaving(transaction)) {
        const isRw = dependency.type === 'rw';
        const to = 2 * dependency.to + (isRw ? 1 : 0);
        (this.#leaving[2 * transaction] as Step[]).push({ from: 2 * transaction, to, dependency });
        if (isRw) continue;
        (this.#leaving[2 * transaction + 1] as Step[]).push({ from: 2 * transaction + 1, to, dependency });
      }
    }
  }

  leaving(node: number): readonly Step[] {
    return this.#leaving[node] as Step[];
  }
}
