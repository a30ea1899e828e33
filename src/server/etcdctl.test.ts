import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { type TestContext, test } from 'node:test';
import { serveEtcd } from './etcd.ts';
import { FakeMember } from './fake-member.fixture.ts';

// etcd's own command-line client, as Debian packages it. Where checks must be complete, its absence is a failure.
const isMissing = spawnSync('etcdctl', ['version']).error !== undefined;
const { CI } = process.env;
const skip = isMissing && CI !== 'true' ? 'etcdctl is not installed: apt-get install etcd-client' : false;
if (skip) console.error(`SKIPPED: the tests with etcdctl; ${skip}`);

type Etcdctl = (...words: string[]) => Promise<string>;

async function start(t: TestContext): Promise<{ etcdctl: Etcdctl; address: string; member: FakeMember }> {
  const member = new FakeMember();
  const server = await serveEtcd({ member, host: '127.0.0.1', port: 0 });
  t.after(() => server.close());
  const etcdctl: Etcdctl = (...words) => run(['--endpoints', server.address, ...words]);
  return { etcdctl, address: server.address, member };
}

/** What etcdctl prints; rejects with what it says when it fails. */
function run(words: readonly string[], input = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { env: { ...process.env, ETCDCTL_API: '3' }, timeout: 20_000 };
    const child = execFile('etcdctl', words, options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(lastLine(stderr) || error.message));
    });
    child.stdin?.end(input);
  });
}

function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1) ?? '';
}

test('etcdctl puts, gets and deletes', { skip }, async (t) => {
  const { etcdctl } = await start(t);
  assert.equal(await etcdctl('put', 'city', 'Delft'), 'OK\n');
  assert.equal(await etcdctl('get', 'city'), 'city\nDelft\n');
  assert.equal(await etcdctl('put', '--prev-kv', 'city', 'Leiden'), 'OK\ncity\nDelft\n');
  assert.equal(await etcdctl('get', 'nothing'), '');
  assert.equal(await etcdctl('del', '--prev-kv', 'city'), '1\ncity\nLeiden\n');
  assert.equal(await etcdctl('del', 'city'), '0\n');
});

test('etcdctl reads ranges in every way that it has', { skip }, async (t) => {
  const { etcdctl } = await start(t);
  for (const [key, value] of [
    ['a/1', 'pear'],
    ['a/2', 'apple'],
    ['b/1', 'fig'],
    ['c', 'date'],
  ] as const) {
    await etcdctl('put', key, value);
  }
  assert.equal(await etcdctl('get', '--prefix', 'a/'), 'a/1\npear\na/2\napple\n');
  assert.equal(await etcdctl('get', '--prefix', '--keys-only', ''), 'a/1\n\na/2\n\nb/1\n\nc\n\n');
  assert.equal(await etcdctl('get', '--print-value-only', '--from-key', 'b'), 'fig\ndate\n');
  assert.equal(await etcdctl('get', '--print-value-only', 'a/2', 'c'), 'apple\nfig\n');
  assert.equal(await etcdctl('get', '--print-value-only', '--prefix', '--limit', '2', ''), 'pear\napple\n');
  assert.equal(
    await etcdctl('get', '--print-value-only', '--prefix', '--order', 'DESCEND', '--sort-by', 'VALUE', ''),
    'pear\nfig\ndate\napple\n',
  );
  assert.equal(
    await etcdctl(
      'get',
      '--print-value-only',
      '--prefix',
      '--order',
      'DESCEND',
      '--sort-by',
      'MODIFY',
      '--limit',
      '1',
      '',
    ),
    'date\n',
  );
  const counted = JSON.parse(await etcdctl('get', '--prefix', '--keys-only', '--limit', '1', '-w', 'json', ''));
  assert.deepEqual({ count: counted.count, more: counted.more }, { count: 4, more: true });
  assert.equal(await etcdctl('get', '--consistency', 's', '--print-value-only', 'c'), 'date\n');
});

