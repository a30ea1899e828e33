import type { Model } from '../model.ts';
import { changed, type Move, modelOfMoves, range, type Words } from './words.ts';

const WORKING = 0;
const PREPARED = 1;
const COMMITTED = 2;
const ABORTED = 3;

/** Gray and Lamport, "Consensus on Transaction Commit" (2006), section 2: what a commit protocol is to do. One word a resource manager. */
export function transactionCommit(managers: number): Model<Words, Move> {
  const all = range(managers);
  const moves = (state: Words): Move[] => {
    const canCommit = state.every((at) => at === PREPARED || at === COMMITTED);
    const notCommitted = state.every((at) => at !== COMMITTED);
    return all.flatMap((rm) => {
      const possible: Move[] = [];
      const go = (name: string, to: number) => possible.push({ name: `${name} ${rm}`, to: changed(state, [rm, to]) });
      const at = state[rm];
      if (at === WORKING) go('prepare', PREPARED);
      if (at === PREPARED && canCommit) go('commit', COMMITTED);
      if ((at === WORKING || at === PREPARED) && notCommitted) go('abort', ABORTED);
      return possible;
    });
  };
  const consistent = (state: Words): string | null =>
    state.includes(COMMITTED) && state.includes(ABORTED) ? 'one has committed and another has aborted' : null;
  return modelOfMoves([all.map(() => WORKING)], moves, { properties: { invariants: { consistent } } });
}
