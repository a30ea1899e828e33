import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { UnavailableError, UnknownOutcomeError } from '../member/api.ts';
import { type EtcdServer, serveEtcd } from '../server/etcd.ts';
import { FakeMember } from '../server/fake-member.fixture.ts';
import { COMMANDS } from './commands/index.ts';
import { run } from './run.ts';
import type { Terminal } from './terminal.ts';

interface Printed {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

let member: FakeMember;
let server: EtcdServer;

/** Runs a command line in this process, against the store of this test. */
async function coterie(typed: readonly string[], input = ''): Promise<Printed> {
  const stdout: Buffer[] = [];
  let stderr = '';
  const terminal: Terminal = {
    env: { COTERIE_ENDPOINTS: server.address },
    write: async (chunk) => void stdout.push(Buffer.from(chunk)),
    warn: (line) => {
      stderr += `${line}\n`;
    },
    progress: () => {},
    input: async () => input,
    interrupted: () => new Promise(() => {}),
    notifyParent: () => {},
  };
  const code = await run(typed, terminal);
  return { code, stdout: Buffer.concat(stdout).toString('latin1'), stderr };
}

/** What a command line prints if it does what it should. */
async function printed(typed: readonly string[], input = ''): Promise<string> {
  const { code, stdout, stderr } = await coterie(typed, input);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
  return stdout;
}

async function refused(typed: readonly string[], code: number, message: string, input = ''): Promise<void> {
  assert.deepEqual(await coterie(typed, input), { code, stdout: '', stderr: `coterie: ${message}\n` });
}

describe('the command line', () => {
  before(async () => {
    member = new FakeMember();
    server = await serveEtcd({ member, host: '127.0.0.1', port: 0 });
  });

  after(() => server.close());

  it('helps as the golden file says', async (t: TestContext) => {
    const pages = [await printed(['--help'])];
    for (const group of ['member', 'call']) pages.push(await printed([group, '--help']));
    for (const { name } of COMMANDS) pages.push(await printed([...name.split(' '), '--help']));
    const golden = fileURLToPath(new URL('./golden/help.txt', import.meta.url));
    t.assert.fileSnapshot(Buffer.from(pages.join(`${'-'.repeat(80)}\n`), 'latin1').toString(), golden, {
      serializers: [String],
    });
  });

  it('tells its version', async () => {
    assert.match(await printed(['--version']), /^coterie \d+\.\d+\.\d+\n$/);
  });

  it('says what is wrong with what was typed', async () => {
    await refused([], 2, "no command: try 'coterie up' or 'coterie --help'");
    await refused(['ptu', 'a', 'b'], 2, "unknown command 'ptu': did you mean 'put'?");
    await refused(['frobnicate'], 2, "unknown command 'frobnicate': see 'coterie --help'");
    await refused(['membre'], 2, "unknown command 'membre': did you mean 'member'?");
    await refused(['call', 'gte'], 2, "unknown command 'call gte': did you mean 'call get'?");
    await refused(['call', 'frobnicate'], 2, "unknown command 'call frobnicate': see 'coterie call --help'");
    await refused(['call', 'nothing'], 2, "unknown command 'call nothing': see 'coterie call --help'");
    await refused(['--jsn', 'put'], 2, "flags come after a command: got '--jsn'; see 'coterie --help'");
    await refused(['get', 'a', '--limit', '-1'], 2, "--limit is a whole number of at least 1: got '-1'");
    await refused(
      ['put', 'a', 'caf\ufffd'],
      2,
      "'caf\ufffd' is not UTF-8: give keys and values of other bytes in hexadecimal, with --hex",
    );
    await refused(
      ['put', 'a', 'abc', '--hex'],
      2,
      "KEY with --hex has two hexadecimal digits a byte, as in 00ff: got 'a'",
    );
    await refused(['put', 'a'], 2, 'put takes KEY and VALUE: VALUE is missing');
    await refused(['status', 'a'], 2, "status takes no arguments: 'a' is one too many");
    await refused(['put', 'a', 'b', '--endpoint', 'x:1'], 2, "unknown flag '--endpoint': did you mean --endpoints?");
    await refused(
      ['get', 'a', '--prefix', '--range', 'b'],
      2,
      '--prefix and --range select different keys: give one of them',
    );
    await refused(['get', ''], 2, "a key has at least one byte: for every key, write '' --prefix");
    await refused(['put', '', 'v'], 2, 'a key has at least one byte: got an empty one');
    await refused(
      ['get', 'a', '--consistency', 'eventual'],
      2,
      "--consistency is linearizable or stale: got 'eventual'",
    );
    await refused(['get', 'a', '--rev', '0'], 2, "--rev is a whole number of at least 1: got '0'");
    await refused(['compact', 'x'], 2, "REVISION is a whole number of at least 1: got 'x'");
    await refused(
      ['get', 'a', '--endpoints', 'localhost'],
      2,
      "an endpoint is host:port, as in 127.0.0.1:2379: got 'localhost'",
    );
    await refused(
      ['txn', '--file', '/nonexistent'],
      1,
      "cannot read the transaction: ENOENT: no such file or directory, open '/nonexistent'",
    );
  });

  it('helps in every way that people ask for it', async () => {
    const overview = await printed(['--help']);
    for (const typed of [['-h'], ['help'], ['help', '--help']]) assert.equal(await printed(typed), overview);
    const put = await printed(['put', '--help']);
    for (const typed of [
      ['put', '-h'],
      ['help', 'put'],
    ])
      assert.equal(await printed(typed), put);
    assert.match(await printed(['help', 'member', 'list']), /Usage: coterie member list/);
    const group = await printed(['call', '--help']);
    for (const typed of [
      ['call', '-h'],
      ['help', 'call'],
      ['call', '--transport', 'tcp', '--help'],
    ]) {
      assert.equal(await printed(typed), group);
    }
    const alone = { code: 2, stdout: '', stderr: `coterie: call needs a command\n\n${group}` };
    for (const typed of [['call'], ['call', '--transport', 'tcp']]) assert.deepEqual(await coterie(typed), alone);
    await refused(['help', 'call', 'gte'], 2, "unknown command 'call gte': did you mean 'call get'?");
    await refused(['help', 'ptu'], 2, "unknown command 'ptu': did you mean 'put'?");
  });

  it('tells errors to programs as JSON', async () => {
    const told = async (typed: readonly string[]): Promise<unknown> => {
      const { code, stdout, stderr } = await coterie([...typed, '--json']);
      assert.equal(stdout, '');
      return { exit: code, ...JSON.parse(stderr) };
    };
    assert.deepEqual(await told(['get', 'a', '--rev', '99']), {
      exit: 1,
      code: 'futureRevision',
      message: "etcdserver: mvcc: required revision is a future revision: 'coterie status' tells the current one",
    });
    const wrong = { exit: 2, code: 'wrongUse', message: 'put takes KEY and VALUE: VALUE is missing' };
    assert.deepEqual(await told(['put', 'a']), wrong);
    const incomplete = "call needs a command: see 'coterie call --help'";
    assert.deepEqual(await told(['call']), { exit: 2, code: 'wrongUse', message: incomplete });
  });

  it('says how to start a store when there is none', async () => {
    const message =
      "nothing answers at 127.0.0.1:1: start a store with 'npm run -s coterie -- up', or name one with --endpoints";
    for (const typed of [['put', 'a', 'b'], ['get', 'a'], ['del', 'a'], ['status'], ['member', 'list']]) {
      await refused([...typed, '--endpoints', '127.0.0.1:1'], 1, message);
    }
  });
});

describe('the commands', () => {
  beforeEach(async () => {
    member = new FakeMember();
    server = await serveEtcd({ member, host: '127.0.0.1', port: 0 });
  });

  afterEach(() => server.close());

  it('put, get and delete', async () => {
    assert.equal(await printed(['put', 'greeting', 'hello']), 'revision 2\n');
    assert.equal(await printed(['put', 'greeting/2', 'again', '--json']), '{"revision":3}\n');
    assert.equal(await printed(['get', 'greeting']), 'hello\n');
    assert.equal(await printed(['get', 'missing']), '');
    assert.equal(await printed(['get', 'gr', '--prefix']), 'greeting\thello\ngreeting/2\tagain\n');
    assert.equal(await printed(['get', '', '--prefix', '--keys-only']), 'greeting\ngreeting/2\n');
    assert.equal(await printed(['get', 'a', '--range', 'greeting/2']), 'greeting\thello\n');
    assert.equal(
      await printed(['get', 'gr', '--prefix', '--limit', '1', '--consistency', 'stale']),
      'greeting\thello\n',
    );
    assert.equal(
      await printed(['get', 'greeting', '--rev', '1', '--json']),
      '{"revision":3,"count":0,"more":false,"kvs":[]}\n',
    );
    assert.equal(await printed(['del', 'gr', '--prefix']), 'deleted 2\n');
    assert.equal(await printed(['del', 'greeting', '--json']), '{"deleted":0,"revision":4}\n');
    assert.equal(await printed(['put', '--', '-key', '--value']), 'revision 5\n');
  });

  it('print bytes as they are, and JSON in base64 too', async () => {
    const bytes = Uint8Array.of(0xff, 0, 10, 0xc3);
    await member.call({
      type: 'put',
      key: Buffer.from('k'),
      value: bytes,
      lease: 0n,
      previous: false,
      ignoreValue: false,
      ignoreLease: false,
    });
    assert.equal(await printed(['get', 'k']), '\xff\0\n\xc3\n');
    assert.equal(await printed(['get', '6b', '--hex']), 'ff000ac3\n');
    assert.deepEqual(JSON.parse(await printed(['get', 'k', '--json'])), {
      revision: 2,
      count: 1,
      more: false,
      kvs: [
        {
          key: 'k',
          keyBase64: 'aw==',
          valueBase64: '/wAKww==',
          createRevision: 2,
          modRevision: 2,
          version: 1,
          lease: '0',
        },
      ],
    });
  });

  it('take and print bytes of any kind in hexadecimal', async () => {
    for (const key of ['ff00', 'ff01', 'ff02']) await printed(['put', key, 'C3', '--hex']);
    assert.equal(await printed(['get', 'ff', '--prefix', '--hex']), 'ff00\tc3\nff01\tc3\nff02\tc3\n');
    assert.equal(await printed(['get', 'ff00', '--range', 'ff02', '--keys-only', '--hex']), 'ff00\nff01\n');
    assert.equal(await printed(['del', 'ff01', '--hex']), 'deleted 1\n');
  });

  it('tell how many keys there are, and at which revision, whatever the limit', async () => {
    for (const key of ['a', 'b', 'c']) await printed(['put', key, '']);
    const told = async (...flags: string[]): Promise<unknown> => {
      const { kvs, ...rest } = JSON.parse(await printed(['get', '', '--prefix', '--json', ...flags]));
      return { ...rest, keys: kvs.map(({ key }: { readonly key: string }) => key) };
    };
    assert.deepEqual(await told('--limit', '2'), { revision: 4, count: 3, more: true, keys: ['a', 'b'] });
    assert.deepEqual(await told('--limit', '3'), { revision: 4, count: 3, more: false, keys: ['a', 'b', 'c'] });
    assert.deepEqual(await told('--rev', '2'), { revision: 4, count: 1, more: false, keys: ['a'] });
    const stale = { revision: 4, count: 3, more: false, keys: ['a', 'b', 'c'] };
    assert.deepEqual(await told('--consistency', 'stale'), stale);
  });

  it('execute a transaction from stdin', async () => {
    const script = 'if version lock = 0\nthen put lock "me too"\nelse get lock\n';
    assert.equal(await printed(['txn'], script), 'then, at revision 2\nput\n');
    assert.equal(await printed(['txn'], script), 'else, at revision 2\nlock\tme too\n');
    assert.equal(
      await printed(['txn', '--json'], 'then del lock\n'),
      '{"succeeded":true,"revision":3,"results":[{"type":"delete","deleted":1}]}\n',
    );
    await refused(
      ['txn'],
      1,
      'etcdserver: duplicate key given in txn request: put each key once',
      'then put a 1\nthen put a 2',
    );
  });

  it('compact, and say what is gone', async () => {
    for (const value of ['one', 'two']) await printed(['put', 'k', value]);
    assert.equal(await printed(['compact', '3']), 'compacted before 3\n');
    await refused(
      ['get', 'k', '--rev', '2'],
      1,
      'etcdserver: mvcc: required revision has been compacted: ask for a later revision, or for none',
    );
    await refused(
      ['get', 'k', '--rev', '9'],
      1,
      "etcdserver: mvcc: required revision is a future revision: 'coterie status' tells the current one",
    );
  });

  it('tell status and members', async () => {
    assert.equal(
      await printed(['status']),
      `MEMBER  CLIENTS          ROLE    LEADER  ROUND  CHOSEN  APPLIED  REVISION  BYTES
fake    ${server.address.padEnd(15)}  leader  fake    7      0       0        1         ${member.status().storageBytes}
`,
    );
    assert.equal(
      await printed(['member', 'list']),
      `ID                MEMBER  PEERS           CLIENTS         KIND
feedfacecafebeef  fake    127.0.0.1:2380  127.0.0.1:2379  voter
`,
    );
  });

  it('tell "not executed" and "unknown" apart by their exit code', async () => {
    member.instead = async () => {
      throw new UnavailableError('overloaded');
    };
    const unavailable = await coterie(['put', 'a', 'b']);
    assert.equal(unavailable.code, 1);
    assert.match(unavailable.stderr, /^coterie: not executed, .*overloaded\n$/);
    member.instead = async () => {
      throw new UnknownOutcomeError('the leader died');
    };
    const unknown = await coterie(['put', 'a', 'b']);
    assert.equal(unknown.code, 3);
    assert.match(unknown.stderr, /^coterie: the outcome is unknown: .*read before you write again\n$/);
  });

  it('tell who answers of a cluster without a quorum', async () => {
    const others = ['b', 'c'].map((name, index) => ({
      id: BigInt(index + 1),
      name,
      peerAddress: '',
      clientAddress: '127.0.0.1:1',
      learner: false,
    }));
    // Its own address is that of the test's server: whoever listens on 2379 of this machine is nobody's business here.
    const self = member.status().members.map((one) => ({ ...one, clientAddress: server.address }));
    member.standing = { members: [...self, ...others], leader: null, leaderId: 0n };
    member.instead = async () => {
      throw new UnavailableError('no leader');
    };
    const lack = 'no quorum: 1 of 3 members answer (fake) and 2 must: start b or c again';
    await refused(['put', 'a', 'b'], 1, `${lack}; nothing was changed`);
    member.instead = async () => {
      throw new UnknownOutcomeError('no answer');
    };
    await refused(['put', 'a', 'b'], 3, `${lack}; the write may be executed then, so read before you write again`);
  });
});
