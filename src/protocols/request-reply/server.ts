import { type Address, nodeOf, Process } from '../../kernel/index.ts';
import { type Agreement, duplicateLifetimeMs, isTimely, spanMs } from './agreement.ts';
import type {
  Abandon,
  Acknowledge,
  CallId,
  Exterminate,
  Metadata,
  RefusalReason,
  Refused,
  Reply,
  Request,
  RequestReplyMessage,
  Result,
} from './messages.ts';
import { type Answer, type Entry, type Remembered, ReplyCache } from './reply-cache.ts';
import { RunningClock } from './running-clock.ts';

/** What a server has to know of a method. */
export interface MethodRules {
  /**
   * To execute it twice is the same as once: then its calls are not remembered, a copy is executed again, and its
   * caller may get the answer that holds now instead of the first one.
   */
  readonly idempotent: boolean;
  /** No reply has more bytes: so much room is kept for one while its call is executed. */
  readonly replyBytesMax: number;
}

export interface ServerOptions {
  readonly agreement: Agreement;
  readonly methods: Readonly<Record<string, MethodRules>>;
  /** Whether calls are remembered at all; off for comparison only. */
  readonly filter: boolean;
  readonly cacheBytesMax: number;
  /** Calls under way; beyond it new ones are refused. */
  readonly executingMax: number;
  /** Of the bodies and metadata of calls under way; beyond it new ones are refused. Default no limit. */
  readonly executingBytesMax?: number;
  /**
   * Whether copies of a call under way are told that it is, so that a client who has other servers knows that this one is
   * there. Default true.
   */
  readonly tellsUnderWay?: boolean;
}

/** To the service: execute this, and tell the process with `executed` what came of it. */
export type Execute = {
  readonly type: 'execute';
  readonly ticket: number;
  readonly id: CallId;
  readonly from: Address;
  /** In which the service is to filter it, by its sequence number and what is acknowledged; 0 for none. */
  readonly session: number;
  readonly acknowledged: number;
  readonly method: string;
  readonly body: Uint8Array;
  readonly metadata: Metadata;
  /** How long the caller goes on waiting; not a finite number for always. */
  readonly patienceMs: number;
};

/** To the service: this execution is an orphan; nobody waits for it. It may go on, or stop. */
export type Orphaned = {
  readonly type: 'orphaned';
  readonly ticket: number;
  readonly why: 'abandoned' | 'expired' | 'exterminated';
};

/**
 * From the service. What it says of a call in a session it says to every copy of it, but for `unavailable`, which is of
 * this copy only.
 */
export type Executed = { readonly type: 'executed'; readonly ticket: number; readonly result: Result };

/** What a server does with copies of calls, and with executions. */
export type Counted = 'executed' | 'answeredAgain' | 'orphaned' | RefusalReason;

export type ServerMessage = RequestReplyMessage | Executed;
export type ServerTimer = 'beat';
export type ServerOutput = Execute | Orphaned;

export type ServerRecord = { readonly type: 'life'; readonly life: number } | Remembered;

interface Execution {
  readonly id: CallId;
  from: Address;
  readonly filtered: boolean;
  readonly isInSession: boolean;
  readonly replyBytesMax: number;
  /** Of its body and its metadata. */
  readonly bytes: number;
  /** By the running clock. */
  orphanedAtMs: number;
}

/** Of the cache's bytes, on top of them: for remembering refusals. */
const REFUSAL_SHARE = 1 / 8;
/** The running clock beats so many times in the life of a duplicate. */
const BEATS = 8;
const RECORDS_MIN = 1_000;
const OVERLOADED_RETRY_MS = 10;
/** What a refusal is of. */
const ONE_COPY = { final: false, retryAfterMs: 0 } as const;
const EVERY_COPY = { final: true, retryAfterMs: 0 } as const;

/**
 * The serving side of request-reply: executes a call that is to be filtered at most once, and answers every copy of it
 * with the first answer, for as long as a copy can arrive.
 *
 * Safety rests on one fact: whatever is executed is known to the cache, or below its client's acknowledged number, or
 * of an earlier life of its client or server, until no copy of it can arrive.
 */
export class RequestServer extends Process<ServerMessage, ServerTimer, ServerRecord, ServerOutput> {
  life = 0;
  cache: ReplyCache;
  /** By ticket: a number that no other execution under way has. */
  executing: Map<number, Execution> = new Map();
  /** Of the bodies and metadata of all these. */
  executingBytes = 0;
  /** Tickets by call, so that no call is executed twice at once. */
  tickets: Map<string, number> = new Map();
  lastTicket = 0;
  /** By the running clock: nothing is taken until after this; 0 for at once. */
  quietUntilMs = 0;
  records = 0;
  isBeating = false;
  clock: RunningClock;
  readonly lifetimeMs: number;
  /** No client sends copies for longer. */
  readonly spanMs: number;
  readonly options: ServerOptions;

