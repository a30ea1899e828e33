import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { UnreliableProxy } from '../../test/request-reply/unreliable-proxy.ts';
import { Random } from '../kernel/index.ts';
import { DEFAULT_AGREEMENT, type Reply } from '../protocols/request-reply/index.ts';
import { addressOf, Channel } from './channel.ts';
import { RpcClient } from './client.ts';
import {
  type CallError,
  CancelledError,
  DeadlineError,
  OverloadedError,
  RejectedError,
  ServerFailureError,
  UnknownOutcomeError,
  UnreachableError,
} from './errors.ts';
import { RpcServer } from './server.ts';
import type { ServiceDefinition } from './service.ts';
import { LOCAL, openClient, openPair } from './sockets.fixture.ts';

/** Retries within a tenth of a second: nothing is lost between two sockets of one machine that wait for each other. */
const HASTY = {
  ...DEFAULT_AGREEMENT,
  retry: { ...DEFAULT_AGREEMENT.retry, tries: 3, firstTimeoutMs: 10, timeoutMsMax: 30 },
};
const RULES = { idempotent: false, replyBytesMax: 200_000 };
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const bytes = (value: string): Uint8Array => new TextEncoder().encode(value);

const ECHO: ServiceDefinition = {
  echo: { rules: RULES, execute: async ({ body }) => body },
  reject: {
    rules: RULES,
    execute: async () => {
      throw new RejectedError('not on a Sunday');
    },
  },
  fail: {
    rules: RULES,
    execute: async () => {
      throw new TypeError('x is not a function');
    },
  },
};

/** A method that waits until the test lets it go on, or nobody waits for it. */
function gate(): { service: ServiceDefinition; started: Promise<void>; open: () => void; aborted: Promise<unknown> } {
  const [started, opened, aborted] = [
    Promise.withResolvers<void>(),
    Promise.withResolvers<void>(),
    Promise.withResolvers<unknown>(),
  ];
  const execute: ServiceDefinition[string]['execute'] = async ({ signal }) => {
    started.resolve();
    signal.addEventListener('abort', () => aborted.resolve(signal.reason));
    await opened.promise;
    return new Uint8Array(0);
  };
  return {
    service: { wait: { rules: RULES, execute } },
    started: started.promise,
    open: () => opened.resolve(),
    aborted: aborted.promise,
  };
}

for (const [name, kind, at, key] of [
  ['UDP over IPv4', 'udp', LOCAL, undefined],
  ['UDP over IPv6', 'udp', { host: '::1', port: 0 }, undefined],
  ['TCP', 'tcp', LOCAL, undefined],
  ['authenticated UDP', 'udp', LOCAL, new Uint8Array(32).fill(1)],
] as const) {
  test(`${name}: every semantics, and a body of a hundred datagrams`, async (t) => {
    const { server, client } = await openPair(t, { kind, at, services: [ECHO], ...(key && { key }) });
    for (const semantics of ['maybe', 'atLeastOnce', 'atMostOnce'] as const) {
      assert.equal(text(await client.call('echo', bytes(semantics), { semantics })), semantics);
    }
    const large = new Uint8Array(100_000).map((_, index) => index % 251);
    assert.deepEqual(await client.call('echo', large), large);
    const counters = server.counters(kind);
    assert.ok(counters !== null && counters.received >= (kind === 'udp' ? 80 : 4));
    assert.equal(counters.corrupted, 0);
  });
}

test('over TCP a frame that was altered, and what is no frame, cost their connections and are counted', async (t) => {
  const { server, client } = await openPair(t, { kind: 'tcp', services: [ECHO] });
  const at = server.endpoint('tcp');
  assert.ok(at !== null);
  const altered = Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, 0xc3); // the CRC-32 of one byte is not 0
  for (const sent of [altered, bytes('GET / HTTP/1.0\r\n\r\n')]) {
    const socket = connect(at);
    socket.on('error', () => undefined);
    socket.write(sent);
    await once(socket.resume(), 'close');
  }
  assert.deepEqual(server.counters('tcp'), { sent: 0, received: 2, corrupted: 1, malformed: 1, incomplete: 0 });
  assert.equal(text(await client.call('echo', bytes('others go on'))), 'others go on');
});

