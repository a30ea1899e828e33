import { type Address, decode, equal, Process } from '../../kernel/index.ts';
import { type Agreement, patienceMs, retrySpanMs, spanMs, timeoutOf } from './agreement.ts';
import { KnownServers } from './known-servers.ts';
import {
  type CallId,
  isFiltered,
  isSentUntilAnswered,
  type Metadata,
  OPEN_SESSION,
  type RefusalReason,
  type Refused,
  type Reply,
  type RequestReplyMessage,
  type Result,
  type Semantics,
} from './messages.ts';

/** From outside: call a method of the server. */
export type Call = {
  readonly type: 'call';
  /** Names the call in its outcome; from 1. */
  readonly call: number;
  readonly method: string;
  readonly body: Uint8Array;
  readonly semantics: Semantics;
  readonly metadata: Metadata;
  /** Give up after this, whatever the semantics; null for no limit but theirs. */
  readonly timeoutMs: number | null;
};

/** From outside: nobody wants the outcome any more. There will be none. */
export type CancelCall = { readonly type: 'cancelCall'; readonly call: number };

/** From outside: there will be no more calls, and nobody wants an outcome of those under way. */
export type CloseClient = { readonly type: 'closeClient' };

/** What becomes of a call: exactly one of these. */
export type Outcome =
  | {
      readonly type: 'answered';
      readonly call: number;
      readonly result: Result;
      /** Whether it is what became of every copy: otherwise another may have been executed as well, or may still be. */
      readonly final: boolean;
    }
  /** If it is final, not executed, and never will be. Otherwise that is said of one copy. */
  | {
      readonly type: 'refused';
      readonly call: number;
      /** `noSessions`: it was to be executed exactly once, and the server opens no sessions. */
      readonly reason: Exclude<RefusalReason, 'staleServer' | 'late' | 'underWay'> | 'noSessions';
      readonly retryAfterMs: number;
      readonly final: boolean;
    }
  /** Not executed, and never will be: no copy left that a server may execute. */
  | {
      readonly type: 'unreachable';
      readonly call: number;
      readonly told: string | null;
      /** Whether the server answers, if not this call in its time. */
      readonly isServerThere: boolean;
    }
  /** It may have been executed, or may still be. */
  | {
      readonly type: 'unknownOutcome';
      readonly call: number;
      readonly why: 'triesUsed' | 'deadline' | 'serverRestarted' | 'sessionExpired';
      /** Why a service, asked again and again, had no answer yet, in its own words; null if it never said. */
      readonly told: string | null;
    };

export type ClientMessage = RequestReplyMessage | Call | CancelCall | CloseClient;

export type ClientTimer =
  | { readonly type: 'retry'; readonly sequence: number }
  | { readonly type: 'deadline'; readonly sequence: number }
  | { readonly type: 'acknowledge' };

/** How many times this client has started, and the name that it has had since the first time. */
export type ClientRecord = { readonly type: 'life'; readonly life: number; readonly client: string };

export interface Pending {
  readonly call: Call;
  readonly deadlineMs: number;
  /** When the first copy left; null before. */
  firstSentMs: number | null;
  /** Sent, and not more than there are tries. */
  copies: number;
  /** Whether a copy was refused as late, and sent again for that. */
  wasLate: boolean;
  /** Where the latest copy went. */
  to: Address;
  /** The life of that server for which it is meant; 0 for none. */
  life: number;
  /** How many copies left that a server may execute: none, one, or 2 for several. */
  executable: number;
  /** In which all copies of an exactly-once call are filtered; 0 for none yet. */
  session: number;
  /** Why the service had no answer to the latest copy that it answered; null if it never said. */
  told: string | null;
}

/**
 * A session that was idle for longer is not used for a new call, as the service may be about to forget it. A service has
 * to keep one for longer than this, by a good margin: the store does for twice as long, `sessionTtlMs` (a test ties them).
 */
export const SESSION_IDLE_MS_MAX = 30_000;

/** Of a call that is sent until it is answered, as many copies may be lost before its caller seems to be gone. */
const SILENT_COPIES = 4;

/**
 * The client's own call, for a session. Its outcome is for the client alone, and its metadata is that of the call which
 * needs the session: servers look at it to see who asks.
 */
const OPENING: Call = {
  type: 'call',
  call: 0,
  method: OPEN_SESSION,
  body: new Uint8Array(0),
  semantics: 'atLeastOnce',
  metadata: {},
  timeoutMs: null,
};

