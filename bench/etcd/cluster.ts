import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client, credentials } from '@grpc/grpc-js';
import { maintenanceService, StatusRequest, type StatusResponse } from '../../src/wire/etcdserverpb.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const NAMES = ['a', 'b', 'c'];
const READY_MS_MAX = 30_000;
const STOP_MS_MAX = 10_000;
const CLOCK_TICKS_PER_SECOND = 100; // of /proc/<pid>/stat, the same on every Linux that Node runs on

/** What is measured: a command per member, and how it is told of its neighbours. */
export interface System {
  readonly name: string;
  readonly command: (member: MemberPlan, members: readonly MemberPlan[]) => readonly string[];
}

interface MemberPlan {
  readonly name: string;
  readonly directory: string;
  readonly client: string;
  readonly peer: string;
}

export const COTERIE: System = {
  name: 'coterie',
  command: ({ name, directory, client, peer }, members) => [
    process.execPath,
    MAIN,
    'serve',
    ...['--name', name, '--data', directory, '--client', client, '--peer', peer],
    ...['--cluster', members.map((member) => `${member.name}=${member.peer}`).join(',')],
  ],
};

export const ETCD: System = {
  name: 'etcd',
  command: ({ name, directory, client, peer }, members) => [
    'etcd',
    ...['--name', name, '--data-dir', directory, '--log-level', 'error', '--logger', 'zap'],
    ...['--listen-client-urls', `http://${client}`, '--advertise-client-urls', `http://${client}`],
    ...['--listen-peer-urls', `http://${peer}`, '--initial-advertise-peer-urls', `http://${peer}`],
    ...['--initial-cluster', members.map((member) => `${member.name}=http://${member.peer}`).join(',')],
  ],
};

/** `etcd --version`'s first line, or null where it is not installed. */
export function etcdVersion(): string | null {
  const { error, stdout } = spawnSync('etcd', ['--version'], { encoding: 'utf8' });
  return error === undefined ? (stdout.split('\n')[0] ?? '') : null;
}

/** Three members as real processes on this machine, and what can be seen of them from outside. */
export class Cluster {
  readonly name: string;
  readonly #members: readonly Member[];

  private constructor(name: string, members: readonly Member[]) {
    this.name = name;
    this.#members = members;
  }

  /** Starts the members and waits until all of them know one leader. */
  static async start({ name, command }: System, directory: string): Promise<Cluster> {
    const ports = await freePorts(2 * NAMES.length);
    const plans = NAMES.map((member, index) => ({
      name: member,
      directory: join(directory, name, member),
      client: `127.0.0.1:${ports[index]}`,
      peer: `127.0.0.1:${ports[NAMES.length + index]}`,
    }));
    await mkdir(join(directory, name));
    const cluster = new Cluster(
      name,
      plans.map((plan) => new Member(plan, command(plan, plans))),
    );
    try {
      await cluster.leader();
    } catch (error) {
      await cluster.stop();
      throw error;
    }
    return cluster;
  }

  /** The leader's client address, once every member follows it. */
  async leader(): Promise<string> {
    const { member } = await this.#leader();
    return member.address;
  }

  async revision(): Promise<number> {
    const { status } = await this.#leader();
    return status.header?.revision ?? 0;
  }

  /** Seconds of processor time that all members used so far. */
  cpuSeconds(): number {
    return this.#members.reduce((sum, member) => sum + member.cpuSeconds(), 0);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#members.map((member) => member.stop()));
  }

  async #leader(): Promise<{ readonly member: Member; readonly status: StatusResponse }> {
    const deadline = Date.now() + READY_MS_MAX;
    for (;;) {
      const statuses = await Promise.all(this.#members.map((member) => member.status()));
      const leaders = new Set(statuses.map((status) => status?.leader ?? 0n));
      const index = statuses.findIndex((status) => status !== null && status.header?.memberId === status.leader);
      const member = this.#members[index];
      const status = statuses[index];
      if (leaders.size === 1 && member && status) return { member, status };
      const ended = this.#members.find((each) => each.hasEnded);
      if (ended !== undefined) throw new Error(`a member of ${this.name} ended:\n${ended.complaints}`);
      if (Date.now() > deadline) throw new Error(`${this.name} has no leader after ${READY_MS_MAX} ms`);
      await delay(100);
    }
  }
}

class Member {
  readonly address: string;
  readonly #child: ChildProcess;
  readonly #client: Client;
  readonly #ended: Promise<unknown>;
  complaints = '';

  constructor({ client }: MemberPlan, [file = '', ...words]: readonly string[]) {
    this.address = client;
    this.#child = spawn(file, words, { stdio: ['ignore', 'ignore', 'pipe'] });
    this.#child.stderr?.on('data', (chunk) => {
      this.complaints = `${this.complaints}${chunk}`.slice(-4_000);
    });
    this.#ended = once(this.#child, 'exit');
    this.#client = new Client(client, credentials.createInsecure());
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Null while the member does not answer. */
  status(): Promise<StatusResponse | null> {
    const { path, requestSerialize, responseDeserialize } = maintenanceService.status;
    const options = { deadline: Date.now() + 2_000, waitForReady: true };
    return new Promise((resolve) => {
      this.#client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        StatusRequest.of(),
        options,
        (_error, response) => resolve(response ?? null),
      );
    });
  }

  /** Fields 14 and 15 of proc(5)'s stat, counted behind the name, which may have spaces. */
  cpuSeconds(): number {
    const stat = readFileSync(`/proc/${this.#child.pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS_PER_SECOND;
  }

  async stop(): Promise<void> {
    this.#client.close();
    if (this.hasEnded) return;
    this.#child.kill('SIGTERM');
    const force = setTimeout(() => this.#child.kill('SIGKILL'), STOP_MS_MAX);
    await this.#ended;
    clearTimeout(force);
  }
}

/** Ports that were free a moment ago. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => {
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  });
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}
