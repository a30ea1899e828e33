import { type Address, type NodeId, nodeOf, Process } from '../../kernel/index.ts';
import type { Opened, PaxosMessage, ReadReply, Refused, Reply } from './messages.ts';
import { DEFAULT_LIMITS } from './options.ts';

/** From outside: execute a command, or answer a query. `timeoutMs` from its arrival. */
export type Call = {
  readonly type: 'call';
  readonly id: number;
  readonly body: Uint8Array;
  readonly timeoutMs: number;
};
export type Query = {
  readonly type: 'query';
  readonly id: number;
  readonly query: unknown;
  readonly consistency: 'linearizable' | 'stale';
  readonly timeoutMs: number;
};
/** From outside: nobody waits for the answer any more. */
export type Cancel = { readonly type: 'cancel'; readonly id: number };

/** What becomes of a call or a query: exactly one of these. */
export type CallOutcome =
  | { readonly type: 'answered'; readonly id: number; readonly reply: unknown }
  /** Certainly not executed: safe to try again. */
  | { readonly type: 'unavailable'; readonly id: number; readonly reason: 'noLeader' | 'overloaded' }
  /** Sent and not answered: it may have been executed, or may still be. */
  | { readonly type: 'unknownOutcome'; readonly id: number };

export type SessionClientMessage = PaxosMessage | Call | Query | Cancel;

interface Outstanding {
  readonly id: number;
  readonly body: Uint8Array;
  readonly deadlineMs: number;
  sentAtMs: number;
  /** Copies sent that were not refused for certain: while there is one, the command may be executed. */
  copies: number;
}

interface OutstandingQuery {
  readonly query: Query;
  readonly deadlineMs: number;
  sentAtMs: number;
}

/** Null while there is none; the nonce of the request for one, or the session. */
type SessionState =
  | { readonly type: 'none' }
  | { readonly type: 'opening'; readonly nonce: string; readonly sentAtMs: number }
  | { readonly type: 'open'; readonly session: number };

export interface SessionClientOptions {
  readonly node: NodeId;
  readonly replica: Address;
  readonly retryMs: number;
  /** By default half of the time after which the replicas forget a session. */
  readonly idleMsMax?: number;
}

/** How many times this client has started: a reply to an earlier life must not be taken for one to this. */
export type LifeRecord = { readonly life: number };

/**
 * The client's half of exactly-once: numbers its commands within a session that the replicas keep, and sends a
 * command again, under its number, until it is answered or its time is up. So a failover costs a caller time, and
 * only a command whose answer never came has an unknown outcome.
 *
 * Talks to the replica on its own node, which forwards to the leader.
 */
export class SessionClient extends Process<SessionClientMessage, 'retry', LifeRecord, CallOutcome> {
  session: SessionState = { type: 'none' };
  /** When the session was last known to be there. */
  usedAtMs = 0;
  nextSequence = 1;
  nonces = 0;
  life = 0;
  calls: Map<number, Outstanding> = new Map();
  /** Calls that wait for a session, in order of arrival. */
  unsent: { readonly call: Call; readonly deadlineMs: number }[] = [];
  queries: Map<number, OutstandingQuery> = new Map();
  isTimerSet = false;

  readonly node: NodeId;
  readonly replica: Address;
  readonly retryMs: number;
  readonly idleMsMax: number;

  constructor(options: SessionClientOptions) {
    super();
    this.node = options.node;
    this.replica = options.replica;
    this.retryMs = options.retryMs;
    this.idleMsMax = options.idleMsMax ?? DEFAULT_LIMITS.sessionTtlMs / 2;
  }

  override onRecord({ life }: LifeRecord): void {
    this.life = life;
  }

  override onStart(): void {
    this.life += 1;
    this.checkpoint([{ life: this.life }]);
  }

  override onMessage(from: Address, message: SessionClientMessage): void {
    switch (message.type) {
      case 'call':
        return this.onCall(message);
      case 'query':
        return this.onQuery(message);
      case 'cancel':
        return this.onCancel(message);
      case 'opened':
        return this.onOpened(message);
      case 'reply':
        return this.onReply(message);
      case 'readReply':
        return this.onReadReply(message);
      case 'refused':
        return this.onRefused(message, nodeOf(from));
      default:
        return; // between replicas
    }
  }

  private onCall(call: Call): void {
    this.awaken();
    this.unsent.push({ call, deadlineMs: this.now() + call.timeoutMs });
    if (this.isIdle()) this.session = { type: 'none' };
    if (this.session.type === 'open') this.sendWaiting(this.session.session);
    else if (this.session.type === 'none') this.open();
  }

  /**
   * A session that was idle for long may be about to be forgotten: of several commands sent in it, the first to be refused
   * would leave the outcome of all others unknown.
   */
  private isIdle(): boolean {
    return this.session.type === 'open' && this.calls.size === 0 && this.now() - this.usedAtMs > this.idleMsMax;
  }

  private awaken(): void {
    if (this.isTimerSet) return;
    this.isTimerSet = true;
    this.setTimer('retry', this.retryMs);
  }

  private open(): void {
    this.nonces += 1;
    const nonce = `${this.life}-${this.nonces}`;
    this.session = { type: 'opening', nonce, sentAtMs: this.now() };
    this.send(this.replica, { type: 'request', command: { type: 'open', client: this.self, nonce } });
  }

