import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type DurableOptions, DurableService, durableSystem } from '../../../test/request-reply/durable-service.ts';
import { inputOf, nextLedger, ofHistory } from '../../../test/request-reply/system.ts';
import { explore, type ProcessModelOptions, processModel, type Result } from '../../check/index.ts';
import { RequestClient } from './client.ts';
import { type Ledger, requestReplySpec } from './spec.ts';

interface Check extends DurableOptions, Partial<Omit<ProcessModelOptions<Ledger>, 'nodes'>> {}

const isAnswered = ({ history }: { readonly history: Ledger }): boolean =>
  history['c1']?.outcome?.type === 'answered' && history['c1'].executions === 1;

/** The server takes any request after a crash: only the service's sessions filter. */
function check(options: Check): Result<unknown, unknown> {
  const agreement = { afterCrash: 'nothing' as const };
  const model = processModel<Ledger>({
    nodes: durableSystem({ agreement, sessionsMax: 2, ...options }),
    inputs: [inputOf('c', 1, 'exactlyOnce')],
    inputOrder: 'listed',
    tries: 1,
    budgets: { crashes: 1, duplicates: 1, timers: 3 },
    crashing: ['server'],
    history: { start: {}, next: nextLedger },
    invariants: ofHistory(requestReplySpec),
    goals: { isAnswered },
    ...options,
  });
  return explore(model, { limits: { states: 200_000 } });
}

function isCaught(result: Result<unknown, unknown>): void {
  assert.equal(result.verdict, 'violated');
  const [violation] = result.violations;
  assert.ok(violation?.type === 'invariant' && violation.property === 'atMostOnce');
}

describe('exactly once, in a session of the service', () => {
  test('whatever the network does, and across a crash of the server: 93,010 states', () => {
    const result = check({});
    assert.deepEqual([result.violations, result.cuts.map(({ by }) => by), result.states], [[], ['bound'], 93_010]);
  });

  test('two calls, which acknowledge each other: 20,092 states', () => {
    const inputs = [inputOf('c', 1, 'exactlyOnce'), inputOf('c', 2, 'exactlyOnce')];
    const result = check({ inputs, budgets: { duplicates: 1, timers: 1 } });
    assert.deepEqual([result.violations, result.cuts.map(({ by }) => by), result.states], [[], ['bound'], 20_092]);
  });
});

describe('the checker finds what is wrong with', () => {
  test('a service that forgets what it executed', () => {
    class Mutant extends DurableService {
      protected override isRepeated(): boolean {
        return false;
      }
    }
    isCaught(check({ serviceClass: Mutant }));
  });

  test('a client that sends a call again in another session', () => {
    class Mutant extends RequestClient {
      protected override sessionFor(): number {
        return this.choose([this.session, this.session + 1]);
      }
    }
    isCaught(check({ client: Mutant }));
  });
});
