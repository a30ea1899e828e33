import type { NodeId } from '../../kernel/index.ts';

/** A leadership's number: the generation clock that every message carries. Ordered by round, then by node. */
export interface Ballot {
  readonly round: number;
  readonly node: NodeId;
}

/** Below every ballot of a proposer. */
export const NO_BALLOT: Ballot = { round: 0, node: '' };

/** Negative if `a` is lower, 0 if equal, positive if higher. */
export function compareBallots(a: Ballot, b: Ballot): number {
  if (a.round !== b.round) return a.round - b.round;
  if (a.node === b.node) return 0;
  return a.node < b.node ? -1 : 1;
}

export function isSameBallot(a: Ballot, b: Ballot): boolean {
  return a.round === b.round && a.node === b.node;
}

export function formatBallot({ round, node }: Ballot): string {
  return `${round}.${node}`;
}
