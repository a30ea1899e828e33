import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { create, createFileRegistry } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { RpcClient } from './client.ts';
import { DeadlineError, RejectedError, ServerFailureError } from './errors.ts';
import {
  CallMetrics,
  clientDeadlines,
  clientToken,
  clientTracing,
  type Span,
  serverDeadlines,
  serverTokens,
  serverTracing,
} from './interceptors.ts';
import { openPair } from './sockets.fixture.ts';
import { createClient, createService } from './stub.ts';
import { Naming } from './stubs/naming_pb.ts';

/** Any service will do: a naming service that answers what it is told to. */
function answering(addresses: (service: string) => Promise<string[]> | string[]) {
  return createService(Naming, {
    register: () => {
      throw new TypeError('out of order');
    },
    unregister: ({ service }) => {
      throw new RejectedError(`${service} stays`);
    },
    lookup: async ({ service }) => ({ addresses: await addresses(service) }),
  });
}

describe('a stub', () => {
  test('is typed on both sides, and its errors say whose they are', async (t) => {
    const { client } = await openPair(t, { services: [answering((service) => [service, 'b'])] });
    const naming = createClient(Naming, client);
    assert.deepEqual((await naming.lookup({ service: 'a' })).addresses, ['a', 'b']);
    await assert.rejects(naming.unregister({ service: 'x' }), (error) => {
      return error instanceof RejectedError && error.message === 'x stays' && !error.mayHaveBeenExecuted;
    });
    await assert.rejects(naming.register({}), ServerFailureError);
  });

  test('whose bytes are no message is refused by the server', async (t) => {
    const { client } = await openPair(t, { services: [answering(() => [])] });
    await assert.rejects(client.call('coterie.Naming/Lookup', new Uint8Array([0xff])), RejectedError);
  });

  test('declares in its .proto which methods skip the reply cache', async (t) => {
    const { client, server } = await openPair(t, {
      services: [answering(() => [])],
      client: { acknowledgeAfterMs: null },
    });
    const naming = createClient(Naming, client);
    await naming.lookup({});
    assert.equal(server.status.cache.entries, 0);
    const rules = createService(Naming, { register: () => ({}), unregister: () => ({}), lookup: () => ({}) });
    assert.equal(rules['coterie.Naming/Lookup']?.rules.idempotent, true);
    assert.equal(rules['coterie.Naming/Register']?.rules.idempotent, false);
  });

  test('of a service that streams is refused, on both sides', () => {
    const message = { name: 'A' };
    const streaming = { name: 'Watch', inputType: '.A', outputType: '.A', serverStreaming: true };
    const file = { name: 'a.proto', messageType: [message], service: [{ name: 'S', method: [streaming] }] };
    const watch = createFileRegistry(create(FileDescriptorSetSchema, { file: [file] })).getService('S');
    assert.ok(watch !== undefined);
    assert.throws(() => createService(watch, {}), /^Error: S\/Watch streams, and a call has one request/);
    assert.throws(() => createClient(watch, { call: () => assert.fail() }), /S\/Watch streams/);
  });
});

describe('interceptors', () => {
  test('stand around calls and executions, the first outermost', async (t) => {
    const order: string[] = [];
    const note = (name: string) => {
      return async <Call>(call: Call, next: (call: Call) => Promise<Uint8Array>): Promise<Uint8Array> => {
        order.push(`${name} in`);
        const answer = await next(call);
        order.push(`${name} out`);
        return answer;
      };
    };
    const { client } = await openPair(t, {
      services: [answering(() => [])],
      client: { interceptors: [note('a'), note('b')] },
      serverInterceptors: [note('c'), note('d')],
    });
    await createClient(Naming, client).lookup({});
    assert.deepEqual(order, ['a in', 'b in', 'c in', 'd in', 'd out', 'c out', 'b out', 'a out']);
  });

  test('authentication: without a token that is accepted, nothing is executed', async (t) => {
    let executed = 0;
    const { client, server } = await openPair(t, {
      services: [answering(() => [`${++executed}`])],
      serverInterceptors: [serverTokens((token) => token === 'secret')],
    });
    await assert.rejects(createClient(Naming, client).lookup({}), /wants a token/);
    for (const [token, allowed] of [
      ['guess', false],
      ['secret', true],
    ] as const) {
      const at = server.endpoint('udp');
      assert.ok(at !== null);
      await using known = await RpcClient.open({ server: at, interceptors: [clientToken(token)] });
      const call = createClient(Naming, known).lookup({});
      if (allowed) assert.deepEqual((await call).addresses, ['1']);
      else await assert.rejects(call, RejectedError);
    }
  });

  test('tracing and deadlines reach through a server that calls another', async (t) => {
    const spans: Span[] = [];
    const onSpan = (span: Span): void => void spans.push(span);
    const never = Promise.withResolvers<string[]>();
    const inner = await openPair(t, {
      services: [answering((service) => (service === 'slow' ? never.promise : []))],
      serverInterceptors: [serverTracing(onSpan)],
      client: { interceptors: [clientTracing(onSpan), clientDeadlines(60_000)] },
    });
    const outer = await openPair(t, {
      services: [
        answering(async (service) => (await createClient(Naming, inner.client).lookup({ service })).addresses),
      ],
      serverInterceptors: [serverTracing(onSpan), serverDeadlines()],
      client: { interceptors: [clientTracing(onSpan)] },
    });
    const naming = createClient(Naming, outer.client);
    await naming.lookup({});
    const [d, c, b, a] = spans;
    assert.deepEqual(
      spans.map(({ side, outcome }) => `${side} ${outcome}`),
      ['server ok', 'client ok', 'server ok', 'client ok'],
    );
    assert.equal(new Set(spans.map(({ traceId }) => traceId)).size, 1);
    assert.deepEqual([a?.parentId, b?.parentId, c?.parentId, d?.parentId], [null, a?.spanId, b?.spanId, c?.spanId]);
    await assert.rejects(naming.lookup({ service: 'slow' }, { timeoutMs: 50 }), DeadlineError);
    while (!spans.some(({ side, outcome }) => side === 'client' && outcome === 'deadline')) await setImmediate();
    never.resolve([]);
  });

  test('metrics count by method and outcome', async (t) => {
    const [metrics, served] = [new CallMetrics(), new CallMetrics()];
    const { client } = await openPair(t, {
      services: [answering(() => [])],
      client: { interceptors: [metrics.client] },
      serverInterceptors: [served.server],
    });
    const naming = createClient(Naming, client);
    await naming.lookup({});
    await naming.lookup({});
    await assert.rejects(naming.unregister({}));
    for (const counted of [metrics, served]) {
      assert.deepEqual(counted.methods().get('coterie.Naming/Lookup')?.outcomes, { ok: 2 });
      assert.deepEqual(counted.methods().get('coterie.Naming/Unregister')?.outcomes, { rejected: 1 });
    }
    const latencies = metrics.methods().get('coterie.Naming/Lookup')?.latencies ?? [];
    assert.equal(
      latencies.reduce((sum, count) => sum + count, 0),
      2,
    );
  });
});