export interface ClientOptions {
  /**
   * A name that no client has had before. One whose lives are counted on disk keeps that of its first life: what it is
   * given later only counts if the disk was lost, and the lives with it.
   */
  readonly client: string;
  /** All serve the same; the first is preferred. At least one. */
  readonly servers: readonly Address[];
  readonly agreement: Agreement;
  /**
   * Whether the name is used once only, by this process: then it needs no disk. Otherwise its lives are counted on
   * disk, and nothing is sent before the count is durable.
   */
  readonly isNameFresh: boolean;
  /** Without a new request by then, answers are acknowledged by a message of their own; null for never. */
  readonly acknowledgeAfterMs: number | null;
}

/**
 * The calling side of request-reply (Birrell and Nelson, 1984): gives every call an id of its own, sends copies of it
 * until one is answered or the semantics forbid another, and reports one outcome.
 *
 * At-most-once rests on one fact: every copy of a call that may be executed carries one id and is meant for one life of
 * one server, and the last one leaves within the span of the retry policy. A call of which none may be executed yet, or
 * that bears to be executed by several, goes to another server when one does not answer.
 */
export class RequestClient extends Process<ClientMessage, ClientTimer, ClientRecord, Outcome> {
  client: string;
  life = 0;
  /** Of the latest call. */
  sequence = 0;
  servers: KnownServers;
  /** By sequence number, in that order. */
  pending: Map<number, Pending> = new Map();
  /** Of these, the sequence numbers of those that somebody filters, in order. */
  unacknowledged: Set<number> = new Set();
  isAcknowledging = false;
  /** For exactly-once calls; 0 while there is none. */
  session = 0;
  /** When the latest call left that the session answered: no later than when the service saw it in use. */
  sessionUsedMs = 0;
  /** Exactly-once calls that wait for a session, by sequence number. */
  waiting: Set<number> = new Set();
  /** Of its retries, as that of a caller who does not wait for ever: computed once. */
  readonly spanMs: number;
  readonly patienceMs: number;
  readonly options: ClientOptions;

  constructor(options: ClientOptions) {
    super();
    this.options = options;
    this.client = options.client;
    this.spanMs = spanMs(options.agreement.retry);
    this.patienceMs = patienceMs(options.agreement.retry);
    this.servers = new KnownServers(options.servers);
  }

  override onRecord({ life, client }: ClientRecord): void {
    this.life = life;
    this.client = client;
  }

  override onStart(): void {
    this.life += 1;
    if (this.options.isNameFresh) return;
    this.checkpoint([{ type: 'life', life: this.life, client: this.client }]);
    if (this.life === 1) return;
    for (const { address } of this.servers.all()) {
      this.send(address, { type: 'exterminate', client: this.client, life: this.life });
    }
  }

  override onMessage(from: Address, message: ClientMessage): void {
    switch (message.type) {
      case 'call':
        return this.onCall(message);
      case 'cancelCall':
        return this.onCancel(message);
      case 'closeClient':
        return this.onClose();
      case 'reply':
        if (this.servers.has(from)) this.onReply(from, message);
        return;
      case 'refused':
        if (this.servers.has(from)) this.onRefused(from, message);
        return;
      default:
        return; // for servers
    }
  }

  private onCall(call: Call): void {
    this.sequence += 1;
    const deadlineMs = call.timeoutMs === null ? Number.POSITIVE_INFINITY : this.now() + call.timeoutMs;
    this.pending.set(this.sequence, {
      call,
      deadlineMs,
      firstSentMs: null,
      copies: 0,
      wasLate: false,
      to: this.servers.preferred,
      life: 0,
      executable: 0,
      session: 0,
      told: null,
    });
    if (isFiltered(call.semantics)) this.unacknowledged.add(this.sequence);
    if (call.timeoutMs !== null) this.setTimer({ type: 'deadline', sequence: this.sequence }, call.timeoutMs);
    if (call.semantics === 'exactlyOnce' && !this.hasSession()) this.awaitSession(this.sequence);
    else this.sendCopy(this.sequence);
  }

  /** Calls under way stay in the session that they were sent in. */
  private hasSession(): boolean {
    if (this.now() - this.sessionUsedMs > SESSION_IDLE_MS_MAX) this.session = 0;
    return this.session !== 0;
  }

  private useSession({ call, session, firstSentMs }: Pending): void {
    if (!isOwn(call) && (session === 0 || session !== this.session)) return;
    this.sessionUsedMs = Math.max(this.sessionUsedMs, firstSentMs ?? 0);
  }

