import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { address, type Effect, type Event, encode, step } from '../../kernel/index.ts';
import { DEFAULT_LIMITS } from '../multi-paxos/index.ts';
import { DEFAULT_AGREEMENT } from './agreement.ts';
import { type Call, type Outcome, RequestClient, SESSION_IDLE_MS_MAX } from './client.ts';
import { OPEN_SESSION, type RefusalReason, type Request, type Result } from './messages.ts';

const SERVER = address('server');
const LIFE = 1;
const DONE: Result = { type: 'done', body: new Uint8Array(0) };

/** A client, driven by hand. */
class Driven {
  readonly client = new RequestClient({
    client: 'c',
    server: SERVER,
    agreement: DEFAULT_AGREEMENT,
    isNameFresh: true,
    acknowledgeAfterMs: null,
  });
  nowMs = 1;
  readonly sent: Request[] = [];
  readonly outcomes: Outcome[] = [];

  constructor() {
    this.step({ type: 'start' });
  }

  step(event: Event): void {
    const effects: readonly Effect[] = step(this.client, event, {
      self: address('c'),
      now: this.nowMs,
      choose: () => 0,
    });
    for (const effect of effects) {
      if (effect.type === 'output') this.outcomes.push(effect.output as Outcome);
      if (effect.type === 'send' && effect.message.type === 'request')
        this.sent.push(effect.message as unknown as Request);
    }
  }

  call(more: Partial<Call> = {}): Request {
    const body = new Uint8Array(0);
    const call = { type: 'call', call: 1, method: 'm', body, semantics: 'atMostOnce', metadata: {}, timeoutMs: null };
    this.step({ type: 'message', from: address('outside'), message: { ...call, ...more } });
    return this.latest();
  }

  latest(): Request {
    const request = this.sent.at(-1);
    assert.ok(request !== undefined);
    return request;
  }

  retry({ id: { sequence } }: Request): void {
    const timer = { type: 'retry', sequence };
    this.step({ type: 'timer', timer });
  }

  answer({ id }: Request, result: Result = DONE): void {
    const message = { type: 'reply', id, server: LIFE, result, stampMs: this.nowMs };
    this.step({ type: 'message', from: SERVER, message });
  }

  refuse({ id }: Request, reason: RefusalReason): void {
    const message = { type: 'refused', id, server: LIFE, reason, retryAfterMs: 0, stampMs: this.nowMs };
    this.step({ type: 'message', from: SERVER, message });
  }

  outcome(): Outcome {
    const outcome = this.outcomes.at(-1);
    assert.ok(outcome !== undefined);
    return outcome;
  }
}

/** One that knows the life of its server. */
function introduced(): Driven {
  const driven = new Driven();
  driven.refuse(driven.call(), 'staleServer');
  driven.answer(driven.latest());
  return driven;
}

for (const [told, tell] of [
  ['refused', (driven: Driven) => driven.refuse(driven.latest(), 'overloaded')],
  ['answered', (driven: Driven) => driven.answer(driven.latest(), { type: 'rejected', message: 'no' })],
] as const) {
  test(`a call that is ${told} says whether an earlier copy may have been executed`, () => {
    const once = introduced();
    once.call();
    tell(once);
    assert.deepEqual({ type: told, wasResent: false }, pick(once.outcome()));
    const twice = introduced();
    twice.retry(twice.call());
    tell(twice);
    assert.deepEqual({ type: told, wasResent: true }, pick(twice.outcome()));
  });
}

test('a first copy that was for no life of the server was not executed', () => {
  const driven = new Driven();
  driven.refuse(driven.call(), 'staleServer');
  driven.refuse(driven.latest(), 'overloaded');
  assert.equal(driven.sent.length, 2);
  assert.deepEqual(pick(driven.outcome()), { type: 'refused', wasResent: false });
});

function pick(outcome: Outcome): object {
  assert.ok('wasResent' in outcome);
  return { type: outcome.type, wasResent: outcome.wasResent };
}

