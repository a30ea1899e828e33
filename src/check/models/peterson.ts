import type { Model } from '../model.ts';
import { changed, type Move, modelOfMoves, type Words } from './words.ts';

/**
 * Peterson, "Myths about the mutual exclusion problem" (1981), for two processes; the steps are those of the
 * specification `Peterson` in TLA+ Examples. Words: where each process is, whether each wants to enter, whose turn.
 */
export function peterson(): Model<Words, Move> {
  const TURN = 4;
  const CRITICAL = 4;
  const moves = (state: Words): Move[] => {
    return [0, 1].flatMap((self) => {
      const other = 1 - self;
      const at = state[self] as number;
      const wants = 2 + self;
      const go = (...changes: [number, number][]): Move[] => [
        { name: `step ${at} of ${self}`, to: changed(state, [self, (at + 1) % 6], ...changes) },
      ];
      switch (at) {
        case 1:
          return go([wants, 1]);
        case 2:
          return go([TURN, other]);
        case 3:
          return state[2 + other] === 0 || state[TURN] === self ? go() : [];
        case 5:
          return go([wants, 0]);
        default:
          return go();
      }
    });
  };
  const exclusion = (state: Words): string | null =>
    [0, 1].every((self) => (state[self] as number) >= CRITICAL) ? 'both are in the critical section' : null;
  return modelOfMoves([[0, 0, 0, 0, 0]], moves, { properties: { invariants: { exclusion } } });
}
