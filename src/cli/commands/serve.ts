import type { MemberOptions } from '../../member/index.ts';
import { isHost, isWildcard } from '../../rpc/service-address.ts';
import { advertisedHosts } from '../../server/advertised-hosts.ts';
import type { RequestReplyOptions } from '../../server/request-reply.ts';
import type { Arguments } from '../arguments.ts';
import { checkPort } from '../check-port.ts';
import { type Command, EXIT, UsageError } from '../command.ts';
import { formatHostPort, type HostPort, parseCluster, parseHostPort } from '../host-port.ts';
import { toJsonLine } from '../json.ts';
import { nextSteps } from '../next-steps.ts';
import { AFTER_CRASH, readSecret } from '../request-reply-flags.ts';
import { DEFAULT_ENDPOINT } from '../store-access.ts';
import type { Terminal } from '../terminal.ts';

/** However badly it goes, a member that is told to end is gone after this. */
const CLOSE_MS_MAX = 5_000;
/** Below it there is hardly room for a call at a time of each client. */
const CACHE_BYTES_MIN = 64 * 1024;

export const serve: Command = {
  name: 'serve',
  summary: 'Run a member of a store: the only one, or one of a cluster',
  arguments: [],
  flags: {
    name: { value: 'NAME', help: "the member's name, fixed with its data (default a)" },
    data: { value: 'DIR', help: 'where it keeps its data; made if it is not there (default ./coterie-data/NAME)' },
    client: { value: 'HOST:PORT', help: `where it serves clients (default ${DEFAULT_ENDPOINT})` },
    peer: { value: 'HOST:PORT', help: 'where it listens for other members (default: as in --cluster)' },
    'request-reply': { value: 'PORT', help: 'serve UDP and TCP clients there too, by request-reply (see call)' },
    'request-reply-key': { value: 'FILE', help: 'take only datagrams of clients that have this secret (call --key)' },
    'request-reply-after-crash': { value: 'RULE', help: `${AFTER_CRASH.join(', ')} (default ${AFTER_CRASH[0]})` },
    'request-reply-cache': { value: 'BYTES', help: 'of the reply cache, as in 256MiB (default 64MiB)' },
    advertise: { value: 'HOST', help: "where clients find it, if --client's host is none to connect to" },
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
    await checkPorts(options, client);
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
  readonly requestReply: Omit<RequestReplyOptions, 'member' | 'directory' | 'onFailed'> | null;
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
  return { options: listen === undefined ? options : { ...options, listen }, client, requestReply };
}

function advertisedHost(given: Arguments): string | undefined {
  const text = given.text('advertise');
  if (text === undefined) return undefined;
  const host = text.replace(/^\[(.*)\]$/, '$1');
  if (isHost(host) && !isWildcard(host)) return host;
  const expected = 'a host that clients can connect to, without a port, as in db1.example or 10.0.0.7';
  throw new UsageError(`--advertise is ${expected}: got '${text}'`);
}

async function requestReplyOf(
  given: Arguments,
  host: string,
  advertised: string | undefined,
): Promise<ServeOptions['requestReply']> {
  const port = given.number('request-reply', { min: 1, max: 65_535 });
  const keyFile = given.text('request-reply-key');
  const afterCrash = given.oneOf('request-reply-after-crash', AFTER_CRASH);
  const cacheBytesMax = given.bytes('request-reply-cache', { min: CACHE_BYTES_MIN });
  if (port === undefined) {
    const idle = Object.keys(serve.flags).find((flag) => flag.startsWith('request-reply-') && given.has(flag));
    if (idle !== undefined) throw new UsageError(`--${idle} needs a server: give it a port with --request-reply PORT`);
    return null;
  }
  return {
    host,
    port,
    ...(advertised !== undefined && { advertised: [advertised] }),
    ...(advertised === undefined && isWildcard(host) && { advertised: advertisedHosts(host) }),
    ...(keyFile !== undefined && { key: await readSecret(keyFile, '--request-reply-key') }),
    ...(afterCrash !== undefined && { agreement: { afterCrash } }),
    ...(cacheBytesMax !== undefined && { cacheBytesMax }),
  };
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
  if (cluster === null) await terminal.write(nextSteps([reachable(clientAt)]));
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
async function checkPorts({ listen, cluster }: MemberOptions, client: HostPort): Promise<void> {
  await checkPort(client, 'clients');
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
