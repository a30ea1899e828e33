import type { General, SeenExecution } from './views.ts';

/** The protocols of one schedule: all functions from what the generals have seen to what they do. */
export interface Protocols {
  /** Two to the power of this: how many there are. */
  readonly views: number;
  /** Two to the power of this: in how many the generals decide alike in every execution. */
  readonly groups: number;
  /** Of these, two to the power of this attack if ordered and nothing is lost, and never without an order; null: none. */
  readonly free: number | null;
  /** Whether general and view attack in one such protocol, which attacks no more than it must. */
  readonly attacks: (general: General, view: string) => boolean;
}

/**
 * Counts protocols without listing them. In each execution both generals decide alike, so the views that they have in it
 * get one decision; views linked so, directly or not, are a group, and each group is decided freely.
 */
export function protocolsOf(executions: readonly SeenExecution[]): Protocols {
  const groups = new Groups();
  for (const { views } of executions) groups.join(`A ${views.A}`, `B ${views.B}`);
  const attacking = new Set<string>();
  const staying = new Set<string>();
  for (const { ordered, arrived, views } of executions) {
    if (!ordered) staying.add(groups.of(`A ${views.A}`));
    else if (arrived.every((each) => each)) attacking.add(groups.of(`A ${views.A}`));
  }
  const all = groups.count();
  const isUseful = [...attacking].every((group) => !staying.has(group));
  return {
    views: groups.size,
    groups: all,
    free: isUseful ? all - attacking.size - staying.size : null,
    attacks: (general, view) => attacking.has(groups.of(`${general} ${view}`)),
  };
}

/** Names joined into disjoint groups (union-find). */
class Groups {
  readonly #parents = new Map<string, string>();

  get size(): number {
    return this.#parents.size;
  }

  /** The name that stands for the whole group. */
  of(name: string): string {
    const parent = this.#parents.get(name);
    if (parent === undefined) {
      this.#parents.set(name, name);
      return name;
    }
    if (parent === name) return name;
    const root = this.of(parent);
    this.#parents.set(name, root);
    return root;
  }

  join(one: string, other: string): void {
    this.#parents.set(this.of(one), this.of(other));
  }

  count(): number {
    return [...this.#parents.keys()].filter((name) => this.of(name) === name).length;
  }
}
