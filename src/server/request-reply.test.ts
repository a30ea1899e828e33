import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { UnavailableError, UnknownOutcomeError } from '../member/api.ts';
import {
  type Client,
  createClient,
  formatEndpoint,
  KeyValue,
  lookup,
  Naming,
  RejectedError,
  RpcClient,
  ServerFailureError,
  UnknownOutcomeError as UnknownCallError,
  UnreachableError,
} from '../rpc/index.ts';
import { put } from '../store/requests.ts';
import { advertisedHosts } from './advertised-hosts.ts';
import { FakeMember } from './fake-member.fixture.ts';
import { type RequestReplyOptions, serveRequestReply } from './request-reply.ts';

interface Served {
  readonly member: FakeMember;
  readonly client: RpcClient;
  readonly store: Client<typeof KeyValue>;
}

async function serve(
  t: TestContext,
  transport: 'udp' | 'tcp' = 'udp',
  options: Partial<RequestReplyOptions> = {},
): Promise<Served> {
  const member = new FakeMember();
  const directory = await mkdtemp(join(tmpdir(), 'coterie-request-reply-'));
  t.after(() => rm(directory, { recursive: true }));
  const server = await serveRequestReply({ member, host: '127.0.0.1', port: 0, directory, ...options });
  const at = server.endpoint(transport);
  assert.ok(at !== null);
  const client = await RpcClient.open({ server: { ...at, host: '127.0.0.1' }, transport });
  t.after(async () => {
    await client.close();
    await server.close();
  });
  return { member, client, store: createClient(KeyValue, client) };
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const KEY = bytes('k');
const EXACTLY = { semantics: 'exactlyOnce' } as const;

describe('the store by request-reply', () => {
  test('put, get, remove, compare-and-set, increment, wipe, ping, status', async (t) => {
    const { store } = await serve(t);
    assert.equal((await store.get({ key: KEY })).value, undefined, 'no such key');
    assert.equal((await store.put({ key: KEY, value: bytes('v') })).revision, 2n);
    assert.deepEqual((await store.get({ key: KEY })).value, bytes('v'));
    const swap = { key: KEY, expected: bytes('v'), value: bytes('5') };
    assert.equal((await store.compareAndSet(swap)).succeeded, true);
    const { succeeded, existed } = await store.compareAndSet(swap);
    assert.deepEqual([succeeded, existed], [false, true]);
    assert.equal((await store.compareAndSet({ ...swap, key: bytes('none') })).existed, false);
    assert.equal((await store.compareAndSet({ key: bytes('new'), value: bytes('') })).succeeded, true);
    assert.equal((await store.increment({ key: KEY, by: -7n })).value, -2n);
    assert.equal((await store.increment({ key: bytes('n'), by: 1n })).value, 1n);
    assert.equal((await store.remove({ key: bytes('n') })).removed, true);
    assert.equal((await store.remove({ key: bytes('n') })).removed, false);
    assert.equal((await store.wipe({})).removed, 2n);
    assert.deepEqual((await store.ping({ payload: KEY })).payload, KEY);
    const { member, leader, members } = await store.status({});
    assert.deepEqual([member, leader, members], ['fake', 'fake', ['fake']]);
  });

  test('over TCP, a value that no datagram holds', async (t) => {
    const { store } = await serve(t, 'tcp');
    const value = new Uint8Array(1_000_000).fill(7);
    await store.put({ key: KEY, value });
    assert.deepEqual((await store.get({ key: KEY })).value, value);
  });

  test('over UDP, a value that no message holds is said to be too large', async (t) => {
    const { member, store } = await serve(t);
    await member.call(put(KEY, new Uint8Array(200_000)));
    await assert.rejects(store.get({ key: KEY }), (error) => {
      return error instanceof ServerFailureError && /use TCP/.test(error.message);
    });
  });

  test('what the store refuses, and what is no number, is refused', async (t) => {
    const { store } = await serve(t);
    await assert.rejects(store.put({ key: new Uint8Array(0) }), (error) => {
      return error instanceof RejectedError && error.message === 'key is not provided'; // not "etcdserver: …"
    });
    await store.put({ key: KEY, value: bytes('many') });
    await assert.rejects(store.increment({ key: KEY, by: 1n }), RejectedError);
    await assert.rejects(store.increment({ key: KEY, by: 1n }, EXACTLY), RejectedError);
    await store.put({ key: KEY, value: bytes(String(2n ** 63n - 1n)) });
    await assert.rejects(store.increment({ key: KEY, by: 1n }), RejectedError);
  });

  test('without a leader nothing is executed; without an answer from the leader the outcome is unknown', async (t) => {
    const { member, store } = await serve(t);
    member.instead = () => Promise.reject(new UnavailableError('not executed: no leader'));
    await assert.rejects(store.put({ key: KEY }), (error) => {
      assert.ok(error instanceof UnreachableError);
      assert.equal(error.message, 'coterie.KeyValue/Put was not executed: no leader');
      return !error.mayHaveBeenExecuted;
    });
    member.instead = () => Promise.reject(new UnknownOutcomeError('no answer'));
    await assert.rejects(store.put({ key: KEY }), UnknownCallError);
  });

  test('exactly once, without a leader to open a session: not executed, and why', async (t) => {
    const { member, store } = await serve(t);
    member.openSession = () => Promise.reject(new UnknownOutcomeError('no answer'));
    await assert.rejects(store.put({ key: KEY }, { ...EXACTLY, timeoutMs: 500 }), (error) => {
      return error instanceof UnreachableError && /not executed: no leader was reached/.test(error.message);
    });
  });

  test('exactly once: the caller asks until there is an answer, and the store filters', async (t) => {
    const { member, store } = await serve(t);
    assert.equal((await store.increment({ key: KEY, by: 1n }, EXACTLY)).value, 1n);
    let failures = 0;
    const { callInSession } = member;
    member.callInSession = async (at, request) => {
      const response = await callInSession.call(member, at, request);
      failures += 1;
      if (failures < 3) throw new UnknownOutcomeError('the answer was lost');
      return response;
    };
    assert.equal((await store.increment({ key: KEY, by: 1n }, EXACTLY)).value, 2n);
    assert.equal(failures, 3);
    assert.deepEqual((await store.get({ key: KEY })).value, bytes('2'));
  });

  test('exactly once, where somebody wrote before the answer was asked for again', async (t) => {
    const { member, store } = await serve(t);
    await store.put({ key: KEY, value: bytes('20') });
    const { callInSession } = member;
    let copies = 0;
    member.callInSession = async (at, request) => {
      copies += 1;
      const response = await callInSession.call(member, at, request);
      if (copies > 1) return response;
      await store.put({ key: KEY, value: bytes('no number') });
      throw new UnknownOutcomeError('the answer was lost');
    };
    assert.equal((await store.increment({ key: KEY, by: 1n }, EXACTLY)).value, 21n);
    assert.deepEqual([copies, (await store.get({ key: KEY })).value], [2, bytes('no number')], 'it was executed once');
  });

  test('increments of many callers at once are all executed', async (t) => {
    const { store } = await serve(t);
    for (const semantics of ['atMostOnce', 'exactlyOnce'] as const) {
      await Promise.all(Array.from({ length: 100 }, () => store.increment({ key: KEY, by: 1n }, { semantics })));
    }
    assert.deepEqual((await store.get({ key: KEY })).value, bytes('200'));
  });

  test('its naming service knows where it is, and no client can change that', async (t) => {
    const { client } = await serve(t);
    const [at] = await lookup(client, KeyValue);
    assert.ok(at?.host === '127.0.0.1');
    const naming = createClient(Naming, client);
    const entry = { service: KeyValue.typeName, address: formatEndpoint(at), registrant: 'somebody-elses-1' };
    await naming.register({ ...entry, lifetimeMs: 100 });
    await naming.unregister(entry);
    await assert.rejects(naming.unregister({ ...entry, registrant: '' }), RejectedError);
    assert.deepEqual(await lookup(client, KeyValue), [at]);
  });

  test('its naming service tells where it is advertised, and never every address', async (t) => {
    const { client } = await serve(t, 'udp', { advertised: ['db1.example', '::1'] });
    const hosts = async (of: RpcClient) => (await lookup(of, KeyValue)).map(({ host }) => host);
    assert.deepEqual(await hosts(client), ['db1.example', '::1']);
    const { client: other } = await serve(t, 'udp', { host: '0.0.0.0' });
    assert.deepEqual(await hosts(other), advertisedHosts('0.0.0.0'));
    await assert.rejects(serve(t, 'udp', { advertised: ['0.0.0.0'] }), RejectedError);
  });
});
