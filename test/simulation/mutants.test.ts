import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Address } from '../../src/kernel/index.ts';
import type { Vote } from '../../src/protocols/index.ts';
import { Replica } from '../../src/protocols/index.ts';
import type { Execute, Promised, Read } from '../../src/protocols/multi-paxos/messages.ts';
import type { Candidate, Proposal } from '../../src/protocols/multi-paxos/roles.ts';
import { storeNode } from '../../src/store/node.ts';
import { shipped } from './shipped.ts';

/**
 * Each of these breaks one rule that the protocol's safety rests on. Two more are too rarely fatal for a few seeds, and
 * are caught elsewhere: promises forgotten in a crash by the model check, leases not honoured by a test of their own.
 */
const MUTANTS: Readonly<Record<string, typeof Replica>> = {
  'an acceptor that does not log its vote': class extends Replica {
    protected override vote(vote: Vote): void {
      if (vote.slot <= this.log.base) return this.promise(vote.ballot);
      this.promise(vote.ballot);
      this.log.put(vote);
    }
  },

  'an acceptor that answers before its log is durable': class extends Replica {
    protected override send(...[to, message]: Parameters<Replica['send']>): void {
      super.send(to, message, { early: true });
    }
  },

  'a candidate that one promise too few elects': class extends Replica {
    protected override isElected(role: Candidate): boolean {
      return role.promises.size >= Math.floor(this.membership.voters.length / 2);
    }
  },

  'a candidate that ignores the votes reported to it': class extends Replica {
    protected override onPromised(from: Address, promised: Promised): void {
      super.onPromised(from, { ...promised, votes: [], complete: true });
    }
  },

  'a leader that one vote too few satisfies': class extends Replica {
    protected override isChosen({ votes }: Proposal): boolean {
      return votes.size >= Math.max(1, Math.floor(this.membership.voters.length / 2));
    }
  },

  'a leader that takes its leadership for a lease': class extends Replica {
    override holdsLease(): boolean {
      return this.role.type === 'leader';
    }
  },

  'a follower that reads without asking the leader': class extends Replica {
    protected override onRead(client: Address, read: Read): void {
      super.onRead(client, { ...read, consistency: 'stale' });
    }
  },

  'a learner that executes a command as often as the log holds it': class extends Replica {
    protected override executeCommands(...[slot, timeMs, commands]: Parameters<Replica['executeCommands']>): void {
      const fresh = (command: Execute): Execute => ({ ...command, sequence: slot * 1_000 + command.sequence });
      super.executeCommands(
        slot,
        timeMs,
        commands.map((command) => (command.type === 'execute' ? fresh(command) : command)),
      );
    }
  },
};

/** What shows a mistake soonest, where that is not every fault at once. */
const SCENARIOS: Readonly<Record<string, string>> = {
  'a leader that takes its leadership for a lease': 'clock-drift',
};

const SEEDS_MAX = 40;

for (const [name, replica] of Object.entries(MUTANTS)) {
  test(`simulation catches ${name}`, (t) => {
    const trial = shipped(SCENARIOS[name] ?? 'everything', (options) => storeNode({ ...options, replica }));
    for (let seed = 1; seed <= SEEDS_MAX; seed += 1) {
      const { failure } = trial.run(trial.plan(seed));
      if (failure === null) continue;
      t.diagnostic(`seed ${seed}: ${failure.property}: ${failure.what.split('\n')[0]}`);
      return;
    }
    assert.fail(`${SEEDS_MAX} seeds did not catch it`);
  });
}
