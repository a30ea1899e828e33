import type { Address } from '../../kernel/index.ts';
import type { CallId, Refused, Result } from './messages.ts';

/** What a server answers a copy of a call that it knows. */
export type Answer = { readonly type: 'reply'; readonly result: Result } | Pick<Refused, 'type' | 'reason'>;

/** A call that may be executed at most once, and was begun or refused. */
export interface Entry {
  readonly id: CallId;
  /** Null while it is executed. */
  answer: Answer | null;
  /** Where the latest copy came from. */
  from: Address;
  /** Copies of it can arrive until this moment, and not after it. By the cache's clock. */
  expiresAtMs: number;
  /** What it counts for: room for the largest reply while it is executed, then what the reply takes. */
  bytes: number;
}

/** A client with calls in the cache, or whose late copies are to be told from new calls. */
interface KnownClient {
  readonly life: number;
  /** Every call up to this is over, and a copy of one is not to be executed. */
  acknowledged: number;
  readonly sequences: Set<number>;
  expiresAtMs: number;
  /** Known for refusals alone: then its own bytes are of their share. */
  isForRefusals: boolean;
}

interface NewCall {
  readonly from: Address;
  readonly answer: Answer | null;
  /** Its client's calls up to this are over. */
  readonly acknowledged: number;
  readonly replyBytesMax: number;
  readonly nowMs: number;
}

/** What the cache's own structures take, about, for an entry and for a client. */
export const ENTRY_BYTES = 200;
export const CLIENT_BYTES = 200;

/** What a server keeps on disk of its cache. */
export type Remembered =
  | { readonly type: 'client'; readonly client: string; readonly life: number; readonly acknowledged: number }
  /** Without an answer: begun, and after a crash nobody knows how far it came. */
  | { readonly type: 'call'; readonly id: CallId; readonly from: Address; readonly answer: Answer | null };

/** What became of looking a call up. */
export type Lookup =
  | { readonly type: 'known'; readonly entry: Entry }
  /** A copy of a call that is over, or of a life that is. */
  | { readonly type: 'over' }
  | { readonly type: 'new' };

/**
 * Remembers the calls that were executed, with their answers, for as long as a copy of one can arrive; a client that
 * acknowledges answers shortens that to one number, up to which its calls are over. Never takes more than its bytes,
 * and never forgets to make room: what does not fit is not admitted.
 */
export class ReplyCache {
  bytes = 0;
  /** Of these, what remembering refusals takes: a share of its own, or an overload would crowd out what can be served. */
  refusalBytes = 0;
  /** By client and sequence number, in the order in which they expire. */
  entries: Map<string, Entry> = new Map();
  clients: Map<string, KnownClient> = new Map();
  readonly bytesMax: number;
  /** Beyond `bytesMax`, for refusals only: they have to be remembered as well. */
  readonly refusalBytesMax: number;
  readonly lifetimeMs: number;

  constructor(options: { readonly bytesMax: number; readonly refusalBytesMax: number; readonly lifetimeMs: number }) {
    this.bytesMax = options.bytesMax;
    this.refusalBytesMax = options.refusalBytesMax;
    this.lifetimeMs = options.lifetimeMs;
  }

  get isEmpty(): boolean {
    return this.entries.size === 0 && this.clients.size === 0;
  }

  find({ client, life, sequence }: CallId): Lookup {
    const record = this.clients.get(client);
    if (record === undefined || life > record.life) return { type: 'new' };
    if (life < record.life) return { type: 'over' };
    const entry = this.entries.get(keyOf(client, sequence));
    if (entry !== undefined) return { type: 'known', entry };
    return sequence <= record.acknowledged ? { type: 'over' } : { type: 'new' };
  }

  /** Whether a call of an earlier life of its client, which nobody waits for. */
  isOfEarlierLife({ client, life }: Pick<CallId, 'client' | 'life'>): boolean {
    return life < (this.clients.get(client)?.life ?? 0);
  }

  /** The client wants no more answers up to a sequence number; a new life of it, none to what any earlier one asked. */
  acknowledge(of: Pick<CallId, 'client' | 'life'>, through: number, nowMs: number): void {
    const record = this.clients.get(of.client);
    if (record === undefined || record.life > of.life) return;
    if (record.life < of.life) {
      this.beginLife(of, nowMs + this.lifetimeMs, record.isForRefusals); // in the share where it has its room
      return;
    }
    record.expiresAtMs = nowMs + this.lifetimeMs;
    if (through > record.acknowledged) this.drop(of.client, record, through);
  }

