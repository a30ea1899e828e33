import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  inputOf,
  METHODS,
  nextLedger,
  ofHistory,
  PromptServer,
  SlowServer,
  type SystemOptions,
  systemOf,
} from '../../../test/request-reply/system.ts';
import { explore, type Input, type ProcessModelOptions, processModel, type Result } from '../../check/index.ts';
import { type Outcome, type Pending, RequestClient } from './client.ts';
import type { Result as ServiceResult } from './messages.ts';
import { ReplyCache } from './reply-cache.ts';
import { type Execute, RequestServer, type ServerRecord } from './server.ts';
import { type Ledger, requestReplySpec, truthfulOutcomes } from './spec.ts';

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
  const result = explore(model, { limits: { states: 100_000 } });
  return result;
}

const OWN_ANSWERS = {
  ...ofHistory(requestReplySpec),
  /** The service answers each call with its own name. */
  ownAnswer: ({ history }: { readonly history: Ledger }): string | null => {
    for (const [name, { outcome }] of Object.entries(history)) {
      if (outcome?.type !== 'answered' || outcome.result.type !== 'done') continue;
      const answer = new TextDecoder().decode(outcome.result.body);
      if (answer !== name) return `call ${name} got the answer to ${answer}`;
    }
    return null;
  },
};

/** Of which the cache has room for one, and for one refusal. */
const LARGE_REPLIES = { add: { idempotent: false, replyBytesMax: 1_000 } };
const SKIPPING = { add: { idempotent: true, replyBytesMax: 100 } };
const TWO_CALLS = [inputOf('c', 1, 'atMostOnce'), inputOf('c', 2, 'atMostOnce')];

function executions(name: string, count: number): Record<string, (world: { readonly history: Ledger }) => boolean> {
  return { [`${name} is executed ${count} times`]: ({ history }) => history[name]?.executions === count };
}

function isCaught(result: Result<unknown, unknown>, property: string): void {
  assert.equal(result.verdict, 'violated');
  const [violation] = result.violations;
  assert.ok(violation?.type === 'invariant', violation?.type);
  assert.equal(violation.property, property);
}

/** Executes a copy, or says that it cannot. */
class MoodyServer extends RequestServer {
  protected override execute(execute: Execute): ServiceResult | null {
    if (this.choose([false, true])) return { type: 'unavailable', message: 'not now' };
    this.output(execute);
    return { type: 'done', body: execute.body };
  }
}

function isUnavailable(outcome: Outcome | null | undefined): boolean {
  return outcome?.type === 'answered' && outcome.result.type === 'unavailable';
}

describe('each semantics keeps its promise, whatever is lost, doubled, late and out of order', () => {
  test('maybe: without a network that doubles, executed once or not at all: 11 states', () => {
    const options = { inputs: [inputOf('c', 1, 'maybe')], agreement: { afterCrash: 'nothing' as const } };
    const once = {
      atMostOnce: ({ history }: { history: Ledger }) => ((history['c1']?.executions ?? 0) > 1 ? 'twice' : null),
    };
    const result = check({ ...options, budgets: { drops: 2 }, invariants: once, goals: executions('c1', 0) });
    assert.deepEqual([result.verdict, result.states], ['holds', 11]);
    isCaught(check({ ...options, network: 'set', invariants: once }), 'atMostOnce');
  });

  test('at-least-once: an answer means that it was executed, and perhaps more than once: 222 states', () => {
    const result = check({
      inputs: [inputOf('c', 1, 'atLeastOnce')],
      agreement: { afterCrash: 'nothing' },
      server: SlowServer,
      network: 'set',
      budgets: { crashes: 1 },
      crashing: ['server'],
      goals: { ...executions('c1', 1), ...executions('c1', 3) },
    });
    assert.deepEqual([result.verdict, result.states], ['holds', 222]);
  });

  test('at-least-once is answered in the end, if no copy is lost for ever', () => {
    const result = check({
      inputs: [inputOf('c', 1, 'atLeastOnce')],
      agreement: { afterCrash: 'nothing' },
      network: 'set',
      budgets: { crashes: 1 },
      crashing: ['server'],
      eventually: { answered: ({ history }) => history['c1']?.outcome?.type === 'answered' },
    });
    assert.equal(result.verdict, 'holds');
  });

  test('at-most-once, answers acknowledged by the next call: 497 states', () => {
    const options = { inputs: TWO_CALLS, tries: 2, agreement: { afterCrash: 'nothing' as const }, server: SlowServer };
    const result = check({ ...options, network: 'set' });
    assert.deepEqual([result.verdict, result.states], ['holds', 497]);
  });

  for (const [filtered, states] of [
    [true, 17],
    [false, 95],
  ] as const) {
    test(`by a service that cannot execute some copies, ${filtered ? '' : 'not '}filtered: ${states} states`, () => {
      const result = check({
        inputs: [inputOf('c', 1, 'atMostOnce')],
        tries: 3,
        network: 'set',
        agreement: { afterCrash: 'nothing' },
        server: MoodyServer,
        methods: filtered ? METHODS : SKIPPING,
        invariants: ofHistory(filtered ? requestReplySpec : { truthfulOutcomes }),
        goals: { unavailable: ({ history }) => isUnavailable(history['c1']?.outcome) },
      });
      assert.deepEqual([result.verdict, result.states], ['holds', states]);
    });
  }

  test('at-most-once, refused for want of room: 360 states', () => {
    const result = check({
      inputs: TWO_CALLS,
      tries: 2,
      network: 'set',
      agreement: { afterCrash: 'nothing' },
      server: SlowServer,
      serverOptions: { cacheBytesMax: 1_600 },
      methods: LARGE_REPLIES,
      goals: {
        refused: ({ history }) => history['c2']?.outcome?.type === 'refused',
        served: ({ history }) => history['c2']?.outcome?.type === 'answered',
      },
    });
    assert.deepEqual([result.verdict, result.states], ['holds', 360]);
  });
});

