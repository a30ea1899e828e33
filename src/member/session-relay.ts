import { type Address, Process } from '../kernel/index.ts';
import type { Command, PaxosMessage } from '../protocols/index.ts';

/** Where a command stands in a session that a client outside keeps. */
export interface SessionPosition {
  readonly session: number;
  readonly sequence: number;
  /** The client wants no reply again for this sequence number and those below. */
  readonly acknowledged: number;
}

/** From outside: open a session. */
export type Open = { readonly type: 'openSession'; readonly id: number; readonly timeoutMs: number };
/** From outside: execute a command in a session, unless it was executed before: then tell the first reply. */
export type Relay = {
  readonly type: 'relay';
  readonly id: number;
  readonly at: SessionPosition;
  readonly body: Uint8Array;
  readonly timeoutMs: number;
};

/** What becomes of either: exactly one of these. */
export type Relayed =
  | { readonly type: 'opened'; readonly id: number; readonly session: number }
  | { readonly type: 'executed'; readonly id: number; readonly reply: unknown }
  | { readonly type: 'sessionExpired'; readonly id: number }
  /** It may have been executed, or may still be: ask again, at the same position, here or at another member. */
  | { readonly type: 'unanswered'; readonly id: number };

interface Outstanding {
  readonly id: number;
  readonly command: Command;
  readonly deadlineMs: number;
}

export interface SessionRelayOptions {
  readonly replica: Address;
  readonly retryMs: number;
}

/** How many times this relay has started, in its nonces: an answer to an earlier life is for nobody. */
export type RelayRecord = { readonly life: number };

/**
 * Takes commands to the replicas in sessions whose clients are elsewhere, and keep them across the crashes of members:
 * the client numbers its commands, so whichever member relays one, and however often, it is executed once.
 */
export class SessionRelay extends Process<PaxosMessage | Open | Relay, 'retry', RelayRecord, Relayed> {
  life = 0;
  nonces = 0;
  /** By nonce, or by session and sequence number. */
  outstanding: Map<string, Outstanding> = new Map();
  isTimerSet = false;
  readonly options: SessionRelayOptions;

  constructor(options: SessionRelayOptions) {
    super();
    this.options = options;
  }

  override onRecord({ life }: RelayRecord): void {
    this.life = life;
  }

  override onStart(): void {
    this.life += 1;
    this.checkpoint([{ life: this.life }]);
  }

  override onMessage(_from: Address, message: PaxosMessage | Open | Relay): void {
    switch (message.type) {
      case 'openSession':
        return this.onOpen(message);
      case 'relay':
        return this.onRelay(message);
      case 'opened': {
        const { session } = message;
        return this.finish(message.nonce, (id) => ({ type: 'opened', id, session }));
      }
      case 'reply': {
        const { reply } = message;
        return this.finish(keyOf(message), (id) => ({ type: 'executed', id, reply }));
      }
      case 'refused':
        // What is refused for another reason is sent again.
        if (message.reason === 'sessionExpired' && typeof message.of === 'number') {
          const { session, of: sequence } = message;
          this.finish(keyOf({ session, sequence }), (id) => ({ type: 'sessionExpired', id }));
        }
        return;
      default:
        return; // between replicas
    }
  }

  private onOpen({ id, timeoutMs }: Open): void {
    this.nonces += 1;
    const nonce = `${this.life}-${this.nonces}`;
    this.begin(nonce, id, { type: 'open', client: this.self, nonce }, timeoutMs);
  }

  private onRelay({ id, at, body, timeoutMs }: Relay): void {
    const key = keyOf(at);
    this.finish(key, (earlier) => ({ type: 'unanswered', id: earlier }));
    this.begin(key, id, { type: 'execute', client: this.self, ...at, body }, timeoutMs);
  }

  private begin(key: string, id: number, command: Command, timeoutMs: number): void {
    this.outstanding.set(key, { id, command, deadlineMs: this.now() + timeoutMs });
    this.send(this.options.replica, { type: 'request', command });
    this.awaken();
  }

  private awaken(): void {
    if (this.isTimerSet) return;
    this.isTimerSet = true;
    this.setTimer('retry', this.options.retryMs);
  }

  private finish(key: string, outcome: (id: number) => Relayed): void {
    const outstanding = this.outstanding.get(key);
    if (outstanding === undefined) return;
    this.outstanding.delete(key);
    this.output(outcome(outstanding.id));
  }

  override onTimer(_timer: 'retry'): void {
    this.isTimerSet = false;
    const nowMs = this.now();
    for (const [key, { command, deadlineMs }] of this.outstanding) {
      if (nowMs >= deadlineMs) this.finish(key, (id) => ({ type: 'unanswered', id }));
      else this.send(this.options.replica, { type: 'request', command });
    }
    if (this.outstanding.size > 0) this.awaken();
  }
}

function keyOf({ session, sequence }: { readonly session: number; readonly sequence: number }): string {
  return `${session}/${sequence}`;
}