  /** To open more than one session does no harm: those that nobody uses expire. */
  private awaitSession(sequence: number): void {
    this.waiting.add(sequence);
    if (this.waiting.size === 1) this.openSession();
  }

  /** With the metadata of the call that waits longest. */
  private openSession(): void {
    for (const sequence of this.waiting) {
      const metadata = this.pending.get(sequence)?.call.metadata ?? {};
      return this.onCall({ ...OPENING, metadata });
    }
  }

  private onSession(result: Result, metadata: Metadata): void {
    if (result.type !== 'done') return this.onNoSession(result, metadata);
    this.session = Number(decode(result.body));
    const waiting = [...this.waiting];
    this.waiting.clear();
    for (const sequence of waiting) this.sendCopy(sequence);
  }

  /** What one caller is told who shows a token is no answer to those who show another: they ask for themselves. */
  private onNoSession(result: Result, metadata: Metadata): void {
    for (const sequence of this.waiting) {
      if (!equal(this.pending.get(sequence)?.call.metadata, metadata)) continue;
      this.finish(sequence, (call) => ({ type: 'answered', call, result, final: true }));
    }
    this.openSession();
  }

  private sendCopy(sequence: number): void {
    const pending = this.pending.get(sequence);
    if (pending === undefined) return;
    const { call } = pending;
    const { retry } = this.options.agreement;
    this.aim(pending);
    pending.firstSentMs ??= this.now();
    pending.session = this.sessionFor(pending);
    this.setRetryTimer(sequence, pending);
    pending.copies = Math.min(retry.tries, pending.copies + 1); // one that is sent until answered goes on at the longest interval
    const server = this.servers.at(pending.to);
    server.silentFromMs ??= this.now();
    server.acknowledged = this.acknowledged();
    this.send(pending.to, {
      type: 'request',
      id: { client: this.client, life: this.life, sequence },
      server: pending.life,
      filtered: call.semantics === 'atMostOnce',
      session: pending.session,
      acknowledged: server.acknowledged,
      method: call.method,
      body: call.body,
      metadata: call.metadata,
      patienceMs: Math.min(this.patienceLeftMs(pending), pending.deadlineMs - this.now()),
      afterCrash: this.options.agreement.afterCrash,
      spanMs: call.semantics === 'atMostOnce' ? this.spanMs : 0,
      stampMs: server.stamp.stampMs,
      sinceStampMs: server.stamp.stampMs === 0 ? 0 : this.now() - server.stamp.receivedMs,
    });
  }

  /** A call that one life of one server may execute must not be executed in another, nor by another. */
  private aim(pending: Pending): void {
    if (this.mayMove(pending)) {
      pending.to = this.servers.preferred;
      pending.life = this.servers.lifeOf(pending.to);
    }
    if (!this.isForNoLife(pending)) pending.executable = Math.min(2, pending.executable + 1);
  }

  protected mayMove({ call, executable }: Pending): boolean {
    return isSentUntilAnswered(call.semantics) || executable === 0;
  }

  /** Copies in two sessions would be two calls. */
  protected sessionFor({ call, session }: Pending): number {
    return call.semantics === 'exactlyOnce' && session === 0 ? this.session : session;
  }

  private patienceLeftMs({ call, firstSentMs }: Pending): number {
    if (!isSentUntilAnswered(call.semantics)) return this.patienceMs - (this.now() - (firstSentMs ?? this.now()));
    const { retry } = this.options.agreement;
    const { maxMs } = timeoutOf(retry, retry.tries - 1);
    return SILENT_COPIES * this.servers.byAddress.size * maxMs; // it may visit each in turn
  }

  protected setRetryTimer(sequence: number, { copies }: Pending): void {
    const { retry } = this.options.agreement;
    const { minMs, maxMs } = timeoutOf(retry, Math.min(copies, retry.tries - 1));
    this.setTimer({ type: 'retry', sequence }, minMs, maxMs);
  }

  /** Every filtered call up to this is over. */
  protected acknowledged(): number {
    for (const sequence of this.unacknowledged) return sequence - 1;
    return this.sequence;
  }

  private onReply(from: Address, reply: Reply): void {
    const { id, result, final } = reply;
    this.servers.learn(from, reply, this.now());
    if (result.type === 'unavailable') this.servers.avoid(from);
    const pending = this.pendingOf(id);
    if (pending === undefined) return;
    if (isNoAnswer(result) && this.asksAgain(pending, reply)) return this.hold(pending, result.message);
    if (result.type === 'sessionExpired') this.onExpired(id.sequence, pending);
    else {
      this.useSession(pending);
      const isFinal = final && !isOfOneCopy(pending, result);
      this.finish(id.sequence, (call) => ({ type: 'answered', call, result, final: isFinal }));
    }
    if (isOwn(pending.call)) this.onSession(result, pending.call.metadata);
  }

