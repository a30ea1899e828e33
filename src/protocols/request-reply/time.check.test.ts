import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  agreementOf,
  callMessage,
  METHODS,
  observeOutput,
  PromptServer,
  SERVER,
} from '../../../test/request-reply/system.ts';
import { timedModel } from '../../../test/request-reply/timed-model.ts';
import { explore, type Result } from '../../check/index.ts';
import { type Address, type AnyProcess, address } from '../../kernel/index.ts';
import { type AfterCrash, duplicateLifetimeMs } from './agreement.ts';
import { RequestClient } from './client.ts';
import type { RequestServer } from './server.ts';
import { type Ledger, requestReplySpec } from './spec.ts';

const CLIENT = address('c');

/** Two copies, four ticks apart, each of which takes up to four: the last arrives eight ticks after the first left. */
function check(afterCrash: AfterCrash, server: typeof RequestServer, crashes: number): Result<unknown, unknown> {
  const retry = { tries: 2, firstTimeoutMs: 4, backoff: 1, timeoutMsMax: 4, jitter: 0 };
  const agreement = agreementOf({ agreement: { retry, propagationMsMax: 4, driftMax: 0, afterCrash } });
  assert.equal(duplicateLifetimeMs(agreement), 8);
  const model = timedModel<Ledger>({
    nodes: new Map<Address, () => AnyProcess>([
      [
        CLIENT,
        () =>
          new RequestClient({ client: 'c', servers: [SERVER], agreement, isNameFresh: true, acknowledgeAfterMs: null }),
      ],
      [
        SERVER,
        () => new server({ agreement, methods: METHODS, filter: true, cacheBytesMax: 10_000, executingMax: 100 }),
      ],
    ]),
    inputs: [{ to: CLIENT, message: callMessage('c', 1, 'atMostOnce') }],
    propagation: 4,
    crashing: SERVER,
    crashes,
    history: {
      start: {},
      output: (ledger, at, output) => observeOutput(ledger, at, output as Parameters<typeof observeOutput>[2]),
    },
    invariants: requestReplySpec,
    goals: {
      answered: (ledger) => ledger['c1']?.outcome?.type === 'answered',
    },
  });
  const result = explore(model, { limits: { states: 1_000_000 } });
  return result;
}

describe('where a message takes up to four ticks, at-most-once holds', () => {
  for (const [afterCrash, crashes, states] of [
    ['nothing', 0, 2_314],
    ['silence', 1, 4_618],
    ['persisted', 1, 14_973],
  ] as const) {
    test(`after a crash: ${afterCrash}; ${crashes} crashes: ${states} states`, () => {
      const result = check(afterCrash, PromptServer, crashes);
      assert.equal(result.verdict, 'holds');
      assert.equal(result.states, states);
      assert.ok(result.goals['answered'] !== null);
    });
  }
});

function isCaught(result: Result<unknown, unknown>): void {
  assert.equal(result.verdict, 'violated');
  const [violation] = result.violations;
  assert.ok(violation?.type === 'invariant' && violation.property === 'atMostOnce');
}

describe('the computed times are minimal: one tick less is caught', () => {
  test('of a cache entry', () => {
    class Forgetful extends PromptServer {
      protected override entryLifetimeMs(): number {
        return this.lifetimeMs - 1;
      }
    }
    isCaught(check('nothing', Forgetful, 0));
  });

  test('of silence after a restart', () => {
    class Hasty extends PromptServer {
      protected override quietMs(): number {
        return super.quietMs() - 1;
      }
    }
    isCaught(check('silence', Hasty, 1));
  });

  test('a restart without silence is caught', () => {
    isCaught(check('nothing', PromptServer, 1));
  });
});
