import { type Address, equal, type Invariant, nodeOf, print, type Spec, type World } from '../../kernel/index.ts';
import { compareBallots, formatBallot, isSameBallot } from './ballot.ts';
import { type Slot, slotAfter, type Vote } from './log.ts';
import { isAcceptQuorum } from './membership.ts';
import { Replica } from './replica.ts';

function* replicas(world: World): Iterable<readonly [Address, Replica]> {
  for (const [at, process] of world.processes()) if (process instanceof Replica) yield [at, process];
}

function pairs(world: World): [readonly [Address, Replica], readonly [Address, Replica]][] {
  const all = [...replicas(world)];
  return all.flatMap((one, index) => all.slice(index + 1).map((other): [typeof one, typeof one] => [one, other]));
}

/** Logs agree up to the chosen index: no two replicas executed different values for a slot. */
const agreement: Invariant = (world) => {
  for (const [[atA, a], [atB, b]] of pairs(world)) {
    const through = Math.min(a.chosen, b.chosen);
    for (let slot = slotAfter(Math.max(a.log.base, b.log.base) as Slot); slot <= through; slot = slotAfter(slot)) {
      const [one, other] = [a.log.get(slot)?.value, b.log.get(slot)?.value];
      if (one === other || equal(one, other)) continue;
      return `slot ${slot} holds ${print(one)} at ${atA} and ${print(other)} at ${atB}`;
    }
  }
  return null;
};

/** At most one value is chosen per slot: no two ballots have a quorum of votes for different values. */
const oneValueChosen: Invariant = (world) => {
  const votes = new Map<Slot, { readonly ballot: string; readonly vote: Vote; readonly voters: Set<string> }[]>();
  const all = [...replicas(world)];
  for (const [at, { log }] of all) {
    for (const vote of log.votes.values()) {
      const ballots = votes.get(vote.slot) ?? [];
      votes.set(vote.slot, ballots);
      const known = ballots.find(({ vote: { ballot } }) => isSameBallot(ballot, vote.ballot));
      if (known === undefined) {
        ballots.push({ ballot: formatBallot(vote.ballot), vote, voters: new Set([nodeOf(at)]) });
      } else if (!equal(known.vote.value, vote.value)) {
        return `slot ${vote.slot} has two values at ballot ${known.ballot}`;
      } else known.voters.add(nodeOf(at));
    }
  }
  const [first] = all;
  if (first === undefined) return null;
  for (const [slot, ballots] of votes) {
    const chosen = ballots.filter(({ voters }) => isAcceptQuorum(first[1].membership, voters));
    const [one, other] = chosen;
    if (one === undefined || other === undefined || equal(one.vote.value, other.vote.value)) continue;
    return `slot ${slot} is chosen twice: ${print(one.vote)} and ${print(other.vote)}`;
  }
  return null;
};

/** No acceptor voted above what it promised. */
const promisesKept: Invariant = (world) => {
  for (const [at, { promised, log }] of replicas(world)) {
    for (const { slot, ballot } of log.votes.values()) {
      if (compareBallots(ballot, promised) <= 0) continue;
      return `${at} voted for slot ${slot} at ${formatBallot(ballot)}, above its promise ${formatBallot(promised)}`;
    }
  }
  return null;
};

/** A ballot has one leader. */
const oneLeaderPerBallot: Invariant = (world) => {
  for (const [[atA, { role: a }], [atB, { role: b }]] of pairs(world)) {
    if (a.type !== 'leader' || b.type !== 'leader' || !isSameBallot(a.ballot, b.ballot)) continue;
    return `${atA} and ${atB} both lead at ballot ${formatBallot(a.ballot)}`;
  }
  return null;
};

/** What must hold of Multi-Paxos in every reachable world, and what must be reachable. */
export const multiPaxosSpec: Spec = {
  invariants: { agreement, oneValueChosen, promisesKept, oneLeaderPerBallot },
  goals: {
    someoneLeads: (world) => [...replicas(world)].some(([, { role }]) => role.type === 'leader'),
    somethingIsChosen: (world) => [...replicas(world)].some(([, { chosen }]) => chosen > 0),
  },
};

/** A world in which every node's own clock can be read: the simulator's. */
export interface ClockedWorld extends World {
  clockMs(node: string): number;
}

/** At most one replica holds the lease at any instant of true time, whatever the clocks within their bound show. */
export function oneLeaseholder(world: ClockedWorld): string | null {
  const holders: Address[] = [];
  for (const [at, replica] of replicas(world)) if (replica.holdsLease(world.clockMs(nodeOf(at)))) holders.push(at);
  return holders.length <= 1 ? null : `${holders.join(' and ')} hold the lease at once`;
}

/** What was chosen stays chosen: remembers every value seen chosen, across crashes, and compares. */
export class ChosenValues {
  readonly #values = new Map<number, { readonly value: unknown; readonly at: Address }>();

  get slots(): number {
    return this.#values.size;
  }

  /** @returns what is wrong, or null */
  note(at: Address, slot: Slot, value: unknown): string | null {
    const known = this.#values.get(slot);
    if (known === undefined) this.#values.set(slot, { value, at });
    else if (!equal(known.value, value)) {
      return `slot ${slot} was ${print(known.value)} at ${known.at} and is now ${print(value)} at ${at}`;
    }
    return null;
  }
}