  /** Whether another copy, which its timer sends, may get what this one did not. */
  private asksAgain(pending: Pending, { result, final }: Reply): boolean {
    if (isSentUntilAnswered(pending.call.semantics)) return true;
    return result.type === 'interrupted' && !final && this.mayRetry(pending);
  }

  /** The call under way that a server speaks of; none if it is over, or of an earlier life. */
  private pendingOf({ client, life, sequence }: CallId): Pending | undefined {
    return client === this.client && life === this.life ? this.pending.get(sequence) : undefined;
  }

  private hold(pending: Pending, told: string): void {
    pending.told = told;
    if (!isOwn(pending.call)) return;
    for (const sequence of this.waiting) {
      const waiting = this.pending.get(sequence);
      if (waiting !== undefined) waiting.told = told;
    }
  }

  /** An earlier copy may have been executed, and what filtered this one is gone. */
  private onExpired(sequence: number, { session, told }: Pending): void {
    if (session === this.session) this.session = 0;
    this.finish(sequence, (call) => ({ type: 'unknownOutcome', call, why: 'sessionExpired', told }));
  }

  private onRefused(from: Address, refusal: Refused): void {
    const { id, server, reason, retryAfterMs, final } = refusal;
    const pending = this.pendingOf(id);
    if (reason === 'staleServer' && pending?.to === from && pending.life === 0) this.servers.forgetLife(from);
    this.servers.learn(from, refusal, this.now());
    if (reason === 'overloaded') this.servers.avoid(from);
    if (pending === undefined || reason === 'underWay') return;
    if (reason === 'staleServer' || reason === 'late') {
      if (from !== pending.to) return; // of an old copy: another server has a later one
      return reason === 'late' ? this.onLate(id.sequence, pending) : this.onStale(id.sequence, pending, server);
    }
    if (isSentUntilAnswered(pending.call.semantics) && reason === 'overloaded') return; // its timer sends it again
    const refused = { type: 'refused', reason, retryAfterMs } as const;
    const isFinal = final && !this.mayHaveGoneElsewhere(pending, reason);
    this.finish(id.sequence, (call) => ({ ...refused, call, final: isFinal }));
    if (isOwn(pending.call))
      this.refuseWaiting({ ...refused, reason: reason === 'noSuchMethod' ? 'noSessions' : reason });
  }

  /** None of them was sent. */
  private refuseWaiting(
    refused: Pick<Outcome & { readonly type: 'refused' }, 'type' | 'reason' | 'retryAfterMs'>,
  ): void {
    for (const sequence of this.waiting) this.finish(sequence, (call) => ({ ...refused, call, final: true }));
  }

  /**
   * To another server, or another life of it, which may have had the method that this one has not, or gone by another
   * rule. What is overloaded says so of every copy.
   */
  private mayHaveGoneElsewhere({ executable }: Pending, reason: RefusalReason): boolean {
    return reason !== 'overloaded' && executable > 1;
  }

  /** The server is in a later life than the one that a copy was meant for. */
  private onStale(sequence: number, pending: Pending, server: number): void {
    if (pending.life >= server) return; // an old copy: one for that life is on its way
    if (this.mayMove(pending)) this.sendCopy(sequence);
    else this.finish(sequence, (call) => ({ type: 'unknownOutcome', call, why: 'serverRestarted', told: null }));
  }

  /**
   * After a long idleness, clocks that may have drifted apart make any copy late: the refusal's stamp makes the next one
   * timely. A copy that was late in truth counts as lost, and what is refused again waits for its timer.
   */
  private onLate(sequence: number, pending: Pending): void {
    if (pending.wasLate || !(pending.call.semantics === 'maybe' || this.mayRetry(pending))) return;
    pending.wasLate = true;
    this.sendCopy(sequence);
  }

  private onCancel({ call }: CancelCall): void {
    for (const [sequence, pending] of this.pending) {
      if (pending.call.call === call) return this.abandon(sequence, pending);
    }
  }

  private abandon(sequence: number, { call, to }: Pending): void {
    this.finish(sequence, () => null);
    const id = { client: this.client, life: this.life, sequence };
    const executing = isSentUntilAnswered(call.semantics) ? this.servers.addresses() : [to];
    for (const address of executing) this.send(address, { type: 'abandon', id });
  }

