import type { Model } from '../model.ts';
import { changed, type Move, modelOfMoves, range, type Words } from './words.ts';

const WHITE = 0;
const BLACK = 1;

/**
 * Dijkstra, Feijen and van Gasteren, "Derivation of a termination detection algorithm for distributed computations"
 * (EWD 840, 1983); the steps are those of the specification `EWD840` in TLA+ Examples. Words: which nodes are active,
 * which are black, where the token is, whether it is black.
 */
export function terminationDetection(nodes: number): Model<Words, Move> {
  const [ACTIVE, COLORS, TOKEN, TOKEN_COLOR] = [0, 1, 2, 3];
  const all = range(nodes);
  const moves = (state: Words): Move[] => {
    const [active = 0, colors = 0, token = 0, tokenColor = 0] = state;
    const isActive = (node: number): boolean => (active & (1 << node)) !== 0;
    const isBlack = (node: number): boolean => (colors & (1 << node)) !== 0;
    const found: Move[] = [];
    const stained = isBlack(token) ? BLACK : tokenColor;
    const away: Move = {
      name: token === 0 ? 'probe' : `pass ${token}`,
      to: changed(
        state,
        [TOKEN, token === 0 ? nodes - 1 : token - 1],
        [TOKEN_COLOR, token === 0 ? WHITE : stained],
        [COLORS, colors & ~(1 << token)],
      ),
    };
    // Each reason that allows the step counts as a step of its own in what TLC reports as generated.
    const reasons = [tokenColor === BLACK, isBlack(token), token !== 0 && !isActive(token)];
    for (const reason of reasons) if (reason) found.push(away);
    for (const node of all.filter(isActive)) {
      for (const other of all) {
        if (other === node) continue;
        const blackened = other > node ? colors | (1 << node) : colors;
        const to = changed(state, [ACTIVE, active | (1 << other)], [COLORS, blackened]);
        found.push({ name: `send ${node} ${other}`, to });
      }
      found.push({ name: `deactivate ${node}`, to: changed(state, [ACTIVE, active & ~(1 << node)]) });
    }
    return found;
  };
  const starts = range(1 << nodes).flatMap((active) =>
    range(1 << nodes).flatMap((colors) => all.map((token) => [active, colors, token, BLACK])),
  );
  const detects = ([active = 0, colors = 0, token, tokenColor]: Words): string | null => {
    const isDetected = token === 0 && tokenColor === WHITE && (colors & 1) === 0 && (active & 1) === 0;
    return isDetected && active !== 0 ? 'termination is detected while a node is active' : null;
  };
  return modelOfMoves(starts, moves, { properties: { invariants: { detects } } });
}
