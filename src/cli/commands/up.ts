import { resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Arguments } from '../arguments.ts';
import { checkPort } from '../check-port.ts';
import { type Command, CommandFailure, EXIT, UsageError } from '../command.ts';
import { probe } from '../diagnosis.ts';
import { parseHostPort } from '../host-port.ts';
import { toJsonLine } from '../json.ts';
import {
  type Exit,
  LOCAL_HOST,
  type LocalNode,
  LocalNodeProcess,
  type LocalServing,
  localNodes,
  PORT_STEP,
} from '../local-node.ts';
import { nextSteps } from '../next-steps.ts';
import { programName } from '../program-name.ts';
import { ADVERTISE_FLAG, advertisedHost, callFlags, requestReplyOf, SERVE_FLAGS } from '../request-reply-flags.ts';
import { shellWord } from '../shell-word.ts';
import type { Terminal } from '../terminal.ts';

const READY_MS_MAX = 30_000;
const PROBE_EVERY_MS = 50;
const COMPLAINT_DELAY_MS = 200;

export const up: Command = {
  name: 'up',
  summary: 'Run a cluster on this machine, a process for each member',
  arguments: [],
  flags: {
    nodes: { value: 'N', help: 'how many members, 1 to 7 (default 3)' },
    data: { value: 'DIR', help: 'where they keep their data, each below its name (default ./coterie-data/up)' },
    'client-port': { value: 'PORT', help: 'where the first serves clients (default 2379)' },
    ...SERVE_FLAGS,
    ...ADVERTISE_FLAG,
  },
  notes: `
Members are called a, b, c, …; member number i (from 0) serves clients on PORT + 10000·i and the others on
PORT + 1 + 10000·i; request-reply on --request-reply's PORT + 10000·i. Ctrl-C stops all of them; started again on the same
data, the cluster goes on. A member that ends by itself is reported, and not started again. Example:

  $0 up --nodes 3
`,
  async run(given, terminal) {
    const count = given.number('nodes', { min: 1, max: 7 }) ?? 3;
    const clientPort = given.number('client-port', { min: 1, max: 65_534 }) ?? 2379;
    checkHighest(count, clientPort, clientPort + 1, '--client-port');
    const serving = await servingOf(given);
    const { requestReplyPort: calls } = serving;
    if (calls !== null) checkHighest(count, calls, calls, '--request-reply');
    const directory = given.text('data') ?? './coterie-data/up';
    const nodes = localNodes(count, clientPort, resolve(directory), serving);
    await checkPorts(nodes);
    const servers = nodes.flatMap(({ requestReply }) => requestReply ?? []);
    const telling = {
      json: given.has('json'),
      again: typedAgain(given),
      callFlags: servers.length === 0 ? null : callFlags(given, servers),
    };
    return new LocalCluster(nodes, terminal, telling).run();
  },
};

function checkHighest(count: number, first: number, firstNeeded: number, flag: string): void {
  const highest = firstNeeded + PORT_STEP * (count - 1);
  if (highest <= 65_535) return;
  throw new UsageError(`${count} members from port ${first} on need port ${highest}: choose a lower ${flag}`);
}

/** Read here to be refused here; passed on as they were typed. */
async function servingOf(given: Arguments): Promise<LocalServing> {
  const read = await requestReplyOf(given, LOCAL_HOST, advertisedHost(given));
  const flags = Object.keys({ ...SERVE_FLAGS, ...ADVERTISE_FLAG }).flatMap((flag) => {
    const value = flag === 'request-reply' ? undefined : given.text(flag);
    return value === undefined ? [] : [`--${flag}`, value];
  });
  return { requestReplyPort: read?.port ?? null, flags };
}

/** Before any member starts: what the others would have made would stay behind. */
async function checkPorts(nodes: readonly LocalNode[]): Promise<void> {
  for (const { name, client, peer, requestReply } of nodes) {
    try {
      await checkPort(parseHostPort(client, 'the address for clients'), 'clients');
      if (requestReply !== null) {
        await checkPort(parseHostPort(requestReply, 'the address for request-reply'), 'request-reply');
      }
      if (nodes.length > 1) await checkPort(parseHostPort(peer, 'the address for peers'), 'peers');
    } catch (error) {
      throw new CommandFailure(`member ${name} did not start: ${error instanceof Error ? error.message : error}`);
    }
  }
}