/** The client and its calls come again after a crash, as a name whose lives are counted on disk. */
const RESTARTING: Check = {
  inputs: TWO_CALLS,
  tries: 1,
  agreement: { afterCrash: 'nothing' },
  clientOptions: { isNameFresh: false },
  network: 'set',
  budgets: { crashes: 1 },
  crashing: ['c'],
};

describe('at-most-once holds across a crash', () => {
  for (const [afterCrash, states] of [
    ['persisted', 3_958],
    ['incarnations', 14_087],
  ] as const) {
    test(`of the server, ${afterCrash}: ${states} states`, () => {
      const result = check({
        inputs: TWO_CALLS,
        tries: 2,
        network: 'set',
        agreement: { afterCrash },
        server: SlowServer,
        budgets: { crashes: 1 },
        crashing: ['server'],
      });
      assert.deepEqual([result.verdict, result.states], ['holds', states]);
    });
  }

  test('of the server, persisted, on a disk that takes its time: 2,167 states', () => {
    const result = check({
      inputs: TWO_CALLS.slice(0, 1),
      tries: 2,
      disk: 'explicit',
      agreement: { afterCrash: 'persisted' },
      server: SlowServer,
      budgets: { crashes: 2, duplicates: 1 },
      crashing: ['server'],
    });
    assert.deepEqual([result.verdict, result.states], ['holds', 2_167]);
  });

  test('of the client: 533 states', () => {
    const result = check({ ...RESTARTING, invariants: OWN_ANSWERS });
    assert.deepEqual([result.verdict, result.states], ['holds', 533]);
  });
});

/** Takes any server for silent that it has not heard of since it sent it something. */
class ImpatientClient extends RequestClient {
  protected override suspect({ to }: Pending): void {
    this.servers.suspect(to, Number.POSITIVE_INFINITY);
  }
}

const TWO_SERVERS: Check = {
  inputs: TWO_CALLS,
  servers: ['server', 'other'],
  client: ImpatientClient,
  agreement: { afterCrash: 'incarnations' },
  tries: 2,
  network: 'set',
};

describe('at-most-once holds where a client moves to another of two servers when one does not answer', () => {
  const crash: Partial<Check> = { inputs: TWO_CALLS.slice(0, 1), tries: 3, budgets: { crashes: 1 } };
  for (const [name, more, states] of [
    ['two calls', {}, 11_166],
    ['one call, and a crash of the first server', { ...crash, crashing: ['server'] }, 608],
    ['one call, and a crash of the only server', { ...crash, crashing: ['server'], servers: ['server'] }, 160],
  ] as const) {
    test(`${name}: ${states} states`, () => {
      const result = check({ ...TWO_SERVERS, ...more });
      assert.deepEqual([result.verdict, result.states], ['holds', states]);
    });
  }
});