  constructor(options: ServerOptions) {
    super();
    this.options = options;
    this.lifetimeMs = duplicateLifetimeMs(options.agreement);
    this.spanMs = spanMs(options.agreement.retry);
    const { cacheBytesMax: bytesMax } = options;
    const refusalBytesMax = bytesMax * REFUSAL_SHARE;
    this.cache = new ReplyCache({ bytesMax, refusalBytesMax, lifetimeMs: this.entryLifetimeMs() });
    this.clock = new RunningClock((2 * this.lifetimeMs) / BEATS);
  }

  protected entryLifetimeMs(): number {
    return this.lifetimeMs;
  }

  /** By the clock that stands still while the process does. */
  private runningMs(): number {
    return this.clock.read(this.now());
  }

  override onRecord(record: ServerRecord): void {
    this.records += 1;
    switch (record.type) {
      case 'life':
        this.life = record.life;
        return;
      case 'client':
      case 'call':
        return this.cache.restore(record);
      default:
        return record satisfies never;
    }
  }

  override onStart(): void {
    this.life += 1;
    this.checkpointAll();
    this.runningMs();
    this.quietUntilMs = this.life === 1 ? 0 : this.quietMs();
    if (this.quietUntilMs > 0 || !this.cache.isEmpty) this.beat();
  }

  /** How long to take nothing after a restart. */
  protected quietMs(): number {
    return this.options.agreement.afterCrash === 'silence' ? this.lifetimeMs : 0;
  }

  override onMessage(from: Address, message: ServerMessage): void {
    switch (message.type) {
      case 'request':
        return this.onRequest(from, message);
      case 'acknowledge':
        return this.onAcknowledge(message);
      case 'abandon':
        return this.onAbandon(message);
      case 'exterminate':
        return this.onExterminate(message);
      case 'executed':
        // What was executed was durably known to be begun. Should the answer be lost in a crash, a copy is told that the
        // call was interrupted; but its client has this reply then, or gets neither.
        if (nodeOf(from) === nodeOf(this.self)) this.finish(message.ticket, message.result, { early: true });
        return;
      default:
        return; // for clients
    }
  }

  private onRequest(from: Address, request: Request): void {
    const nowMs = this.runningMs();
    this.cache.expire(nowMs);
    if (this.isQuiet(nowMs)) return;
    const objection = this.objectionTo(request);
    if (objection !== null) return this.refuse(from, request.id, objection, EVERY_COPY);
    if (!this.isForThisLife(request)) return this.refuse(from, request.id, 'staleServer', ONE_COPY);
    if (!this.isInTime(request)) return this.refuse(from, request.id, 'late', ONE_COPY);
    const rules = Object.hasOwn(this.options.methods, request.method)
      ? this.options.methods[request.method]
      : undefined;
    if (rules === undefined) return this.refuse(from, request.id, 'noSuchMethod', EVERY_COPY);
    if (this.isNewLife(request.id)) this.onExterminate({ type: 'exterminate', ...request.id });
    this.cache.acknowledge(request.id, request.acknowledged, nowMs);
    if (this.cache.isOfEarlierLife(request.id)) return;
    if (this.joins(from, request, nowMs)) return this.tellUnderWay(from, request.id);
    if (request.filtered && !rules.idempotent && this.options.filter) this.onFiltered(from, request, rules, nowMs);
    else if (this.canExecute(request)) this.begin(from, request, rules, false);
    else this.refuse(from, request.id, 'overloaded', { ...ONE_COPY, retryAfterMs: OVERLOADED_RETRY_MS });
  }

  private tellUnderWay(from: Address, id: CallId): void {
    if (this.options.tellsUnderWay !== false) this.refuse(from, id, 'underWay', ONE_COPY);
  }

  /** What client and server did not agree on. */
  protected objectionTo(request: Request): 'otherRule' | 'longerSpan' | null {
    if (request.afterCrash !== this.options.agreement.afterCrash) return 'otherRule';
    return request.spanMs > this.spanMs ? 'longerSpan' : null;
  }

  private canExecute(request: Request): boolean {
    const { executingMax, executingBytesMax = Number.POSITIVE_INFINITY } = this.options;
    return this.executing.size < executingMax && this.executingBytes + bytesOf(request) <= executingBytesMax;
  }

