import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { address } from '../kernel/index.ts';
import { DEFAULT_AGREEMENT } from '../protocols/request-reply/index.ts';
import type { IncomingCall } from './call.ts';
import {
  type CallError,
  CancelledError,
  DeadlineError,
  NoAnswerError,
  NotExecutedError,
  ReceivedRejection,
  RejectedError,
  SessionLostError,
  UnreachableError,
} from './errors.ts';
import { CallMetrics, type Span, serverTracing } from './interceptors.ts';
import { openPair } from './sockets.fixture.ts';

const METHOD = 'work';
const NOTHING = new Uint8Array(0);
const DAY_MS = 86_400_000;

function incoming(signal: AbortSignal): IncomingCall {
  const id = { client: 'c', life: 1, sequence: 1 };
  const call = { method: METHOD, body: NOTHING, id, session: null, from: address('c'), metadata: {}, signal };
  return { ...call, patienceMs: 1_000 };
}

/** What metrics and tracing make of an execution that throws, once its signal is aborted or without that. */
async function outcomesOf(reason: Error | null, thrown: unknown): Promise<string[]> {
  const abort = new AbortController();
  const [metrics, spans] = [new CallMetrics(), [] as Span[]];
  const tracing = serverTracing((span) => spans.push(span));
  const execute = async (): Promise<Uint8Array> => {
    if (reason !== null) abort.abort(reason);
    throw thrown;
  };
  const call = incoming(abort.signal);
  await assert.rejects(metrics.server(call, () => tracing(call, execute)));
  const counted = metrics.methods().get(METHOD)?.outcomes ?? {};
  return [...Object.keys(counted), ...spans.map(({ outcome }) => outcome)];
}

const twice = (outcome: string): string[] => [outcome, outcome];

describe('an execution that stops when it is told that nobody waits', () => {
  const cancelled = new CancelledError('nobody waits', true);
  const late = new DeadlineError('nobody waits');
  const foreign = new Error("an interceptor's own");

  test('is cancelled, or beyond its deadline, and has not failed', async () => {
    assert.deepEqual(await outcomesOf(cancelled, cancelled), twice('cancelled'));
    assert.deepEqual(await outcomesOf(late, late), twice('deadline'));
    assert.deepEqual(await outcomesOf(foreign, foreign), twice('cancelled'));
  });

  test('also if it throws what those throw whom it handed the signal to', async () => {
    const wrapped = new Error('not sent', { cause: late });
    assert.deepEqual(await outcomesOf(late, wrapped), twice('deadline'));
    assert.deepEqual(await outcomesOf(cancelled, new DOMException('aborted', 'AbortError')), twice('cancelled'));
    const signal = AbortSignal.abort(late);
    const thrown = await setTimeout(1, null, { signal }).catch((error: unknown) => error);
    assert.deepEqual(await outcomesOf(late, thrown), twice('deadline'));
  });

  test('but what fails for another reason has failed, and what is refused is refused', async () => {
    assert.deepEqual(await outcomesOf(cancelled, new TypeError('x is not a function')), twice('serverError'));
    assert.deepEqual(await outcomesOf(cancelled, new RejectedError('no')), twice('rejected'));
    assert.deepEqual(await outcomesOf(null, new DOMException('aborted', 'AbortError')), twice('serverError'));
  });

  for (const outcome of ['cancelled', 'deadline'] as const) {
    test(`over sockets: ${outcome}`, async (t) => {
      const [metrics, started, cancel] = [new CallMetrics(), Promise.withResolvers<void>(), new AbortController()];
      const rules = { idempotent: true, replyBytesMax: 0 };
      const execute = ({ signal }: IncomingCall): Promise<Uint8Array> => {
        started.resolve();
        return setTimeout(DAY_MS, NOTHING, { signal });
      };
      const retry = { ...DEFAULT_AGREEMENT.retry, tries: 1 };
      const agreement = { ...DEFAULT_AGREEMENT, propagationMsMax: 1_000, retry };
      const { client } = await openPair(t, {
        services: [{ [METHOD]: { rules, execute }, hello: { rules, execute: async () => NOTHING } }],
        serverInterceptors: [metrics.server],
        agreement,
        client: { agreement },
      });
      await client.call('hello', NOTHING);
      const options = outcome === 'cancelled' ? { signal: cancel.signal } : { timeoutMs: 20 };
      const ended = assert.rejects(client.call(METHOD, NOTHING, { semantics: 'atLeastOnce', ...options }));
      await started.promise;
      cancel.abort();
      await ended;
      while (!metrics.methods().has(METHOD)) await setImmediate();
      assert.deepEqual(metrics.methods().get(METHOD)?.outcomes, { [outcome]: 1 });
    });
  }
});

describe('what an execution throws counts at its server as what its caller is told:', () => {
  for (const thrown of [
    new RejectedError('no'),
    new ReceivedRejection('no, said another service', true),
    new UnreachableError('of a call of its own'),
    new NotExecutedError('no quorum'),
    new NoAnswerError('nobody can tell'),
    new SessionLostError('gone'),
    new TypeError('x is not a function'),
  ]) {
    test(thrown.constructor.name, async (t) => {
      const [metrics, spans] = [new CallMetrics(), [] as Span[]];
      const rules = { idempotent: false, replyBytesMax: 0 };
      const execute = (): Promise<Uint8Array> => Promise.reject(thrown);
      const { client } = await openPair(t, {
        services: [{ [METHOD]: { rules, execute } }],
        serverInterceptors: [metrics.server, serverTracing((span) => spans.push(span))],
      });
      const told = await client.call(METHOD, NOTHING).catch((error: CallError) => error.code);
      assert.deepEqual(metrics.methods().get(METHOD)?.outcomes, { [String(told)]: 1 });
      assert.deepEqual(
        spans.map(({ outcome }) => outcome),
        [told],
      );
    });
  }
});