describe('what becomes of a call is told apart:', () => {
  test('the service refuses it, fails, has no such method; the call is too large', async (t) => {
    const { client } = await openPair(t, { services: [ECHO] });
    const none = new Uint8Array(0);
    await assert.rejects(
      client.call('reject', none),
      (error) => error instanceof RejectedError && /Sunday/.test(error.message),
    );
    await assert.rejects(
      client.call('fail', none),
      (error) => error instanceof ServerFailureError && /x is not/.test(error.message),
    );
    await assert.rejects(client.call('nothing', none), RejectedError);
    await assert.rejects(client.call('echo', new Uint8Array(200_000)), RejectedError);
  });

  test('no server is there', async (t) => {
    const { server, client } = await openPair(t, { services: [ECHO], client: { agreement: HASTY } });
    await server.close();
    await assert.rejects(client.call('echo', bytes('x')), UnreachableError);
  });

  test('a server with another key does not answer', async (t) => {
    const { server } = await openPair(t, { services: [ECHO], key: new Uint8Array(32).fill(1) });
    const at = server.endpoint('udp');
    assert.ok(at !== null);
    const stranger = await RpcClient.open({ server: at, agreement: HASTY, key: new Uint8Array(32).fill(2) });
    t.after(() => stranger.close());
    await assert.rejects(stranger.call('echo', bytes('x')), UnreachableError);
    assert.ok((server.counters('udp')?.corrupted ?? 0) > 0);
  });

  test('the caller gives up: a deadline, a signal, all tries used', async (t) => {
    const { service, started, aborted, open } = gate();
    const { client } = await openPair(t, { services: [ECHO, service], client: { agreement: HASTY } });
    await client.call('echo', bytes('so that the client knows the server'), { semantics: 'atLeastOnce' });
    const none = new Uint8Array(0);
    await assert.rejects(client.call('wait', none, { timeoutMs: 5 }), DeadlineError);
    await assert.rejects(client.call('wait', none), UnknownOutcomeError);
    const controller = new AbortController();
    const call = client.call('wait', none, { signal: controller.signal });
    await started;
    controller.abort(new Error('enough'));
    await assert.rejects(
      call,
      (error) => error instanceof CancelledError && (error.cause as Error).message === 'enough',
    );
    assert.match(String(await aborted), /nobody waits/);
    await assert.rejects(client.call('wait', none, { signal: controller.signal }), { mayHaveBeenExecuted: false });
    open();
  });

  test('the server is overloaded, and says when to come again', async (t) => {
    const { service, started, open } = gate();
    const { client } = await openPair(t, { services: [service], executingMax: 1 });
    const first = client.call('wait', bytes(''));
    await started;
    const refused = client.call('wait', bytes(''));
    await assert.rejects(refused, (error) => error instanceof OverloadedError && error.retryAfterMs > 0);
    open();
    await first;
  });
});

describe('what an untyped caller gets wrong costs that call only:', () => {
  test('a time that is up, or is no time', async (t) => {
    const { client } = await openPair(t, { services: [ECHO] });
    for (const timeoutMs of [-5, 0, Number.NEGATIVE_INFINITY]) {
      const expected = { name: 'DeadlineError', mayHaveBeenExecuted: false };
      await assert.rejects(client.call('echo', bytes('x'), { timeoutMs }), expected);
    }
    await assert.rejects(client.call('echo', bytes('x'), { timeoutMs: Number.NaN }), RangeError);
    for (const timeoutMs of [Number.POSITIVE_INFINITY, 2 ** 40]) {
      assert.equal(text(await client.call('echo', bytes('good'), { timeoutMs })), 'good');
    }
  });

  test('semantics that do not exist', async (t) => {
    const { client } = await openPair(t, { services: [ECHO] });
    const options: object = { semantics: 'once' };
    await assert.rejects(client.call('echo', bytes('x'), options), RangeError);
    assert.equal(text(await client.call('echo', bytes('good'))), 'good');
  });
});

test('a client that has failed lets no call hang', async (t) => {
  const retry = { ...DEFAULT_AGREEMENT.retry };
  const { client } = await openPair(t, { services: [ECHO], client: { agreement: { retry } } });
  retry.firstTimeoutMs = -1; // which it would not have been opened with
  await assert.rejects(client.call('echo', bytes('x')), UnknownOutcomeError);
  await assert.rejects(client.call('echo', bytes('x')), { name: 'CancelledError', mayHaveBeenExecuted: false });
});

test('a rejection that a handler gets for a call of its own is not its own rejection', async (t) => {
  const inner = await openPair(t, { services: [ECHO] });
  const execute = () => inner.client.call('reject', bytes(''));
  const { client } = await openPair(t, { services: [{ relay: { rules: RULES, execute } }] });
  await assert.rejects(client.call('relay', bytes('')), { code: 'serverError', mayHaveBeenExecuted: true });
});

