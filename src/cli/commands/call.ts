import type {
  CallError,
  CallOptions,
  Client,
  KeyValue,
  protocol,
  RpcClient,
  RpcClientOptions,
} from '../../rpc/index.ts';
import type { Arguments } from '../arguments.ts';
import { type Command, EXIT, type ExitCode, type Flag, UsageError } from '../command.ts';
import { parseHostPort } from '../host-port.ts';
import { bytesFields, toJsonLine } from '../json.ts';
import { AFTER_CRASH, DEFAULT_SERVER, readSecret } from '../request-reply-flags.ts';
import type { Terminal } from '../terminal.ts';
import { tellOfWait } from '../wait.ts';

const PAYLOAD = 'ping';
const MS_MAX = 24 * 60 * 60 * 1000;

/** As they are typed, and as the protocol calls them. */
const SEMANTICS = {
  maybe: 'maybe',
  'at-least-once': 'atLeastOnce',
  'at-most-once': 'atMostOnce',
  'exactly-once': 'exactlyOnce',
} as const;
type SemanticsFlag = keyof typeof SEMANTICS;
const SEMANTICS_FLAGS = Object.keys(SEMANTICS) as SemanticsFlag[];

const FLAGS: Readonly<Record<string, Flag>> = {
  server: {
    value: 'HOST:PORT,…',
    help: `where members serve --request-reply; any is enough (default ${DEFAULT_SERVER})`,
  },
  semantics: { value: 'SEMANTICS', help: `${SEMANTICS_FLAGS.join(', ')} (default at-most-once)` },
  tries: { value: 'N', help: 'copies in all, of an at-most-once call (default 5)' },
  timeout: { value: 'MS', help: 'give up after this, whatever the semantics (default: when they do)' },
  transport: { value: 'udp|tcp', help: 'default udp; a key and a value of more than 127 KiB together need tcp' },
  key: { value: 'FILE', help: "the secret of the server's --request-reply-key" },
  'after-crash': { value: 'RULE', help: `as the server's: ${AFTER_CRASH.join(', ')} (default ${AFTER_CRASH[0]})` },
};

const NOTES = `
Exit codes: 0 answered, 1 not set (compare-and-set), 3 not answered: it may have been executed (once at most, if
at-most-once), 4 no such key, 5 overloaded, 6 the server failed at it, 7 refused, 8 no server answers, as where the secret
of --key is not the server's. With --json every outcome is one line.
`;

/** What a call came to: for people, for programs, for the shell. */
interface Told {
  readonly text: string | Uint8Array;
  readonly json: Readonly<Record<string, unknown>>;
  readonly exit?: ExitCode;
}

type Store = Client<typeof KeyValue>;

