import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { CommandFailure } from './command.ts';

/** One member of a cluster on this machine. */
export interface LocalNode {
  readonly name: string;
  readonly client: string;
  readonly peer: string;
  /** Where it serves request-reply; null if it does not. */
  readonly requestReply: string | null;
  /** What `coterie serve` is given to be this member. */
  readonly serveFlags: readonly string[];
}

export const LOCAL_HOST = '127.0.0.1';
export const PORT_STEP = 10_000;
const STOP_MS_MAX = 6_000;

/** What members are given beside their names and places. */
export interface LocalServing {
  /** Of the first, to serve request-reply; null for none. */
  readonly requestReplyPort: number | null;
  readonly flags: readonly string[];
}

/** Members a, b, c, …, each with its ports and a directory of its own. */
export function localNodes(
  count: number,
  clientPort: number,
  directory: string,
  { requestReplyPort, flags }: LocalServing = { requestReplyPort: null, flags: [] },
): LocalNode[] {
  const places = Array.from({ length: count }, (_, index) => ({
    name: String.fromCharCode('a'.charCodeAt(0) + index),
    client: `${LOCAL_HOST}:${clientPort + PORT_STEP * index}`,
    peer: `${LOCAL_HOST}:${clientPort + 1 + PORT_STEP * index}`,
    calls: requestReplyPort === null ? null : requestReplyPort + PORT_STEP * index,
  }));
  const cluster = places.map(({ name, peer }) => `${name}=${peer}`).join(',');
  return places.map(({ name, client, peer, calls }) => ({
    name,
    client,
    peer,
    requestReply: calls === null ? null : `${LOCAL_HOST}:${calls}`,
    serveFlags: [
      ...['--name', name, '--data', join(directory, name), '--client', client, '--peer', peer],
      ...(count === 1 ? [] : ['--cluster', cluster]),
      ...(calls === null ? [] : ['--request-reply', `${calls}`]),
      ...flags,
    ],
  }));
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A member as a process of its own, which ends when this one does, however this one ends. */
export class LocalNodeProcess {
  readonly node: LocalNode;
  readonly pid: number;
  /** Resolves once it serves clients; rejects if it ends before. */
  readonly serving: Promise<void>;
  readonly exited: Promise<Exit>;
  readonly #child: ChildProcess;

  /** @param onLine is given each line that the member complains with, once it serves */
  constructor(node: LocalNode, onLine: (line: string) => void) {
    const main = fileURLToPath(import.meta.url).replace(/local-node(\.[jt]s)$/, 'main$1');
    // The channel is how the member learns of our end: it is closed by the system, even after SIGKILL.
    const child = fork(main, ['serve', ...node.serveFlags], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    this.node = node;
    this.pid = child.pid ?? 0;
    this.#child = child;
    let lastLine = '';
    let isServing = false;
    if (child.stderr !== null) {
      createInterface({ input: child.stderr }).on('line', (line) => {
        lastLine = line;
        if (isServing) onLine(line);
      });
    }
    this.exited = new Promise((resolve) => child.once('close', (code, signal) => resolve({ code, signal })));
    this.serving = new Promise((resolve, reject) => {
      child.once('message', () => {
        isServing = true;
        resolve();
      });
      child.once('error', reject);
      this.exited.then(() => {
        reject(new CommandFailure(`member ${node.name} did not start: ${lastLine.replace(/^coterie: /, '')}`));
      });
    });
    this.serving.catch(() => {}); // whoever waits for it is told; it may end before anybody does
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGTERM');
    const late = setTimeout(() => this.#child.kill('SIGKILL'), STOP_MS_MAX);
    await this.exited;
    clearTimeout(late);
  }
}
