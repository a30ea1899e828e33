import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  answerOf,
  ask,
  nextTold,
  RegisterServer,
  rulesOf,
  SequentialClient,
  TellingServer,
  type Told,
  textOf,
} from '../../../test/request-reply/key-values.ts';
import { systemOf } from '../../../test/request-reply/system.ts';
import { explore, processModel, type Seen } from '../../check/index.ts';
import { nodeOf } from '../../kernel/index.ts';
import type { Outcome } from './client.ts';
import type { Execute } from './server.ts';

/** Every list of answers that one client can get, which asks one thing after the other; its timeouts apart. */
function answers(asked: readonly string[], idempotent: readonly string[]): string[] {
  const found = new Set<string>();
  const model = processModel<Told>({
    nodes: systemOf({
      agreement: { afterCrash: 'nothing' },
      tries: 2,
      server: RegisterServer,
      client: SequentialClient,
      methods: rulesOf(...idempotent),
    }),
    inputs: asked.map((one, index) => ask('c', index + 1, one)),
    inputOrder: 'listed',
    network: 'set',
    history: { start: [], next: nextTold },
    // A server goes on minding its clock, so that no run ends: what is told is collected on the way.
    invariants: {
      collected: ({ history }) => {
        if (history.length === asked.length) found.add(history.join(', '));
        return null;
      },
    },
  });
  const result = explore(model, { limits: { states: 200_000 } });
  assert.equal(result.verdict, 'holds');
  return [...found].filter((told) => !told.includes('unknownOutcome')).sort();
}

describe('a method that skips the cache, with one client that waits for each answer', () => {
  test('put: an old one that comes late undoes a new one that is answered', () => {
    const asked = ['put 1', 'put 2', 'get'];
    assert.deepEqual(answers(asked, ['get']), ['ok, ok, 2']);
    assert.deepEqual(answers(asked, ['get', 'put']), ['ok, ok, 1', 'ok, ok, 2']);
  });

  test('remove: a retry does not find what the first copy removed, and a late one removes what was put after it', () => {
    const asked = ['put 1', 'remove', 'put 2', 'get'];
    assert.deepEqual(answers(asked, ['get']), ['ok, removed, ok, 2']);
    assert.deepEqual(answers(asked, ['get', 'remove']), [
      'ok, no key, ok, 2',
      'ok, no key, ok, none',
      'ok, removed, ok, 2',
      'ok, removed, ok, none',
    ]);
  });

  test('increment, which is not idempotent, and must not be declared so', () => {
    assert.deepEqual(answers(['increment', 'increment'], []), ['1, 2']);
    assert.ok(answers(['increment', 'increment'], ['increment']).includes('2, 3'));
  });

  test('a get: nothing that its caller could notice', () => {
    const asked = ['put 1', 'get', 'put 2', 'get'];
    assert.deepEqual(answers(asked, ['get']), answers(asked, []));
  });
});

/** What an observer sees of a get by c and a put by d. */
interface Observed {
  readonly putAnswered: boolean;
  readonly putExecuted: boolean;
  /** Whether the put was answered when the get was asked; null before. */
  readonly askedAfterPut: boolean | null;
  readonly answer: string | null;
  /** What replies to the get said when they left. */
  readonly replies: readonly string[];
  /** A reply to the get that left after the put was executed does not show it. */
  readonly isStaleReplySent: boolean;
}

const START: Observed = {
  putAnswered: false,
  putExecuted: false,
  askedAfterPut: null,
  answer: null,
  replies: [],
  isStaleReplySent: false,
};

function nextObserved(seen: Observed, event: Seen): Observed {
  switch (event.type) {
    case 'input':
      return nodeOf(event.to) === 'c' ? { ...seen, askedAfterPut: seen.putAnswered } : seen;
    case 'output': {
      const output = event.output as Outcome | Execute;
      if (output.type === 'execute') return nextReply(seen, output);
      const answer = answerOf(output);
      if (nodeOf(event.at) === 'c') return { ...seen, answer };
      return { ...seen, putAnswered: seen.putAnswered || answer === 'ok' };
    }
    case 'departed':
      return seen;
    default:
      return event satisfies never;
  }
}

function nextReply(seen: Observed, { id, body }: Execute): Observed {
  if (id.client === 'd') return { ...seen, putExecuted: true };
  const told = textOf(body);
  const isStale = seen.putExecuted && told === 'none';
  const replies = seen.replies.includes(told) ? seen.replies : [...seen.replies, told];
  return { ...seen, replies, isStaleReplySent: seen.isStaleReplySent || isStale };
}

describe('a get whose copies are answered', () => {
  function check(idempotent: readonly string[]) {
    const model = processModel<Observed>({
      nodes: systemOf(
        { agreement: { afterCrash: 'nothing' }, tries: 2, server: TellingServer, methods: rulesOf(...idempotent) },
        ['c', 'd'],
      ),
      inputs: [ask('c', 1, 'get'), ask('d', 1, 'put 2')],
      network: 'set',
      history: { start: START, next: nextObserved },
      invariants: {
        linearizable: ({ history: { askedAfterPut, answer } }) =>
          askedAfterPut && answer === 'none' ? 'a get asked after the put was answered does not see it' : null,
      },
      goals: {
        stale: ({ history }) => history.isStaleReplySent,
        different: ({ history }) => history.replies.length > 1,
        seen: ({ history }) => history.answer === '2',
      },
    });
    const { goals, violations } = explore(model, { violations: 'all', limits: { states: 200_000 } });
    const isLinearizable = !violations.some(({ type }) => type === 'invariant');
    const reached = Object.keys(goals).filter((goal) => goals[goal] !== null);
    return { isLinearizable, reached };
  }

  test('from the cache is linearizable; its replies are the same, and may be older than the state they leave', () => {
    assert.deepEqual(check([]), { isLinearizable: true, reached: ['stale', 'seen'] });
  });

  test('from the current state is linearizable; its replies may differ, and are never older than the state they leave', () => {
    assert.deepEqual(check(['get']), { isLinearizable: true, reached: ['different', 'seen'] });
  });
});
