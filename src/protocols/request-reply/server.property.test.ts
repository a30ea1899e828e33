import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { address, type Event, Random, step } from '../../kernel/index.ts';
import { type AfterCrash, DEFAULT_AGREEMENT } from './agreement.ts';
import type { CallId, Request, Result } from './messages.ts';
import { CLIENT_BYTES, ENTRY_BYTES } from './reply-cache.ts';
import { RequestServer, type ServerMessage, type ServerOutput } from './server.ts';

const SEEDS = 40;
const EVENTS = 400;
const SERVER = address('server');
const REPLY_BYTES = 100;
const METHODS = {
  add: { idempotent: false, replyBytesMax: REPLY_BYTES },
  read: { idempotent: true, replyBytesMax: REPLY_BYTES },
};
const EXECUTING_BYTES_MAX = 300;

/** A server to which anything may come, in any order. */
class Besieged {
  readonly server: RequestServer;
  readonly random: Random;
  nowMs = 0;
  /** When the server asked to be woken; null for never. */
  beatMs: number | null = null;
  /** When a filtered call was executed, by its id. */
  readonly executedMs = new Map<string, number>();
  refusals = 0;

  constructor(seed: string, afterCrash: AfterCrash) {
    this.random = new Random(seed);
    this.server = new RequestServer({
      agreement: { ...DEFAULT_AGREEMENT, afterCrash },
      methods: METHODS,
      filter: true,
      cacheBytesMax: this.random.between(800, 4_000),
      executingMax: 6,
      executingBytesMax: EXECUTING_BYTES_MAX,
    });
    this.handle({ type: 'start' });
  }

  /** Lets one thing happen. */
  next(): void {
    const { random } = this;
    const dice = random.integer(100);
    if (dice < 50) this.receive(this.request());
    else if (dice < 70) this.receive({ type: 'executed', ticket: this.ticket(), result: this.result() });
    else if (dice < 76) this.receive({ type: 'acknowledge', ...this.id(), acknowledged: random.integer(9) });
    else if (dice < 80) this.receive({ type: 'exterminate', ...this.id() });
    else if (dice < 84) this.receive({ type: 'abandon', id: this.id() });
    else if (dice < 87) this.handle({ type: 'timer', timer: 'beat' });
    else this.pass(random.between(0, dice < 99 ? 500 : 2 * this.server.lifetimeMs));
  }

  /** Time, in which the server is woken as it asked for; or is stopped meanwhile, and woken late. */
  private pass(ms: number): void {
    const untilMs = this.nowMs + ms;
    const isStopped = this.random.chance(0.2);
    while (!isStopped && this.beatMs !== null && this.beatMs <= untilMs) {
      this.nowMs = this.beatMs;
      this.beatMs = null;
      this.handle({ type: 'timer', timer: 'beat' });
    }
    this.nowMs = untilMs;
  }

  private id(): CallId {
    const client = this.random.pick(['a', 'b', 'c', 'd', 'e', 'f']);
    const life = this.random.chance(0.95) ? 1 + Math.floor(this.nowMs / 20_000) : 1 + this.random.integer(5);
    return { client, life, sequence: 1 + this.random.integer(12) };
  }

  /** Copies of a call are alike: what it is goes by its sequence number. */
  private request(): Request {
    const id = this.id();
    const { random } = this;
    return {
      type: 'request',
      id,
      server: random.chance(0.95) ? 1 : 0,
      filtered: id.sequence % 6 !== 0,
      session: id.sequence % 4 === 0 ? 7 : 0,
      acknowledged: random.chance(0.2) ? random.integer(id.sequence) : 0,
      method: id.sequence === 7 ? 'unknown' : id.sequence % 5 === 0 ? 'read' : 'add',
      body: new Uint8Array(random.integer(60)),
      metadata: random.chance(0.2) ? { note: 'x'.repeat(random.integer(60)) } : {},
      patienceMs: random.chance(0.9) ? random.between(0, 3_000) : Number.POSITIVE_INFINITY,
      afterCrash: random.chance(0.98) ? this.server.options.agreement.afterCrash : 'nothing',
      spanMs: random.chance(0.98) ? 3_000 : 1e6,
      stampMs: Math.max(0, this.nowMs - random.integer(2_100)),
      sinceStampMs: 0,
    };
  }

  /** Of an execution under way, or of none. */
  private ticket(): number {
    return this.random.pick([0, ...this.server.executing.keys(), ...this.server.executing.keys()]);
  }

