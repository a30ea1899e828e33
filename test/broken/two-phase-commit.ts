import type { ProcessModelOptions } from '../../src/check/index.ts';
import { type Address, address, Process, type World } from '../../src/kernel/index.ts';
import { nodesOf, onEach, seen } from './nodes.ts';

type CommitMessage = { readonly type: 'prepare' } | { readonly type: 'yes' } | { readonly type: 'commit' };

/** Votes yes, and commits when told to; having voted, it may not abort on its own. */
class Participant extends Process<CommitMessage, 'give up', 'voted' | 'committed' | 'aborted'> {
  state: 'working' | 'voted' | 'committed' | 'aborted' = 'working';
  readonly logsVote: boolean;

  constructor(logsVote: boolean) {
    super();
    this.logsVote = logsVote;
  }

  override onRecord(record: 'voted' | 'committed' | 'aborted'): void {
    this.state = record;
  }

  override onStart(): void {
    if (this.state === 'working') this.setTimer('give up', 100);
  }

  override onMessage(from: Address, message: CommitMessage): void {
    if (message.type === 'prepare' && this.state === 'working') {
      this.state = 'voted';
      this.cancelTimer('give up');
      if (this.logsVote) this.persist('voted');
      this.send(from, { type: 'yes' });
    }
    if (message.type === 'commit' && this.state !== 'aborted') {
      this.state = 'committed';
      this.persist('committed');
    }
  }

  override onTimer(): void {
    this.state = 'aborted';
    this.persist('aborted');
  }
}

class Coordinator extends Process<CommitMessage> {
  votes: Set<Address> = new Set();
  readonly participants: readonly Address[];

  constructor(participants: readonly Address[]) {
    super();
    this.participants = participants;
  }

  override onStart(): void {
    for (const to of this.participants) this.send(to, { type: 'prepare' });
  }

  override onMessage(from: Address): void {
    if (this.votes.has(from)) return;
    this.votes.add(from);
    if (this.votes.size < this.participants.length) return;
    for (const to of this.participants) this.send(to, { type: 'commit' });
  }
}

/** Broken: a participant does not log its vote, and after a crash thinks that it never gave one. */
export function twoPhaseCommit(isBroken: boolean): ProcessModelOptions<null> {
  const participants = ['p1', 'p2'];
  const addresses = participants.map((node) => address(node));
  const states = (world: World) => addresses.map((at) => seen(world, at, Participant)?.state ?? 'down');
  return {
    nodes: nodesOf({
      ...onEach(participants, () => new Participant(!isBroken)),
      c: () => new Coordinator(addresses),
    }),
    budgets: { crashes: 1 },
    crashing: participants,
    invariants: {
      atomicity: (world) => {
        const found = states(world);
        return found.includes('committed') && found.includes('aborted') ? found.join(' and ') : null;
      },
    },
    goals: { committed: (world) => states(world).every((state) => state === 'committed') },
  };
}
