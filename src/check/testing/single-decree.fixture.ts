import { type Address, address, type NodeDefinition, type NodeId, Process, type World } from '../../kernel/index.ts';
import type { ProcessModelOptions } from '../process/options.ts';
import { one } from './lock.fixture.ts';

interface Proposal {
  readonly ballot: number;
  readonly value: string;
}

export type PaxosMessage =
  | { readonly type: 'prepare'; readonly ballot: number } // 1a
  | { readonly type: 'promise'; readonly ballot: number; readonly last: Proposal | null } // 1b
  | { readonly type: 'accept'; readonly proposal: Proposal } // 2a
  | { readonly type: 'accepted'; readonly ballot: number }; // 2b

type PaxosRecord =
  | { readonly type: 'promised'; readonly ballot: number }
  | { readonly type: 'accepted'; readonly proposal: Proposal };

/** What an acceptor gets wrong, or in the last case a proposer, if anything. */
export type Mistake = 'none' | 'forgets promise' | 'answers early' | 'breaks promise' | 'ignores votes';

/** "Paxos Made Simple" (Lamport, 2001), section 2.2, with one proposal a proposer. */
export class Acceptor extends Process<PaxosMessage, never, PaxosRecord> {
  promised = 0;
  accepted: Proposal | null = null;
  readonly mistake: Mistake;

  constructor(mistake: Mistake) {
    super();
    this.mistake = mistake;
  }

  override onRecord(record: PaxosRecord): void {
    if (record.type === 'promised') this.promised = record.ballot;
    else {
      this.promised = record.proposal.ballot;
      this.accepted = record.proposal;
    }
  }

  override onMessage(from: Address, message: PaxosMessage): void {
    const early = this.mistake === 'answers early';
    if (message.type === 'prepare' && message.ballot > this.promised) {
      this.promised = message.ballot;
      if (this.mistake !== 'forgets promise') this.persist({ type: 'promised', ballot: message.ballot });
      this.send(from, { type: 'promise', ballot: message.ballot, last: this.accepted }, { early });
    }
    const isNew = message.type === 'accept' && message.proposal.ballot !== this.accepted?.ballot;
    const mayAccept = isNew && (message.proposal.ballot >= this.promised || this.mistake === 'breaks promise');
    if (mayAccept) {
      this.promised = message.proposal.ballot;
      this.accepted = message.proposal;
      this.persist({ type: 'accepted', proposal: message.proposal });
      this.send(from, { type: 'accepted', ballot: message.proposal.ballot }, { early });
    }
  }
}

export class Proposer extends Process<PaxosMessage> {
  promises: Set<Address> = new Set();
  last: Proposal | null = null;
  proposal: Proposal | null = null;
  votes: Set<Address> = new Set();
  chosen: string | null = null;
  readonly ballot: number;
  readonly value: string;
  readonly acceptors: readonly Address[];
  readonly quorum: number;
  readonly ignoresVotes: boolean;

  constructor(ballot: number, acceptors: readonly Address[], quorum: number, mistake: Mistake) {
    super();
    this.ballot = ballot;
    this.value = `value ${ballot}`;
    this.acceptors = acceptors;
    this.quorum = quorum;
    this.ignoresVotes = mistake === 'ignores votes';
  }

  override onStart(): void {
    for (const to of this.acceptors) this.send(to, { type: 'prepare', ballot: this.ballot });
  }

  override onMessage(from: Address, message: PaxosMessage): void {
    if (message.type === 'promise' && this.proposal === null) this.onPromise(from, message.last);
    if (message.type === 'accepted' && this.chosen === null) {
      this.votes.add(from);
      if (this.votes.size >= this.quorum) this.chosen = this.proposal?.value ?? null;
    }
  }

  private onPromise(from: Address, last: Proposal | null): void {
    this.promises.add(from);
    if (last !== null && last.ballot > (this.last?.ballot ?? 0) && !this.ignoresVotes) this.last = last;
    if (this.promises.size < this.quorum) return;
    this.proposal = { ballot: this.ballot, value: this.last?.value ?? this.value };
    for (const to of this.acceptors) this.send(to, { type: 'accept', proposal: this.proposal });
  }
}

export interface SingleDecree {
  readonly proposers: number;
  readonly acceptors: number;
  readonly mistake?: Mistake;
  readonly quorum?: number;
}

export function singleDecree(size: SingleDecree): ProcessModelOptions<null> {
  const { proposers, acceptors, mistake = 'none', quorum = Math.floor(acceptors / 2) + 1 } = size;
  const nodes = new Map<NodeId, NodeDefinition>();
  const addresses: Address[] = [];
  for (let index = 1; index <= acceptors; index += 1) {
    nodes.set(
      `a${index}`,
      one(() => new Acceptor(mistake)),
    );
    addresses.push(address(`a${index}`));
  }
  for (let ballot = 1; ballot <= proposers; ballot += 1) {
    nodes.set(
      `p${ballot}`,
      one(() => new Proposer(ballot, addresses, quorum, mistake)),
    );
  }
  return {
    nodes,
    unordered: ['promises', 'votes'],
    invariants: { agreement },
    goals: { chosen: (world) => chosenValues(world).length > 0 },
  };
}

function agreement(world: World): string | null {
  const values = new Set(chosenValues(world));
  return values.size > 1 ? `${[...values].join(' and ')} are both chosen` : null;
}

function chosenValues(world: World): string[] {
  const values: string[] = [];
  for (const [, process] of world.processes()) {
    if (process instanceof Proposer && process.chosen !== null) values.push(process.chosen);
  }
  return values;
}