describe('a session', () => {
  const once = { semantics: 'exactlyOnce' } as const;
  const opened: Result = { type: 'done', body: encode(7) };

  test('is opened with the metadata of the call that needs it', () => {
    const driven = introduced();
    const opening = driven.call({ ...once, metadata: { authorization: 'Bearer x' } });
    assert.equal(opening.method, OPEN_SESSION);
    assert.deepEqual(opening.metadata, { authorization: 'Bearer x' });
  });

  test('that is refused to one call is asked for again by those which wait with other metadata', () => {
    const driven = introduced();
    const known = driven.outcomes.length;
    const refused: Result = { type: 'rejected', message: 'the token is not accepted' };
    const alice = { ...once, metadata: { authorization: 'Bearer alice' } };
    const bob = { ...once, metadata: { authorization: 'Bearer bob' } };
    const first = driven.call({ ...alice, call: 2 });
    driven.call({ ...bob, call: 3 });
    driven.call({ ...alice, call: 4 });
    driven.call({ ...bob, call: 5 });
    assert.equal(driven.latest(), first, 'one opening at a time');
    driven.answer(first, refused);
    const told = driven.outcomes.slice(known);
    const outcomeOf = (call: number) => ({ type: 'answered', call, result: refused, wasResent: false });
    assert.deepEqual(told, [outcomeOf(2), outcomeOf(4)]);
    assert.equal(driven.latest().method, OPEN_SESSION);
    assert.deepEqual(driven.latest().metadata, bob.metadata);
    const before = driven.sent.length;
    driven.answer(driven.latest(), opened);
    const sent = driven.sent.slice(before);
    assert.deepEqual(
      sent.map(({ session, metadata }) => [session, metadata]),
      [
        [7, bob.metadata],
        [7, bob.metadata],
      ],
    );
  });

  test('of a call that is cancelled meanwhile is no news of the next one either', () => {
    const driven = introduced();
    const known = driven.outcomes.length;
    const first = driven.call({ ...once, call: 2, metadata: { authorization: 'Bearer alice' } });
    const cancel = { type: 'cancelCall', call: 2 };
    driven.step({ type: 'message', from: address('outside'), message: cancel });
    const second = driven.call({ ...once, call: 3, metadata: { authorization: 'Bearer bob' } });
    driven.answer(first, { type: 'rejected', message: 'the token is not accepted' });
    assert.equal(driven.outcomes.length, known);
    driven.answer(second, opened);
    assert.equal(driven.latest().session, 7);
  });

  test('is used for as long as it is not idle, and then another is opened before a call is sent', () => {
    const driven = introduced();
    driven.answer(driven.call(once), opened);
    driven.answer(driven.latest());
    for (let calls = 0; calls < 4; calls += 1) {
      driven.nowMs += 20_000;
      const { session } = driven.call(once);
      assert.equal(session, 7);
      driven.answer(driven.latest());
    }
    driven.nowMs += 59_000;
    assert.equal(driven.call(once).method, OPEN_SESSION);
    driven.answer(driven.latest(), { type: 'done', body: encode(8) });
    assert.equal(driven.latest().session, 8);
  });

  test('lives in the store for twice as long as a client lets it be idle, so that a call has as long again', () => {
    assert.equal(DEFAULT_LIMITS.sessionTtlMs, 2 * SESSION_IDLE_MS_MAX);
    const driven = introduced();
    driven.answer(driven.call(once), opened);
    driven.answer(driven.latest());
    driven.nowMs += SESSION_IDLE_MS_MAX;
    assert.equal(driven.call(once).session, 7);
    driven.nowMs += 1;
    assert.equal(driven.call(once).method, OPEN_SESSION);
  });

  test('is kept by a call under way, which could be executed again in another', () => {
    const driven = introduced();
    driven.answer(driven.call(once), opened);
    const first = driven.latest();
    driven.nowMs += 59_000;
    driven.answer(driven.call({ ...once, call: 2 }), { type: 'done', body: encode(8) });
    driven.retry(first);
    assert.equal(driven.latest().session, 7);
  });
});

test('a call that is late after a long idleness is sent again at once, with a fresh stamp, but only once', () => {
  const driven = introduced();
  driven.nowMs += 1_200_000;
  const late = driven.call();
  const before = driven.sent.length;
  driven.refuse(late, 'late');
  assert.equal(driven.sent.length, before + 1);
  assert.equal(driven.latest().stampMs, driven.nowMs);
  driven.refuse(late, 'late');
  assert.equal(driven.sent.length, before + 1);
});