  /** What said so before may have been lost. */
  private isNewLife({ client, life }: CallId): boolean {
    return life > 1 && life > (this.cache.clients.get(client)?.life ?? 0);
  }

  /** The last copy of an old call may arrive as late as at the end of that time. */
  private isQuiet(nowMs: number): boolean {
    return this.quietUntilMs > 0 && nowMs <= this.quietUntilMs;
  }

  protected isForThisLife({ server }: Request): boolean {
    return this.options.agreement.afterCrash !== 'incarnations' || server === this.life;
  }

  /** What is for this life comes from a client that got a stamp of it. */
  protected isInTime(request: Request): boolean {
    const { agreement } = this.options;
    return agreement.afterCrash !== 'incarnations' || isTimely(request, this.now(), agreement);
  }

  /** A copy of a call under way: its execution answers it, and is no orphan for as long as copies come. */
  protected joins(from: Address, { id, patienceMs }: Request, nowMs: number): boolean {
    const execution = this.executing.get(this.tickets.get(callKey(id)) ?? 0);
    if (execution === undefined) return false;
    execution.from = from;
    execution.orphanedAtMs = nowMs + patienceMs;
    return true;
  }

  private onFiltered(from: Address, request: Request, rules: MethodRules, nowMs: number): void {
    const { id } = request;
    const found = this.cache.find(id);
    if (found.type === 'over') return;
    if (found.type === 'known') return this.answer(from, found.entry, nowMs);
    const { replyBytesMax } = rules;
    if (this.canExecute(request) && this.cache.hasRoom(id, replyBytesMax)) {
      this.cache.add(id, { from, answer: null, acknowledged: request.acknowledged, replyBytesMax, nowMs });
      this.remember({ type: 'call', id, from, answer: null });
      this.begin(from, request, rules, true);
    } else this.overload(from, request, rules, nowMs);
  }

  /** Sends the first answer again. */
  private answer(from: Address, { id, answer, expiresAtMs }: Entry, nowMs: number): void {
    if (answer === null) return;
    if (answer.type === 'reply') {
      this.count('answeredAgain');
      this.reply(from, id, { result: answer.result, final: true }, { early: false });
    } else this.refuse(from, id, answer.reason, { ...EVERY_COPY, retryAfterMs: Math.max(0, expiresAtMs - nowMs) });
  }

  /**
   * Refuses for good: another copy of this call may find room where this one did not, and its caller, who was told
   * that it is not executed, may have sent it anew. What cannot even be remembered is said of this copy only.
   */
  protected overload(from: Address, request: Request, { replyBytesMax }: MethodRules, nowMs: number): void {
    const { id, acknowledged } = request;
    const roomMs = Math.max(OVERLOADED_RETRY_MS, this.cache.roomAtMs(id, replyBytesMax) - nowMs);
    if (!this.cache.hasRoomForRefusal(id)) {
      return this.refuse(from, id, 'overloaded', { ...ONE_COPY, retryAfterMs: roomMs });
    }
    const answer: Answer = { type: 'refused', reason: 'overloaded' };
    this.cache.add(id, { from, answer, acknowledged, replyBytesMax: 0, nowMs });
    this.remember({ type: 'call', id, from, answer });
    this.refuse(from, id, 'overloaded', { ...EVERY_COPY, retryAfterMs: roomMs });
    this.beat();
  }

  private begin(from: Address, request: Request, { replyBytesMax }: MethodRules, filtered: boolean): void {
    const { id, session, acknowledged, method, body, metadata, patienceMs } = request;
    this.count('executed');
    this.lastTicket = this.executing.size === 0 ? 1 : this.lastTicket + 1;
    const ticket = this.lastTicket;
    const orphanedAtMs = this.clock.ms + patienceMs;
    const limits = { replyBytesMax, bytes: bytesOf(request), orphanedAtMs };
    this.executing.set(ticket, { id, from, filtered, isInSession: session !== 0, ...limits });
    this.executingBytes += limits.bytes;
    this.tickets.set(callKey(id), ticket);
    this.beat();
    const call = { ticket, id, from, session, acknowledged, method, body, metadata, patienceMs };
    const result = this.execute({ type: 'execute', ...call });
    if (result !== null) this.finish(ticket, result, { early: false });
  }

  /** Executes a call, or has it executed: then the result is null, and the message `executed` tells it. */
  protected execute(execute: Execute): Result | null {
    this.output(execute);
    return null;
  }

