/**
 * A lock service and its clients, to be simulated under every fault at once:
 *
 *     npm run -s coterie -- sim examples/lock-service.ts
 *
 * In a project of your own, import from 'coterie/kernel'.
 */
import { type Address, address, type NodeDefinition, Process, type Spec, type World } from '../src/kernel/index.ts';

const TURNS = 3;

type FromClient = { readonly type: 'request' | 'release'; readonly turn: number };
type FromServer = { readonly type: 'granted' | 'released'; readonly turn: number };
type LockMessage = FromClient | FromServer;

/** A client's turn with the lock: requests and releases that come late, or twice, are told apart by it. */
type Turn = { readonly client: Address; readonly turn: number };
type ServerRecord = { readonly type: 'granted' | 'released' } & Turn;

/** Grants the lock to one client at a time, and remembers to whom: on its disk before it says so. */
class LockServer extends Process<LockMessage, never, ServerRecord> {
  holder: Turn | null = null;
  finished: Map<Address, number> = new Map();

  override onRecord({ type, client, turn }: ServerRecord): void {
    if (type === 'granted') this.holder = { client, turn };
    else this.free(client, turn);
  }

  override onMessage(from: Address, { type, turn }: LockMessage): void {
    if (type === 'request') this.onRequest(from, turn);
    else if (type === 'release') this.onRelease(from, turn);
  }

  private onRequest(client: Address, turn: number): void {
    if (turn <= (this.finished.get(client) ?? 0)) return; // an old copy
    if (this.holder === null) {
      this.holder = { client, turn };
      this.persist({ type: 'granted', client, turn });
    }
    if (this.holder.client === client) this.send(client, { type: 'granted', turn });
  }

  private onRelease(client: Address, turn: number): void {
    if (turn > (this.finished.get(client) ?? 0)) {
      this.free(client, turn);
      this.persist({ type: 'released', client, turn });
    }
    this.send(client, { type: 'released', turn });
  }

  private free(client: Address, turn: number): void {
    this.finished.set(client, turn);
    if (this.holder?.client === client) this.holder = null;
  }
}

type ClientRecord = { readonly releasing: number };

/** Takes the lock a few times, each time for a while, and asks again whenever it hears nothing. */
class LockClient extends Process<LockMessage, 'work is done' | 'retry', ClientRecord> {
  turn = 1;
  state: 'requesting' | 'holding' | 'releasing' | 'done' = 'requesting';
  readonly server: Address;

  constructor(server: Address) {
    super();
    this.server = server;
  }

  /** It must not take an old grant for a new one: a turn that is over stays over, even after a crash. */
  override onRecord({ releasing }: ClientRecord): void {
    this.turn = releasing;
    this.state = 'releasing';
  }

  override onStart(): void {
    this.ask();
  }

  override onMessage(_from: Address, { type, turn }: LockMessage): void {
    if (turn !== this.turn) return;
    if (type === 'granted' && this.state === 'requesting') {
      this.state = 'holding';
      this.setTimer('work is done', 10, 50);
    } else if (type === 'released' && this.state === 'releasing') {
      this.turn += 1;
      this.state = this.turn > TURNS ? 'done' : 'requesting';
      this.ask();
    }
  }

  override onTimer(timer: 'work is done' | 'retry'): void {
    if (timer === 'work is done') {
      this.state = 'releasing';
      this.persist({ releasing: this.turn });
    }
    this.ask();
  }

  private ask(): void {
    if (this.state === 'requesting') this.send(this.server, { type: 'request', turn: this.turn });
    else if (this.state === 'releasing') this.send(this.server, { type: 'release', turn: this.turn });
    if (this.state === 'done') this.cancelTimer('retry');
    else this.setTimer('retry', 100, 200);
  }
}

function* clients(world: World): Iterable<readonly [Address, LockClient]> {
  for (const [at, process] of world.processes()) if (process instanceof LockClient) yield [at, process];
}

/** What runs: a node is what fails as one; each has one process or more, by name. */
export const nodes: Readonly<Record<string, NodeDefinition>> = {
  server: () => new Map([['', new LockServer()]]),
  client1: () => new Map([['', new LockClient(address('server'))]]),
  client2: () => new Map([['', new LockClient(address('server'))]]),
  client3: () => new Map([['', new LockClient(address('server'))]]),
};

/** What must hold: always, and in the end. */
export const spec: Spec = {
  invariants: {
    mutualExclusion: (world) => {
      const holders = [...clients(world)].filter(([, { state }]) => state === 'holding').map(([at]) => at);
      return holders.length > 1 ? `${holders.join(' and ')} hold the lock` : null;
    },
  },
  eventually: {
    everybodyIsDone: (world) => {
      const all = [...clients(world)];
      return all.length === 3 && all.every(([, { state }]) => state === 'done');
    },
  },
};