  /** A server that knows that all is over need not remember it. */
  private onClose(): void {
    for (const [sequence, pending] of [...this.pending]) this.abandon(sequence, pending);
    this.onAcknowledge();
  }

  private finish(sequence: number, outcome: (call: number) => Outcome | null): void {
    const pending = this.pending.get(sequence);
    if (pending === undefined) return;
    this.pending.delete(sequence);
    this.unacknowledged.delete(sequence);
    this.waiting.delete(sequence);
    this.cancelTimer({ type: 'retry', sequence });
    if (pending.call.timeoutMs !== null) this.cancelTimer({ type: 'deadline', sequence });
    this.acknowledgeSoon();
    const output = outcome(pending.call.call);
    if (output !== null && !isOwn(pending.call)) this.output(output);
  }

  private acknowledgeSoon(): void {
    const { acknowledgeAfterMs } = this.options;
    if (acknowledgeAfterMs === null || this.isAcknowledging) return;
    this.isAcknowledging = true;
    this.setTimer({ type: 'acknowledge' }, acknowledgeAfterMs);
  }

  override onTimer(timer: ClientTimer): void {
    switch (timer.type) {
      case 'retry':
        return this.onRetry(timer.sequence);
      case 'deadline':
        return this.giveUp(timer.sequence, 'deadline');
      case 'acknowledge':
        return this.onAcknowledge();
      default:
        return timer satisfies never;
    }
  }

  private onRetry(sequence: number): void {
    const pending = this.pending.get(sequence);
    if (pending === undefined) return;
    this.suspect(pending);
    if (this.mayRetry(pending)) this.sendCopy(sequence);
    else this.giveUp(sequence, 'triesUsed');
  }

  /**
   * A server says at once in which life it is, but may take long to execute a call: only to the second copy does it say
   * that the first is under way.
   */
  protected suspect(pending: Pending): void {
    const { to, copies } = pending;
    if (copies === 1 && !this.isForNoLife(pending) && this.mayRetry(pending)) return;
    this.servers.suspect(to, this.now() - timeoutOf(this.options.agreement.retry, copies - 1).minMs);
  }

  /** A copy that would leave later than the span allows, as the process was stopped meanwhile, must not. */
  protected mayRetry({ call, copies, executable, firstSentMs }: Pending): boolean {
    const { retry } = this.options.agreement;
    switch (call.semantics) {
      case 'maybe':
        return executable === 0 && copies < retry.tries; // it is the server's life that they ask for
      case 'atLeastOnce':
        return !isOwn(call) || this.waiting.size > 0;
      case 'exactlyOnce':
        return true;
      case 'atMostOnce':
        return copies < retry.tries && this.now() <= (firstSentMs ?? 0) + retrySpanMs(retry);
      default:
        return call.semantics satisfies never;
    }
  }

  private giveUp(sequence: number, why: 'triesUsed' | 'deadline'): void {
    const pending = this.pending.get(sequence);
    if (pending === undefined) return;
    const { executable, told } = pending;
    const isServerThere = this.servers.lifeOf(pending.to) > 0;
    this.finish(sequence, (call) =>
      executable > 0 ? { type: 'unknownOutcome', call, why, told } : { type: 'unreachable', call, told, isServerThere },
    );
  }

  private onAcknowledge(): void {
    this.isAcknowledging = false;
    const acknowledged = this.acknowledged();
    for (const server of this.servers.all()) {
      if (server.acknowledged === null || server.acknowledged >= acknowledged) continue;
      server.acknowledged = acknowledged;
      this.send(server.address, { type: 'acknowledge', client: this.client, life: this.life, acknowledged });
    }
  }

  /** A server that goes by incarnations executes nothing that was not meant for one. */
  private isForNoLife({ life }: Pending): boolean {
    return this.options.agreement.afterCrash === 'incarnations' && life === 0;
  }
}

function isOwn({ call }: Call): boolean {
  return call === OPENING.call;
}

/**
 * Whether a server may have rejected this copy of a call in a session before its service looked into the session, as for
 * a token that an earlier copy still had in time.
 */
function isOfOneCopy({ session, executable }: Pending, { type }: Result): boolean {
  return type === 'rejected' && session !== 0 && executable > 1;
}

/** Whether a service says that it has no answer yet. */
function isNoAnswer(result: Result): result is Result & { readonly type: 'unavailable' | 'interrupted' } {
  return result.type === 'unavailable' || result.type === 'interrupted';
}
