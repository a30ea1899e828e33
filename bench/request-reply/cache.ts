import { address, type Effect, step } from '../../src/kernel/index.ts';
import { protocol } from '../../src/rpc/index.ts';

/** What a server accepted of what it was offered. */
export interface CachePoint {
  readonly cacheBytes: number;
  readonly offeredPerSecond: number;
  readonly acceptedPerSecond: number;
}

export interface CacheRun {
  readonly cacheBytes: number;
  readonly offeredPerSecond: number;
  /** After this, a call's answer is acknowledged; null for never. */
  readonly acknowledgeAfterMs: number | null;
}

/** Each call takes so much of the cache. */
export const REPLY_BYTES = 300;
export const BYTES_PER_CALL: number = protocol.ENTRY_BYTES + REPLY_BYTES;
export const LIFETIME_MS: number = protocol.duplicateLifetimeMs(protocol.DEFAULT_AGREEMENT);

const CLIENT = address('c');
const SERVER = address('server');
const REPLY = new Uint8Array(REPLY_BYTES);

class Prompt extends protocol.RequestServer {
  protected override execute(): protocol.Result {
    return { type: 'done', body: REPLY };
  }
}

/**
 * The server's own process in virtual time: one client offers calls at a steady rate for ten times as long as an entry
 * lives; what counts is the second half, when the cache is as full as it gets.
 */
export function offer({ cacheBytes, offeredPerSecond, acknowledgeAfterMs }: CacheRun): CachePoint {
  const server = new Prompt({
    agreement: { ...protocol.DEFAULT_AGREEMENT, afterCrash: 'nothing' },
    methods: { call: { idempotent: false, replyBytesMax: REPLY_BYTES } },
    filter: true,
    cacheBytesMax: cacheBytes,
    executingMax: 10_000,
  });
  const endMs = 10 * LIFETIME_MS;
  const apartMs = 1000 / offeredPerSecond;
  let [accepted, offered, beatAtMs] = [0, 0, Number.POSITIVE_INFINITY];
  const give = (event: Parameters<typeof step>[1], now: number): void => {
    const effects = step(server, event, { self: SERVER, now, choose: () => 0 });
    beatAtMs = effects.reduce((at, effect) => beatOf(effect, now) ?? at, beatAtMs);
    if (now > endMs / 2) accepted += effects.filter(isReply).length;
  };
  give({ type: 'start' }, 0);
  for (let sequence = 1; sequence * apartMs < endMs; sequence += 1) {
    const now = sequence * apartMs;
    if (now > endMs / 2) offered += 1;
    while (beatAtMs <= now) {
      const at = beatAtMs;
      beatAtMs = Number.POSITIVE_INFINITY;
      give({ type: 'timer', timer: 'beat' }, at);
    }
    const acknowledged =
      acknowledgeAfterMs === null ? 0 : Math.max(0, Math.floor((now - acknowledgeAfterMs) / apartMs));
    give({ type: 'message', from: CLIENT, message: requestOf(sequence, acknowledged) }, now);
  }
  const perSecond = (count: number): number => (count * 1000) / (endMs / 2);
  return { cacheBytes, offeredPerSecond: perSecond(offered), acceptedPerSecond: perSecond(accepted) };
}

function requestOf(sequence: number, acknowledged: number): protocol.Request {
  return {
    type: 'request',
    id: { client: 'c', life: 1, sequence },
    server: 0,
    filtered: true,
    session: 0,
    acknowledged,
    method: 'call',
    body: new Uint8Array(0),
    metadata: {},
    patienceMs: 1_000,
    afterCrash: 'nothing',
    spanMs: protocol.spanMs(protocol.DEFAULT_AGREEMENT.retry),
    stampMs: 0,
    sinceStampMs: 0,
  };
}

function beatOf(effect: Effect, now: number): number | null {
  return effect.type === 'setTimer' ? now + effect.minMs : null;
}

function isReply(effect: Effect): boolean {
  return effect.type === 'send' && effect.message.type === 'reply';
}
