import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:http2';
import { connect as connectSocket, createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { status } from '@grpc/grpc-js';
import { UnavailableError, UnknownOutcomeError } from '../member/api.ts';
import type { StoreErrorCode, StoreResponse } from '../store/api.ts';
import { refuse } from '../store/refusal.ts';
import {
  CompactionRequest,
  Compare,
  CompareTarget,
  clusterService,
  DeleteRangeRequest,
  kvService,
  leaseService,
  MemberListRequest,
  maintenanceService,
  PutRequest,
  RangeRequest,
  type RequestOp,
  SortTarget,
  StatusRequest,
  TxnRequest,
  Unserved,
  watchService,
} from '../wire/etcdserverpb.ts';
import { type EtcdServer, serveEtcd } from './etcd.ts';
import { FakeMember } from './fake-member.fixture.ts';
import { TestClient } from './test-client.fixture.ts';

interface Fixture {
  readonly member: FakeMember;
  readonly server: EtcdServer;
  readonly client: TestClient;
}

async function start(t: TestContext): Promise<Fixture> {
  const member = new FakeMember();
  const server = await serveEtcd({ member, host: '127.0.0.1', port: 0 });
  const client = new TestClient(server.address);
  t.after(() => {
    client[Symbol.dispose]();
    return server.close();
  });
  return { member, server, client };
}

const utf8 = (text: string): Buffer => Buffer.from(text);
const put = (key: string, value: string): PutRequest => PutRequest.of({ key: utf8(key), value: utf8(value) });
const get = (key: string, fields: Partial<RangeRequest> = {}): RangeRequest =>
  RangeRequest.of({ key: utf8(key), ...fields });
const putOperation = (key: string): RequestOp => ({ request: { type: 'requestPut', value: put(key, 'v') } });
const getOperation = (key: string, serializable: boolean): RequestOp => ({
  request: { type: 'requestRange', value: get(key, { serializable }) },
});
const HEADER = { clusterId: 0xc0_7e_21_eb_ad_c0_ff_een, memberId: 0xfeed_face_cafe_beefn, raftTerm: 7 };

test('a value put is got back, with who answers and where the store stands in every header', async (t) => {
  const { client } = await start(t);
  assert.deepEqual(await client.call(kvService.put, put('k', 'v')), {
    header: { ...HEADER, revision: 2 },
    prevKv: null,
  });
  const { header, kvs, count, more } = await client.call(kvService.range, get('k'));
  assert.deepEqual({ header, count, more }, { header: { ...HEADER, revision: 2 }, count: 1, more: false });
  assert.deepEqual(kvs, [
    { key: utf8('k'), value: utf8('v'), createRevision: 2, modRevision: 2, version: 1, lease: 0n },
  ]);
});

test('a delete says how many keys went, and what they held if asked', async (t) => {
  const { client } = await start(t);
  for (const key of ['a', 'b', 'c']) await client.call(kvService.put, put(key, key));
  const range = DeleteRangeRequest.of({ key: utf8('a'), rangeEnd: utf8('c'), prevKv: true });
  const { deleted, prevKvs } = await client.call(kvService.deleteRange, range);
  assert.equal(deleted, 2);
  assert.deepEqual(
    prevKvs.map(({ value }) => String(value)),
    ['a', 'b'],
  );
});

test('a transaction answers each of its operations, with the revision alone in their headers', async (t) => {
  const { client } = await start(t);
  await client.call(kvService.put, put('k', 'v'));
  const held = Compare.of({
    key: utf8('k'),
    target: CompareTarget.VALUE,
    targetUnion: { type: 'value', value: utf8('v') },
  });
  const txn = TxnRequest.of({ compare: [held], success: [putOperation('new'), getOperation('new', false)] });
  const { header, succeeded, responses } = await client.call(kvService.txn, txn);
  assert.deepEqual({ header, succeeded }, { header: { ...HEADER, revision: 3 }, succeeded: true });
  const inner = { clusterId: 0n, memberId: 0n, revision: 3, raftTerm: 0 };
  assert.deepEqual(responses[0], { response: { type: 'responsePut', value: { header: inner, prevKv: null } } });
  assert(responses[1]?.response?.type === 'responseRange');
  assert.equal(responses[1].response.value.count, 1);
});

test('sorting by another target than the key means ascending if no order is given', async (t) => {
  const { member, client } = await start(t);
  await client.call(kvService.range, get('k', { sortTarget: SortTarget.VALUE }));
  const request = member.calls[0]?.request;
  assert(request?.type === 'range');
  assert.equal(request.order, 'ascend');
});

test('reads are stale only if all of them are serializable', async (t) => {
  const { member, client } = await start(t);
  const consistencyOf = async (call: Promise<unknown>): Promise<unknown> => {
    await call;
    return member.calls.at(-1)?.options.consistency;
  };
  const txn = (...success: RequestOp[]): Promise<unknown> => client.call(kvService.txn, TxnRequest.of({ success }));
  assert.equal(await consistencyOf(client.call(kvService.range, get('k'))), 'linearizable');
  assert.equal(await consistencyOf(client.call(kvService.range, get('k', { serializable: true }))), 'stale');
  assert.equal(await consistencyOf(txn(getOperation('a', true), getOperation('b', true))), 'stale');
  assert.equal(await consistencyOf(txn(getOperation('a', true), getOperation('b', false))), 'linearizable');
  assert.equal(await consistencyOf(txn(getOperation('a', true), putOperation('b'))), 'linearizable');
  assert.equal(await consistencyOf(txn()), 'linearizable');
});

test('what the store refuses has the status and the words that it has in etcd', async (t) => {
  const { member, client } = await start(t);
  const expected: Record<StoreErrorCode, status> = {
    compacted: status.OUT_OF_RANGE,
    futureRevision: status.OUT_OF_RANGE,
    duplicateKey: status.INVALID_ARGUMENT,
    tooManyOperations: status.INVALID_ARGUMENT,
    emptyKey: status.INVALID_ARGUMENT,
    requestTooLarge: status.INVALID_ARGUMENT,
    responseTooLarge: status.RESOURCE_EXHAUSTED,
    keyNotFound: status.INVALID_ARGUMENT,
    valueProvided: status.INVALID_ARGUMENT,
    leaseProvided: status.INVALID_ARGUMENT,
    leaseNotFound: status.NOT_FOUND,
    invalidSortOption: status.INVALID_ARGUMENT,
    notANumber: status.INVALID_ARGUMENT,
    numberTooLarge: status.INVALID_ARGUMENT,
    malformedRequest: status.INVALID_ARGUMENT,
  };
  for (const [name, code] of Object.entries(expected)) {
    const refusal = refuse(name as StoreErrorCode);
    member.instead = async () => refusal;
    await assert.rejects(client.call(kvService.put, put('k', 'v')), { code, details: refusal.message }, name);
  }
});

test('a request that no store could execute is refused as etcd refuses it', async (t) => {
  const { client } = await start(t);
  const invalid = (details: string) => ({ code: status.INVALID_ARGUMENT, details });
  const { range, txn } = kvService;
  const txnOf = (fields: Partial<TxnRequest>): Promise<unknown> => client.call(txn, TxnRequest.of(fields));
  const large = PutRequest.of({ key: utf8('k'), value: Buffer.alloc(1.5 * 1024 * 1024) });
  const duplicate = [putOperation('k'), putOperation('k')];
  const unknownCompare = Compare.of({ key: utf8('k'), target: 9 });
  await assert.rejects(client.call(kvService.put, put('', 'v')), invalid('etcdserver: key is not provided'));
  await assert.rejects(client.call(kvService.put, large), invalid('etcdserver: request is too large'));
  await assert.rejects(client.call(range, get('k', { sortOrder: 3 })), invalid('etcdserver: invalid sort option'));
  await assert.rejects(client.call(range, get('k', { sortTarget: -1 })), invalid('etcdserver: invalid sort option'));
  await assert.rejects(txnOf({ success: duplicate }), invalid('etcdserver: duplicate key given in txn request'));
  await assert.rejects(txnOf({ success: [{ request: null }] }), invalid('etcdserver: key not found'));
  await assert.rejects(
    txnOf({ success: Array.from({ length: 129 }, (_, i) => putOperation(`${i}`)) }),
    invalid('etcdserver: too many operations in txn request'),
  );
  await assert.rejects(txnOf({ compare: [unknownCompare] }), { code: status.INVALID_ARGUMENT, details: /target is 9/ });
});

test('reads of compacted and of future revisions are out of range', async (t) => {
  const { client } = await start(t);
  for (const value of ['1', '2', '3']) await client.call(kvService.put, put('k', value));
  await client.call(kvService.compact, CompactionRequest.of({ revision: 3 }));
  await assert.rejects(client.call(kvService.range, get('k', { revision: 2 })), {
    code: status.OUT_OF_RANGE,
    details: 'etcdserver: mvcc: required revision has been compacted',
  });
  await assert.rejects(client.call(kvService.range, get('k', { revision: 9 })), {
    code: status.OUT_OF_RANGE,
    details: 'etcdserver: mvcc: required revision is a future revision',
  });
  assert.equal((await client.call(kvService.range, get('k', { revision: 3 }))).count, 1);
});

test('bytes that are no request, and numbers that none can carry, are refused with the reason', async (t) => {
  const { client } = await start(t);
  const { path } = kvService.range;
  await assert.rejects(client.callRaw(path, Buffer.from('0aff', 'hex')), {
    code: status.INVALID_ARGUMENT,
    details: 'coterie: cannot read the message at byte 1 of 2: the message ends inside a number',
  });
  await assert.rejects(client.callRaw(path, Buffer.from('0a016b20ffffffffffffffff7f', 'hex')), {
    code: status.INVALID_ARGUMENT,
    details: /beyond ±\(2\^53 - 1\)/,
  });
});

test('a message beyond 2 MiB is not read', async (t) => {
  const { member, client } = await start(t);
  const huge = PutRequest.of({ key: utf8('k'), value: Buffer.alloc(2 * 1024 * 1024) });
  await assert.rejects(client.call(kvService.put, huge), { code: status.RESOURCE_EXHAUSTED });
  assert.deepEqual(member.calls, []);
});

test('a call that was not executed, one of unknown outcome and one that met a bug are told apart', async (t) => {
  const { member, client } = await start(t);
  const failWith = (error: Error): Promise<unknown> => {
    member.instead = () => Promise.reject(error);
    return client.call(kvService.put, put('k', 'v'));
  };
  await assert.rejects(failWith(new UnavailableError('too much to do')), {
    code: status.UNAVAILABLE,
    details: 'coterie: not executed, try again: too much to do',
  });
  await assert.rejects(failWith(new UnknownOutcomeError('the leader went away')), {
    code: status.UNAVAILABLE,
    details: /^etcdserver: request timed out, its outcome is unknown: .*\(the leader went away\)$/,
  });
  await assert.rejects(failWith(new Error('a bug')), { code: status.INTERNAL, details: /internal error: a bug/ });
  member.standing = { leader: null };
  await assert.rejects(failWith(new UnavailableError('nobody leads')), {
    code: status.UNAVAILABLE,
    details: 'etcdserver: no leader',
  });
});

test("the caller's deadline bounds the member's call; without one the member's default does", async (t) => {
  const { member, client } = await start(t);
  await client.call(kvService.put, put('k', 'v'));
  await client.call(kvService.put, put('k', 'v'), { timeoutMs: 60_000 });
  const [without, with60s] = member.calls.map(({ options }) => options.timeoutMs);
  assert.equal(without, undefined);
  assert(with60s !== undefined && with60s > 50_000 && with60s <= 60_000, `${with60s}`);
});

test('a call that is cancelled, or whose deadline passes, tells the member; one that is answered does not', async (t) => {
  const { member, client } = await start(t);
  const never = new Promise<StoreResponse>(() => {});
  const signals = Array.from({ length: 2 }, () => Promise.withResolvers<AbortSignal>());
  member.instead = (_request, { signal }) => {
    if (signal !== undefined) signals[member.calls.length - 1]?.resolve(signal);
    return never;
  };
  const cancelled = async (index: number): Promise<void> => {
    const signal = await signals[index]?.promise;
    assert(signal !== undefined);
    if (!signal.aborted) await once(signal, 'abort');
  };

  const abort = new AbortController();
  const call = client.call(kvService.put, put('k', 'v'), { signal: abort.signal });
  await signals[0]?.promise;
  abort.abort();
  await assert.rejects(call, { code: status.CANCELLED });
  await cancelled(0);

  await assert.rejects(client.call(kvService.put, put('k', 'v'), { timeoutMs: 20 }), {
    code: status.DEADLINE_EXCEEDED,
  });
  await cancelled(1);

  member.instead = null;
  for (let i = 0; i < 3; i += 1) await client.call(kvService.put, put('k', 'v'));
  assert.deepEqual(
    member.calls.slice(2).map(({ options }) => options.signal?.aborted),
    [false, false, false],
  );
});

test('status reports the member as etcd does its own', async (t) => {
  const { member, client } = await start(t);
  await client.call(kvService.put, put('k', 'v'));
  const response = await client.call(maintenanceService.status, StatusRequest.of());
  const { storageBytes, storageBytesInUse } = member.status();
  assert.deepEqual(response, {
    header: { ...HEADER, revision: 2 },
    version: '3.4.0',
    dbSize: storageBytes,
    leader: HEADER.memberId,
    raftIndex: 1,
    raftTerm: 7,
    raftAppliedIndex: 1,
    errors: [],
    dbSizeInUse: storageBytesInUse,
    isLearner: false,
  });
  member.standing = { leader: null, leaderId: 0n };
  const { leader, errors } = await client.call(maintenanceService.status, StatusRequest.of());
  assert.deepEqual({ leader, errors }, { leader: 0n, errors: ['etcdserver: no leader'] });
});

test('the member list has URLs, and none for a client address not announced yet', async (t) => {
  const { member, client } = await start(t);
  const [self] = member.status().members;
  assert(self !== undefined);
  member.standing = { members: [self, { ...self, id: 2n, name: 'b', clientAddress: '', learner: true }] };
  const { members } = await client.call(clusterService.memberList, MemberListRequest.of());
  const peerURLs = ['http://127.0.0.1:2380'];
  assert.deepEqual(members, [
    { id: HEADER.memberId, name: 'fake', peerURLs, clientURLs: ['http://127.0.0.1:2379'], isLearner: false },
    { id: 2n, name: 'b', peerURLs, clientURLs: [], isLearner: true },
  ]);
});

test('a method of etcd that is not served is unimplemented, and says what is', async (t) => {
  const { client } = await start(t);
  const refusal = (path: string) => ({
    code: status.UNIMPLEMENTED,
    details: `coterie: ${path} is not served; there are KV, Maintenance.Status, Cluster.MemberList and grpc.health.v1.Health`,
  });
  const { leaseGrant } = leaseService;
  await assert.rejects(client.call(leaseGrant, Unserved.of()), refusal('/etcdserverpb.Lease/LeaseGrant'));
  const { path, requestSerialize, responseDeserialize } = watchService.watch;
  const watch = client.grpc.makeBidiStreamRequest(path, requestSerialize, responseDeserialize);
  const [error] = await once(watch, 'error');
  const { code, details } = error;
  assert.deepEqual({ code, details }, refusal(path));
});

test('a port in use, and an address that is not here, are errors that say what to do', async (t) => {
  const { server, member } = await start(t);
  await assert.rejects(serveEtcd({ member, host: '127.0.0.1', port: server.port }), {
    code: 'portInUse',
    message: `cannot listen on ${server.address}: the port is in use; stop the program that has the port, or choose another one`,
  });
  await assert.rejects(serveEtcd({ member, host: '192.0.2.1', port: 0 }), {
    code: 'addressUnavailable',
    message: /^cannot listen on 192\.0\.2\.1:0: this machine has no such address; give an address of this machine/,
  });
});

test('closing waits for the calls under way, and leaves the port free', async (t) => {
  const { member, server, client } = await start(t);
  const reached = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<StoreResponse>();
  member.instead = () => {
    reached.resolve();
    return answer.promise;
  };
  const call = client.call(kvService.put, put('k', 'v'));
  await reached.promise;
  const closed = server.close();
  answer.resolve(refuse('leaseNotFound'));
  await assert.rejects(call, { code: status.NOT_FOUND });
  await closed;
  const next = createServer().listen(server.port, '127.0.0.1');
  await once(next, 'listening');
  next.close();
});

test('closing ends a call that takes too long, and says that its outcome is unknown', async (t) => {
  const { member, server, client } = await start(t);
  const reached = Promise.withResolvers<AbortSignal | undefined>();
  member.instead = (_request, { signal }) => {
    reached.resolve(signal);
    return new Promise(() => {});
  };
  const call = client.call(kvService.put, put('k', 'v'));
  const signal = await reached.promise;
  const ended = assert.rejects(call, { code: status.UNAVAILABLE, details: /^etcdserver: server stopped: the outcome/ });
  await Promise.all([server.close(), ended]);
  assert.equal(signal?.aborted, true);
});

test('closing does not wait for a caller that never ends its call', async (t) => {
  const { server } = await start(t);
  const session = connect(`http://${server.address}`);
  session.on('error', () => {});
  await once(session, 'connect');
  const stream = session.request({
    ':method': 'POST',
    ':path': kvService.put.path,
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  stream.on('error', () => {});
  const gone = new Promise((resolve) => stream.on('close', resolve));
  stream.write(Buffer.alloc(3)); // part of a frame's head, and never the rest
  await new Promise((resolve) => session.ping(resolve));
  await server.close();
  await gone;
});

test('what is not HTTP/2 gets nothing, and the server goes on', async (t) => {
  const { server, client } = await start(t);
  const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
  const settings = Buffer.from('000000040000000000', 'hex');
  const noise = Buffer.alloc(100, 0x5a);
  for (const bytes of [Buffer.from('GET / HTTP/1.1\r\n\r\n'), noise, Buffer.concat([preface, settings, noise])]) {
    const socket = connectSocket(server.port, '127.0.0.1');
    const closed = new Promise((resolve) =>
      socket
        .resume()
        .on('error', () => {})
        .on('close', resolve),
    );
    socket.write(bytes);
    await closed;
  }
  const reset = connectSocket(server.port, '127.0.0.1');
  await once(reset, 'connect');
  reset.write(preface);
  reset.resetAndDestroy();
  await client.call(kvService.put, put('k', 'v'));
});