  private finish(ticket: number, given: Result, departure: { readonly early: boolean }): void {
    const execution = this.executing.get(ticket);
    if (execution === undefined) return;
    const { id, from, filtered, replyBytesMax } = execution;
    this.executing.delete(ticket);
    this.executingBytes -= execution.bytes;
    this.tickets.delete(callKey(id));
    const result = withinBytes(given, replyBytesMax);
    if (filtered) {
      this.cache.finish(id, result);
      this.remember({ type: 'call', id, from, answer: { type: 'reply', result } });
    }
    this.reply(from, id, { result, final: this.isFinal(execution, result) }, departure);
  }

  /** A service answers all copies alike in a session, but for those that it could not execute. */
  protected isFinal({ filtered, isInSession }: Execution, result: Result): boolean {
    return filtered || (isInSession && result.type !== 'unavailable');
  }

  private reply(
    to: Address,
    id: CallId,
    told: Pick<Reply, 'result' | 'final'>,
    departure: { readonly early: boolean },
  ): void {
    this.send(to, { type: 'reply', id, server: this.life, ...told, stampMs: this.stampMs() }, departure);
  }

  private refuse(to: Address, id: CallId, reason: RefusalReason, told: Pick<Refused, 'final' | 'retryAfterMs'>): void {
    this.count(reason);
    this.send(to, { type: 'refused', id, server: this.life, reason, ...told, stampMs: this.stampMs() });
  }

  /** Its clock, for a client to echo; 0 where nobody looks at what comes back. */
  private stampMs(): number {
    return this.options.agreement.afterCrash === 'incarnations' ? this.now() : 0;
  }

  private onAcknowledge({ client, life, acknowledged }: Acknowledge): void {
    this.cache.acknowledge({ client, life }, acknowledged, this.runningMs());
  }

  private onAbandon({ id }: Abandon): void {
    const ticket = this.tickets.get(callKey(id));
    if (ticket !== undefined) this.orphan(ticket, 'abandoned');
  }

  /** Lives before this one have ended: what they asked for has no owner. */
  private onExterminate({ client, life }: Exterminate): void {
    this.cache.acknowledgeLife({ client, life }, this.runningMs());
    this.beat();
    for (const [ticket, { id }] of this.executing) {
      if (id.client === client && id.life < life) this.orphan(ticket, 'exterminated');
    }
  }

  private orphan(ticket: number, why: Orphaned['why']): void {
    this.count('orphaned');
    this.output({ type: 'orphaned', ticket, why });
  }

  /** For whoever keeps count; no part of the protocol. */
  protected count(_what: Counted): void {}

  private beat(): void {
    if (this.isBeating) return;
    this.isBeating = true;
    this.setTimer('beat', this.lifetimeMs / BEATS);
  }

  override onTimer(_timer: ServerTimer): void {
    this.isBeating = false;
    const nowMs = this.runningMs();
    this.cache.expire(nowMs);
    this.cache.expireClients(nowMs);
    for (const [ticket, execution] of this.executing) {
      if (execution.orphanedAtMs > nowMs) continue;
      execution.orphanedAtMs = Number.POSITIVE_INFINITY; // told once
      this.orphan(ticket, 'expired');
    }
    if (this.records > RECORDS_MIN + 2 * this.cache.entries.size) this.checkpointAll();
    if (this.isQuiet(nowMs) || !this.cache.isEmpty || this.executing.size > 0) this.beat();
  }

  protected remember(record: ServerRecord): void {
    if (this.options.agreement.afterCrash !== 'persisted') return;
    this.records += 1;
    this.persist(record);
  }

  private checkpointAll(): void {
    const records: ServerRecord[] = [{ type: 'life', life: this.life }];
    if (this.options.agreement.afterCrash === 'persisted') records.push(...this.cache.remembered());
    this.records = records.length;
    this.checkpoint(records);
  }
}

function bytesOf({ body, metadata }: Request): number {
  let bytes = body.length;
  for (const [name, value] of Object.entries(metadata)) bytes += name.length + value.length;
  return bytes;
}

function callKey({ client, life, sequence }: CallId): string {
  return `${client}\n${life}\n${sequence}`;
}

/** A service that breaks its own limit must not break the cache's. */
function withinBytes(result: Result, bytesMax: number): Result {
  switch (result.type) {
    case 'done': {
      const { length } = result.body;
      if (length <= bytesMax) return result;
      return { type: 'failed', message: `the reply has ${length} bytes, of at most ${bytesMax}`.slice(0, bytesMax) };
    }
    case 'rejected':
    case 'failed':
    case 'unavailable':
    case 'interrupted':
      return { ...result, message: result.message.slice(0, bytesMax) };
    case 'sessionExpired':
      return result;
    default:
      return result satisfies never;
  }
}
