import type { Model } from '../model.ts';
import { changed, type Move, modelOfMoves, range, type Words } from './words.ts';

const CANDIDATE = 0;
const LOST = 1;
const WON = 2;

/**
 * Chang and Roberts, "An improved algorithm for decentralized extrema-finding in circular configurations of
 * processes" (1979), node i having identity i; the steps are those of the specification `ChangRoberts` in TLA+
 * Examples. Words for each node: whether it has begun, its state, whether it initiates, the set of messages that wait for it.
 */
export function ringElection(nodes: number): Model<Words, Move> {
  const WORDS = 4;
  const [BEGUN, STATE, INITIATES, WAITING] = [0, 1, 2, 3];
  const word = (node: number, field: number): number => node * WORDS + field;
  const moves = (state: Words): Move[] => {
    const read = (node: number, field: number): number => state[word(node, field)] as number;
    return range(nodes).flatMap((node) => {
      const next = word((node + 1) % nodes, WAITING);
      const sends = (to: Words, id: number): number[] => changed(to, [next, (to[next] as number) | (1 << id)]);
      if (read(node, BEGUN) === 0) {
        const begun = changed(state, [word(node, BEGUN), 1]);
        return [{ name: `${node} begins`, to: read(node, INITIATES) === 1 ? sends(begun, node) : begun }];
      }
      const waiting = range(nodes).filter((id) => (read(node, WAITING) & (1 << id)) !== 0);
      return waiting.map((id) => {
        const name = `${node} receives ${id}`;
        const taken = changed(state, [word(node, WAITING), read(node, WAITING) & ~(1 << id)]);
        if (read(node, STATE) === LOST) return { name, to: sends(taken, id) };
        if (id < node) return { name, to: sends(changed(taken, [word(node, STATE), LOST]), id) };
        return { name, to: id === node ? changed(taken, [word(node, STATE), WON]) : taken };
      });
    });
  };
  const starts = range(1 << nodes).map((initiators) =>
    range(nodes).flatMap((node) => {
      const initiates = (initiators >> node) & 1;
      return [0, initiates === 1 ? CANDIDATE : LOST, initiates, 0];
    }),
  );
  const oneLeader = (state: Words): string | null => {
    const leader = range(nodes).find((node) => state[word(node, STATE)] === WON);
    if (leader === undefined) return null;
    const rival = range(nodes).find((node) => node !== leader && state[word(node, STATE)] !== LOST);
    return rival === undefined ? null : `${leader} has won, and ${rival} has not lost`;
  };
  return modelOfMoves(starts, moves, {
    properties: {
      invariants: { oneLeader },
      eventually: {
        elected: (state) =>
          range(nodes).some((node) => state[word(node, STATE)] === WON) ||
          range(nodes).every((node) => state[word(node, INITIATES)] === 0),
      },
    },
  });
}
