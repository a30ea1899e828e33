/** Something that leads from one node of a graph to another. */
export interface Arrow {
  readonly from: number;
  readonly to: number;
}

/** A directed graph whose nodes are whole numbers from 0. */
export interface Graph<E extends Arrow> {
  readonly size: number;
  leaving(node: number): readonly E[];
}

/**
 * The strongly connected components of more than one node, or of one with an arrow to itself: what every cycle lies
 * within (Tarjan, "Depth-first search and linear graph algorithms", 1972), without recursion, in linear time.
 */
export function components<E extends Arrow>(graph: Graph<E>): number[][] {
  const { size } = graph;
  const index = new Int32Array(size).fill(-1);
  const low = new Int32Array(size);
  const isOpen = new Uint8Array(size);
  const next = new Int32Array(size);
  const open: number[] = [];
  const found: number[][] = [];
  let visited = 0;
  for (let root = 0; root < size; root += 1) {
    if (index[root] !== -1) continue;
    const path = [root];
    while (path.length > 0) {
      const node = path[path.length - 1] as number;
      if (index[node] === -1) {
        index[node] = low[node] = visited++;
        isOpen[node] = 1;
        open.push(node);
      }
      const leaving = graph.leaving(node);
      let descended = false;
      while ((next[node] as number) < leaving.length) {
        const { to } = leaving[next[node] as number] as E;
        next[node] = (next[node] as number) + 1;
        if (index[to] === -1) {
          path.push(to);
          descended = true;
          break;
        }
        if (isOpen[to] === 1) low[node] = Math.min(low[node] as number, index[to] as number);
      }
      if (descended) continue;
      path.pop();
      const parent = path[path.length - 1];
      if (parent !== undefined) low[parent] = Math.min(low[parent] as number, low[node] as number);
      if (low[node] !== index[node]) continue;
      const component: number[] = [];
      let member: number;
      do {
        member = open.pop() as number;
        isOpen[member] = 0;
        component.push(member);
      } while (member !== node);
      if (component.length > 1 || leaving.some(({ to }) => to === node)) found.push(component.reverse());
    }
  }
  return found;
}

/** The shortest way from one node to another along arrows that may be taken; null if there is none. Empty if equal. */
export function shortestPath<E extends Arrow>(
  graph: Graph<E>,
  { from, to }: Arrow,
  mayTake: (arrow: E) => boolean = () => true,
): E[] | null {
  if (from === to) return [];
  const reachedBy = new Map<number, E>();
  const queue = [from];
  for (const node of queue) {
    for (const arrow of graph.leaving(node)) {
      if (arrow.to === from || reachedBy.has(arrow.to) || !mayTake(arrow)) continue;
      reachedBy.set(arrow.to, arrow);
      if (arrow.to === to) return unwind(reachedBy, from, to);
      queue.push(arrow.to);
    }
  }
  return null;
}

function unwind<E extends Arrow>(reachedBy: ReadonlyMap<number, E>, from: number, to: number): E[] {
  const path: E[] = [];
  for (let node = to; node !== from; ) {
    const arrow = reachedBy.get(node) as E;
    path.push(arrow);
    node = arrow.from;
  }
  return path.reverse();
}

/** A shortest cycle within a component, through any of the first few of its nodes. */
export function shortestCycle<E extends Arrow>(graph: Graph<E>, component: readonly number[], tries = 64): E[] {
  const members = new Set(component);
  let best: E[] | null = null;
  for (const node of component.slice(0, tries)) {
    for (const arrow of graph.leaving(node)) {
      if (!members.has(arrow.to)) continue;
      const back = shortestPath(graph, { from: arrow.to, to: node }, ({ to }) => members.has(to));
      if (back !== null && (best === null || back.length + 1 < best.length)) best = [arrow, ...back];
      if (best !== null && best.length <= 2) return best;
    }
  }
  if (best === null) throw new Error('a strongly connected component has no cycle');
  return best;
}
