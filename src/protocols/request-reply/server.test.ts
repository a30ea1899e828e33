import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { METHODS } from '../../../test/request-reply/system.ts';
import { address, type Event, step } from '../../kernel/index.ts';
import { DEFAULT_AGREEMENT } from './agreement.ts';
import type { CallId, Reply, Request, Result } from './messages.ts';
import { CLIENT_BYTES, ENTRY_BYTES } from './reply-cache.ts';
import { RequestServer, type ServerOptions, type ServerOutput } from './server.ts';

const CLIENT = address('c');
const SERVER = address('server');

/** A server, driven by hand. */
class Driven {
  readonly server: RequestServer;
  nowMs = 0;

  constructor(options: Partial<ServerOptions> = {}) {
    const agreement = { ...DEFAULT_AGREEMENT, afterCrash: 'nothing' as const };
    const base = { agreement, methods: METHODS, filter: true, cacheBytesMax: 10_000, executingMax: 100 };
    this.server = new RequestServer({ ...base, ...options });
    this.step({ type: 'start' });
  }

  step(event: Event) {
    return step(this.server, event, { self: SERVER, now: this.nowMs, choose: () => 0 });
  }

  outputsOf(event: Event): ServerOutput[] {
    return this.step(event).flatMap((effect) => (effect.type === 'output' ? [effect.output as ServerOutput] : []));
  }

  ask(id: Partial<CallId>, more: Partial<Request> = {}): ServerOutput[] {
    return this.outputsOf({ type: 'message', from: CLIENT, message: requestOf(id, more) });
  }

  orphans(event: Event): string[] {
    return this.outputsOf(event).flatMap((output) =>
      output.type === 'orphaned' ? [`${output.ticket} ${output.why}`] : [],
    );
  }

  executed(ticket: number, bytes: number): void {
    this.finish(ticket, { type: 'done', body: new Uint8Array(bytes) });
  }

  /** What is sent for it. */
  finish(ticket: number, result: Result): Reply[] {
    const message = { type: 'executed', ticket, result };
    const effects = this.step({ type: 'message', from: SERVER, message });
    return effects.flatMap((effect) => (effect.type === 'send' ? [effect.message as unknown as Reply] : []));
  }
}

function requestOf(id: Partial<CallId>, more: Partial<Request>): Request {
  return {
    type: 'request',
    id: { client: 'c', life: 1, sequence: 1, ...id },
    server: 0,
    filtered: true,
    session: 0,
    acknowledged: 0,
    method: 'add',
    body: new Uint8Array(0),
    metadata: {},
    patienceMs: 1_000,
    afterCrash: 'nothing',
    spanMs: 0,
    stampMs: 0,
    sinceStampMs: 0,
    ...more,
  };
}

describe('a request is refused, whoever sends it again,', () => {
  function reasonFor(more: Partial<Request>): unknown {
    const driven = new Driven();
    const effects = driven.step({ type: 'message', from: CLIENT, message: requestOf({}, more) });
    return effects.flatMap((effect) => (effect.type === 'send' && 'reason' in effect.message ? effect.message : []));
  }

  for (const [what, more, reason] of [
    ['if its client goes by another rule for crashes', { afterCrash: 'incarnations' }, 'otherRule'],
    ['if its client sends copies for longer than the server remembers', { spanMs: 3_601 }, 'longerSpan'],
  ] as const) {
    test(what, () => {
      const id = { client: 'c', life: 1, sequence: 1 };
      const refused = { type: 'refused', id, server: 1, reason, final: true, retryAfterMs: 0, stampMs: 0 };
      assert.deepEqual(reasonFor(more), [refused]);
    });
  }

  test('but not if it sends them for a shorter time, or is not filtered', () => {
    assert.deepEqual(reasonFor({ spanMs: 3_600 }), []);
    assert.deepEqual(reasonFor({ spanMs: 0, filtered: false }), []);
  });
});

