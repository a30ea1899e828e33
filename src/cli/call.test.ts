import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { UnavailableError, UnknownOutcomeError } from '../member/api.ts';
import { createClient, createService, type Handlers, KeyValue, RpcClient, RpcServer } from '../rpc/index.ts';
import { FakeMember } from '../server/fake-member.fixture.ts';
import { serveRequestReply } from '../server/request-reply.ts';
import { EXIT } from './command.ts';
import { type Printed, runRecorded } from './recorded-terminal.fixture.ts';

type Call = (...typed: readonly string[]) => Promise<Printed>;

async function serve(t: TestContext): Promise<{ member: FakeMember; call: Call }> {
  const member = new FakeMember();
  const directory = await mkdtemp(join(tmpdir(), 'coterie-call-'));
  const server = await serveRequestReply({ member, host: '127.0.0.1', port: 0, directory });
  t.after(async () => {
    await server.close();
    await rm(directory, { recursive: true });
  });
  const at = server.endpoint('udp');
  assert.ok(at !== null);
  return { member, call: (...typed) => runRecorded(['call', ...typed, '--server', `127.0.0.1:${at.port}`]) };
}

describe('coterie call', () => {
  test('calls each method, with each semantics', async (t) => {
    const { call } = await serve(t);
    assert.deepEqual(await call('put', 'a', '1'), { code: EXIT.ok, stdout: 'revision 2\n', stderr: '' });
    assert.equal((await call('get', 'a', '--semantics', 'at-least-once')).stdout, '1\n');
    assert.equal((await call('increment', 'a', '2', '--semantics', 'exactly-once')).stdout, '3\n');
    assert.equal((await call('compare-and-set', 'a', '3', '4', '--semantics', 'maybe')).stdout, 'revision 4\n');
    assert.equal((await call('remove', 'a')).stdout, 'revision 5\n');
    assert.match((await call('ping')).stdout, /^answered in [\d.]+ ms\n$/);
    assert.equal((await call('status')).stdout, 'member fake of fake; leader fake; revision 5\n');
    assert.equal((await call('wipe', '--json')).stdout, '{"outcome":"answered","removed":0,"revision":5}\n');
  });

  test('no such key, refused, server error, unknown outcome each have a text, a code and an exit code', async (t) => {
    const { member, call } = await serve(t);
    assert.deepEqual(await call('get', 'a'), { code: EXIT.noSuchKey, stdout: 'no such key\n', stderr: '' });
    assert.equal((await call('get', 'a', '--json')).stdout, '{"outcome":"noSuchKey"}\n');
    assert.equal((await call('remove', 'a')).code, EXIT.noSuchKey);
    const refused = await call('get', '');
    assert.equal(refused.code, EXIT.refused);
    assert.match(refused.stderr, /key is not provided/);
    member.instead = () => Promise.reject(new UnavailableError('not executed: no leader'));
    const failed = await call('put', 'a', '1', '--json');
    assert.equal(failed.code, EXIT.unreachable);
    const { outcome, mayHaveBeenExecuted } = JSON.parse(failed.stdout);
    assert.deepEqual([outcome, mayHaveBeenExecuted], ['unreachable', false]);
    member.instead = () => Promise.reject(new UnknownOutcomeError(''));
    const unknown = await call('put', 'a', '1', '--json');
    assert.equal(unknown.code, EXIT.unknownOutcome);
    assert.equal(JSON.parse(unknown.stdout).outcome, 'unknownOutcome');
    member.instead = () => new Promise(() => {});
    const late = await call('put', 'a', '1', '--timeout', '500', '--json');
    assert.equal(late.code, EXIT.unknownOutcome);
    assert.equal(JSON.parse(late.stdout).outcome, 'deadline');
  });

  test('an overloaded server says when to come again', async (t) => {
    const begun = Promise.withResolvers<void>();
    const server = await RpcServer.open({
      listen: { udp: { host: '127.0.0.1', port: 0 } },
      directory: null,
      services: [createService(KeyValue, busy(begun.resolve))],
      executingMax: 1,
    });
    t.after(() => server.close());
    const endpoint = server.endpoint('udp');
    assert.ok(endpoint !== null);
    const other = await RpcClient.open({ server: endpoint });
    t.after(() => other.close());
    createClient(KeyValue, other)
      .put({})
      .catch(() => undefined);
    await begun.promise;
    const at = `127.0.0.1:${endpoint.port}`;
    const told = await runRecorded(['call', 'put', 'a', '1', '--json', '--server', at]);
    assert.equal(told.code, EXIT.overloaded);
    const { outcome, retryAfterMs, mayHaveBeenExecuted } = JSON.parse(told.stdout);
    assert.deepEqual([outcome, mayHaveBeenExecuted], ['overloaded', false]);
    assert.ok(retryAfterMs > 0);
  });

  test('where no server is, nothing was executed', async (t) => {
    const { call } = await serve(t);
    const told = await call('get', 'a', '--transport', 'tcp', '--timeout', '20');
    assert.equal(told.code, EXIT.unreachable);
    assert.match(told.stderr, /no server answers at 127\.0\.0\.1:\d+/);
  });

  test('wrong use is told before anything is sent', async () => {
    for (const [typed, expected] of [
      [['call', 'get'], /call get takes KEY/],
      [['call', 'get', 'a', '--semantics', 'twice'], /--semantics is maybe or/],
      [['call', 'increment', 'a', 'x'], /BY is a whole number/],
      [['call', 'nothing'], /unknown command 'call nothing'/],
    ] as const) {
      const { code, stderr } = await runRecorded(typed);
      assert.equal(code, EXIT.wrongUse);
      assert.match(stderr, expected);
    }
  });
});

/** Executes calls for ever. */
function busy(onBegun: () => void): Handlers<typeof KeyValue> {
  const never = () => {
    onBegun();
    return new Promise<never>(() => {});
  };
  return {
    get: never,
    put: never,
    remove: never,
    compareAndSet: never,
    increment: never,
    wipe: never,
    ping: never,
    status: never,
  };
}
