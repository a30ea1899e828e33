import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DurableService, durableSystem } from '../../../test/request-reply/durable-service.ts';
import { runCalls, type SimulatedCalls } from '../../../test/request-reply/run.ts';
import { SlowServer } from '../../../test/request-reply/system.ts';
import { address } from '../../kernel/index.ts';
import type { AfterCrash } from './agreement.ts';
import { ReplyCache } from './reply-cache.ts';
import { RunningClock } from './running-clock.ts';
import { RequestServer } from './server.ts';

const SEEDS = 40;
/** Retries over about 1.5 s, datagrams up to half a second under way. */
const BASE: SimulatedCalls = {
  server: SlowServer,
  agreement: {
    retry: { tries: 4, firstTimeoutMs: 200, backoff: 2, timeoutMsMax: 1_000, jitter: 0.2 },
    propagationMsMax: 500,
    driftMax: 0.01,
  },
  clientOptions: { acknowledgeAfterMs: 50 },
};

function withRule(afterCrash: AfterCrash, more: SimulatedCalls = {}): SimulatedCalls {
  return { ...BASE, ...more, agreement: { ...BASE.agreement, afterCrash } };
}

const EXACTLY_ONCE: SimulatedCalls = {
  ...withRule('nothing'),
  semantics: ['exactlyOnce'],
  service: address('server', 'service'),
};

describe(`under every fault at once, in ${SEEDS} seeds, no call is executed twice`, () => {
  for (const afterCrash of ['persisted', 'silence', 'incarnations'] as const) {
    test(`after a crash: ${afterCrash}`, (t) => {
      const reached = { crashes: 0, answered: 0, unknown: 0, pauses: 0, duplicated: 0, lost: 0 };
      for (let seed = 1; seed <= SEEDS; seed += 1) {
        const { ledger, statistics, wrong } = runCalls(seed, withRule(afterCrash));
        assert.equal(wrong, null, `seed ${seed}`);
        const outcomes = Object.values(ledger).map(({ outcome }) => outcome?.type);
        reached.answered += outcomes.filter((type) => type === 'answered').length;
        reached.unknown += outcomes.filter((type) => type === 'unknownOutcome').length;
        for (const what of ['crashes', 'pauses', 'duplicated', 'lost'] as const) reached[what] += statistics[what];
      }
      t.diagnostic(JSON.stringify(reached));
      for (const [what, count] of Object.entries(reached)) assert.ok(count > 0, what);
    });
  }

  test('and a small cache never takes more than its bytes', () => {
    let refused = 0;
    let bytesSeen = 0;
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const { ledger, wrong } = runCalls(seed, {
        ...withRule('incarnations', { serverOptions: { cacheBytesMax: 1_600 } }),
        onServer: (server) => {
          assert.ok(server instanceof RequestServer);
          bytesSeen = Math.max(bytesSeen, server.cache.bytes);
        },
      });
      assert.equal(wrong, null, `seed ${seed}`);
      refused += Object.values(ledger).filter(({ outcome }) => outcome?.type === 'refused').length;
    }
    assert.ok(refused > 0);
    assert.ok(bytesSeen > 1_000 && bytesSeen <= 1_600 * (1 + 1 / 8), `${bytesSeen} bytes`);
  });

  test('exactly once, in sessions that outlive the server: every call whose client stays up is answered', () => {
    const reached = { crashes: 0, answered: 0 };
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const { ledger, statistics, wrong } = runCalls(seed, { ...EXACTLY_ONCE, system: durableSystem });
      assert.equal(wrong, null, `seed ${seed}`);
      reached.crashes += statistics.crashes;
      reached.answered += Object.values(ledger).filter(({ outcome }) => outcome?.type === 'answered').length;
    }
    assert.ok(reached.crashes > 0 && reached.answered > 50 * SEEDS, JSON.stringify(reached));
  });

  test('also where the network breaks the agreement, if the server goes by incarnations', () => {
    const late = { ...withRule('incarnations'), networkMsMax: 5_000 };
    let answered = 0;
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const { ledger, wrong } = runCalls(seed, late);
      assert.equal(wrong, null, `seed ${seed}`);
      answered += Object.values(ledger).filter(({ outcome }) => outcome?.type === 'answered').length;
    }
    assert.ok(answered > 50 * SEEDS, `${answered}`);
  });

  test('with two servers, of which a client moves to the other when one does not answer', () => {
    const reached = { answered: 0, alone: 0 };
    for (const servers of [['server', 'other'], ['server']]) {
      for (let seed = 1; seed <= SEEDS; seed += 1) {
        const { ledger, wrong } = runCalls(seed, withRule('incarnations', { servers }));
        assert.equal(wrong, null, `seed ${seed}`);
        const answered = Object.values(ledger).filter(({ outcome }) => outcome?.type === 'answered').length;
        reached[servers.length > 1 ? 'answered' : 'alone'] += answered;
      }
    }
    assert.ok(reached.answered > reached.alone, JSON.stringify(reached));
  });

  test('all semantics at once', () => {
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const semantics = ['maybe', 'atLeastOnce', 'atMostOnce'] as const;
      const options = { ...withRule('incarnations'), semantics, servers: ['server', 'other'] };
      assert.equal(runCalls(seed, options).wrong, null, `seed ${seed}`);
    }
  });

  test('at-least-once calls are executed again and again, and answered in the end', () => {
    const { ledger } = runCalls(3, { ...withRule('nothing'), semantics: ['atLeastOnce'] });
    const calls = Object.values(ledger);
    assert.ok(calls.some(({ executions }) => executions > 1));
    for (const { outcome, executions } of calls) assert.ok(outcome === null || executions >= 1);
  });
});