class Forgetful extends ReplyCache {
  override acknowledge(...[of, through, nowMs]: Parameters<ReplyCache['acknowledge']>): void {
    super.acknowledge(of, through, nowMs);
    const record = this.clients.get(of.client);
    if (record !== undefined) record.acknowledged = 0;
  }
}

describe('the checker finds what is wrong with', () => {
  const crash = { budgets: { crashes: 1 }, crashing: ['server'] };
  const base = { inputs: TWO_CALLS, tries: 2, network: 'set' as const };

  test('a server that filters nothing', () => {
    isCaught(check({ ...base, agreement: { afterCrash: 'nothing' }, serverOptions: { filter: false } }), 'atMostOnce');
  });

  test('a server that does nothing about its crash', () => {
    isCaught(check({ ...base, ...crash, agreement: { afterCrash: 'nothing' } }), 'atMostOnce');
  });

  test('a server that forgets what was acknowledged', () => {
    class Mutant extends PromptServer {
      override cache: ReplyCache = new Forgetful({ bytesMax: 10_000, refusalBytesMax: 0, lifetimeMs: this.lifetimeMs });
    }
    isCaught(check({ ...base, agreement: { afterCrash: 'nothing' }, server: Mutant }), 'atMostOnce');
  });

  test('a server that takes requests for another life', () => {
    class Mutant extends PromptServer {
      protected override isForThisLife(): boolean {
        return true;
      }
    }
    isCaught(
      check({ ...base, ...crash, agreement: { afterCrash: 'incarnations' }, server: Mutant }),
      'truthfulOutcomes',
    );
  });

  test('a client that sends an old call to the new life of the server', () => {
    class Mutant extends RequestClient {
      protected override mayMove(): boolean {
        return true;
      }
    }
    isCaught(check({ ...base, ...crash, agreement: { afterCrash: 'incarnations' }, client: Mutant }), 'atMostOnce');
  });

  test('a client that sends a call to another server which one may have executed', () => {
    class Mutant extends ImpatientClient {
      protected override mayMove(): boolean {
        return true;
      }
    }
    isCaught(check({ ...TWO_SERVERS, client: Mutant }), 'atMostOnce');
  });

  test('a server that writes down what it executed only afterwards', () => {
    class Mutant extends SlowServer {
      protected override remember(record: ServerRecord): void {
        if (record.type !== 'call' || record.answer !== null) super.remember(record);
      }
    }
    isCaught(check({ ...base, ...crash, agreement: { afterCrash: 'persisted' }, server: Mutant }), 'atMostOnce');
  });

  test('a server that executes before its disk knows, if disks take time', () => {
    class Mutant extends SlowServer {
      protected override execute(execute: Execute): ServiceResult | null {
        this.output(execute, { early: true });
        return { type: 'done', body: execute.body };
      }
    }
    const options = { ...base, ...crash, agreement: { afterCrash: 'persisted' as const }, server: Mutant };
    isCaught(check({ ...options, disk: 'explicit', inputs: TWO_CALLS.slice(0, 1) }), 'atMostOnce');
  });

  test('a server that forgets whom it refused', () => {
    class Mutant extends SlowServer {
      protected override overload(...[from, { id }]: Parameters<SlowServer['overload']>): void {
        const told = { reason: 'overloaded', final: true, retryAfterMs: 0, stampMs: 0 } as const;
        this.send(from, { type: 'refused', id, server: this.life, ...told });
      }
    }
    const options = { ...base, agreement: { afterCrash: 'nothing' as const }, server: Mutant };
    isCaught(
      check({ ...options, serverOptions: { cacheBytesMax: 1_600 }, methods: LARGE_REPLIES }),
      'truthfulOutcomes',
    );
  });

  test('a server that says of every copy what holds of one', () => {
    class Mutant extends MoodyServer {
      protected override isFinal(): boolean {
        return true;
      }
    }
    const options = { ...base, agreement: { afterCrash: 'nothing' as const }, server: Mutant, methods: SKIPPING };
    isCaught(check({ ...options, invariants: ofHistory({ truthfulOutcomes }) }), 'truthfulOutcomes');
  });

  test('a client that counts its calls anew after a crash, in the same life', () => {
    class Mutant extends RequestClient {
      override onStart(): void {
        this.life = 1;
      }
    }
    isCaught(check({ ...RESTARTING, client: Mutant, invariants: OWN_ANSWERS }), 'truthfulOutcomes');
  });
});
