import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { MAIN, TestCluster } from './cluster.ts';
import { coterie, execute } from './command.ts';
import { close, freePorts, isFree, listen } from './ports.ts';

const programs = new Set<Program>();

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

describe('the tour', () => {
  let directory: string;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'coterie-tour-'));
  });

  after(async () => {
    for (const program of programs) await program.kill();
    await rm(directory, { recursive: true });
  });

  it('npm start runs a durable store, and what it says to type next works when pasted', async () => {
    const [port] = await freePorts(1);
    const flags = ['--', '--client', `127.0.0.1:${port}`, '--data', join(directory, 'start')];
    let started = new Program('npm', ['start', '--silent', ...flags]);
    const pid = await started.pidOf('a');
    const typed = [
      await started.line(/put greeting/),
      await started.line(/-- get greeting/),
      await started.line(/etcdctl/),
    ];
    const [put, get, etcdctl] = typed.map((line) => line.trim());
    assert.deepEqual(await shell(put), { code: 0, stdout: 'revision 2\n', stderr: '' });
    assert.deepEqual(await shell(get), { code: 0, stdout: 'hello\n', stderr: '' });
    if (spawnSync('etcdctl', ['version']).error === undefined) {
      assert.deepEqual(await shell(etcdctl), { code: 0, stdout: 'greeting\nhello\n', stderr: '' });
    }
    await started.interrupt();
    await gone(pid);

    started = new Program('npm', ['start', '--silent', ...flags]);
    const again = await started.pidOf('a');
    assert.deepEqual(await shell(get), { code: 0, stdout: 'hello\n', stderr: '' });
    await started.end('SIGTERM'); // npm alone is told, as a supervisor does it
    await gone(again);
  });

  it('the program of the README runs as it stands', async () => {
    const [, program = ''] = /```ts\n(import .*?)```/s.exec(await readFile(join(ROOT, 'README.md'), 'utf8')) ?? [];
    await mkdir(join(ROOT, '.tmp'), { recursive: true });
    const inCheckout = await mkdtemp(join(ROOT, '.tmp', 'tour-'));
    try {
      const data = join(inCheckout, 'data');
      await writeFile(join(inCheckout, 'tour.ts'), program.replace('./coterie-data/embedded', data));
      const typed = ['run', '-s', 'example', join(inCheckout, 'tour.ts')];
      assert.deepEqual(await execute('npm', typed, { cwd: ROOT }), { code: 0, stdout: 'hello\n', stderr: '' });
    } finally {
      await rm(inCheckout, { recursive: true });
    }
  });

  it('the examples run', async () => {
    const example = (name: string, ...typed: string[]) =>
      execute(process.execPath, [join(ROOT, 'examples', name), ...typed]);
    const embedded = join(directory, 'embedded');
    const rest = (revision: number) => `jobs/1: done\njobs/2: read\nat revision ${revision}, jobs/1 was 'write'\n`;
    assert.deepEqual(await example('embedded.ts', embedded), {
      code: 0,
      stdout: `run number 1\n${rest(3)}`,
      stderr: '',
    });
    assert.deepEqual(await example('embedded.ts', embedded), {
      code: 0,
      stdout: `run number 2\n${rest(7)}`,
      stderr: '',
    });

    const once = await example('simulated-process.ts', '7');
    assert.match(once.stdout, /^5 squared is 25, at .* ms\nasked \d+ times; seed 7 will always do that\n$/m);
    assert.deepEqual(await example('simulated-process.ts', '7'), once);

    const cluster = await TestCluster.start(3);
    try {
      const { code, stdout } = await example('cluster.ts', cluster.endpoints.join(','));
      assert.equal(code, 0);
      assert.match(
        stdout,
        /^first attempt: acquired\nsecond attempt: held by process \d+\nreleased; 3 members, led by [abc]\n$/,
      );
    } finally {
      await cluster.close();
    }
    const nobody = await example('cluster.ts', '127.0.0.1:1');
    assert.equal(nobody.code, 1);
    assert.match(nobody.stderr, /^not now: not executed/);
  });

  it('coterie up runs a cluster that ends with it, and goes on where it was', async () => {
    const port = await portForUp();
    const typed = [MAIN, 'up', '--client-port', String(port), '--data', join(directory, 'up')];
    const second = `127.0.0.1:${port + 10_000}`;

    let up = new Program(process.execPath, [...typed, '--json']);
    const members = await Promise.all(['a', 'b', 'c'].map((name) => up.line(new RegExp(`"serving","name":"${name}"`))));
    const pids = members.map((line) => (JSON.parse(line) as { pid: number }).pid);
    assert.match(await up.line(/"ready"/), /^\{"event":"ready","leader":"[abc]"\}$/);
    const put = await coterie(['put', 'k', 'v', '--endpoints', second]);
    assert.deepEqual({ ...put, stdout: '' }, { code: 0, stdout: '', stderr: '' });
    process.kill(pids[2] ?? 0, 'SIGKILL');
    assert.match(await up.line(/"exited"/), /"name":"c","pid":\d+,"code":null,"signal":"SIGKILL"\}$/);
    await up.end('SIGKILL');
    for (const pid of pids) await gone(pid);

    const calls = port + 2;
    const keyFile = join(directory, 'key of all');
    await writeFile(keyFile, 'a secret of them all');
    up = new Program(process.execPath, [
      ...typed,
      '--request-reply',
      `${calls}`,
      '--request-reply-key',
      keyFile,
      '--advertise',
      'db1.example',
    ]);
    const [peers, calledAt] = [port + 10_001, `127.0.0.1:${calls + 10_000}`];
    assert.equal(
      await up.line(/^b:/),
      `b: pid ${await up.pidOf('b')}, clients on ${second}, peers on 127.0.0.1:${peers}, request-reply on ${calledAt}`,
    );
    await up.line(/^ready: leader [abc]$/);
    const listed = await coterie(['member', 'list', '--json', '--endpoints', second]);
    assert.match(listed.stdout, /"clientAddress":"db1.example:/);
    const called = await coterie(['call', 'get', 'k', '--server', calledAt, '--key', keyFile]);
    assert.deepEqual(called, { code: 0, stdout: 'v\n', stderr: '' });
    const [typedPut, typedGet] = [await up.line(/put greeting/), await up.line(/-- get greeting/)];
    assert.match((await shell(typedPut)).stdout, /^revision \d+\n$/);
    // The first member, whether it leads or not: what was printed names the others too.
    process.kill(await up.pidOf('a'), 'SIGKILL');
    await up.line(/^a: pid \d+ has ended, by SIGKILL; to start it again:$/);
    assert.match(
      await up.line(/ serve --name a/),
      /serve --name a --data .*up\/a --client .* --peer .* --cluster a=.* --request-reply \d+ --request-reply-key '.*' --advertise db1\.example$/,
    );
    assert.deepEqual(await shell(typedGet), { code: 0, stdout: 'hello\n', stderr: '' });
    const get = await coterie(['get', 'k', '--endpoints', second]);
    assert.deepEqual(get, { code: 0, stdout: 'v\n', stderr: '' });
    assert.equal(await up.interrupt(), 0);
    await gone(await up.pidOf('b'));
  });

  it('coterie up ends with its last member, and says how to start the same cluster again', async () => {
    const data = join(directory, 'two words');
    const port = String(await portForUp());
    const up = new Program(process.execPath, [MAIN, 'up', '--nodes', '2', '--client-port', port, '--data', data]);
    await up.line(/^ready/);
    for (const name of ['a', 'b']) process.kill(await up.pidOf(name), 'SIGKILL');
    assert.equal(await up.ended, 1);
    const again = `up --nodes 2 --data '${data}' --client-port ${port}`;
    assert.match(up.complaints, new RegExp(`every member has ended: start them again with '.* ${again}'; their data`));
  });

  it('coterie up ends in one line if a member can not start', async () => {
    const port = await portForUp();
    const server = createServer();
    await listen(server, port + 10_000);
    const up = await coterie(['up', '--client-port', String(port), '--data', join(directory, 'failing')]);
    await close(server);
    assert.equal(up.code, 1);
    assert.match(
      up.stderr,
      new RegExp(
        `^coterie: member b did not start: cannot listen for clients on 127.0.0.1:${port + 10_000}: the port is in use; .*\\n$`,
      ),
    );
    assert.equal(existsSync(join(directory, 'failing')), false, 'no directory is left of it');
  });
});