test('etcdctl reads the past by revision, until it is compacted', { skip }, async (t) => {
  const { etcdctl } = await start(t);
  for (const value of ['one', 'two', 'three']) await etcdctl('put', 'k', value);
  assert.equal(await etcdctl('get', '--rev', '3', '--print-value-only', 'k'), 'two\n');
  assert.equal(await etcdctl('compaction', '3'), 'compacted revision 3\n');
  assert.equal(await etcdctl('get', '--rev', '3', '--print-value-only', 'k'), 'two\n');
  await assert.rejects(etcdctl('get', '--rev', '2', 'k'), /required revision has been compacted/);
  await assert.rejects(etcdctl('get', '--rev', '9', 'k'), /required revision is a future revision/);
  await assert.rejects(etcdctl('compaction', '3'), /required revision has been compacted/);
});

test('etcdctl prints what is stored as JSON, exactly', { skip }, async (t) => {
  const { etcdctl } = await start(t);
  await etcdctl('put', 'k', 'v');
  // Compared as text: ids are beyond what a number in JavaScript holds.
  assert.equal(
    await etcdctl('get', 'k', '-w', 'json'),
    '{"header":{"cluster_id":13870561198463844334,"member_id":18369614221190020847,"revision":2,"raft_term":7},' +
      '"kvs":[{"key":"aw==","create_revision":2,"mod_revision":2,"version":1,"value":"dg=="}],"count":1}\n',
  );
});

test('etcdctl runs transactions, and is told of those that cannot be', { skip }, async (t) => {
  const { address } = await start(t);
  const txn = (input: string): Promise<string> => run(['--endpoints', address, 'txn'], input);
  assert.equal(await txn('version("k") = "0"\n\nput k first\nget k\n\nget k\n\n'), 'SUCCESS\n\nOK\n\nk\nfirst\n');
  assert.equal(await txn('value("k") = "other"\n\nput k second\n\ndel k\n\n'), 'FAILURE\n\n1\n');
  assert.equal(await txn('create("k") = "0"\n\nput k again\n\n\n'), 'SUCCESS\n\nOK\n');
  assert.equal(await txn('mod("k") > "1"\nversion("j") = "0"\n\nput j v\n\n\n'), 'SUCCESS\n\nOK\n');
  await assert.rejects(txn('\nput k 1\nput k 2\n\n\n'), /duplicate key given in txn request/);
});

test('etcdctl is told what is refused and what is not served, in one line', { skip }, async (t) => {
  const { etcdctl } = await start(t);
  await assert.rejects(etcdctl('put', '', 'v'), /Error: etcdserver: key is not provided/);
  await assert.rejects(etcdctl('put', '--ignore-value', 'missing'), /Error: etcdserver: key not found/);
  await assert.rejects(etcdctl('lease', 'grant', '10'), /coterie: \/etcdserverpb\.Lease\/LeaseGrant is not served/);
});

test('etcdctl sees the status, the health and the members', { skip }, async (t) => {
  const { etcdctl, address } = await start(t);
  await etcdctl('put', 'k', 'v');
  const [{ Endpoint, Status }] = JSON.parse(await etcdctl('endpoint', 'status', '-w', 'json'));
  assert.equal(Endpoint, address);
  assert.equal(Status.version, '3.4.0');
  assert.equal(Status.raftTerm, 7);
  assert.equal(Status.header.revision, 2);
  assert.match(
    await etcdctl('endpoint', 'status'),
    /^127[^,]*, feedfacecafebeef, 3\.4\.0, \d+ B, true, false, 7, 1, 1, \n$/,
  );
  const [health] = JSON.parse(await etcdctl('endpoint', 'health', '-w', 'json'));
  assert.equal(health.health, true);
  assert.equal(
    await etcdctl('member', 'list'),
    'feedfacecafebeef, started, fake, http://127.0.0.1:2380, http://127.0.0.1:2379, false\n',
  );
});
