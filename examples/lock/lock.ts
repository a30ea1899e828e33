/**
 * The lock service, repaired: it holds whatever the network and the machines do.
 *
 *     coterie check examples/lock/lock.ts --faults crashes=1,duplicates=1
 *
 * In a project of your own, import from 'coterie/kernel' and 'coterie/check'.
 */
import type { ProcessModelOptions } from '../../src/check/index.ts';
import { type Address, address, type NodeDefinition, Process, type Spec } from '../../src/kernel/index.ts';
import { lockSpec } from './spec.ts';

/** `turn` counts a client's turns with the lock, so that what is late, or comes twice, is known for what it is. */
type Message =
  | { readonly type: 'acquire'; readonly turn: number }
  | { readonly type: 'granted'; readonly turn: number }
  | { readonly type: 'release'; readonly turn: number }
  | { readonly type: 'released'; readonly turn: number };

/** A client's turn. */
interface Turn {
  readonly client: Address;
  readonly turn: number;
}

type ServerRecord = { readonly type: 'granted' | 'over'; readonly turn: Turn };

/** Writes down who gets the lock before it says so: the answer leaves only when the disk holds the record. */
class Server extends Process<Message, never, ServerRecord> {
  holder: Turn | null = null;
  waiting: Turn[] = [];
  /** The last turn of each client that is over. */
  over: Map<Address, number> = new Map();

  override onRecord({ type, turn }: ServerRecord): void {
    if (type === 'granted') this.holder = turn;
    else this.end(turn);
  }

  override onMessage(from: Address, message: Message): void {
    const turn = { client: from, turn: message.turn };
    if (message.type === 'acquire') this.onAcquire(turn);
    if (message.type === 'release') this.onRelease(turn);
    if (this.holder === null) this.grantNext();
  }

  private onAcquire(turn: Turn): void {
    if (this.isOver(turn)) return;
    if (isSame(turn, this.holder)) this.send(turn.client, { type: 'granted', turn: turn.turn });
    else if (!this.waiting.some((other) => isSame(other, turn))) this.waiting.push(turn);
  }

  private onRelease(turn: Turn): void {
    if (!this.isOver(turn)) {
      this.end(turn);
      this.persist({ type: 'over', turn });
    }
    this.send(turn.client, { type: 'released', turn: turn.turn });
  }

  private grantNext(): void {
    const next = this.waiting.shift();
    if (next === undefined) return;
    this.holder = next;
    this.persist({ type: 'granted', turn: next });
    this.send(next.client, { type: 'granted', turn: next.turn });
  }

  private end(turn: Turn): void {
    this.over.set(turn.client, turn.turn);
    this.waiting = this.waiting.filter((other) => !isSame(other, turn));
    if (isSame(turn, this.holder)) this.holder = null;
  }

  private isOver({ client, turn }: Turn): boolean {
    return turn <= (this.over.get(client) ?? 0);
  }
}

function isSame(one: Turn, other: Turn | null): boolean {
  return other !== null && one.client === other.client && one.turn === other.turn;
}

/** Takes the lock `turns` times. Asks until it is answered; after a crash, gives back what it may have had. */
class Client extends Process<Message, 'again' | 'work is done', number> {
  phase: 'acquiring' | 'working' | 'releasing' | 'done' = 'acquiring';
  turn = 0;
  holds = false;
  timesHeld = 0;
  turnsLeft: number;

  constructor(turns: number) {
    super();
    this.turnsLeft = turns;
  }

  override onRecord(turn: number): void {
    this.turn = turn;
    this.turnsLeft -= 1;
    this.phase = 'releasing';
  }

  override onStart(): void {
    if (this.phase === 'acquiring') this.nextTurn();
    else this.ask();
  }

  override onMessage(_from: Address, message: Message): void {
    if (message.turn !== this.turn) return;
    if (message.type === 'granted' && this.phase === 'acquiring') {
      this.phase = 'working';
      this.holds = true;
      this.timesHeld += 1;
      this.cancelTimer('again');
      this.setTimer('work is done', 10);
    }
    if (message.type === 'released' && this.phase === 'releasing') {
      this.cancelTimer('again');
      this.nextTurn();
    }
  }

  override onTimer(timer: 'again' | 'work is done'): void {
    if (timer === 'work is done') {
      this.holds = false;
      this.turnsLeft -= 1;
      this.phase = 'releasing';
    }
    this.ask();
  }

  private nextTurn(): void {
    if (this.turnsLeft === 0) {
      this.phase = 'done';
      return;
    }
    this.phase = 'acquiring';
    this.turn += 1;
    this.persist(this.turn);
    this.ask();
  }

  private ask(): void {
    this.send(address('server'), { type: this.phase === 'acquiring' ? 'acquire' : 'release', turn: this.turn });
    this.setTimer('again', 100);
  }
}

export function lockService(turns: number): Readonly<Record<string, NodeDefinition>> {
  return {
    server: () => new Map([['', new Server()]]),
    ann: () => new Map([['', new Client(turns)]]),
    bob: () => new Map([['', new Client(turns)]]),
  };
}

export const nodes: Readonly<Record<string, NodeDefinition>> = lockService(1);

export const spec: Spec = lockSpec;

export const check: Partial<ProcessModelOptions<null>> = {
  /** The clients are interchangeable, and ask again at most twice in one run. */
  symmetric: [['ann', 'bob']],
  budgets: { timers: 4 },
};
