import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { existsSync } from 'node:fs';
import { mkdtemp, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { connect } from '../../src/client/index.ts';
import { TestCluster, TestNode } from './cluster.ts';
import { coterie } from './command.ts';
import { close, freePorts, listen } from './ports.ts';

/** A refusal is one line on stderr, and a code that is not 0. */
async function refused(typed: readonly string[], code: number, message: RegExp): Promise<void> {
  const result = await coterie(typed);
  assert.equal(result.code, code, result.stderr);
  assert.match(result.stderr, message);
  assert.equal(result.stderr.trimEnd().split('\n').length, 1, result.stderr);
}

describe('a member refuses to start', () => {
  let directory: string;
  let ports: number[];
  const at = (index: number): string => `127.0.0.1:${ports[index]}`;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'coterie-refusals-'));
    ports = await freePorts(4);
  });

  after(() => rm(directory, { recursive: true }));

  it('when a process has its data directory, and says which', async () => {
    const cluster = await TestCluster.start(1);
    try {
      const [node] = cluster.nodes;
      assert(node !== undefined);
      await refused(
        ['serve', '--data', node.directory, '--client', at(0)],
        1,
        new RegExp(`in use by .*\\b${node.pid}\\b.*Stop .*or give another directory`),
      );
    } finally {
      await cluster.close();
    }
  });

  it('when the port for clients is in use', async () => {
    const server = createServer();
    const port = await listen(server, 0);
    const typed = ['serve', '--data', join(directory, 'port'), '--client', `127.0.0.1:${port}`];
    await refused(typed, 1, new RegExp(`cannot listen for clients on 127.0.0.1:${port}: the port is in use; .*choose`));
    await close(server);
    assert.equal(existsSync(join(directory, 'port')), false, 'no directory is left of it');
  });

  it('when the port for request-reply is in use', async () => {
    const server = createServer();
    const port = await listen(server, 0);
    const typed = ['serve', '--data', join(directory, 'calls'), '--client', at(0), '--request-reply', `${port}`];
    await refused(typed, 1, new RegExp(`cannot listen for request-reply on 127.0.0.1:${port}: the port is in use`));
    await close(server);
    assert.equal(existsSync(join(directory, 'calls')), false, 'no directory is left of it');
  });

  it('when the port for request-reply is in use over UDP only', async () => {
    const socket = createSocket('udp4');
    await new Promise<void>((resolve) => socket.bind({ address: '127.0.0.1', port: 0 }, resolve));
    const { port } = socket.address();
    const typed = ['serve', '--data', join(directory, 'udp'), '--client', at(0), '--request-reply', `${port}`];
    await refused(
      typed,
      1,
      new RegExp(`cannot listen for request-reply on UDP 127.0.0.1:${port}: the port is in use; `),
    );
    await new Promise<void>((resolve) => socket.close(resolve));
    assert.equal(existsSync(join(directory, 'udp')), false, 'no directory is left of it');
  });

  it('when the port for peers is in use', async () => {
    const server = createServer();
    const port = await listen(server, 0);
    const cluster = `a=127.0.0.1:${port},b=${at(1)},c=${at(2)}`;
    const typed = ['serve', '--data', join(directory, 'peer'), '--client', at(0), '--cluster', cluster];
    await refused(typed, 1, new RegExp(`cannot listen for peers on 127.0.0.1:${port}: the port is in use; .*choose`));
    await close(server);
    assert.equal(existsSync(join(directory, 'peer')), false, 'no directory is left of it');
  });

  it('when its directory can not be written to', async () => {
    const file = join(directory, 'file');
    await writeFile(file, '');
    await refused(
      ['serve', '--data', join(file, 'data'), '--client', at(0)],
      1,
      /cannot use ".*file\/data" as the data directory: .*Give a directory that this user may write to/,
    );
  });

  it('when its directory holds the data of another member', async () => {
    const cluster = await TestCluster.start(1);
    const [node] = cluster.nodes;
    assert(node !== undefined);
    await node.stop();
    const typed = ['serve', '--name', 'z', '--data', node.directory, '--client', at(0)];
    await refused(typed, 1, /belongs to node "a" .* but node "z" .* give another directory/);
    await cluster.close();
  });

  it('to talk to members that were given another cluster, and says so', async () => {
    const [peers, calls] = [await freePorts(2), await freePorts(2)];
    const [a = '', b = ''] = peers.map((port) => `127.0.0.1:${port}`);
    const clusters = [`a=${a},b=${b}`, `a=${a},b=${b},c=127.0.0.1:1`];
    const nodes = clusters.map((cluster, index) => {
      const name = index === 0 ? 'a' : 'b';
      const place = { name, client: at(index), calls: calls[index] ?? 0 };
      return new TestNode(place, join(directory, `mismatch-${name}`), ['--cluster', cluster]);
    });
    try {
      await Promise.all(nodes.map((node) => node.start()));
      const [first] = nodes;
      assert(first !== undefined);
      await first.complaint(/cluster "a,b,c".* cluster "a,b"|cluster "a,b".* cluster "a,b,c"/);
    } finally {
      await Promise.all(nodes.map((node) => node.kill()));
    }
  });

  it('when the command line can not be right', async () => {
    await refused(['serve', '--dta', 'x'], 2, /^coterie: unknown flag '--dta': did you mean --data\?$/m);
    await refused(
      ['serve', '--data', 'x', '--client', '2379'],
      2,
      /--client is host:port, as in 127.0.0.1:2379: got '2379'/,
    );
    await refused(
      ['serve', '--name', 'z', '--data', 'x', '--cluster', 'a=h:1,b=h:2'],
      2,
      /--cluster has no member 'z', only a, b: name this member with --name/,
    );
    await refused(
      ['serve', '--data', 'x', '--client', 'h:1', '--peer', 'h:1', '--cluster', 'a=h:1,b=h:2'],
      2,
      /^coterie: clients and other members can't both come to h:1: give --client or --peer another port$/m,
    );
    await refused(['serve', '--data', 'x', '--client', '0.0.0.0:1', '--cluster', 'a=h:1,b=h:2'], 2, /another port$/m);
    await refused(['up', '--nodes', '7', '--client-port', '9000'], 2, /choose a lower --client-port/);
    await refused(['up', '--nodes', '7', '--request-reply', '9000'], 2, /choose a lower --request-reply/);
    await refused(['up', '--request-reply-cache', '1MiB'], 2, /needs a server: give it a port with --request-reply/);
    await refused(
      ['serve', '--data', 'x', '--client', '0.0.0.0:1', '--request-reply', '1'],
      2,
      /^coterie: port 1 is taken by --client or --peer: give --request-reply another one$/m,
    );
  });

  it('when a byte in the middle of its log is corrupted, and says where', async () => {
    const cluster = await TestCluster.start(1);
    try {
      const [node] = cluster.nodes;
      assert(node !== undefined);
      {
        await using store = connect(node.client);
        for (let n = 0; n < 50; n += 1) await store.put(`k${n}`, 'x'.repeat(200));
      }
      await node.kill();
      const { file } = await corruptMiddle(join(node.directory, 'wal'));
      await assert.rejects(node.start(), (error: Error) => {
        assert.match(error.message, /ended with code 1/);
        assert.match(error.message, /the write-ahead log is damaged: ".*" at byte \d+/);
        assert(error.message.includes(file), `${error.message} names ${file}`);
        return true;
      });
      assert.equal(node.complaints.trimEnd().split('\n').length, 1);
    } finally {
      await cluster.close();
    }
  });
});

