import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, before, describe, it } from 'node:test';
import { TestCluster } from './cluster.ts';
import { execute } from './command.ts';

const { CI } = process.env;
const missing = spawnSync('etcdctl', ['version']).error !== undefined;
if (missing && CI === 'true') throw new Error('etcdctl is missing: install etcd-client');
if (missing)
  console.error('SKIPPED: the tests with etcdctl, as it is not installed (Debian: apt-get install etcd-client)');

describe('etcdctl, through a follower of a cluster of three', { skip: missing }, () => {
  let cluster: TestCluster;
  let endpoint: string;

  before(async () => {
    cluster = await TestCluster.start(3);
    endpoint = (await cluster.follower()).client;
  });

  after(() => cluster.close());

  async function etcdctl(typed: readonly string[], input = ''): Promise<string> {
    const env = { ETCDCTL_API: '3' };
    const { code, stdout, stderr } = await execute('etcdctl', ['--endpoints', endpoint, ...typed], { input, env });
    assert.equal(code, 0, `etcdctl ${typed.join(' ')}: ${stderr}`);
    return stdout;
  }

  it('puts and gets, also old values and ranges', async () => {
    assert.equal(await etcdctl(['put', 'greeting', 'hello']), 'OK\n');
    assert.equal(await etcdctl(['get', 'greeting']), 'greeting\nhello\n');
    assert.equal(await etcdctl(['put', '--prev-kv', 'greeting', 'again']), 'OK\ngreeting\nhello\n');
    for (const n of [1, 2, 3]) await etcdctl(['put', `n/${n}`, String(n)]);
    assert.equal(await etcdctl(['get', 'n/', '--prefix', '--print-value-only']), '1\n2\n3\n');
    assert.equal(
      await etcdctl(['get', 'n/', '--prefix', '--keys-only', '--order=DESCEND', '--limit=2']),
      'n/3\n\nn/2\n\n',
    );
    assert.equal(await etcdctl(['get', 'n/1', 'n/3', '--consistency=s']), 'n/1\n1\nn/2\n2\n');
  });

  it('deletes', async () => {
    for (const key of ['d/1', 'd/2', 'd/3']) await etcdctl(['put', key, 'x']);
    assert.equal(await etcdctl(['del', 'd/1']), '1\n');
    assert.equal(await etcdctl(['del', 'd/', '--prefix']), '2\n');
    assert.equal(await etcdctl(['del', 'd/', '--prefix']), '0\n');
    assert.equal(await etcdctl(['get', 'd/', '--prefix']), '');
  });

  it('commits transactions', async () => {
    const take = 'version("lock") = "0"\n\nput lock me\nget lock\n\nget lock\n\n';
    assert.equal(await etcdctl(['txn'], take), 'SUCCESS\n\nOK\n\nlock\nme\n');
    assert.equal(await etcdctl(['txn'], take), 'FAILURE\n\nlock\nme\n');
    const swap = 'value("lock") = "me"\n\nput lock you\n\n\n';
    assert.equal(await etcdctl(['txn'], swap), 'SUCCESS\n\nOK\n');
  });

  it('compacts, and is refused what is gone', async () => {
    await etcdctl(['put', 'c', 'one']);
    await etcdctl(['put', 'c', 'two']);
    const [answer] = JSON.parse(`[${await etcdctl(['get', 'c', '-w', 'json'])}]`) as {
      kvs: { mod_revision: number }[];
    }[];
    const revision = answer?.kvs[0]?.mod_revision ?? 0;
    assert(revision > 0);
    assert.equal(await etcdctl(['get', 'c', `--rev=${revision - 1}`, '--print-value-only']), 'one\n');
    assert.equal(await etcdctl(['compact', String(revision)]), `compacted revision ${revision}\n`);
    const gone = await execute('etcdctl', ['--endpoints', endpoint, 'get', 'c', `--rev=${revision - 1}`]);
    assert.notEqual(gone.code, 0);
    assert.match(gone.stderr, /etcdserver: mvcc: required revision has been compacted/);
    assert.equal(await etcdctl(['get', 'c', '--print-value-only']), 'two\n');
  });

  it('tells status and members', async () => {
    const members = await etcdctl(['member', 'list']);
    assert.equal(members.trimEnd().split('\n').length, 3, members);
    for (const address of cluster.endpoints) assert(members.includes(address), `${members} names ${address}`);
    const leader = await cluster.leader();
    const status = await etcdctl(['--endpoints', cluster.endpoints.join(','), 'endpoint', 'status']);
    const leading = status.split('\n').filter((line) => /(?:, )true,/.test(line));
    assert.equal(leading.length, 1, status);
    assert(leading[0]?.startsWith(leader.client), status);
  });
});
