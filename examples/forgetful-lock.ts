/**
 * A lock service that forgets in a crash who holds the lock, with a scenario of its own:
 *
 *     npm run -s coterie -- sim examples/forgetful-lock.ts
 *
 * `lock-service.ts` is one that does not.
 */
import { type Address, address, type NodeDefinition, Process, type Spec } from '../src/kernel/index.ts';

type Message = { readonly type: 'request' | 'granted' | 'release' };

/** Remembers in memory only who holds the lock. */
class ForgetfulServer extends Process<Message> {
  holder: Address | null = null;

  override onMessage(from: Address, { type }: Message): void {
    if (type === 'release' && this.holder === from) this.holder = null;
    if (type !== 'request' || (this.holder !== null && this.holder !== from)) return;
    this.holder = from;
    this.send(from, { type: 'granted' });
  }
}

/** Asks until it has the lock, and keeps it for a second. */
class Client extends Process<Message, 'ask' | 'release'> {
  holds = false;

  override onStart(): void {
    this.onTimer('ask');
  }

  override onTimer(timer: 'ask' | 'release'): void {
    if (timer === 'release') {
      this.holds = false;
      this.send(address('server'), { type: 'release' });
    } else if (!this.holds) this.send(address('server'), { type: 'request' });
    this.setTimer('ask', 200);
  }

  override onMessage(): void {
    if (this.holds) return;
    this.holds = true;
    this.setTimer('release', 1000);
  }
}

export const nodes: Readonly<Record<string, NodeDefinition>> = {
  server: () => new Map([['', new ForgetfulServer()]]),
  client1: () => new Map([['', new Client()]]),
  client2: () => new Map([['', new Client()]]),
};

export const spec: Spec = {
  invariants: {
    mutualExclusion: (world) => {
      const holders = [...world.processes()].filter(([, client]) => client instanceof Client && client.holds);
      return holders.length > 1 ? `${holders.map(([at]) => at).join(' and ')} hold the lock` : null;
    },
  },
};

/** What happens to it, in the words of a scenario file. */
export const scenario: unknown = {
  network: { latency: { minMs: 1, meanMs: 1, maxMs: 1 } },
  faults: [
    { type: 'pause', atMs: 100, forMs: 5, nodes: ['client1'] },
    { type: 'crash', atMs: 1500, everyMs: 3000, forMs: 10, nodes: ['server'] },
  ],
  durationMs: 5_000,
};