/** The command line that starts the same cluster. */
function typedAgain(given: Arguments): string {
  const flags = Object.keys(up.flags).flatMap((flag) => {
    const value = given.text(flag);
    return value === undefined ? [] : [` --${flag} ${shellWord(value)}`];
  });
  return `${programName()} up${flags.join('')}`;
}

interface Telling {
  readonly json: boolean;
  /** How to start the cluster again. */
  readonly again: string;
  /** Of `call`; null if the cluster serves no request-reply. */
  readonly callFlags: readonly string[] | null;
}

/** Tells what happens to the members: to people in text, to programs in lines of JSON. */
class LocalCluster {
  readonly #nodes: readonly LocalNode[];
  readonly #terminal: Terminal;
  readonly #json: boolean;
  readonly #again: string;
  readonly #callFlags: Telling['callFlags'];
  readonly #processes: LocalNodeProcess[] = [];
  /** What members said before there was a leader: that they do not reach each other yet. Null from then on. */
  #early: string[] | null = [];
  #stopping = false;

  constructor(nodes: readonly LocalNode[], terminal: Terminal, { json, again, callFlags }: Telling) {
    this.#nodes = nodes;
    this.#terminal = terminal;
    this.#json = json;
    this.#again = again;
    this.#callFlags = callFlags;
  }

  async run(): Promise<typeof EXIT.ok> {
    const interrupted = this.#terminal.interrupted();
    try {
      await Promise.race([interrupted, this.#live()]);
      return EXIT.ok;
    } finally {
      this.#stopping = true;
      await Promise.all(this.#processes.map((each) => each.stop()));
    }
  }

  /** Starts every member, and goes on until none is left. */
  async #live(): Promise<never> {
    await Promise.all(this.#nodes.map((node) => this.#start(node)));
    const leader = await this.#leader();
    this.#early = null;
    const clients = this.#nodes.map(({ client }) => client);
    await this.#tell({ event: 'ready', leader }, `ready: leader ${leader}\n${nextSteps(clients, this.#callFlags)}`);
    await Promise.all(this.#processes.map(({ exited }) => exited));
    throw new CommandFailure(`every member has ended: start them again with '${this.#again}'; their data is kept`);
  }

  async #start(node: LocalNode): Promise<void> {
    const { name, client, peer, requestReply } = node;
    const process = new LocalNodeProcess(node, (line) => this.#complain(line.replace(/^coterie:/, `${name}:`)));
    this.#processes.push(process);
    await process.serving;
    const { pid } = process;
    process.exited.then((exit) => this.#onExit(process, exit));
    const calls = requestReply === null ? '' : `, request-reply on ${requestReply}`;
    const told = { event: 'serving', name, pid, client, peer, ...(requestReply !== null && { requestReply }) };
    await this.#tell(told, `${name}: pid ${pid}, clients on ${client}, peers on ${peer}${calls}\n`);
  }

  async #onExit({ node, pid }: LocalNodeProcess, { code, signal }: Exit): Promise<void> {
    if (this.#stopping) return;
    const how = signal === null ? `with code ${code}` : `by ${signal}`;
    const again = `${programName()} serve ${node.serveFlags.map(shellWord).join(' ')}`;
    const text = `${node.name}: pid ${pid} has ended, ${how}; to start it again:\n  ${again}\n`;
    await this.#tell({ event: 'exited', name: node.name, pid, code, signal }, text);
  }

  /** The leader that a member follows, as soon as there is one. */
  async #leader(): Promise<string> {
    const deadline = Date.now() + READY_MS_MAX;
    while (Date.now() < deadline && !this.#stopping) {
      const answers = await probe(this.#nodes.map(({ client }) => client));
      for (const { leader } of answers.values()) if (leader !== null) return leader;
      await setTimeout(PROBE_EVERY_MS);
    }
    for (const line of this.#early ?? []) this.#terminal.warn(line);
    throw new CommandFailure(`no leader was elected within ${READY_MS_MAX / 1000} s: see what the members say above`);
  }

  /** Members learn of each other's end sooner than we of being interrupted; that others are gone is no news then. */
  async #complain(line: string): Promise<void> {
    await setTimeout(COMPLAINT_DELAY_MS, undefined, { ref: false });
    if (this.#stopping) return;
    if (this.#early === null) this.#terminal.warn(line);
    else this.#early.push(line);
  }

  #tell(event: Record<string, unknown>, text: string): Promise<void> {
    return this.#terminal.write(this.#json ? toJsonLine(event) : text);
  }
}
