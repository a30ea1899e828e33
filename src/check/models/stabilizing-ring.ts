import type { Model } from '../model.ts';
import { changed, type Move, modelOfMoves, range, type Words } from './words.ts';

/**
 * Dijkstra, "Self-stabilizing systems in spite of distributed control" (1974), with as many values as nodes: from any
 * state at all, one privilege is left in the end. The steps are those of the specification `TokenRing` of EWD 426 in TLA+
 * Examples. One word a node.
 */
export function stabilizingRing(nodes: number): Model<Words, Move> {
  const all = range(nodes);
  const last = nodes - 1;
  const moves = (state: Words): Move[] => {
    const found: Move[] = [];
    const [first = 0] = state;
    if (first === state[last]) found.push({ name: 'create', to: changed(state, [0, (first + 1) % nodes]) });
    for (const node of all.slice(1)) {
      const before = state[node - 1] as number;
      if (state[node] !== before) found.push({ name: `pass ${node}`, to: changed(state, [node, before]) });
    }
    return found;
  };
  const starts = range(nodes ** nodes).map((index) => all.map((node) => Math.floor(index / nodes ** node) % nodes));
  return modelOfMoves(starts, moves, {
    properties: { eventually: { onePrivilege: (state) => moves(state).length === 1 } },
  });
}