  private result(): Result {
    const bytes = this.random.integer(2 * REPLY_BYTES);
    const message = 'x'.repeat(bytes);
    return this.random.pick<Result>([
      { type: 'done', body: new Uint8Array(bytes) },
      { type: 'rejected', message },
      { type: 'failed', message },
      { type: 'unavailable', message },
      { type: 'interrupted', message },
      { type: 'sessionExpired' },
    ]);
  }

  private receive(message: ServerMessage): void {
    const from = message.type === 'executed' ? SERVER : address('client');
    this.handle({ type: 'message', from, message: { ...message } });
  }

  private handle(event: Event): void {
    for (const effect of step(this.server, event, { self: SERVER, now: this.nowMs, choose: () => 0 })) {
      if (effect.type === 'setTimer') this.beatMs = this.nowMs + effect.minMs;
      if (effect.type === 'output') this.onOutput(effect.output as ServerOutput);
      if (effect.type === 'send' && 'reason' in effect.message && effect.message.reason === 'overloaded')
        this.refusals += 1;
    }
  }

  private onOutput(output: ServerOutput): void {
    if (output.type !== 'execute') return;
    const { client, life, sequence } = output.id;
    if (sequence % 6 === 0 || output.method === 'read') return;
    const call = `${client} ${life} ${sequence}`;
    const earlierMs = this.executedMs.get(call) ?? Number.NEGATIVE_INFINITY;
    assert.ok(this.nowMs - earlierMs > this.server.lifetimeMs, `${call} at ${earlierMs} and again at ${this.nowMs}`);
    this.executedMs.set(call, this.nowMs);
  }

  check(): void {
    this.checkCache();
    this.checkExecuting();
  }

  private checkCache(): void {
    const { cache } = this.server;
    let [bytes, refusalBytes, sequences] = [0, 0, 0];
    for (const { id, answer, bytes: taken } of cache.entries.values()) {
      const isRefusal = answer?.type === 'refused';
      bytes += taken;
      if (isRefusal) refusalBytes += taken;
      assert.ok(taken <= ENTRY_BYTES + (isRefusal ? 0 : REPLY_BYTES), `an entry of ${taken} bytes`);
      const record = cache.clients.get(id.client);
      assert.ok(record?.life === id.life && record.sequences.has(id.sequence), 'its client knows it');
    }
    for (const record of cache.clients.values()) {
      bytes += CLIENT_BYTES;
      if (record.isForRefusals) refusalBytes += CLIENT_BYTES;
      sequences += record.sequences.size;
    }
    assert.deepEqual([cache.bytes, cache.refusalBytes], [bytes, refusalBytes]);
    assert.equal(cache.entries.size, sequences, 'its clients know nothing else');
    assert.ok(cache.bytes <= cache.bytesMax * (1 + 1 / 8), `${cache.bytes} of ${cache.bytesMax}`);
  }

  private checkExecuting(): void {
    const { executing, executingBytes, tickets } = this.server;
    let bytes = 0;
    for (const [ticket, execution] of executing) {
      bytes += execution.bytes;
      const { client, life, sequence } = execution.id;
      assert.equal(tickets.get(`${client}\n${life}\n${sequence}`), ticket);
    }
    assert.equal(tickets.size, executing.size);
    assert.equal(executingBytes, bytes);
    assert.ok(executingBytes <= EXECUTING_BYTES_MAX && executing.size <= 6);
  }
}

describe("whatever comes, a server's books balance, and no call is executed again while its copies can arrive", () => {
  for (const afterCrash of ['nothing', 'persisted', 'silence', 'incarnations'] as const) {
    test(`going by ${afterCrash}`, () => {
      let [executed, refused] = [0, 0];
      for (let seed = 0; seed < SEEDS; seed += 1) {
        const besieged = new Besieged(`${afterCrash} ${seed}`, afterCrash);
        for (let event = 0; event < EVENTS; event += 1) {
          try {
            besieged.next();
            besieged.check();
          } catch (cause) {
            throw new Error(`with seed ${seed}, at event ${event}: ${cause}`, { cause });
          }
        }
        executed += besieged.executedMs.size;
        refused += besieged.refusals;
      }
      assert.ok(executed > 10 * SEEDS && refused > SEEDS, `${executed} executed, ${refused} refused`);
    });
  }
});
