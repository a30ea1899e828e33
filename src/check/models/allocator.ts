import type { Model } from '../model.ts';
import { changed, type Move, modelOfMoves, range, type Words } from './words.ts';

/**
 * Clients that ask a central allocator for sets of resources; the steps are those of Merz's specification
 * `SimpleAllocator` in TLA+ Examples. Two words a client: the resources that it still wants, and those that it has.
 */
export function allocator(clients: number, resources: number): Model<Words, Move> {
  const all = range(clients);
  const sets = range(1 << resources).slice(1);
  const wanted = (client: number): number => 2 * client;
  const held = (client: number): number => 2 * client + 1;
  const moves = (state: Words): Move[] => {
    const taken = all.reduce((set, client) => set | (state[held(client)] as number), 0);
    return all.flatMap((client) => {
      const [wants, has] = [state[wanted(client)] as number, state[held(client)] as number];
      return sets.flatMap((set) => {
        const found: Move[] = [];
        const go = (name: string, ...changes: [number, number][]) =>
          found.push({ name: `${name} ${client} ${set}`, to: changed(state, ...changes) });
        if (wants === 0 && has === 0) go('request', [wanted(client), set]);
        if ((set & wants & ~taken) === set) go('allocate', [held(client), has | set], [wanted(client), wants & ~set]);
        if ((set & has) === set) go('return', [held(client), has & ~set]);
        return found;
      });
    });
  };
  const exclusion = (state: Words): string | null => {
    const shared = all.some((one) =>
      all.some((other) => one < other && ((state[held(one)] as number) & (state[held(other)] as number)) !== 0),
    );
    return shared ? 'two clients hold one resource' : null;
  };
  return modelOfMoves([all.flatMap(() => [0, 0])], moves, { properties: { invariants: { exclusion } } });
}