interface Method {
  readonly name: string;
  readonly summary: string;
  readonly arguments: readonly string[];
  /** Beside those of every method. */
  readonly flags?: Readonly<Record<string, Flag>>;
  readonly example: string;
  readonly call: (store: Store, given: Arguments, options: CallOptions) => Promise<Told>;
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const NO_SUCH_KEY: Told = { text: 'no such key\n', json: { outcome: 'noSuchKey' }, exit: EXIT.noSuchKey };

function revisionTold(revision: bigint): Told {
  return { text: `revision ${revision}\n`, json: { revision: Number(revision) } };
}

const METHODS: readonly Method[] = [
  {
    name: 'get',
    summary: 'Get a value by request-reply',
    arguments: ['KEY'],
    example: 'get greeting',
    call: async (store, given, options) => {
      const { value, revision } = await store.get({ key: bytes(given.at(0)) }, options);
      if (value === undefined) return NO_SUCH_KEY;
      const text = Buffer.concat([value, bytes('\n')]);
      return { text, json: { ...bytesFields('value', value), revision: Number(revision) } };
    },
  },
  {
    name: 'put',
    summary: 'Give a key a value by request-reply',
    arguments: ['KEY', 'VALUE'],
    example: 'put greeting hello',
    call: async (store, given, options) => {
      const { revision } = await store.put({ key: bytes(given.at(0)), value: bytes(given.at(1)) }, options);
      return revisionTold(revision);
    },
  },
  {
    name: 'remove',
    summary: 'Remove a key by request-reply',
    arguments: ['KEY'],
    example: 'remove greeting',
    call: async (store, given, options) => {
      const { removed, revision } = await store.remove({ key: bytes(given.at(0)) }, options);
      return removed ? revisionTold(revision) : NO_SUCH_KEY;
    },
  },
  {
    name: 'compare-and-set',
    summary: "Give a key a value if it holds another one, or if it is not there (EXPECTED '')",
    arguments: ['KEY', 'EXPECTED', 'VALUE'],
    flags: { empty: { help: "EXPECTED '' is the empty value (default: that there is no such key)" } },
    example: "compare-and-set owner '' me",
    call: async (store, given, options) => {
      const expected = expectedOf(given);
      const request = { key: bytes(given.at(0)), value: bytes(given.at(2)), ...(expected !== null && { expected }) };
      const { succeeded, existed, revision } = await store.compareAndSet(request, options);
      const json = { succeeded, existed, revision: Number(revision) };
      if (succeeded) return { text: `revision ${revision}\n`, json };
      if (!existed) return { text: 'not set: no such key\n', json, exit: EXIT.noSuchKey };
      const text = expected === null ? 'not set: the key is there\n' : 'not set: the key holds another value\n';
      return { text, json, exit: EXIT.failed };
    },
  },
  {
    name: 'increment',
    summary: 'Add to the number under a key; one that is not there counts as 0',
    arguments: ['KEY', 'BY'],
    example: 'increment visits 1 --semantics exactly-once',
    call: async (store, given, options) => {
      const { value, revision } = await store.increment(
        { key: bytes(given.at(0)), by: int64(given.at(1), 'BY') },
        options,
      );
      return { text: `${value}\n`, json: { value, revision: Number(revision) } };
    },
  },
  {
    name: 'wipe',
    summary: 'Remove every key by request-reply',
    arguments: [],
    example: 'wipe',
    call: async (store, _given, options) => {
      const { removed, revision } = await store.wipe({}, options);
      return {
        text: `removed ${removed}, revision ${revision}\n`,
        json: { removed: Number(removed), revision: Number(revision) },
      };
    },
  },
  {
    name: 'ping',
    summary: 'See whether a server answers, and how fast',
    arguments: [],
    example: 'ping',
    call: async (store, _given, options) => {
      await store.ping({ payload: bytes(PAYLOAD) }, options); // the first call learns which life the server is in
      const began = performance.now();
      await store.ping({ payload: bytes(PAYLOAD) }, options);
      const ms = Math.round((performance.now() - began) * 1000) / 1000;
      return { text: `answered in ${ms} ms\n`, json: { ms } };
    },
  },
  {
    name: 'status',
    summary: 'Tell how the member that answers sees the store, and what came over the network',
    arguments: [],
    example: 'status',
    call: async (store, _given, options) => {
      const { member, leader, members, revision, ...server } = await store.status({}, options);
      const text = `member ${member} of ${members.join(', ')}; leader ${leader || 'none'}; revision ${revision}\n`;
      const json = { member, leader: leader || null, members, revision: Number(revision) };
      return { text: `${text}${serverTold(server)}`, json: { ...json, ...serverJson(server) } };
    },
  },
];

type ServerStatus = Pick<Awaited<ReturnType<Store['status']>>, 'transports' | 'replyCache' | 'executing' | 'calls'>;

/** What became of copies of calls, in the words of people. */
const WHAT_BECAME: Readonly<Record<string, string>> = {
  executed: 'executed',
  answeredAgain: 'answered from the cache',
  orphaned: 'orphaned',
  underWay: 'under way already',
  overloaded: 'refused as overload',
  late: 'late',
  staleServer: 'for another life of the server',
  noSuchMethod: 'of unknown methods',
  otherRule: 'by another rule for crashes',
  longerSpan: 'of clients that try for too long',
};

function serverTold({ transports, replyCache, executing, calls }: ServerStatus): string {
  const lines = transports.map(({ kind, received, sent, corrupted, malformed, incomplete }) => {
    const dropped = `dropped ${corrupted} corrupted, ${malformed} malformed, ${incomplete} incomplete`;
    return `${kind}: received ${received}, sent ${sent}; ${dropped}\n`;
  });
  if (replyCache !== undefined) {
    const { entries, clients, bytes, bytesMax } = replyCache;
    const remembered = `${counted(entries, 'call')} and ${counted(clients, 'client')} remembered`;
    const others = executing === 1n ? 'only this call' : `${counted(executing, 'call')}, this one too`;
    lines.push(`reply cache: ${remembered}, ${bytes} of ${bytesMax} bytes; executing ${others}\n`);
  }
  const became = Object.entries(WHAT_BECAME).flatMap(([what, told]) => {
    const count = calls[what];
    return count === undefined ? [] : [`${count} ${told}`];
  });
  if (became.length > 0) lines.push(`calls: ${became.join(', ')}\n`);
  return lines.join('');
}

function counted(count: bigint, noun: string): string {
  return `${count} ${noun}${count === 1n ? '' : 's'}`;
}

function serverJson({ transports, replyCache, executing, calls }: ServerStatus): Told['json'] {
  return {
    transports: Object.fromEntries(transports.map((transport) => [transport.kind, countsOf(transport)])),
    replyCache: replyCache === undefined ? null : countsOf(replyCache),
    executing: Number(executing),
    calls: countsOf(calls),
  };
}

function countsOf(message: object): Record<string, number> {
  return Object.fromEntries(
    Object.entries(message).flatMap(([name, value]) => (typeof value === 'bigint' ? [[name, Number(value)]] : [])),
  );
}

/** One command for each method. */
export const call: readonly Command[] = METHODS.map((method) => ({
  name: `call ${method.name}`,
  summary: method.summary,
  arguments: method.arguments,
  flags: { ...method.flags, ...FLAGS },
  notes: `${NOTES}\nExample, with a member that runs by '$0 serve --request-reply 4600':\n\n  $0 call ${method.example}\n`,
  run: (given, terminal) => runMethod(method, given, terminal),
}));

type Rpc = typeof import('../../rpc/index.ts');

async function runMethod(method: Method, given: Arguments, terminal: Terminal): Promise<ExitCode> {
  const options = optionsOf(given);
  // Loaded only here, as it takes longer than all other commands together.
  const rpc = await import('../../rpc/index.ts');
  const clientOptions = await clientOptionsOf(given, rpc.protocol.DEFAULT_AGREEMENT);
  const { semantics, timeoutMs = Number.POSITIVE_INFINITY } = options;
  const patienceMs = rpc.protocol.isSentUntilAnswered(semantics)
    ? Number.POSITIVE_INFINITY
    : rpc.protocol.patienceMs(clientOptions.agreement.retry);
  const endWait = tellOfWait(terminal, serverOf(given), Math.min(timeoutMs, patienceMs));
  let client: RpcClient | null = null;
  try {
    client = await rpc.RpcClient.open(clientOptions);
    const { text, json, exit = EXIT.ok } = await method.call(rpc.createClient(rpc.KeyValue, client), given, options);
    endWait();
    await terminal.write(given.has('json') ? toJsonLine({ outcome: 'answered', ...json }) : text);
    return exit;
  } catch (error) {
    if (!(error instanceof rpc.CallError)) throw error;
    endWait();
    await tellFailure(error, {
      message: `${messageOf(error, given, rpc)}${hintOf(client, given)}`,
      given,
      terminal,
      rpc,
    });
    return EXIT_OF[error.code];
  } finally {
    endWait();
    await client?.close();
  }
}

interface Failure {
  readonly message: string;
  readonly given: Arguments;
  readonly terminal: Terminal;
  readonly rpc: Rpc;
}

async function tellFailure(error: CallError, { message, given, terminal, rpc }: Failure): Promise<void> {
  if (!given.has('json')) return terminal.warn(`coterie: ${message}`);
  const { code, mayHaveBeenExecuted } = error;
  const retryAfterMs = error instanceof rpc.OverloadedError ? { retryAfterMs: error.retryAfterMs } : {};
  await terminal.write(toJsonLine({ outcome: code, message, mayHaveBeenExecuted, ...retryAfterMs }));
}

/** In the words of the command line. */
function messageOf(error: CallError, given: Arguments, { ReceivedRejection }: Rpc): string {
  if (!(error instanceof ReceivedRejection && error.isOfOtherRule)) return error.message;
  const remedy = `give --after-crash what the server got as --request-reply-after-crash (default ${AFTER_CRASH[0]})`;
  return `not executed: the client's rule for crashes is ${afterCrashOf(given)}, the server's another; ${remedy}`;
}

/** Where something was sent, and nothing came back at all. */
function hintOf(client: RpcClient | null, given: Arguments): string {
  if (client === null || client.counters.sent === 0 || client.counters.received > 0) return '';
  const other = given.has('key') ? 'whose secret is not that of --key' : 'that wants a secret (--key FILE)';
  return `; a server ${other} is as silent`;
}

const EXIT_OF = {
  deadline: EXIT.unknownOutcome,
  cancelled: EXIT.unknownOutcome,
  unknownOutcome: EXIT.unknownOutcome,
  unreachable: EXIT.unreachable,
  rejected: EXIT.refused,
  overloaded: EXIT.overloaded,
  serverError: EXIT.serverError,
} as const;

function serverOf(given: Arguments): string {
  return given.text('server') ?? DEFAULT_SERVER;
}

function afterCrashOf(given: Arguments): (typeof AFTER_CRASH)[number] {
  return given.oneOf('after-crash', AFTER_CRASH) ?? AFTER_CRASH[0];
}

async function clientOptionsOf(
  given: Arguments,
  { retry }: protocol.Agreement,
): Promise<RpcClientOptions & { readonly agreement: Pick<protocol.Agreement, 'retry' | 'afterCrash'> }> {
  const server = serverOf(given)
    .split(',')
    .map((one) => parseHostPort(one.trim(), '--server', DEFAULT_SERVER));
  const transport = given.oneOf('transport', ['udp', 'tcp']) ?? 'udp';
  const afterCrash = afterCrashOf(given);
  // No more than the server's agreement says, which keeps what it remembers so long.
  const tries = given.number('tries', { min: 1, max: retry.tries }) ?? retry.tries;
  const keyFile = given.text('key');
  const key = keyFile === undefined ? {} : { key: await readSecret(keyFile, '--key') };
  return { server, transport, agreement: { retry: { ...retry, tries }, afterCrash }, ...key };
}

function optionsOf(given: Arguments): CallOptions & { readonly semantics: protocol.Semantics } {
  const semantics = SEMANTICS[given.oneOf('semantics', SEMANTICS_FLAGS) ?? 'at-most-once'];
  const timeoutMs = given.number('timeout', { min: 1, max: MS_MAX });
  return timeoutMs === undefined ? { semantics } : { semantics, timeoutMs };
}

/** Null for no such key. */
function expectedOf(given: Arguments): Uint8Array | null {
  const text = given.at(1);
  if (given.has('empty') && text !== '') throw new UsageError(`--empty expects the empty value: got '${text}', not ''`);
  return text === '' && !given.has('empty') ? null : bytes(text);
}

function int64(text: string, what: string): bigint {
  const value = /^-?\d{1,19}$/.test(text) ? BigInt(text) : null;
  if (value !== null && value === BigInt.asIntN(64, value)) return value;
  throw new UsageError(`${what} is a whole number of at most 64 bits, as in 5 or -5: got '${text}'`);
}
