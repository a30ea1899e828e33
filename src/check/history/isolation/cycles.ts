import { type Arrow, components, type Graph, shortestPath } from '../order/cycles.ts';
import type { CycleName, OrderSuffix } from './anomaly.ts';
import type { Dependency, DependencyType } from './dependency.ts';
import { DependencyGraph, NonadjacentGraph } from './graph.ts';

export interface NamedCycle {
  readonly name: `${CycleName}${OrderSuffix}`;
  readonly cycle: readonly Dependency[];
}

/** How many dependencies of a component are tried for the shortest cycle, and how many cycles of a name are told. */
const TRIES_MAX = 200;
const CYCLES_MAX = 10;

/**
 * A component with a cycle of a kind that says more need not have one of the kind that is looked for. Where it has none
 * that says more, the first try finds one.
 */
const FRUITLESS_MAX = 1000;

const ORDERS: readonly (readonly DependencyType[])[] = [[], ['process'], ['realTime']];

/**
 * A short cycle of each kind in each component that has one. Those that need the order of processes, or of time, are
 * looked for only where a kind does not occur without: it says less.
 */
export function findCycles(size: number, dependencies: readonly Dependency[]): NamedCycle[] {
  const found: NamedCycle[] = [];
  for (const kind of KINDS) {
    for (const order of ORDERS) {
      const types = new Set<DependencyType>([...kind.types, ...order]);
      const cycles = kind.find(new DependencyGraph(size, dependencies, types), kind.name);
      found.push(...cycles.slice(0, CYCLES_MAX).map((cycle) => ({ name: classify(cycle), cycle })));
      if (cycles.length > 0) break;
    }
  }
  return found;
}

interface Kind {
  readonly name: CycleName;
  readonly types: readonly DependencyType[];
  find(graph: DependencyGraph, name: CycleName): Dependency[][];
}

const KINDS: readonly Kind[] = [
  { name: 'G0', types: ['ww'], find: throughEach('ww') },
  { name: 'G1c', types: ['ww', 'wr'], find: throughEach('wr') },
  { name: 'G-single', types: ['ww', 'wr', 'rw'], find: withoutAdjacent },
  { name: 'G-nonadjacent', types: ['ww', 'wr', 'rw'], find: withoutAdjacent },
  { name: 'G2-item', types: ['ww', 'wr', 'rw'], find: throughEach('rw') },
];

/** What a cycle is called: by how many of its dependencies are `rw`, and whether two of these follow each other. */
export function classify(cycle: readonly Dependency[]): `${CycleName}${OrderSuffix}` {
  const types = cycle.map(({ type }) => type);
  const suffix = types.includes('realTime') ? '-realtime' : types.includes('process') ? '-process' : '';
  const count = types.filter((type) => type === 'rw').length;
  if (count === 0) return `${types.includes('wr') ? 'G1c' : 'G0'}${suffix}`;
  if (count === 1) return `G-single${suffix}`;
  const isAdjacent = types.some((type, index) => type === 'rw' && types[(index + 1) % types.length] === 'rw');
  return `${isAdjacent ? 'G2-item' : 'G-nonadjacent'}${suffix}`;
}

/** In each component the shortest cycle through a dependency of a type, of those of the name that is looked for. */
function throughEach(type: DependencyType): Kind['find'] {
  return (graph, name) =>
    components(graph).flatMap((component) => {
      const members = new Set(component);
      const starts = within(graph, component, members).filter((dependency) => dependency.type === type);
      const cycle = shortest(
        starts,
        (start) => {
          const back = shortestPath(graph, { from: start.to, to: start.from }, ({ to }) => members.has(to));
          const closed = back === null ? null : [start, ...back];
          return closed !== null && classify(closed).replace(/-process|-realtime/, '') === name ? closed : null;
        },
        FRUITLESS_MAX,
      );
      return cycle === null ? [] : [cycle];
    });
}

/** Likewise, through an `rw`, with no other at all, or else with none right before or after another. */
function withoutAdjacent(graph: DependencyGraph, name: CycleName): Dependency[][] {
  const product = new NonadjacentGraph(graph);
  return components(product).flatMap((component) => {
    const members = new Set(component);
    const starts = within(product, component, members).filter(({ dependency }) => dependency.type === 'rw');
    const isSingle = name === 'G-single';
    const cycle = shortest(starts, (start) => {
      const back = shortestPath(
        product,
        { from: start.to, to: start.from },
        ({ to, dependency }) => members.has(to) && !(isSingle && dependency.type === 'rw'),
      );
      const closed = back === null ? null : [start, ...back].map(({ dependency }) => dependency);
      return closed !== null && isSimple(closed) && isSingle === hasOneRw(closed) ? closed : null;
    });
    return cycle === null ? [] : [cycle];
  });
}

function isSimple(cycle: readonly Dependency[]): boolean {
  return new Set(cycle.map(({ from }) => from)).size === cycle.length;
}

function hasOneRw(cycle: readonly Dependency[]): boolean {
  return cycle.filter(({ type }) => type === 'rw').length === 1;
}

function within<E extends Arrow>(graph: Graph<E>, component: readonly number[], members: ReadonlySet<number>): E[] {
  return component.flatMap((node) => graph.leaving(node).filter(({ to }) => members.has(to)));
}

/** The shortest cycle from any of the starts; once one is found, not all are tried. */
function shortest<S>(
  starts: readonly S[],
  cycleFrom: (start: S) => Dependency[] | null,
  limit: number = Number.POSITIVE_INFINITY,
): Dependency[] | null {
  let best: Dependency[] | null = null;
  let tries = 0;
  for (const start of starts) {
    if (tries >= limit || (best !== null && (best.length <= 2 || tries >= TRIES_MAX))) break;
    tries += 1;
    const cycle = cycleFrom(start);
    if (cycle !== null && (best === null || cycle.length < best.length)) best = cycle;
  }
  return best;
}