/** A program that goes on until it is ended, and what it has printed so far. */
class Program {
  readonly #child: ChildProcess;
  readonly #lines: string[] = [];
  #complaints = '';
  readonly #exited: Promise<number | null>;

  constructor(program: string, typed: readonly string[]) {
    // A group of its own, so that whatever it starts can be ended with it when a test fails.
    const child = spawn(program, typed, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    programs.add(this);
    createInterface({ input: child.stdout }).on('line', (line) => this.#lines.push(line));
    child.stderr.on('data', (chunk) => {
      this.#complaints += chunk;
    });
    this.#child = child;
    this.#exited = new Promise((resolve) => child.once('exit', resolve));
  }

  /** What it has written to stderr so far. */
  get complaints(): string {
    return this.#complaints;
  }

  /** The first line that matches, as soon as it is printed. */
  async line(pattern: RegExp): Promise<string> {
    for (const deadline = Date.now() + 20_000; Date.now() < deadline; await setTimeout(10)) {
      const line = this.#lines.find((candidate) => pattern.test(candidate));
      if (line !== undefined) return line;
    }
    throw new Error(`no line like ${pattern} in:\n${this.#lines.join('\n')}\n${this.#complaints}`);
  }

  /** The process of a member, as told of in text. */
  async pidOf(name: string): Promise<number> {
    const [, pid] = /\bpid (\d+)/.exec(await this.line(new RegExp(`^${name}: .*\\bpid \\d+`))) ?? [];
    return Number(pid);
  }

  /** As Ctrl-C does it: everything in the foreground is told. */
  interrupt(): Promise<number | null> {
    process.kill(-(this.#child.pid ?? 0), 'SIGINT');
    return this.#exited;
  }

  get ended(): Promise<number | null> {
    return this.#exited;
  }

  async kill(): Promise<void> {
    try {
      process.kill(-(this.#child.pid ?? 0), 'SIGKILL');
    } catch {
      // gone already
    }
    await this.#exited;
  }

  end(signal: NodeJS.Signals): Promise<number | null> {
    this.#child.kill(signal);
    return this.#exited;
  }
}

function shell(line: string | undefined): ReturnType<typeof execute> {
  assert(line !== undefined && line !== '');
  return execute('sh', ['-c', `cd '${ROOT}' && ${line}`]);
}

/** Resolves when a process that is not our child is gone. */
async function gone(pid: number): Promise<void> {
  for (const deadline = Date.now() + 10_000; Date.now() < deadline; await setTimeout(10)) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
  }
  process.kill(pid, 'SIGKILL');
  throw new Error(`process ${pid} went on for 10 s after it should have ended`);
}

/** A port from which on `up` finds all six that it needs. */
async function portForUp(): Promise<number> {
  for (let port = 11_000; port < 20_000; port += 3) {
    const needed = [0, 1, 2].flatMap((offset) => [port, port + 10_000, port + 20_000].map((first) => first + offset));
    if ((await Promise.all(needed.map(isFree))).every(Boolean)) return port;
  }
  throw new Error('no ports for a cluster are free');
}
