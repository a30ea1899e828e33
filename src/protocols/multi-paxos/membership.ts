import type { NodeId } from '../../kernel/index.ts';

/**
 * Who votes, and who only learns. A phase-1 quorum and a phase-2 quorum must intersect: majorities by default, or
 * any sizes whose sum exceeds the number of voters ("Flexible Paxos", Howard, Malkhi, Spiegelman, 2016).
 */
export interface Membership {
  readonly voters: readonly NodeId[];
  readonly learners: readonly NodeId[];
  readonly quorums: QuorumSizes | null;
}

export interface QuorumSizes {
  readonly prepare: number;
  readonly accept: number;
}

export type MembershipChange =
  | { readonly type: 'addLearner'; readonly node: NodeId }
  | { readonly type: 'promote'; readonly node: NodeId }
  | { readonly type: 'remove'; readonly node: NodeId };

export function membershipOf(voters: readonly NodeId[], quorums: QuorumSizes | null = null): Membership {
  return { voters: [...voters], learners: [], quorums };
}

export function quorumSizes({ voters, quorums }: Membership): QuorumSizes {
  const majority = Math.floor(voters.length / 2) + 1;
  return quorums ?? { prepare: majority, accept: majority };
}

export function isVoter(membership: Membership, node: NodeId): boolean {
  return membership.voters.includes(node);
}

export function isMember(membership: Membership, node: NodeId): boolean {
  return isVoter(membership, node) || membership.learners.includes(node);
}

export function everyone({ voters, learners }: Membership): NodeId[] {
  return [...voters, ...learners];
}

type Heard = ReadonlySet<NodeId> | ReadonlyMap<NodeId, unknown>;

function votersIn(membership: Membership, heard: Heard): number {
  let count = 0;
  for (const voter of membership.voters) if (heard.has(voter)) count += 1;
  return count;
}

/** Enough promises to lead: no value can have been chosen at a lower ballot that none of them reports. */
export function isPrepareQuorum(membership: Membership, heard: Heard): boolean {
  return votersIn(membership, heard) >= quorumSizes(membership).prepare;
}

/** Enough votes to choose. */
export function isAcceptQuorum(membership: Membership, heard: Heard): boolean {
  return votersIn(membership, heard) >= quorumSizes(membership).accept;
}

/** The membership after a change, or why the change is refused. */
export function changed(membership: Membership, change: MembershipChange): Membership | string {
  const { voters, learners } = membership;
  switch (change.type) {
    case 'addLearner':
      if (isMember(membership, change.node)) return `${change.node} is a member already`;
      return { ...membership, learners: [...learners, change.node] };
    case 'promote':
      if (isVoter(membership, change.node)) return `${change.node} votes already`;
      if (!learners.includes(change.node)) return `${change.node} is not a learner: add it as one first`;
      return safeAfter(membership, {
        ...membership,
        voters: [...voters, change.node],
        learners: learners.filter((node) => node !== change.node),
      });
    case 'remove': {
      if (!isMember(membership, change.node)) return `${change.node} is not a member`;
      const without = voters.filter((node) => node !== change.node);
      if (without.length === 0) return `${change.node} is the last voter: a group needs one`;
      return safeAfter(membership, {
        ...membership,
        voters: without,
        learners: learners.filter((node) => node !== change.node),
      });
    }
    default:
      return change satisfies never;
  }
}

function safeAfter(before: Membership, after: Membership): Membership | string {
  if (isSafeStep(before, after)) return after;
  return 'with the configured quorum sizes, quorums before and after this change would not intersect';
}

/** Every phase-1 quorum of either membership intersects every phase-2 quorum of the other, and of itself. */
export function isSafeStep(before: Membership, after: Membership): boolean {
  const all = new Set([...before.voters, ...after.voters]).size;
  const [old, young] = [quorumSizes(before), quorumSizes(after)];
  return (
    isSound(after) &&
    old.prepare + young.accept > all && //
    young.prepare + old.accept > all
  );
}

/** The quorum sizes can be met, and quorums of the two phases always intersect. */
export function isSound(membership: Membership): boolean {
  const { prepare, accept } = quorumSizes(membership);
  const count = membership.voters.length;
  return count > 0 && prepare >= 1 && accept >= 1 && prepare <= count && accept <= count && prepare + accept > count;
}
