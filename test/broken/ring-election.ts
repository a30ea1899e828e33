import type { ProcessModelOptions } from '../../src/check/index.ts';
import { type Address, address, Process } from '../../src/kernel/index.ts';
import { all, nodesOf, onEach } from './nodes.ts';

interface Candidacy {
  readonly type: 'candidacy';
  readonly id: number;
}

/** Chang and Roberts (1979): passes greater identities on, swallows smaller ones, has won when its own comes back. */
class Candidate extends Process<Candidacy> {
  isLeader = false;
  readonly id: number;
  readonly next: Address;
  readonly swallows: boolean;

  constructor(id: number, next: Address, swallows: boolean) {
    super();
    this.id = id;
    this.next = next;
    this.swallows = swallows;
  }

  override onStart(): void {
    this.send(this.next, { type: 'candidacy', id: this.id });
  }

  override onMessage(_from: Address, { id }: Candidacy): void {
    if (id === this.id) this.isLeader = true;
    else if (id > this.id || !this.swallows) this.send(this.next, { type: 'candidacy', id });
  }
}

/** Broken: smaller identities are passed on as well, and so come all the way round. */
export function ringElection(isBroken: boolean): ProcessModelOptions<null> {
  const names = ['n0', 'n1', 'n2'];
  const after = (index: number) => address(names[(index + 1) % names.length] ?? '');
  return {
    nodes: nodesOf(onEach(names, (index) => new Candidate(index, after(index), !isBroken))),
    invariants: {
      oneLeader: (world) => {
        const leaders = all(world, Candidate).filter(([, { isLeader }]) => isLeader);
        return leaders.length > 1 ? `${leaders.map(([at]) => at).join(' and ')} lead` : null;
      },
    },
    goals: { elected: (world) => all(world, Candidate).some(([, { isLeader }]) => isLeader) },
  };
}