describe('a reply is final', () => {
  const rejected: Result = { type: 'rejected', message: 'no' };
  const unavailable: Result = { type: 'unavailable', message: 'not now' };
  const cases: readonly [string, Partial<Request>, Result, boolean][] = [
    ['of a call that is filtered', {}, rejected, true],
    ['not of one that is not', { filtered: false }, rejected, false],
    ['not of a method that skips the cache', { method: 'read' }, rejected, false],
    ['in a session, whose service answers every copy alike', { filtered: false, session: 7 }, rejected, true],
    ['but not if the service could not execute this copy', { filtered: false, session: 7 }, unavailable, false],
    ['unless it is filtered', {}, unavailable, true],
  ];
  for (const [name, request, result, final] of cases) {
    test(name, () => {
      const driven = new Driven();
      driven.ask({}, request);
      assert.deepEqual(
        driven.finish(1, result).map((reply) => [reply.result, reply.final]),
        [[result, final]],
      );
    });
  }
});

test('what a client says to be over with the first request that arrives is not executed when it comes late', () => {
  const driven = new Driven();
  assert.equal(driven.ask({ sequence: 2 }, { acknowledged: 1 }).length, 1);
  assert.deepEqual(driven.ask({ sequence: 1 }), []);
});

describe('an execution is an orphan', () => {
  test('when its client has waited as long as it said, told once', () => {
    const driven = new Driven();
    assert.equal(driven.ask({})[0]?.type, 'execute');
    driven.nowMs = 1_100;
    assert.deepEqual(driven.orphans({ type: 'timer', timer: 'beat' }), ['1 expired']);
    assert.deepEqual(driven.orphans({ type: 'timer', timer: 'beat' }), []);
  });

  test('but not while copies come, which say that somebody waits', () => {
    const driven = new Driven();
    driven.ask({});
    driven.nowMs = 900;
    driven.ask({});
    driven.nowMs = 1_100;
    assert.deepEqual(driven.orphans({ type: 'timer', timer: 'beat' }), []);
  });

  test('when its client cancels it', () => {
    const driven = new Driven();
    driven.ask({});
    const message = { type: 'abandon', id: { client: 'c', life: 1, sequence: 1 } };
    assert.deepEqual(driven.orphans({ type: 'message', from: CLIENT, message }), ['1 abandoned']);
  });

  test('when its client starts again, and exterminates what its earlier lives asked for', () => {
    const driven = new Driven();
    driven.ask({ sequence: 1 });
    driven.ask({ sequence: 2 });
    driven.ask({ client: 'd' });
    const message = { type: 'exterminate', client: 'c', life: 2 };
    assert.deepEqual(driven.orphans({ type: 'message', from: CLIENT, message }), ['1 exterminated', '2 exterminated']);
    assert.deepEqual(driven.ask({ sequence: 3 }), [], 'a late copy of the earlier life is not executed');
    assert.equal(driven.ask({ life: 2 }).length, 1);
  });
});

test('a client that starts again is known by its life, before it calls or when its call is the first to say so', () => {
  const told = new Driven();
  const exterminate = { type: 'exterminate', client: 'c', life: 2 };
  told.step({ type: 'message', from: CLIENT, message: exterminate });
  assert.deepEqual(told.ask({ life: 1 }), []);
  const untold = new Driven();
  untold.ask({ life: 1 }, { filtered: false });
  const message = requestOf({ life: 2 }, {});
  assert.deepEqual(untold.orphans({ type: 'message', from: CLIENT, message }), ['1 exterminated']);
});

test('bodies of calls under way take no more than their bytes, and give them back', () => {
  const driven = new Driven({ executingBytesMax: 100 });
  const body = new Uint8Array(60);
  assert.equal(driven.ask({ sequence: 1 }, { body }).length, 1);
  assert.equal(driven.ask({ sequence: 2 }, { body }).length, 0);
  driven.executed(1, 0);
  assert.equal(driven.ask({ sequence: 3 }, { body }).length, 1);
});

