import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  agreementOf,
  inputOf,
  nextLedger,
  ofHistory,
  PromptServer,
  SlowServer,
  type SystemOptions,
  systemOf,
} from '../../../test/request-reply/system.ts';
import { explore, type Input, type ProcessModelOptions, processModel, type Result, tellResult } from '../../check/index.ts';
import type { AfterCrash } from './agreement.ts';
import { RequestClient } from './client.ts';
import type { Execute, ServerRecord } from './server.ts';
import { atMostOnce, type Ledger, requestReplySpec, truthfulOutcomes } from './spec.ts';

interface Check extends SystemOptions, Partial<Omit<ProcessModelOptions<Ledger>, 'inputs'>> {
  readonly inputs: readonly Input[];
  readonly clients?: readonly string[];
}

function check(options: Check): Result<unknown, unknown> {
  const { inputs, clients, ...more } = options;
  const model = processModel<Ledger>({
    nodes: systemOf(options, clients),
    inputs,
    inputOrder: 'listed',
    history: { start: {}, next: nextLedger },
    invariants: ofHistory(requestReplySpec),
    goals: { answered: ({ history }) => Object.values(history).some(({ outcome }) => outcome?.type === 'answered') },
    ...more,
  });
  const result = explore(model, { limits: { states: 2_000_000 } });
  if (process.env['TELL'] !== undefined) console.log(tellResult(model, result));
  return result;
}

function holds(options: Check): Result<unknown, unknown> {
  const result = check(options);
  assert.equal(result.verdict, 'holds', result.violations.map((v) => JSON.stringify(v).slice(0, 300)).join());
  return result;
}

const TWICE = [inputOf('c', 1, 'atMostOnce'), inputOf('c', 2, 'atMostOnce')];
const EVERY_CRASH: readonly AfterCrash[] = ['persisted', 'incarnations'];

describe('x', () => {
  for (const afterCrash of ['persisted','incarnations','nothing'] as const)
  for (const network of ['set','multiset'] as const)
  for (const crashes of [0,1])
  test(`${afterCrash} ${network} ${crashes}`, (t) => {
    const result = check({ inputs: TWICE, tries: 2, server: SlowServer, agreement: { afterCrash }, network, budgets: {crashes, drops: network==='set'?0:1, duplicates: network==='set'?0:1}, crashing: ['server'] });
    t.diagnostic(`${result.verdict} ${result.states}`);
  });
});
