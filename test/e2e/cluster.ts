import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { connect, type StoreStatus } from '../../src/client/index.ts';
import type { Endpoint } from '../../src/host/index.ts';
import { Link } from './link.ts';
import { freePorts } from './ports.ts';

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
  /** Where it serves request-reply. */
  readonly calls: Endpoint;
  readonly directory: string;
  readonly #flags: readonly string[];
  #child: ChildProcess | null = null;
  #exited: Promise<number | null> = Promise.resolve(null);
  #complaints = '';

  constructor({ name, client, calls }: Doors, directory: string, flags: readonly string[]) {
    this.name = name;
    this.client = client;
    this.calls = { host: '127.0.0.1', port: calls };
    this.directory = directory;
    const doors = ['--client', client, '--request-reply', `${calls}`];
    this.#flags = ['serve', '--name', name, '--data', directory, ...doors, ...flags];
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
  readonly #links: Links;

  private constructor(nodes: readonly TestNode[], directory: string, links: Links) {
    this.nodes = nodes;
    this.#directory = directory;
    this.#links = links;
  }

  /** Starts a cluster, and waits for a leader. */
  static async start(count = 3): Promise<TestCluster> {
    const directory = await mkdtemp(join(tmpdir(), 'coterie-e2e-'));
    const ports = await freePorts(3 * count);
    const places = Array.from({ length: count }, (_, index) => ({
      name: String.fromCharCode('a'.charCodeAt(0) + index),
      client: `127.0.0.1:${ports[3 * index]}`,
      calls: ports[3 * index + 1] ?? 0,
      peerPort: ports[3 * index + 2] ?? 0,
    }));
    const links = await Links.between(places);
    const nodes = places.map((place) => {
      const { name, peerPort } = place;
      const flags = count === 1 ? [] : ['--peer', `127.0.0.1:${peerPort}`, '--cluster', links.clusterAsSeenBy(name)];
      return new TestNode(place, join(directory, name), flags);
    });
    const cluster = new TestCluster(nodes, directory, links);
    try {
      await cluster.startAll();
    } catch (error) {
      await cluster.close();
      throw error;
    }
    return cluster;
  }

  /** Lets nothing through between a member and the others; clients still reach it. */
  isolate(node: TestNode): void {
    for (const link of this.#links.of(node.name)) link.cut();
  }

  rejoin(node: TestNode): void {
    for (const link of this.#links.of(node.name)) link.heal();
  }

  get endpoints(): string[] {
    return this.nodes.map(({ client }) => client);
  }

  node(name: string): TestNode {
    const node = this.nodes.find((candidate) => candidate.name === name);
    assert(node !== undefined, `the cluster has a member ${name}`);
    return node;
  }

  /** Starts whoever does not run, and waits for a leader. */
  async startAll(): Promise<void> {
    await Promise.all(this.nodes.filter((node) => !node.isRunning).map((node) => node.start()));
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
    await this.#links.close();
    await rm(this.#directory, { recursive: true, force: true });
  }
}

/** Where a member serves. */
interface Doors {
  readonly name: string;
  readonly client: string;
  readonly calls: number;
}

interface Place extends Doors {
  readonly peerPort: number;
}

interface DirectedLink {
  readonly from: string;
  readonly to: string;
  readonly link: Link;
}

/** A link from each member to each other one: every member believes that the others are where its links begin. */
class Links {
  readonly #links: readonly DirectedLink[];

  private constructor(links: readonly DirectedLink[]) {
    this.#links = links;
  }

  static async between(places: readonly Place[]): Promise<Links> {
    const pairs = places.flatMap((from) => places.filter((to) => to !== from).map((to) => ({ from, to })));
    const links = pairs.map(async ({ from, to }) => {
      return { from: from.name, to: to.name, link: await Link.open(to.peerPort) };
    });
    return new Links(await Promise.all(links));
  }

  clusterAsSeenBy(name: string): string {
    const others = this.#links.filter(({ from }) => from === name);
    return [`${name}=127.0.0.1:1`, ...others.map(({ to, link }) => `${to}=127.0.0.1:${link.port}`)].join(',');
  }

  of(name: string): Link[] {
    return this.#links.filter(({ from, to }) => from === name || to === name).map(({ link }) => link);
  }

  async close(): Promise<void> {
    await Promise.all(this.#links.map(({ link }) => link.close()));
  }
}
