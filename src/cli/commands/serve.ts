import type { Member, MemberOptions } from '../../member/index.ts';
import type { EtcdServer } from '../../server/etcd.ts';
import type { Arguments } from '../arguments.ts';
import { type Command, CommandFailure, EXIT, UsageError } from '../command.ts';
import { formatHostPort, type HostPort, parseCluster, parseHostPort } from '../host-port.ts';
import { toJsonLine } from '../json.ts';
import { nextSteps } from '../next-steps.ts';
import { DEFAULT_ENDPOINT } from '../store-access.ts';
import type { Terminal } from '../terminal.ts';

/** However badly it goes, a member that is told to end is gone after this. */
const CLOSE_MS_MAX = 5_000;

export const serve: Command = {
  name: 'serve',
  summary: 'Run a member of a store: the only one, or one of a cluster',
  arguments: [],
  flags: {
    name: { value: 'NAME', help: "the member's name, fixed with its data (default a)" },
    data: { value: 'DIR', help: 'where it keeps its data; made if it is not there (default ./coterie-data/NAME)' },
    client: { value: 'HOST:PORT', help: `where it serves clients (default ${DEFAULT_ENDPOINT})` },
    peer: { value: 'HOST:PORT', help: 'where it listens for other members (default: as in --cluster)' },
    cluster: { value: 'NAME=HOST:PORT,…', help: 'every member, this one too (default: a store of one)' },
  },
  notes: `
Runs until it is interrupted. All members of a cluster are given the same --cluster. Example:

  $0 serve
`,
  async run(given, terminal) {
    const { options, client } = optionsOf(given);
    // Loaded only here, so that the other commands need no storage engine.
    const { startMember } = await import('../../member/index.ts');
    const { serveEtcd } = await import('../../server/etcd.ts');
    const interrupted = terminal.interrupted();
    const failed = Promise.withResolvers<Error>();
    const onLog = withoutRepeats((line) => terminal.warn(`${options.name}: ${line}`));
    const member = await startMember({ ...options, onLog, onFailed: failed.resolve }).catch((error: unknown) => {
      throw peerListenFailure(error, options) ?? error;
    });
    let server: EtcdServer;
    try {
      server = await serveEtcd({ member, ...client });
    } catch (error) {
      await member.close();
      throw error;
    }
    await announceReady(given, terminal, options, formatHostPort(client));
    const why = await Promise.race([interrupted, failed.promise]);
    await closeInTime(server, member);
    if (why instanceof Error) throw why;
    return EXIT.ok;
  },
};

interface ServeOptions {
  readonly options: MemberOptions;
  readonly client: HostPort;
}

function optionsOf(given: Arguments): ServeOptions {
  const name = given.text('name') ?? 'a';
  if (!/^[\w.-]+$/.test(name)) {
    throw new UsageError(`--name is made of letters, digits, '.', '_' and '-': got '${name}'`);
  }
  const directory = given.text('data') ?? `./coterie-data/${name}`;
  const client = parseHostPort(given.text('client') ?? DEFAULT_ENDPOINT, '--client');
  const clusterText = given.text('cluster');
  const cluster = clusterText === undefined ? null : parseCluster(clusterText);
  if (cluster !== null && !cluster.has(name)) {
    throw new UsageError(
      `--cluster has no member '${name}', only ${[...cluster.keys()].join(', ')}: name this member with --name`,
    );
  }
  const peerText = given.text('peer');
  const listen = peerText === undefined ? cluster?.get(name) : parseHostPort(peerText, '--peer');
  const options = { name, directory, cluster, clientAddress: formatHostPort(client) };
  return { options: listen === undefined ? options : { ...options, listen }, client };
}

async function announceReady(
  given: Arguments,
  terminal: Terminal,
  { name, directory, cluster, listen }: MemberOptions,
  client: string,
): Promise<void> {
  const peer = cluster === null || listen === undefined ? null : formatHostPort(listen);
  terminal.notifyParent({ event: 'serving', name });
  if (given.has('json')) {
    await terminal.write(toJsonLine({ event: 'serving', name, pid: process.pid, client, peer, data: directory }));
    return;
  }
  const peers = peer === null ? '' : `, peers on ${peer}`;
  await terminal.write(`${name}: serving clients on ${client}${peers}; pid ${process.pid}, data in ${directory}\n`);
  if (cluster === null) await terminal.write(nextSteps(client));
}

/** Peers that are refused try again and again: one line says so. */
function withoutRepeats(onLine: (line: string) => void): (line: string) => void {
  let last = '';
  return (line) => {
    if (line !== last) onLine(line);
    last = line;
  };
}

/** The operating system's error about the peers' port, in words that say what to do; null for every other error. */
function peerListenFailure(error: unknown, { listen }: MemberOptions): CommandFailure | null {
  if (listen === undefined || !(error instanceof Error) || !('code' in error) || !('syscall' in error)) return null;
  const remedy = LISTEN_REMEDIES.get(error.code);
  if (error.syscall !== 'listen' || remedy === undefined) return null;
  return new CommandFailure(`cannot listen for peers on ${formatHostPort(listen)}: ${remedy}`, { cause: error });
}

const LISTEN_REMEDIES: ReadonlyMap<unknown, string> = new Map([
  ['EADDRINUSE', 'the port is in use; stop the program that has it, or choose another one'],
  ['EADDRNOTAVAIL', 'this machine has no such address; give one of its own with --peer'],
  ['EACCES', 'this user may not use the port; choose one above 1023'],
]);

/** Calls under way may end, but not for ever. */
async function closeInTime(server: EtcdServer, member: Member): Promise<void> {
  const late = setTimeout(() => process.exit(EXIT.failed), CLOSE_MS_MAX);
  await server.close();
  await member.close();
  clearTimeout(late);
}