describe('simulation finds what is wrong with', () => {
  function isCaught(options: SimulatedCalls): void {
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      if (runCalls(seed, options).wrong !== null) return;
    }
    assert.fail(`not caught in ${SEEDS} seeds`);
  }

  test('a cache whose entries live half as long as duplicates do', () => {
    class Mutant extends SlowServer {
      protected override entryLifetimeMs(): number {
        return this.lifetimeMs / 2;
      }
    }
    isCaught(withRule('incarnations', { server: Mutant }));
  });

  test('a server that is not silent after a restart', () => {
    class Mutant extends SlowServer {
      protected override quietMs(): number {
        return 0;
      }
    }
    isCaught(withRule('silence', { server: Mutant }));
  });

  test('a server that is silent half as long', () => {
    class Mutant extends SlowServer {
      protected override quietMs(): number {
        return super.quietMs() / 2;
      }
    }
    isCaught(withRule('silence', { server: Mutant }));
  });

  test('a durable service that forgets what it executed', () => {
    class Mutant extends DurableService {
      protected override isRepeated(): boolean {
        return false;
      }
    }
    const system: SimulatedCalls['system'] = (options, clients) =>
      durableSystem({ ...options, serviceClass: Mutant }, clients);
    isCaught({ ...EXACTLY_ONCE, system });
  });

  test('a cache that goes by the time of day, while its server is stopped', () => {
    class WallClock extends RunningClock {
      override read(nowMs: number): number {
        this.ms = nowMs;
        return nowMs;
      }
    }
    class Mutant extends SlowServer {
      override clock: RunningClock = new WallClock(0);
    }
    isCaught(withRule('silence', { server: Mutant }));
  });

  test('a server that trusts a network which breaks the agreement', () => {
    class Mutant extends SlowServer {
      protected override isInTime(): boolean {
        return true;
      }
    }
    isCaught({ ...withRule('incarnations', { server: Mutant }), networkMsMax: 5_000 });
  });

  test('a cache that makes room by forgetting the oldest', () => {
    class Evicting extends ReplyCache {
      override hasRoom(): boolean {
        return true;
      }
      override add(...[id, call]: Parameters<ReplyCache['add']>): ReturnType<ReplyCache['add']> {
        const [oldest] = this.entries;
        if (this.entries.size >= 4 && oldest !== undefined) this.entries.delete(oldest[0]);
        return super.add(id, call);
      }
    }
    class Mutant extends SlowServer {
      override cache: ReplyCache = new Evicting({ bytesMax: 0, refusalBytesMax: 0, lifetimeMs: this.lifetimeMs });
    }
    isCaught(withRule('incarnations', { server: Mutant }));
  });
});
