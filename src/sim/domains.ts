import type { NodeId } from '../kernel/index.ts';
import type { SimulatedWorld } from './world.ts';

/**
 * Groups of nodes that fail together, by name: racks, power units, data centres. A domain may hold other domains.
 * Wherever a fault or a link names a node, it may name a domain, and means each of its nodes.
 */
export type Domains = Readonly<Record<string, readonly string[]>>;

/** The nodes of each domain, of those given; domains of none of them left out. */
export function nodesOfDomains(domains: Domains, nodes: readonly NodeId[]): NodeId[][] {
  const within = (name: string, path: readonly string[]): NodeId[] => {
    if (nodes.includes(name)) return [name];
    const parts = path.includes(name) ? [] : (domains[name] ?? []);
    return parts.flatMap((part) => within(part, [...path, name]));
  };
  return Object.keys(domains)
    .map((name) => [...new Set(within(name, []))])
    .filter((members) => members.length > 0);
}

/** Who plays a part right now, by its name: for faults that are to strike the leader, whoever that is. */
export type Roles = Readonly<Record<string, (world: SimulatedWorld) => readonly NodeId[]>>;

/** In faults and links: every node. */
export const EVERY_NODE = '*';

/** Tells which nodes a name stands for. */
export class Names {
  readonly #domains: Domains;
  readonly #roles: Roles;
  readonly #world: SimulatedWorld & { readonly nodes: readonly NodeId[] };

  constructor(world: SimulatedWorld & { readonly nodes: readonly NodeId[] }, domains: Domains, roles: Roles) {
    this.#domains = domains;
    this.#roles = roles;
    this.#world = world;
  }

  /** Each node once, in the order in which they are named. */
  nodes(names: readonly string[]): NodeId[] {
    return [...new Set(names.flatMap((name) => this.#named(name, [])))];
  }

  /** Every direction between two names, but for that of a node to itself. */
  links(pairs: readonly (readonly [from: string, to: string])[]): (readonly [NodeId, NodeId])[] {
    return pairs.flatMap(([from, to]) =>
      this.nodes([from]).flatMap((sender) =>
        this.nodes([to])
          .filter((receiver) => receiver !== sender)
          .map((receiver) => [sender, receiver] as const),
      ),
    );
  }

  #named(name: string, within: readonly string[]): readonly NodeId[] {
    const { nodes } = this.#world;
    if (name === EVERY_NODE) return nodes;
    if (nodes.includes(name)) return [name];
    const role = Object.hasOwn(this.#roles, name) ? this.#roles[name] : undefined;
    if (role !== undefined) return role(this.#world);
    const domain = Object.hasOwn(this.#domains, name) ? this.#domains[name] : undefined;
    if (domain === undefined) throw new Error(`there is no node, domain or role '${name}': ${this.#known()}`);
    if (within.includes(name)) throw new Error(`the domain '${name}' holds itself`);
    return domain.flatMap((part) => this.#named(part, [...within, name]));
  }

  #known(): string {
    return `there are ${[...this.#world.nodes, ...Object.keys(this.#domains), ...Object.keys(this.#roles)].join(', ')}`;
  }
}
