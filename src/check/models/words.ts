import { Hasher } from '../fingerprint.ts';
import type { Model, PrintedModel } from '../model.ts';

/** A state as whole numbers in a fixed order. */
export type Words = readonly number[];

/** A step, by its name. */
export interface Move {
  readonly name: string;
  readonly to: Words;
}

/** A model by its start and, for each state, all steps from it: the way specifications in TLA+ are written. */
export function modelOfMoves(
  initial: readonly Words[],
  moves: (state: Words) => readonly Move[],
  more: Pick<Model<Words, Move>, 'properties' | 'prune'>,
): PrintedModel<Words, Move> {
  const hasher = new Hasher();
  return {
    initial: () => initial,
    actions: moves,
    next: (_state, { to }) => to,
    packing: { words: (state) => state, state: (words) => words },
    fingerprint: (state, into) => hasher.reset().words(state).finish(into),
    tellAction: ({ name }) => name,
    ...more,
  };
}

/** The state with some of its words replaced. */
export function changed(state: Words, ...changes: readonly (readonly [index: number, word: number])[]): number[] {
  const next = state.slice();
  for (const [index, word] of changes) next[index] = word;
  return next;
}

/** 0, 1, 2… up to and without `count`. */
export function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}