async function temporaryDirectory(t: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'coterie-rpc-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

describe('a server that restarts over a call', () => {
  // The tries of the first two outlast any restart.
  for (const [afterCrash, told, { tries, propagationMsMax }] of [
    ['incarnations', /restarted/, { tries: 500, propagationMsMax: 10_000 }],
    ['persisted', /unknown whether wait was executed: the server stopped/, { tries: 500, propagationMsMax: 10_000 }],
    ['silence', /never answered/, { tries: 5, propagationMsMax: 100 }],
  ] as const) {
    test(`does not execute it again: ${afterCrash}`, async (t) => {
      const { service, started } = gate();
      const directory = await temporaryDirectory(t);
      const agreement = { retry: { ...HASTY.retry, tries }, propagationMsMax, afterCrash };
      const first = await RpcServer.open({ listen: { udp: LOCAL }, directory, services: [ECHO, service], agreement });
      const at = first.endpoint('udp');
      assert.ok(at !== null);
      const client = await RpcClient.open({ server: at, agreement });
      t.after(() => client.close());
      await client.call('echo', bytes(''), { semantics: 'atLeastOnce' });
      const call = client.call('wait', bytes(''));
      const failed = assert.rejects(call, (error) => error instanceof UnknownOutcomeError && told.test(error.message));
      await started;
      await first.close();
      let executedAgain = 0;
      const execute = async (): Promise<Uint8Array> => {
        executedAgain += 1;
        return new Uint8Array(0);
      };
      const services: ServiceDefinition[] = [{ wait: { rules: RULES, execute } }, ECHO];
      const second = await RpcServer.open({ listen: { udp: at }, directory, services, agreement });
      t.after(() => second.close());
      await failed;
      assert.equal(executedAgain, 0);
      assert.equal(text(await client.call('echo', bytes('new'), { semantics: 'atLeastOnce' })), 'new');
    });
  }
});

test('a client that starts again under its name has what it asked for before ended', async (t) => {
  const { service, started, aborted, open } = gate();
  const { server } = await openPair(t, { services: [service, ECHO] });
  const still = { loss: 0, duplication: 0, corruption: 0, delay: 0, delayMsMax: 0 };
  const network = await UnreliableProxy.open(server.endpoint('udp')?.port ?? 0, still, new Random(1));
  const identity = { name: 'worker 1', directory: await temporaryDirectory(t) };
  const at = { host: '127.0.0.1', port: network.port };
  const first = await openClient(t, server, 'udp', { server: at, identity });
  const lost = assert.rejects(first.call('wait', bytes('')), CancelledError);
  await started;
  network.close(); // so that it is gone without a word
  await first.close();
  await lost;
  const second = await openClient(t, server, 'udp', { identity });
  assert.match(String(await aborted), /exterminated/);
  assert.equal(text(await second.call('echo', bytes('again'))), 'again');
  open();
});

test('an unfinished call does not keep others waiting', async (t) => {
  const { service, open } = gate();
  const { client, server } = await openPair(t, { services: [ECHO, service] });
  const slow = client.call('wait', bytes(''));
  const answers = await Promise.all(Array.from({ length: 500 }, (_, index) => client.call('echo', bytes(`${index}`))));
  assert.deepEqual(
    answers.map(text),
    answers.map((_, index) => `${index}`),
  );
  open();
  await slow;
  while (server.status.cache.entries > 0) await setTimeout(1); // until the acknowledgement is there
});

describe('with several servers, a client', () => {
  test('calls another when one is gone', async (t) => {
    const names = ['one', 'other'];
    const servers = await Promise.all(
      names.map((name) => {
        const services: ServiceDefinition[] = [{ who: { rules: RULES, execute: async () => bytes(name) } }];
        return RpcServer.open({ listen: { udp: LOCAL }, directory: null, services });
      }),
    );
    t.after(() => Promise.all(servers.map((server) => server.close())));
    const server = servers.flatMap((each) => each.endpoint('udp') ?? []);
    const client = await RpcClient.open({ server, agreement: HASTY });
    t.after(() => client.close());
    assert.equal(text(await client.call('who', bytes(''))), 'one');
    await servers[0]?.close();
    const lost = await client.call('who', bytes('')).then(text, (error: CallError) => error.code);
    assert.equal(lost, 'unknownOutcome', 'it may have been executed before the server was gone');
    assert.equal(text(await client.call('who', bytes(''))), 'other');
    assert.equal(text(await client.call('who', bytes(''), { semantics: 'atLeastOnce' })), 'other');
  });

  const hasIPv6 = Object.values(networkInterfaces()).some((addresses) =>
    addresses?.some(({ family }) => family === 'IPv6'),
  );
  test('reaches those of either IP family, whichever is the first, over UDP and TCP', { skip: !hasIPv6 }, async (t) => {
    for (const kind of ['udp', 'tcp'] as const) {
      const { server } = await openPair(t, { kind, services: [ECHO], at: { host: '::1', port: 0 } });
      const at = server.endpoint(kind) ?? LOCAL;
      const client = await RpcClient.open({
        server: [{ host: '127.0.0.1', port: at.port }, at],
        transport: kind,
        agreement: HASTY,
      });
      t.after(() => client.close());
      const options = { semantics: 'atLeastOnce', timeoutMs: 10_000 } as const;
      assert.equal(text(await client.call('echo', bytes('x'), options)), 'x');
      const { sent, received } = client.counters;
      assert.ok(sent > received && received > 0, `${sent} sent, ${received} received, of both families together`);
    }
  });

  test('takes those whose names have addresses, and says so if none has', async (t) => {
    const { server } = await openPair(t, { services: [ECHO] });
    const at = server.endpoint('udp') ?? LOCAL;
    const nowhere = { host: 'nowhere.invalid', port: 1 };
    const client = await RpcClient.open({ server: [nowhere, at] });
    t.after(() => client.close());
    assert.equal(text(await client.call('echo', bytes('x'))), 'x');
    await assert.rejects(RpcClient.open({ server: [nowhere] }), UnreachableError);
    await assert.rejects(RpcClient.open({ server: [] }), RangeError);
  });
});

describe('what client and server did not agree on is told before anything is executed:', () => {
  const { retry } = DEFAULT_AGREEMENT;
  for (const [what, agreement, told] of [
    ['the rule for crashes', { afterCrash: 'persisted' }, /goes by another rule for crashes/],
    ['how long copies are sent', { retry: { ...retry, tries: 6 } }, /longer than the server remembers/],
  ] as const) {
    test(what, async (t) => {
      const { client } = await openPair(t, { services: [ECHO], client: { agreement } });
      await assert.rejects(client.call('echo', bytes('')), (error) => {
        assert.ok(error instanceof RejectedError && !error.mayHaveBeenExecuted);
        return told.test(error.message);
      });
    });
  }

  test('that it has sessions', async (t) => {
    const { client } = await openPair(t, { services: [ECHO] });
    await assert.rejects(client.call('echo', bytes(''), { semantics: 'exactlyOnce' }), {
      code: 'rejected',
      message: /^echo was not executed: .* needs a service with sessions/,
    });
  });
});

test('a client whose directory was lost has another name: its calls are not taken for earlier ones', async (t) => {
  const { server } = await openPair(t, { services: [ECHO] });
  const directory = await temporaryDirectory(t);
  for (const body of ['before', 'after']) {
    const client = await openClient(t, server, 'udp', { identity: { name: 'worker', directory } });
    assert.equal(text(await client.call('echo', bytes(body))), body);
    await client.close();
    await rm(directory, { recursive: true });
  }
});

test('an execution that stops as its caller seems to be gone has not failed: one who was only cut off may ask again', async (t) => {
  const execute: ServiceDefinition[string]['execute'] = async ({ signal }) => {
    await setTimeout(60_000, null, { signal });
    throw new Error('nobody stopped it');
  };
  const agreement = { ...HASTY, propagationMsMax: 10, afterCrash: 'persisted' } as const;
  const { server } = await openPair(t, { services: [{ slow: { rules: RULES, execute } }], agreement });
  const reply = Promise.withResolvers<unknown>();
  const onMessage = (_from: unknown, message: unknown): void => reply.resolve(message);
  const channel = await Channel.open({ kind: 'udp', listen: null, key: null, onMessage });
  t.after(() => channel.close());
  channel.send(addressOf('udp', server.endpoint('udp') ?? LOCAL), {
    type: 'request',
    id: { client: 'c', life: 1, sequence: 1 },
    ...{ server: 0, filtered: false, session: 0, acknowledged: 0, method: 'slow', body: bytes(''), metadata: {} },
    ...{ patienceMs: 1, afterCrash: 'persisted', spanMs: 0, stampMs: 0, sinceStampMs: 0 },
  });
  const { type, result } = (await reply.promise) as Reply;
  assert.deepEqual([type, result.type], ['reply', 'interrupted']);
});

for (const kind of ['udp', 'tcp'] as const) {
  test(`over ${kind}, a client that is closed says that its calls are over: a server remembers none of them, and ends what it executes`, async (t) => {
    const { service, started, aborted } = gate();
    const { server, client } = await openPair(t, {
      kind,
      services: [ECHO, service],
      client: { acknowledgeAfterMs: null },
    });
    const lost = assert.rejects(client.call('wait', bytes('')), CancelledError);
    await started;
    await client.call('echo', bytes(''));
    assert.equal(server.status.cache.entries, 2);
    await client.close();
    await lost;
    assert.match(String(await aborted), /abandoned/);
    while (server.status.cache.entries > 1) await setTimeout(1); // what is executed still
  });
}
