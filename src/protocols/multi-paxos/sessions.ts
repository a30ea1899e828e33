import { afterPrefix, decode, encode, type Storage } from '../../kernel/index.ts';

/** What became of a session's command. */
export type Execution =
  | { readonly type: 'executed'; readonly reply: unknown }
  | { readonly type: 'refused'; readonly reason: 'sessionExpired' | 'acknowledged' };

interface Session {
  activeAtMs: number;
  acknowledged: number;
  replies: Map<number, unknown>;
}

/**
 * The idempotent receiver, part of the replicated state: whatever number of copies of a command the log holds, the
 * first is executed and the others are answered with its reply. A reply is kept until the client acknowledges it; a
 * session that is silent for `ttlMs` of replicated time goes, and a late command of it is refused, not executed.
 *
 * Lives in memory; `save` writes what changed into the storage, which the replica does before each flush.
 */
export class Sessions {
  next = 1;
  nextSweepMs = 0;
  sessions: Map<number, Session> = new Map();
  unsaved: Set<number> = new Set();
  readonly storage: Storage;
  readonly ttlMs: number;

  constructor(storage: Storage, ttlMs: number) {
    this.storage = storage;
    this.ttlMs = ttlMs;
  }

  open(timeMs: number): number {
    const id = this.next;
    this.next += 1;
    this.sessions.set(id, { activeAtMs: timeMs, acknowledged: 0, replies: new Map() });
    this.unsaved.add(id);
    return id;
  }

  execute(
    command: { readonly session: number; readonly sequence: number; readonly acknowledged: number },
    timeMs: number,
    run: () => unknown,
  ): Execution {
    const session = this.sessions.get(command.session);
    if (session === undefined) return { type: 'refused', reason: 'sessionExpired' };
    this.unsaved.add(command.session);
    session.activeAtMs = timeMs;
    if (session.replies.has(command.sequence)) {
      return { type: 'executed', reply: session.replies.get(command.sequence) };
    }
    if (command.sequence <= session.acknowledged) return { type: 'refused', reason: 'acknowledged' };
    this.acknowledge(session, command.acknowledged);
    const reply = run();
    session.replies.set(command.sequence, reply);
    return { type: 'executed', reply };
  }

  private acknowledge(session: Session, through: number): void {
    if (through <= session.acknowledged) return;
    session.acknowledged = through;
    // In order of execution, which is nearly that of the numbers: what is left behind a larger one goes with it later.
    for (const sequence of session.replies.keys()) {
      if (sequence > through) break;
      session.replies.delete(sequence);
    }
  }

  /** Ends the sessions that were silent too long. Looks at most ten times in a `ttlMs`. */
  expire(timeMs: number): void {
    if (timeMs < this.nextSweepMs) return;
    this.nextSweepMs = timeMs + this.ttlMs / 10;
    for (const [id, session] of this.sessions) {
      if (timeMs - session.activeAtMs <= this.ttlMs) continue;
      this.sessions.delete(id);
      this.unsaved.add(id);
    }
  }

  save(): void {
    this.storage.set('s', encode([this.next, this.nextSweepMs]));
    for (const id of this.unsaved) {
      const session = this.sessions.get(id);
      if (session === undefined) this.storage.delete(rowKey(id));
      else this.storage.set(rowKey(id), encode([id, session.activeAtMs, session.acknowledged, session.replies]));
    }
    this.unsaved.clear();
  }

  reload(): void {
    this.sessions.clear();
    this.unsaved.clear();
    const head = this.storage.get('s');
    [this.next, this.nextSweepMs] = head === undefined ? [1, 0] : (decode(head) as [number, number]);
    for (const [, row] of this.storage.entries('s/', afterPrefix('s/'))) {
      const [id, activeAtMs, acknowledged, replies] = decode(row) as [number, number, number, Map<number, unknown>];
      this.sessions.set(id, { activeAtMs, acknowledged, replies });
    }
  }
}

function rowKey(id: number): string {
  return `s/${id.toString(16).padStart(14, '0')}`;
}
