import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { connect, type StoreStatus } from '../../src/client/index.ts';

export const MAIN: string = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

const LEADER_MS_MAX = 15_000;
const COMPLAINT_MS_MAX = 10_000;
const alive = new Set<ChildProcess>();

// Whatever becomes of the tests, nothing of theirs stays behind.
process.on('exit', () => {
  for (const child of alive) child.kill('SIGKILL');
});

/** A member of a store: a real process, started again as often as a test likes, on the same data. */
export class TestNode {
  readonly name: string;
  readonly client: string;
  readonly directory: string;
  readonly #flags: readonly string[];
  #child: ChildProcess | null = null;
  #exited: Promise<number | null> = Promise.resolve(null);
  #complaints = '';

  constructor(name: string, client: string, directory: string, flags: readonly string[]) {
    this.name = name;
    this.client = client;
    this.directory = directory;
    this.#flags = ['serve', '--json', '--name', name, '--data', directory, '--client', client, ...flags];
  }

  get isRunning(): boolean {
    return this.#child !== null;
  }

  get pid(): number {
    const pid = this.#child?.pid;
    assert(pid !== undefined, `${this.name} runs`);
    return pid;
  }

  /** What the last run wrote to stderr. */
  get complaints(): string {
    return this.#complaints;
  }

  /** Resolves when it has written such a line to stderr. */
  async complaint(pattern: RegExp): Promise<void> {
    for (const deadline = Date.now() + COMPLAINT_MS_MAX; Date.now() < deadline; await setTimeout(20)) {
      if (pattern.test(this.#complaints)) return;
    }
    throw new Error(`${this.name} wrote no line like ${pattern}: ${this.#complaints}`);
  }

  /** Resolves when the member serves clients; rejects with what it complained of, if it ends before. */
  async start(): Promise<void> {
    assert(this.#child === null, `${this.name} does not run yet`);
    const child = fork(MAIN, this.#flags, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    this.#child = child;
    this.#complaints = '';
    alive.add(child);
    child.stderr?.on('data', (chunk) => {
      this.#complaints += chunk;
    });
    this.#exited = new Promise((resolve) => {
      child.once('close', (code) => {
        alive.delete(child);
        this.#child = null;
        resolve(code);
      });
    });
    const ended = this.#exited.then((code) => {
      throw new Error(`${this.name} ended with code ${code} before it served: ${this.#complaints}`);
    });
    await Promise.race([new Promise((resolve) => child.once('message', resolve)), ended]);
  }

  /** As a crash of the process: nothing is flushed or said. */
  async kill(): Promise<void> {
    this.#child?.kill('SIGKILL');
    await this.#exited;
  }

  /** As an operator ends it. */
  async stop(): Promise<number | null> {
    this.#child?.kill('SIGTERM');
    return this.#exited;
  }

  pause(): void {
    process.kill(this.pid, 'SIGSTOP');
  }

  resume(): void {
    process.kill(this.pid, 'SIGCONT');
  }

  /** What the member says of itself; null if it does not answer. */
  async status(): Promise<StoreStatus | null> {
    await using store = connect(this.client, { timeoutMs: 1_000 });
    return await store.status().catch(() => null);
  }
}

/** A cluster of real processes on free ports, in a directory that goes with it. */
export class TestCluster {
  readonly nodes: readonly TestNode[];
  readonly #directory: string;

  private constructor(nodes: readonly TestNode[], directory: string) {
    this.nodes = nodes;
    this.#directory = directory;
  }

  /** Starts a cluster, and waits for a leader. */
  static async start(count = 3): Promise<TestCluster> {
    const directory = await mkdtemp(join(tmpdir(), 'coterie-e2e-'));
    const ports = await freePorts(2 * count);
    const places = Array.from({ length: count }, (_, index) => ({
      name: String.fromCharCode('a'.charCodeAt(0) + index),
      client: `127.0.0.1:${ports[2 * index]}`,
      peer: `127.0.0.1:${ports[2 * index + 1]}`,
    }));
    const members = places.map(({ name, peer }) => `${name}=${peer}`).join(',');
    const nodes = places.map(
      ({ name, client }) =>
        new TestNode(name, client, join(directory, name), count === 1 ? [] : ['--cluster', members]),
    );
    const cluster = new TestCluster(nodes, directory);
    try {
      await cluster.startAll();
    } catch (error) {
      await cluster.close();
      throw error;
    }
    return cluster;
  }

  get endpoints(): string[] {
    return this.nodes.map(({ client }) => client);
  }

  node(name: string): TestNode {
    const node = this.nodes.find((candidate) => candidate.name === name);
    assert(node !== undefined, `the cluster has a member ${name}`);
    return node;
  }

  async startAll(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.start()));
    await this.leader();
  }

  killAll(): Promise<void[]> {
    return Promise.all(this.nodes.map((node) => node.kill()));
  }

  /** The member that leads and that a majority follows, except if it is one of those. */
  async leader(except: readonly TestNode[] = []): Promise<TestNode> {
    const asked = this.nodes.filter((node) => !except.includes(node));
    const deadline = Date.now() + LEADER_MS_MAX;
    while (Date.now() < deadline) {
      const leaders = (await Promise.all(asked.map((node) => node.status()))).map((status) => status?.leader);
      const leader = asked.find(({ name }) => 2 * leaders.filter((each) => each === name).length > this.nodes.length);
      if (leader !== undefined) return leader;
      await setTimeout(20);
    }
    throw new Error(`no leader within ${LEADER_MS_MAX} ms; complaints: ${this.nodes.map((node) => node.complaints)}`);
  }

  async follower(): Promise<TestNode> {
    const leader = await this.leader();
    const follower = this.nodes.find((node) => node !== leader);
    assert(follower !== undefined, 'a cluster of several members has followers');
    return follower;
  }

  async close(): Promise<void> {
    await this.killAll();
    await rm(this.#directory, { recursive: true, force: true });
  }
}

/** Ports that nobody listens on, all different. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(servers.map((server) => listen(server, 0)));
  await Promise.all(servers.map(close));
  return ports;
}

export async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    await listen(server, port);
    await close(server);
    return true;
  } catch {
    return false;
  }
}

/** Takes a port, 0 for any that is free, and tells which. */
export function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      resolve(address === null || typeof address === 'string' ? 0 : address.port);
    });
  });
}

export function close(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
