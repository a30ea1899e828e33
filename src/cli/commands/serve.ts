import type { MemberOptions } from '../../member/index.ts';
import { isWildcard } from '../../rpc/service-address.ts';
import type { Arguments } from '../arguments.ts';
import { checkPort } from '../check-port.ts';
import { type Command, EXIT, UsageError } from '../command.ts';
import { formatHostPort, type HostPort, parseCluster, parseHostPort } from '../host-port.ts';
import { toJsonLine } from '../json.ts';
import { nextSteps } from '../next-steps.ts';
import {
  ADVERTISE_FLAG,
  advertisedHost,
  callFlags,
  type RequestReplyFlags,
  requestReplyOf,
  SERVE_FLAGS,
} from '../request-reply-flags.ts';
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
    ...SERVE_FLAGS,
    ...ADVERTISE_FLAG,
    cluster: { value: 'NAME=HOST:PORT,…', help: 'every member, this one too (default: a store of one)' },
  },
  notes: `
Runs until it is interrupted. All members of a cluster are given the same --cluster. Example:

  $0 serve

With --client 0.0.0.0:2379 it listens at all of the machine's addresses. What it tells clients is --advertise's host then,
without a port; the naming service of --request-reply tells all of the machine's addresses if there is none.
A secret is a file of at least 16 bytes, made as by 'head -c 32 /dev/urandom > FILE'.
`,
  async run(given, terminal) {
    const { options, client, requestReply } = await optionsOf(given);
    // Loaded only here, so that the other commands need no storage engine.
    const { startMember } = await import('../../member/index.ts');
    const { serveEtcd } = await import('../../server/etcd.ts');
    const interrupted = terminal.interrupted();
    await checkPorts(options, client, requestReply);
    const failed = Promise.withResolvers<Error>();
    const onLog = withoutRepeats((line) => terminal.warn(`${options.name}: ${line}`));
    const member = await startMember({ ...options, onLog, onFailed: failed.resolve });
    const open: Closeable[] = [member];
    try {
      open.unshift(await serveEtcd({ member, ...client }));
      if (requestReply !== null) {
        const { serveRequestReply } = await import('../../server/request-reply.ts');
        const { directory } = options;
        open.unshift(await serveRequestReply({ member, directory, onFailed: failed.resolve, ...requestReply }));
      }
    } catch (error) {
      for (const each of open) await each.close();
      throw error;
    }
    await announceReady(given, terminal, { options, client, requestReply });
    const why = await Promise.race([interrupted, failed.promise]);
    await closeInTime(open);
    if (why instanceof Error) throw why;
    return EXIT.ok;
  },
};

interface ServeOptions {
  readonly options: MemberOptions;
  readonly client: HostPort;
  /** Null to not serve it. */
  readonly requestReply: RequestReplyFlags | null;
}

interface Closeable {
  close(): Promise<void>;
}

async function optionsOf(given: Arguments): Promise<ServeOptions> {
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
  if (listen !== undefined && overlap(listen, client)) {
    throw new UsageError(
      `clients and other members can't both come to ${formatHostPort(listen)}: give --client or --peer another port`,
    );
  }
  const advertised = advertisedHost(given);
  const clientAddress = formatHostPort({ ...client, host: advertised ?? client.host });
  const options = { name, directory, cluster, clientAddress };
  const requestReply = await requestReplyOf(given, client.host, advertised);
  if (requestReply !== null && [client, listen].some((one) => one !== undefined && overlap(one, requestReply))) {
    throw new UsageError(`port ${requestReply.port} is taken by --client or --peer: give --request-reply another one`);
  }
  return { options: listen === undefined ? options : { ...options, listen }, client, requestReply };
}

async function announceReady(
  given: Arguments,
  terminal: Terminal,
  { options, client: clientAt, requestReply }: ServeOptions,
): Promise<void> {
  const { name, directory, cluster, listen } = options;
  const client = formatHostPort(clientAt);
  const peer = cluster === null || listen === undefined ? null : formatHostPort(listen);
  const calls = requestReply === null ? null : formatHostPort(requestReply);
  const found = (requestReply?.advertised ?? []).map((host) => formatHostPort({ host, port: requestReply?.port ?? 0 }));
  terminal.notifyParent({ event: 'serving', name });
  if (given.has('json')) {
    const told = { event: 'serving', name, pid: process.pid, client, peer, data: directory };
    const requestReplyAt =
      calls === null ? {} : { requestReply: calls, ...(found.length > 0 && { advertised: found }) };
    await terminal.write(toJsonLine({ ...told, ...requestReplyAt }));
    return;
  }
  const foundAt = found.length === 0 ? '' : ` (found at ${found.join(', ')})`;
  const callsOn = calls === null ? '' : `, request-reply on ${calls}${foundAt}`;
  const others = `${peer === null ? '' : `, peers on ${peer}`}${callsOn}`;
  await terminal.write(`${name}: serving clients on ${client}${others}; pid ${process.pid}, data in ${directory}\n`);
  if (cluster !== null) return;
  const callAt = requestReply === null ? null : callFlags(given, [reachable(requestReply)]);
  await terminal.write(nextSteps([reachable(clientAt)], callAt));
}

/** Peers that are refused try again and again: one line says so. */
function withoutRepeats(onLine: (line: string) => void): (line: string) => void {
  let last = '';
  return (line) => {
    if (line !== last) onLine(line);
    last = line;
  };
}

/** Before a directory is made for a member that can't be reached. */
async function checkPorts(
  { listen, cluster }: MemberOptions,
  client: HostPort,
  requestReply: HostPort | null,
): Promise<void> {
  await checkPort(client, 'clients');
  if (requestReply !== null) await checkPort(requestReply, 'request-reply');
  if (listen !== undefined && cluster !== null) await checkPort(listen, 'peers');
}

/** Whether two servers can't have these addresses both. */
function overlap(one: HostPort, other: HostPort): boolean {
  return one.port === other.port && (one.host === other.host || isWildcard(one.host) || isWildcard(other.host));
}

/** Where a client on this machine finds it: the address of all interfaces is none to connect to. */
function reachable({ host, port }: HostPort): string {
  return formatHostPort({ host: host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host, port });
}

/** Calls under way may end, but not for ever. */
async function closeInTime(open: readonly Closeable[]): Promise<void> {
  const late = setTimeout(() => process.exit(EXIT.failed), CLOSE_MS_MAX);
  for (const each of open) await each.close();
  clearTimeout(late);
}
