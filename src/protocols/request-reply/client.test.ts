import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Address, address, type Effect, type Event, encode, step } from '../../kernel/index.ts';
import { DEFAULT_LIMITS } from '../multi-paxos/index.ts';
import { DEFAULT_AGREEMENT } from './agreement.ts';
import { type Call, type Outcome, RequestClient, SESSION_IDLE_MS_MAX } from './client.ts';
import { OPEN_SESSION, type RefusalReason, type Request, type Result } from './messages.ts';

const SERVER = address('server');
const LIFE = 1;
const OTHER = address('other');
const DONE: Result = { type: 'done', body: new Uint8Array(0) };

/** A client, driven by hand. */
class Driven {
  readonly client: RequestClient;
  nowMs = 1;
  readonly sent: Request[] = [];
  /** Where the latest copy went. */
  to: Address = SERVER;
  readonly outcomes: Outcome[] = [];
  /** Which servers were told that nobody waits. */
  readonly abandoned: Address[] = [];

  constructor(servers: readonly Address[] = [SERVER], agreement = DEFAULT_AGREEMENT) {
    this.client = new RequestClient({
      client: 'c',
      servers,
      agreement,
      isNameFresh: true,
      acknowledgeAfterMs: null,
    });
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
      if (effect.type === 'send' && effect.message.type === 'abandon') this.abandoned.push(effect.to);
      if (effect.type === 'send' && effect.message.type === 'request') {
        this.sent.push(effect.message as unknown as Request);
        this.to = effect.to;
      }
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

  /** Its caller's time is up. */
  expire(sequence: number): void {
    const timer = { type: 'deadline', sequence };
    this.step({ type: 'timer', timer });
  }

  /** From where the latest copy went. */
  answer({ id }: Request, result: Result = DONE, final = true): void {
    const message = { type: 'reply', id, server: LIFE, result, final, stampMs: this.nowMs };
    this.step({ type: 'message', from: this.to, message });
  }

  refuse({ id }: Request, reason: RefusalReason, final = false, from = this.to, server = LIFE): void {
    const message = { type: 'refused', id, server, reason, final, retryAfterMs: 0, stampMs: this.nowMs };
    this.step({ type: 'message', from, message });
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

for (const final of [true, false]) {
  test(`what becomes of a call is ${final ? '' : 'not '}final, as the server says`, () => {
    const refused = introduced();
    refused.refuse(refused.call(), 'overloaded', final);
    assert.deepEqual(refused.outcome(), { type: 'refused', call: 1, reason: 'overloaded', retryAfterMs: 0, final });
    const answered = introduced();
    const result: Result = { type: 'rejected', message: 'no' };
    answered.answer(answered.call(), result, final);
    assert.deepEqual(answered.outcome(), { type: 'answered', call: 1, result, final });
  });
}

test('that a server has no such method is no news of another life of it, in which the call may have been executed', () => {
  const driven = introduced();
  driven.retry(driven.call({ semantics: 'atLeastOnce' }));
  driven.refuse(driven.latest(), 'noSuchMethod', true);
  const outcome = driven.outcome();
  assert.deepEqual([outcome.type, 'final' in outcome && outcome.final], ['refused', false]);
});

for (const reason of ['noSuchMethod', 'otherRule', 'longerSpan'] as const) {
  test(`a server that says ${reason} may have been another in its life before, which kept its calls on disk`, () => {
    const agreement = { ...DEFAULT_AGREEMENT, afterCrash: 'persisted' as const };
    const once = new Driven([SERVER], agreement);
    once.refuse(once.call(), reason, true);
    assert.deepEqual(once.outcome(), { type: 'refused', call: 1, reason, retryAfterMs: 0, final: true });
    const again = new Driven([SERVER], agreement);
    again.retry(again.call());
    again.refuse(again.latest(), reason, true);
    assert.deepEqual(again.outcome(), { type: 'refused', call: 1, reason, retryAfterMs: 0, final: false });
  });
}

test('a server that counts its lives anew, as its disk was lost, is believed when it is asked', () => {
  const driven = new Driven();
  driven.refuse(driven.call(), 'staleServer', false, SERVER, 5);
  driven.refuse(driven.latest(), 'staleServer', false, SERVER, 1);
  assert.equal(driven.latest().server, 5, 'it was not asked: that may be of the past');
  driven.nowMs += 1_000;
  driven.retry(driven.latest());
  const next = driven.call({ call: 2 });
  assert.equal(next.server, 0);
  const sent = driven.sent.length;
  driven.refuse(next, 'staleServer', false, SERVER, 1);
  assert.deepEqual([driven.latest().server, driven.sent.length], [1, sent + 1]);
});

describe('where the service cannot execute a call for now', () => {
  const unavailable: Result = { type: 'unavailable', message: 'no leader' };

  test('a caller that asked for at most once is told', () => {
    const driven = introduced();
    driven.answer(driven.call(), unavailable, true);
    assert.deepEqual(driven.outcome(), { type: 'answered', call: 1, result: unavailable, final: true });
  });

  test('one that asked for at least once goes on asking, and is told why when its time is up', () => {
    const driven = introduced();
    const request = driven.call({ semantics: 'atLeastOnce', timeoutMs: 1_000 });
    const outcomes = driven.outcomes.length;
    driven.answer(request, unavailable, false);
    driven.retry(request);
    assert.equal(driven.latest().id.sequence, request.id.sequence);
    assert.equal(driven.outcomes.length, outcomes);
    driven.expire(request.id.sequence);
    const unknown = { type: 'unknownOutcome', why: 'deadline', told: 'no leader' };
    assert.deepEqual(driven.outcome(), { ...unknown, call: 1 });
  });

  test('one that asked for exactly once, and got no session, was not executed', () => {
    const driven = introduced();
    const opening = driven.call({ semantics: 'exactlyOnce', timeoutMs: 1_000 });
    driven.answer(opening, unavailable, false);
    driven.expire(opening.id.sequence - 1);
    assert.deepEqual(driven.outcome(), { type: 'unreachable', call: 1, told: 'no leader', isServerThere: true });
  });
});

test('a service that cannot tell is asked again, if another copy may be executed', () => {
  const unknown: Result = { type: 'interrupted', message: 'no answer' };
  const skipping = introduced();
  const outcomes = skipping.outcomes.length;
  skipping.answer(skipping.call(), unknown, false);
  assert.equal(skipping.outcomes.length, outcomes);
  const filtered = introduced();
  filtered.answer(filtered.call(), unknown, true);
  assert.equal(filtered.outcome().type, 'answered');
});

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
    const outcomeOf = (call: number) => ({ type: 'answered', call, result: refused, final: true });
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

  test('is not looked into by a server that rejects a copy for its token: an earlier one may have been executed', () => {
    const rejected: Result = { type: 'rejected', message: 'the token is not accepted' };
    for (const final of [true, false]) {
      const driven = introduced();
      driven.answer(driven.call(once), opened);
      if (!final) driven.retry(driven.latest());
      driven.answer(driven.latest(), rejected, true);
      assert.deepEqual(driven.outcome(), { type: 'answered', call: 1, result: rejected, final });
    }
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

describe('with two servers, a call', () => {
  const unavailable: Result = { type: 'unavailable', message: 'no leader' };

  /** One that knows both, and prefers the first. */
  function twoServers(): Driven {
    const driven = new Driven([SERVER, OTHER]);
    driven.refuse(driven.call(), 'staleServer', false);
    driven.answer(driven.latest());
    return driven;
  }

  function timeOut(driven: Driven): void {
    driven.nowMs += 1_000;
    driven.retry(driven.latest());
  }

  test('moves to the other if no copy of it may be executed, and an old refusal does not bring it back', () => {
    const driven = new Driven([SERVER, OTHER]);
    const { id } = driven.call();
    timeOut(driven);
    assert.deepEqual([driven.to, driven.latest().id, driven.latest().server], [OTHER, id, 0]);
    driven.refuse(driven.latest(), 'staleServer', false);
    const sent = driven.sent.length;
    driven.refuse(driven.latest(), 'staleServer', false, SERVER);
    driven.refuse(driven.latest(), 'late', false, SERVER);
    assert.deepEqual([driven.to, driven.sent.length], [OTHER, sent]);
    driven.answer(driven.latest());
    assert.equal(driven.outcome().type, 'answered');
  });

  test('stays where it may be executed, and the next one goes to the other', () => {
    const driven = twoServers();
    driven.call();
    timeOut(driven);
    timeOut(driven);
    assert.deepEqual([driven.to, driven.latest().server], [SERVER, LIFE]);
    driven.call({ call: 2 });
    assert.deepEqual([driven.to, driven.latest().server], [OTHER, 0]);
  });

  test('that was answered late, or beside others that were, does not bring its server into suspicion', () => {
    const driven = twoServers();
    const slow = driven.call();
    driven.nowMs += 1_000;
    driven.answer(driven.call({ call: 2 }));
    driven.retry(slow);
    driven.call({ call: 3 });
    assert.deepEqual([driven.to, driven.latest().server], [SERVER, LIFE]);
  });

  test('moves to the other if it may be executed more than once', () => {
    const driven = twoServers();
    driven.call({ semantics: 'atLeastOnce' });
    timeOut(driven);
    assert.equal(driven.to, SERVER, 'which may take long to execute it');
    timeOut(driven);
    assert.equal(driven.to, OTHER);
    driven.expire(driven.latest().id.sequence);
    assert.equal(driven.outcome().type, 'unknownOutcome', 'though the other server only tells its life yet');
  });

  test('that both may execute is called off at both', () => {
    const cancel = { type: 'cancelCall', call: 1 };
    for (const [semantics, abandoned] of [
      ['atMostOnce', [SERVER]],
      ['atLeastOnce', [SERVER, OTHER]],
    ] as const) {
      const driven = twoServers();
      driven.call({ semantics });
      timeOut(driven);
      driven.step({ type: 'message', from: address('outside'), message: cancel });
      assert.deepEqual(driven.abandoned, abandoned);
    }
  });

  test('stays if the server says that it is under way', () => {
    const driven = twoServers();
    driven.call({ semantics: 'atLeastOnce' });
    for (let copies = 1; copies < 5; copies += 1) {
      timeOut(driven);
      driven.refuse(driven.latest(), 'underWay', false);
    }
    assert.deepEqual([driven.to, driven.latest().server], [SERVER, LIFE]);
    driven.answer(driven.latest());
    assert.equal(driven.outcome().type, 'answered');
  });

  test('that is for maybe moves as long as it only asks for a life, and then no more', () => {
    const driven = new Driven([SERVER, OTHER]);
    driven.call({ semantics: 'maybe' });
    timeOut(driven);
    assert.equal(driven.to, OTHER);
    driven.refuse(driven.latest(), 'staleServer', false);
    const sent = driven.sent.length;
    timeOut(driven);
    assert.equal(driven.sent.length, sent);
    assert.equal(driven.outcome().type, 'unknownOutcome');
  });

  test('does not go from one that is overloaded to one that is silent, but now and then, to see whether it is back', () => {
    const driven = twoServers();
    driven.call();
    timeOut(driven);
    timeOut(driven);
    const to: Address[] = [];
    for (let calls = 0; calls < 64; calls += 1) {
      const call = driven.call({ call: calls + 2 });
      to.push(driven.to);
      if (driven.to === OTHER) driven.refuse(call, 'overloaded', true);
    }
    assert.equal(to.filter((each) => each === SERVER).length, 0);
    driven.call({ call: 100 });
    assert.equal(driven.to, SERVER);
  });

  test('moves to the other if the service here cannot execute it, in its session', () => {
    const driven = twoServers();
    driven.answer(driven.call({ semantics: 'exactlyOnce' }), { type: 'done', body: encode(7) });
    driven.answer(driven.latest(), unavailable, false);
    driven.retry(driven.latest());
    assert.deepEqual([driven.to, driven.latest().session], [OTHER, 7]);
  });

  test('goes to the other after one that was refused for want of room', () => {
    const driven = twoServers();
    driven.refuse(driven.call(), 'overloaded', true);
    driven.call({ call: 2 });
    assert.equal(driven.to, OTHER);
  });
});

test('a server that was silent is asked for its life before it may execute anything: then an outcome is not unknown', () => {
  const driven = introduced();
  const first = driven.call();
  for (let copies = 1; copies <= 2; copies += 1) {
    driven.nowMs += 1_000;
    driven.retry(first);
  }
  const second = driven.call({ call: 2 });
  assert.equal(second.server, 0);
  driven.expire(second.id.sequence);
  assert.equal(driven.outcome().type, 'unreachable');
});

describe('who waits until there is an answer', () => {
  test('seems to be gone when four copies in a row did not come', () => {
    const driven = introduced();
    const { firstTimeoutMs, backoff, tries, jitter } = DEFAULT_AGREEMENT.retry;
    const longestMs = firstTimeoutMs * backoff ** (tries - 1) * (1 + jitter);
    assert.equal(driven.call({ semantics: 'atLeastOnce' }).patienceMs, 4 * longestMs);
    assert.equal(driven.call({ semantics: 'atLeastOnce', call: 2, timeoutMs: 50 }).patienceMs, 50);
  });

  test('and is not by a server that the copies come back to after they visited the others', () => {
    const servers = ['1', '2', '3', '4', '5'].map((name) => address(name));
    const driven = new Driven(servers);
    const { patienceMs } = driven.call({ semantics: 'atLeastOnce' });
    const { firstTimeoutMs, backoff, tries, jitter } = DEFAULT_AGREEMENT.retry;
    const longestMs = firstTimeoutMs * backoff ** (tries - 1) * (1 + jitter);
    assert.equal(patienceMs, 4 * servers.length * longestMs);
  });

  test('learns that a server opens no sessions', () => {
    const driven = introduced();
    driven.refuse(driven.call({ semantics: 'exactlyOnce', call: 2 }), 'noSuchMethod', true);
    const refused = { type: 'refused', reason: 'noSessions', retryAfterMs: 0, final: true };
    assert.deepEqual(driven.outcome(), { ...refused, call: 2 });
  });
});