describe('a cluster without a quorum', () => {
  let cluster: TestCluster;

  before(async () => {
    cluster = await TestCluster.start(3);
    await (await cluster.follower()).kill();
    await (await cluster.leader()).kill();
  });

  after(() => cluster.close());

  it('tells who answers, in bounded time, instead of hanging', async () => {
    const survivor = (await Promise.all(cluster.nodes.map((node) => node.status()))).find((status) => status !== null);
    assert(survivor !== undefined && survivor !== null);
    const endpoint = cluster.node(survivor.name).client;
    const others = ['a', 'b', 'c'].filter((name) => name !== survivor.name);
    const message = new RegExp(
      `^coterie: no quorum: 1 of 3 members answer \\(${survivor.name}\\) and 2 must: start ${others.join(' or ')} again`,
      'm',
    );
    const began = Date.now();
    const [put, get, stale, status] = await Promise.all([
      coterie(['put', 'k', 'v', '--endpoints', cluster.endpoints.join(',')]),
      coterie(['get', 'k', '--endpoints', endpoint]),
      coterie(['get', 'k', '--endpoints', endpoint, '--consistency', 'stale']),
      coterie(['status', '--endpoints', endpoint]),
    ]);
    assert(Date.now() - began < 20_000, `took ${Date.now() - began} ms`);
    assert.match(put.stderr, message);
    assert(put.code === 1 || put.code === 3, `put ended with ${put.code}`);
    assert.match(get.stderr, message);
    assert.equal(get.code, 1);
    assert.deepEqual(stale, { code: 0, stdout: '', stderr: '' });
    assert.equal(status.code, 1);
    assert.equal(status.stdout.match(/does not answer/g)?.length, 2, status.stdout);
  });

  it('works again when the others are back', async () => {
    await cluster.startAll();
    const endpoints = cluster.endpoints.join(',');
    assert.equal((await coterie(['put', 'back', 'yes', '--endpoints', endpoints])).code, 0);
    assert.equal((await coterie(['get', 'back', '--endpoints', endpoints])).stdout, 'yes\n');
  });
});

/** Flips a bit halfway through what was written to the log's first segment. */
async function corruptMiddle(directory: string): Promise<{ readonly file: string }> {
  const [file] = (await readdir(directory)).sort();
  assert(file !== undefined, 'the log has a file');
  const path = join(directory, file);
  const bytes = await readFile(path);
  const written = bytes.findLastIndex((byte) => byte !== 0);
  const at = Math.floor(written / 2);
  const handle = await open(path, 'r+');
  try {
    await handle.write(Uint8Array.of((bytes[at] ?? 0) ^ 1), 0, 1, at);
  } finally {
    await handle.close();
  }
  return { file };
}