test('so does what they carry beside their bodies', () => {
  const driven = new Driven({ executingBytesMax: 100 });
  const metadata = { note: 'x'.repeat(60) };
  assert.equal(driven.ask({ sequence: 1 }, { metadata }).length, 1);
  assert.equal(driven.ask({ sequence: 2 }, { metadata }).length, 0);
  driven.executed(1, 0);
  assert.equal(driven.ask({ sequence: 3 }, { metadata }).length, 1);
});

describe('the cache', () => {
  test('keeps room for the largest reply while a call is executed, and gives back what the reply does not take', () => {
    const driven = new Driven();
    driven.ask({});
    assert.equal(driven.server.cache.bytes, CLIENT_BYTES + ENTRY_BYTES + 100);
    driven.executed(1, 7);
    assert.equal(driven.server.cache.bytes, CLIENT_BYTES + ENTRY_BYTES + 7);
  });

  test('forgets what its client acknowledges, with the next request or by itself', () => {
    const driven = new Driven();
    for (const sequence of [1, 2]) {
      driven.ask({ sequence });
      driven.executed(1, 50);
    }
    driven.ask({ sequence: 3 }, { acknowledged: 1 });
    driven.executed(1, 50);
    assert.equal(driven.server.cache.entries.size, 2);
    const message = { type: 'acknowledge', client: 'c', life: 1, acknowledged: 3 };
    driven.step({ type: 'message', from: CLIENT, message });
    assert.equal(driven.server.cache.bytes, CLIENT_BYTES);
    assert.deepEqual(driven.ask({ sequence: 2 }), [], 'a late copy of an acknowledged call is not executed');
  });

  test('when full, says when there will be room: when the first entries expire that are in the way', () => {
    const methods = { add: { idempotent: false, replyBytesMax: 1_000 } };
    const driven = new Driven({ methods, cacheBytesMax: CLIENT_BYTES + 2 * (ENTRY_BYTES + 1_000) });
    driven.ask({ sequence: 1 });
    driven.nowMs = 300;
    driven.ask({ sequence: 2 });
    const event = { type: 'message', from: CLIENT, message: requestOf({ sequence: 3 }, {}) } as const;
    const [refusal] = driven.step(event);
    assert.ok(refusal?.type === 'send' && 'retryAfterMs' in refusal.message);
    assert.equal(refusal.message.retryAfterMs, driven.server.lifetimeMs - 300);
  });

  test('takes no more than its bytes for clients that start again and again', () => {
    const driven = new Driven({ cacheBytesMax: 4_000 });
    const { cache } = driven.server;
    for (let client = 0; client < 100; client += 1) {
      for (const life of [2, 3]) {
        const message = { type: 'exterminate', client: `c${client}`, life };
        driven.step({ type: 'message', from: CLIENT, message });
      }
    }
    assert.ok(cache.bytes <= cache.refusalBytesMax, `${cache.bytes}`);
  });

  test('serves as many calls under an overload as without: refusals have a share of their own', () => {
    const methods = { add: { idempotent: false, replyBytesMax: 100 } };
    const driven = new Driven({ methods, cacheBytesMax: CLIENT_BYTES + 10 * (ENTRY_BYTES + 100) });
    for (let sequence = 1; sequence <= 1_000; sequence += 1) driven.ask({ sequence });
    const { cache, lifetimeMs } = driven.server;
    assert.ok(cache.refusalBytes > 0 && cache.bytes <= (cache.bytesMax * 9) / 8);
    for (let ticket = 1; ticket <= 10; ticket += 1) driven.executed(ticket, 100);
    for (; driven.nowMs <= lifetimeMs; driven.nowMs += lifetimeMs / 8) driven.step({ type: 'timer', timer: 'beat' });
    driven.step({ type: 'timer', timer: 'beat' });
    const begun = Array.from({ length: 100 }, (_, index) => driven.ask({ sequence: 2_000 + index })).flat();
    assert.equal(begun.length, 10);
  });
});