  /** Remembers a life, also of a client without calls, if there is room: no late copy of an earlier one is executed. */
  acknowledgeLife(of: Pick<CallId, 'client' | 'life'>, nowMs: number): void {
    if (this.clients.has(of.client)) this.acknowledge(of, 0, nowMs);
    else if (this.hasRoomForRefusal({ ...of, sequence: 0 })) this.beginLife(of, nowMs + this.lifetimeMs, true);
  }

  private drop(client: string, record: KnownClient, through: number): void {
    const from = record.acknowledged + 1;
    record.acknowledged = through;
    // What is below was dropped before, or is still executed; usually there is little between, and much above.
    if (through - from < record.sequences.size) {
      for (let sequence = from; sequence <= through; sequence += 1) this.dropOne(client, record, sequence);
    } else {
      for (const sequence of record.sequences) if (sequence <= through) this.dropOne(client, record, sequence);
    }
  }

  private dropOne(client: string, record: KnownClient, sequence: number): void {
    const entry = this.entries.get(keyOf(client, sequence));
    if (entry !== undefined && entry.answer !== null) this.forget(client, record, sequence);
  }

  /** What a new call would take. */
  private cost({ client }: CallId, replyBytesMax: number): number {
    const isNew = this.clients.get(client)?.isForRefusals ?? true;
    return ENTRY_BYTES + replyBytesMax + (isNew ? CLIENT_BYTES : 0);
  }

  hasRoom(id: CallId, replyBytesMax: number): boolean {
    return this.bytes - this.refusalBytes + this.cost(id, replyBytesMax) <= this.bytesMax;
  }

  hasRoomForRefusal({ client }: CallId): boolean {
    const cost = ENTRY_BYTES + (this.clients.has(client) ? 0 : CLIENT_BYTES);
    return this.refusalBytes + cost <= this.refusalBytesMax;
  }

  /** When, by the cache's clock, there will be room for a call again, if it were the next to come. */
  roomAtMs(id: CallId, replyBytesMax: number): number {
    let excess = this.bytes - this.refusalBytes + this.cost(id, replyBytesMax) - this.bytesMax;
    let atMs = 0;
    for (const { answer, bytes, expiresAtMs } of this.entries.values()) {
      if (excess <= 0) break;
      if (answer?.type === 'refused') continue;
      excess -= bytes;
      atMs = expiresAtMs;
    }
    return atMs;
  }

  /** Remembers a call from its first copy on, and what its client said with it to be over. */
  add(id: CallId, call: NewCall): Entry {
    const expiresAtMs = call.nowMs + this.lifetimeMs;
    const { from, answer } = call;
    const entry = { id, answer, from, expiresAtMs, bytes: ENTRY_BYTES + call.replyBytesMax };
    this.count(entry, entry.bytes);
    this.entries.set(keyOf(id.client, id.sequence), entry);
    const record = this.clientOf(id, expiresAtMs, answer?.type === 'refused');
    record.sequences.add(id.sequence);
    if (call.acknowledged > record.acknowledged) this.drop(id.client, record, call.acknowledged);
    return entry;
  }

  private count({ answer }: Entry, bytes: number): void {
    this.bytes += bytes;
    if (answer?.type === 'refused') this.refusalBytes += bytes;
  }

  private clientOf({ client, life }: CallId, expiresAtMs: number, isForRefusals: boolean): KnownClient {
    const known = this.clients.get(client);
    const record = known?.life === life ? known : this.beginLife({ client, life }, expiresAtMs, isForRefusals);
    record.expiresAtMs = expiresAtMs;
    if (record.isForRefusals && !isForRefusals) {
      record.isForRefusals = false;
      this.refusalBytes -= CLIENT_BYTES;
    }
    return record;
  }

