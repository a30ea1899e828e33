import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { UnavailableError, UnknownOutcomeError } from '../member/api.ts';
import { createClient, createService, type Handlers, KeyValue, RpcClient, RpcServer } from '../rpc/index.ts';
import { FakeMember } from '../server/fake-member.fixture.ts';
import { type RequestReplyOptions, serveRequestReply } from '../server/request-reply.ts';
import { put } from '../store/requests.ts';
import { EXIT } from './command.ts';
import { type Printed, runRecorded } from './recorded-terminal.fixture.ts';

type Call = (method: string, ...typed: readonly string[]) => Promise<Printed>;

async function serve(
  t: TestContext,
  options: Partial<RequestReplyOptions> = {},
): Promise<{ member: FakeMember; call: Call; directory: string; at: string }> {
  const member = new FakeMember();
  const directory = await mkdtemp(join(tmpdir(), 'coterie-call-'));
  const server = await serveRequestReply({ member, host: '127.0.0.1', port: 0, directory, ...options });
  t.after(async () => {
    await server.close();
    await rm(directory, { recursive: true });
  });
  const at = `127.0.0.1:${server.endpoint('udp')?.port}`;
  return { member, directory, at, call: (method, ...typed) => runRecorded(['call', method, '--server', at, ...typed]) };
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
    const status = (await call('status')).stdout.replace(/\d{2,}|\d(?= clients)/g, 'N');
    assert.equal(
      status,
      'member fake of fake; leader fake; revision 5\n' +
        'udp: received N, sent N; dropped 0 corrupted, 0 malformed, 0 incomplete\n' +
        'tcp: received 0, sent 0; dropped 0 corrupted, 0 malformed, 0 incomplete\n' +
        'reply cache: 0 calls and N clients remembered, N of N bytes; executing only this call\n' +
        'calls: 9 executed, 7 for another life of the server\n',
    );
    assert.equal((await call('wipe', '--json')).stdout, '{"outcome":"answered","removed":0,"revision":5}\n');
  });

  test('takes an increment below 0, with or without --', async (t) => {
    const { call } = await serve(t);
    assert.equal((await call('increment', 'a', '-5')).stdout, '-5\n');
    assert.equal((await call('increment', '--', 'a', '-9223372036854775803')).stdout, '-9223372036854775808\n');
    const { code, stderr } = await call('increment', '--', 'a', '-5', '--semantics', 'maybe');
    assert.equal(code, EXIT.wrongUse);
    assert.match(stderr, /what follows -- is no flag, so write --semantics before it/);
  });

  test('compares with the empty value, or with no such key', async (t) => {
    const { call } = await serve(t);
    const json = async (...typed: string[]) => JSON.parse((await call('compare-and-set', ...typed, '--json')).stdout);
    const outcome = 'answered';
    assert.deepEqual(await json('a', '', '1', '--empty'), { outcome, succeeded: false, existed: false, revision: 1 });
    assert.deepEqual(await json('a', '', ''), { outcome, succeeded: true, existed: false, revision: 2 });
    assert.deepEqual(await json('a', '', '1'), { outcome, succeeded: false, existed: true, revision: 2 });
    assert.equal((await call('compare-and-set', 'a', '', '1')).stdout, 'not set: the key is there\n');
    assert.deepEqual(await json('a', '', '1', '--empty'), { outcome, succeeded: true, existed: true, revision: 3 });
    const other = await call('compare-and-set', 'a', '', '2', '--empty');
    assert.deepEqual(other, { code: EXIT.failed, stdout: 'not set: the key holds another value\n', stderr: '' });
    assert.match((await call('compare-and-set', 'a', 'x', '2', '--empty')).stderr, /--empty expects the empty value/);
  });

  test('prints values in base64 too, and those that are no text only so', async (t) => {
    const { member, call } = await serve(t);
    await member.call(put(Buffer.from('a'), Uint8Array.of(0xff)));
    assert.deepEqual(
      (await call('get', 'a', '--json')).stdout,
      '{"outcome":"answered","valueBase64":"/w==","revision":2}\n',
    );
    await call('put', 'a', 'b');
    assert.deepEqual(JSON.parse((await call('get', 'a', '--json')).stdout).value, 'b');
  });

  test('is answered by a server with its secret only', async (t) => {
    const secret = Buffer.from('sixteen bytes: !');
    const { call, directory } = await serve(t, { key: secret });
    const file = async (name: string, content: Uint8Array | string): Promise<string> => {
      await writeFile(join(directory, name), content);
      return join(directory, name);
    };
    const right = await file('right', secret);
    assert.equal((await call('put', 'a', 'b', '--key', right)).code, EXIT.ok);
    for (const [flags, told] of [
      [['--key', await file('wrong', 'sixteen bytes: ?')], /; a server whose secret is not that of --key is as silent/],
      [[], /no server answers at .*; a server that wants a secret \(--key FILE\) is as silent/],
    ] as const) {
      const { code, stderr } = await call('get', 'a', '--tries', '1', ...flags);
      assert.equal(code, EXIT.unreachable);
      assert.match(stderr, told);
    }
    for (const [path, told] of [
      [
        await file('short', 'fifteen bytes!!'),
        /--key is a file of 16 to 4096 bytes: .*short has 15; make one with 'head/,
      ],
      [await file('long', 'x'.repeat(4_097)), /long has more/],
      [join(directory, 'none'), /cannot read the secret of --key: ENOENT/],
    ] as const) {
      const { code, stderr } = await call('get', 'a', '--key', path);
      assert.equal(code, EXIT.wrongUse);
      assert.match(stderr, told);
    }
  });

  test('says of no answer what the rule for crashes lets it say', async (t) => {
    const { call } = await serve(t, { key: Buffer.from('that no call has') });
    const told = (...flags: string[]) => call('put', 'a', 'b', '--tries', '1', ...flags);
    assert.equal((await told()).code, EXIT.unreachable);
    assert.equal((await told('--after-crash', 'silence')).code, EXIT.unknownOutcome);
    assert.equal((await told('--after-crash', 'nothing')).code, EXIT.wrongUse);
  });

  test('tells a person for whom it waits, and how long at most, when it is not answered soon', async (t) => {
    const typed = [
      [[], 'for at most 8 s'],
      [['--timeout', '5100'], 'for at most 6 s'],
      [['--semantics', 'at-least-once'], 'as long as it takes; --timeout MS would end it'],
      [['--semantics', 'at-least-once', '--timeout', '9000'], 'for at most 9 s'],
    ] as const;
    await Promise.all(typed.map(([flags, longest]) => isToldToWait(t, flags, longest)));
  });

  test('shows no progress of a call that is answered at once', async (t) => {
    const { at } = await serve(t);
    const progress = (line: string | null): void => assert.fail(`${line}`);
    assert.equal((await runRecorded(['call', 'put', 'a', 'b', '--server', at], { progress })).code, EXIT.ok);
  });

  test('asks the next server if one does not answer', async (t) => {
    const { at } = await serve(t);
    const port = await closedPort();
    const told = await runRecorded(['call', 'put', 'a', 'b', '--server', `db.invalid:1, 127.0.0.1:${port},${at}`]);
    assert.deepEqual(told, { code: EXIT.ok, stdout: 'revision 2\n', stderr: '' });
    assert.match((await runRecorded(['call', 'get', 'a', '--server', `${at},`])).stderr, /--server is host:port/);
  });

  test('a server whose name has no address is unreachable', async () => {
    const told = await runRecorded(['call', 'get', 'a', '--server', 'db.invalid:1', '--json']);
    assert.equal(told.code, EXIT.unreachable);
    const { outcome, message } = JSON.parse(told.stdout);
    assert.equal(outcome, 'unreachable');
    assert.match(message, /the name db\.invalid has no address/);
    assert.doesNotMatch(message, /secret/);
  });

  test('no such key, refused, server error, unknown outcome each have a text, a code and an exit code', async (t) => {
    const { member, call } = await serve(t);
    assert.deepEqual(await call('get', 'a'), { code: EXIT.noSuchKey, stdout: 'no such key\n', stderr: '' });
    assert.equal((await call('get', 'a', '--json')).stdout, '{"outcome":"noSuchKey"}\n');
    assert.equal((await call('remove', 'a')).code, EXIT.noSuchKey);
    const refused = await call('get', '');
    assert.equal(refused.code, EXIT.refused);
    assert.equal(refused.stderr, 'coterie: key is not provided\n');
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

  test('over UDP takes a key and a value of 127 KiB together; of more it says that nothing was sent, and why', async (t) => {
    const { call } = await serve(t);
    const largest = 127 * 1024 - 8; // how long key and value are is said in 8 bytes
    assert.equal((await call('put', 'k', 'x'.repeat(largest))).stdout, 'revision 2\n');
    const { code, stderr } = await call('put', 'k', 'x'.repeat(largest + 8));
    assert.equal(code, EXIT.refused);
    assert.equal(stderr, 'coterie: not sent: it has 131079 bytes, of at most 131072; send less, or use TCP\n');
  });

  test('names its flag where the server has another rule for crashes', async (t) => {
    const { call } = await serve(t, { agreement: { afterCrash: 'persisted' } });
    const { code, stderr } = await call('put', 'a', 'b', '--after-crash', 'silence');
    assert.equal(code, EXIT.refused);
    const remedy = 'give --after-crash what the server got as --request-reply-after-crash (default incarnations)';
    const rules = "the client's rule for crashes is silence, the server's another";
    assert.equal(stderr, `coterie: not executed: ${rules}; ${remedy}\n`);
    assert.match(
      JSON.parse((await call('put', 'a', 'b', '--json')).stdout).message,
      /rule for crashes is incarnations/,
    );
  });

  test('where no server is, nothing was executed', async (t) => {
    const { call } = await serve(t);
    const told = await call('get', 'a', '--transport', 'tcp', '--timeout', '20');
    assert.equal(told.code, EXIT.unreachable);
    assert.match(told.stderr, /no server answers at 127\.0\.0\.1:\d+/);
  });

  test('wrong use is told before anything is sent', async () => {
    for (const [typed, expected] of [
      [['call', 'get'], /call get takes KEY: KEY is missing$/m],
      [['call', 'get', 'a', 'b'], /call get takes KEY: 'b' is one too many; put what has spaces in quotes$/m],
      [['call', 'get', 'a', '--server', 'db1'], /--server is host:port, as in 127\.0\.0\.1:4600: got 'db1'$/m],
      [
        ['call', 'get', 'a', '--server', 'a:99999'],
        /port of --server is a whole number from 1 to 65535: got 'a:99999'/,
      ],
      [['call', 'get', 'a', '--server', 'a:0'], /port of --server is a whole number/],
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

/** Of a call that the member executes only when something was told. */
async function isToldToWait(t: TestContext, flags: readonly string[], longest: string): Promise<void> {
  const { member, at } = await serve(t);
  const told = Promise.withResolvers<void>();
  member.instead = async (request, options) => {
    await told.promise;
    member.instead = null;
    return member.call(request, options);
  };
  const lines: (string | null)[] = [];
  const progress = (line: string | null): void => {
    lines.push(line);
    told.resolve();
  };
  const { code } = await runRecorded(['call', 'put', 'a', 'b', '--server', at, ...flags], { progress });
  assert.equal(code, EXIT.ok);
  assert.deepEqual(lines, [`waiting for ${at} to answer, ${longest}`, null]);
}

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

/** Of UDP: where nobody is. */
async function closedPort(): Promise<number> {
  const server = await RpcServer.open({
    listen: { udp: { host: '127.0.0.1', port: 0 } },
    directory: null,
    services: [],
  });
  const port = server.endpoint('udp')?.port ?? 0;
  await server.close();
  return port;
}