  private onOpened({ nonce, session }: Opened): void {
    if (this.session.type !== 'opening' || this.session.nonce !== nonce) return;
    this.session = { type: 'open', session };
    this.usedAtMs = this.now();
    this.nextSequence = 1;
    this.sendWaiting(session);
  }

  private sendWaiting(session: number): void {
    for (const { call, deadlineMs } of this.unsent.splice(0)) {
      const sequence = this.nextSequence;
      this.nextSequence += 1;
      const outstanding = { id: call.id, body: call.body, deadlineMs, sentAtMs: 0, copies: 0 };
      this.calls.set(sequence, outstanding);
      this.sendCopy(session, sequence, outstanding);
    }
  }

  private sendCopy(session: number, sequence: number, call: Outstanding): void {
    call.copies += 1;
    call.sentAtMs = this.now();
    const acknowledged = this.acknowledged();
    this.send(this.replica, {
      type: 'request',
      command: { type: 'execute', client: this.self, session, sequence, acknowledged, body: call.body },
    });
  }

  /** Every number up to this one is answered, or given up: calls are kept in order of their numbers. */
  private acknowledged(): number {
    for (const first of this.calls.keys()) return first - 1;
    return this.nextSequence - 1;
  }

  private onReply({ session, sequence, reply }: Reply): void {
    if (this.session.type !== 'open' || this.session.session !== session) return;
    const call = this.calls.get(sequence);
    if (call === undefined) return;
    this.calls.delete(sequence);
    this.usedAtMs = this.now();
    this.output({ type: 'answered', id: call.id, reply });
  }

  private onQuery(query: Query): void {
    this.awaken();
    this.queries.set(query.id, { query, deadlineMs: this.now() + query.timeoutMs, sentAtMs: this.now() });
    this.ask(query);
  }

  private ask({ id, query, consistency }: Query): void {
    this.send(this.replica, { type: 'read', id, query, consistency });
  }

  private onReadReply({ id, reply }: ReadReply): void {
    if (this.queries.delete(id)) this.output({ type: 'answered', id, reply });
  }

  private onCancel({ id }: Cancel): void {
    this.queries.delete(id);
    this.unsent = this.unsent.filter(({ call }) => call.id !== id);
    for (const [sequence, call] of this.calls) if (call.id === id) this.calls.delete(sequence);
  }

  /** Of what left this node the network may have made two copies: that one is refused says nothing of the other. */
  private onRefused({ of, session, reason, definite }: Refused, by: NodeId): void {
    if (typeof of === 'string') {
      // The opening is tried again at the next retry; what waits for it has not been sent.
      if (reason === 'overloaded') this.failUnsent('overloaded');
      return;
    }
    if (this.session.type !== 'open' || this.session.session !== session) return;
    const call = this.calls.get(of);
    if (call === undefined) return;
    if (definite && by === this.node) call.copies -= 1;
    if (reason === 'overloaded' && call.copies === 0) {
      this.calls.delete(of);
      this.output({ type: 'unavailable', id: call.id, reason: 'overloaded' });
    }
    if (reason === 'sessionExpired') this.beginAnew();
  }

  /** The replicas forgot this session. What has no copy on its way is sent in a new one; of the rest nobody knows. */
  private beginAnew(): void {
    for (const { id, body, deadlineMs, copies } of this.calls.values()) {
      if (copies > 0) this.output({ type: 'unknownOutcome', id });
      else this.unsent.push({ call: { type: 'call', id, body, timeoutMs: 0 }, deadlineMs });
    }
    this.calls.clear();
    this.open();
  }

  private failUnsent(reason: 'noLeader' | 'overloaded'): void {
    for (const { call } of this.unsent.splice(0)) this.output({ type: 'unavailable', id: call.id, reason });
  }

  override onTimer(_timer: 'retry'): void {
    this.isTimerSet = false;
    this.giveUp(this.now());
    this.retry(this.now());
    if (this.calls.size + this.unsent.length + this.queries.size > 0) this.awaken();
  }

  private giveUp(nowMs: number): void {
    for (const [sequence, call] of this.calls) {
      if (nowMs < call.deadlineMs) continue;
      this.calls.delete(sequence);
      if (call.copies > 0) this.output({ type: 'unknownOutcome', id: call.id });
      else this.output({ type: 'unavailable', id: call.id, reason: 'noLeader' });
    }
    for (const { call, deadlineMs } of this.unsent) {
      if (nowMs >= deadlineMs) this.output({ type: 'unavailable', id: call.id, reason: 'noLeader' });
    }
    this.unsent = this.unsent.filter(({ deadlineMs }) => nowMs < deadlineMs);
    for (const [id, { deadlineMs }] of this.queries) {
      if (nowMs < deadlineMs) continue;
      this.queries.delete(id);
      this.output({ type: 'unavailable', id, reason: 'noLeader' });
    }
  }

  private retry(nowMs: number): void {
    const isDue = ({ sentAtMs }: { readonly sentAtMs: number }) => nowMs - sentAtMs >= this.retryMs;
    if (this.session.type === 'open') {
      const { session } = this.session;
      for (const [sequence, call] of this.calls) if (isDue(call)) this.sendCopy(session, sequence, call);
    } else if (this.unsent.length > 0 && (this.session.type === 'none' || isDue(this.session))) this.open();
    for (const question of this.queries.values()) {
      if (!isDue(question)) continue;
      question.sentAtMs = nowMs;
      this.ask(question.query);
    }
  }
}