  /** From here on nothing of an earlier life is executed: what is known of its calls is not needed. */
  private beginLife(
    { client, life }: Pick<CallId, 'client' | 'life'>,
    expiresAtMs: number,
    isForRefusals = false,
  ): KnownClient {
    const earlier = this.clients.get(client);
    if (earlier !== undefined) this.forgetClient(client, earlier);
    const record = { life, acknowledged: 0, sequences: new Set<number>(), expiresAtMs, isForRefusals };
    this.clients.set(client, record);
    this.countClient(record, CLIENT_BYTES);
    return record;
  }

  private countClient({ isForRefusals }: KnownClient, bytes: number): void {
    this.bytes += bytes;
    if (isForRefusals) this.refusalBytes += bytes;
  }

  /** A call was executed. If its client has said meanwhile that it is over, it is forgotten. */
  finish(id: CallId, result: Result): void {
    const record = this.clients.get(id.client);
    const entry = this.entries.get(keyOf(id.client, id.sequence));
    if (record?.life !== id.life || entry === undefined) return;
    if (id.sequence <= record.acknowledged) return this.forget(id.client, record, id.sequence);
    this.replace(entry, { type: 'reply', result });
  }

  private replace(entry: Entry, answer: Answer): void {
    entry.answer = answer;
    this.resize(entry);
  }

  private resize(entry: Entry): void {
    const bytes = ENTRY_BYTES + bytesOf(entry.answer);
    this.bytes += bytes - entry.bytes;
    entry.bytes = bytes;
  }

  /** What is to be on disk for `restore` to bring back: all but calls under way, which have records of their own. */
  *remembered(): Iterable<Remembered> {
    for (const [client, { life, acknowledged }] of this.clients) {
      yield { type: 'client', client, life, acknowledged };
    }
    for (const { id, from, answer } of this.entries.values()) yield { type: 'call', id, from, answer };
  }

  /** Copies may arrive for as long as if it had just been begun: how long it was down, a server does not know. */
  restore(remembered: Remembered): void {
    if (remembered.type === 'client') {
      this.beginLife(remembered, this.lifetimeMs).acknowledged = remembered.acknowledged;
    } else {
      const { id, from, answer } = remembered;
      const found = this.find(id);
      if (found.type === 'known') this.replace(found.entry, answer ?? INTERRUPTED);
      else if (found.type === 'new') {
        const call = { from, answer: answer ?? INTERRUPTED, acknowledged: 0, replyBytesMax: 0, nowMs: 0 };
        this.resize(this.add(id, call));
      }
    }
  }

  /** Forgets what no copy can arrive of any more. */
  expire(nowMs: number): void {
    for (const [key, entry] of this.entries) {
      if (entry.expiresAtMs >= nowMs) break;
      const { client, sequence } = entry.id;
      const record = this.clients.get(client);
      if (entry.answer !== null && record !== undefined) {
        this.forget(client, record, sequence);
        continue;
      }
      // Still executed: put behind those that expire first.
      this.entries.delete(key);
      entry.expiresAtMs = nowMs + this.lifetimeMs;
      this.entries.set(key, entry);
    }
  }

  /** Forgets the clients that were silent so long that no copy of any of their calls can arrive. */
  expireClients(nowMs: number): void {
    for (const [client, record] of this.clients) {
      if (record.sequences.size === 0 && record.expiresAtMs < nowMs) this.forgetClient(client, record);
    }
  }

  private forget(client: string, record: KnownClient, sequence: number): void {
    const key = keyOf(client, sequence);
    const entry = this.entries.get(key);
    if (entry !== undefined) this.count(entry, -entry.bytes);
    this.entries.delete(key);
    record.sequences.delete(sequence);
  }

  private forgetClient(client: string, record: KnownClient): void {
    for (const sequence of record.sequences) this.forget(client, record, sequence);
    this.clients.delete(client);
    this.countClient(record, -CLIENT_BYTES);
  }
}

const INTERRUPTED: Answer = {
  type: 'reply',
  result: { type: 'interrupted', message: 'the server stopped while it executed the call' },
};

function bytesOf(answer: Answer | null): number {
  if (answer?.type !== 'reply') return 0;
  const { result } = answer;
  switch (result.type) {
    case 'done':
      return result.body.length;
    case 'rejected':
    case 'failed':
    case 'unavailable':
    case 'interrupted':
      return result.message.length;
    case 'sessionExpired':
      return 0;
    default:
      return result satisfies never;
  }
}

function keyOf(client: string, sequence: number): string {
  return `${client}\n${sequence}`;
}
