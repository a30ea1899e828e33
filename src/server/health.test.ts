import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { type ClientReadableStream, status } from '@grpc/grpc-js';
import { HealthCheckRequest, type HealthCheckResponse, healthService, ServingStatus } from '../wire/health.ts';
import { type EtcdServer, serveEtcd } from './etcd.ts';
import { FakeMember } from './fake-member.fixture.ts';
import { TestClient } from './test-client.fixture.ts';

async function start(t: TestContext): Promise<{ member: FakeMember; server: EtcdServer; client: TestClient }> {
  const member = new FakeMember();
  const server = await serveEtcd({ member, host: '127.0.0.1', port: 0 });
  const client = new TestClient(server.address);
  t.after(() => {
    client[Symbol.dispose]();
    return server.close();
  });
  return { member, server, client };
}

function watch(client: TestClient, service: string): ClientReadableStream<HealthCheckResponse> {
  const { path, requestSerialize, responseDeserialize } = healthService.watch;
  const request = HealthCheckRequest.of({ service });
  return client.grpc.makeServerStreamRequest(path, requestSerialize, responseDeserialize, request);
}

test('a member serves while it knows a leader', async (t) => {
  const { member, client } = await start(t);
  const check = (service: string) => client.call(healthService.check, HealthCheckRequest.of({ service }));
  assert.deepEqual(await check(''), { status: ServingStatus.SERVING });
  assert.deepEqual(await check('etcdserverpb.KV'), { status: ServingStatus.SERVING });
  member.standing = { leader: null };
  assert.deepEqual(await check(''), { status: ServingStatus.NOT_SERVING });
  await assert.rejects(check('nobody.Knows'), { code: status.NOT_FOUND, details: /no service 'nobody.Knows'/ });
});

test('a watcher hears how the member stands, of every change, and of its end', async (t) => {
  const { member, server, client } = await start(t);
  const statuses: number[] = [];
  const stream = watch(client, '');
  stream.on('data', (response: HealthCheckResponse) => statuses.push(response.status));
  await once(stream, 'data');
  member.standing = { leader: null };
  await once(stream, 'data');
  member.standing = {};
  await once(stream, 'data');
  const ended = once(stream, 'end');
  const before = performance.now();
  await server.close();
  assert(performance.now() - before < 1_000, 'a watcher must not hold up the end');
  await ended;
  const { SERVING, NOT_SERVING } = ServingStatus;
  assert.deepEqual(statuses, [SERVING, NOT_SERVING, SERVING, NOT_SERVING]);
});

test('a watcher of an unknown service is told so, and waits', async (t) => {
  const { server, client } = await start(t);
  const stream = watch(client, 'nobody.Knows');
  const [response] = await once(stream, 'data');
  assert.deepEqual(response, { status: ServingStatus.SERVICE_UNKNOWN });
  const ended = once(stream.resume(), 'end');
  await server.close();
  await ended;
});
