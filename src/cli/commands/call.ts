import type { CallOptions, Client, KeyValue, protocol, RpcClient, RpcClientOptions } from '../../rpc/index.ts';
import type { Arguments } from '../arguments.ts';
import { type Command, EXIT, type ExitCode, type Flag, UsageError } from '../command.ts';
import { parseHostPort } from '../host-port.ts';
import { bytesFields, toJsonLine } from '../json.ts';
import { AFTER_CRASH, readSecret } from '../request-reply-flags.ts';
import type { Terminal } from '../terminal.ts';

const DEFAULT_SERVER = '127.0.0.1:4600';
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
  transport: { value: 'udp|tcp', help: 'default udp; values of more than 100 KiB need tcp' },
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

type ServerStatus = Pick<Awaited<ReturnType<Store['status']>>, 'transports' | 'replyCache' | 'executing'>;

function serverTold({ transports, replyCache, executing }: ServerStatus): string {
  const lines = transports.map(({ kind, received, sent, corrupted, malformed, incomplete }) => {
    const dropped = `dropped ${corrupted} corrupted, ${malformed} malformed, ${incomplete} incomplete`;
    return `${kind}: received ${received}, sent ${sent}; ${dropped}\n`;
  });
  if (replyCache !== undefined) {
    const { entries, bytes, bytesMax } = replyCache;
    lines.push(`reply cache: ${entries} calls, ${bytes} of ${bytesMax} bytes; executing ${executing}\n`);
  }
  return lines.join('');
}

function serverJson({ transports, replyCache, executing }: ServerStatus): Told['json'] {
  return {
    transports: Object.fromEntries(transports.map((transport) => [transport.kind, countsOf(transport)])),
    replyCache: replyCache === undefined ? null : countsOf(replyCache),
    executing: Number(executing),
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

async function runMethod(method: Method, given: Arguments, terminal: Terminal): Promise<ExitCode> {
  const options = optionsOf(given);
  // Loaded only here, as it takes longer than all other commands together.
  const rpc = await import('../../rpc/index.ts');
  const { CallError, createClient, KeyValue, OverloadedError } = rpc;
  const clientOptions = await clientOptionsOf(given, rpc.protocol.DEFAULT_AGREEMENT);
  let client: RpcClient | null = null;
  try {
    client = await rpc.RpcClient.open(clientOptions);
    if (isForEver(options)) terminal.progress(`waiting until ${serverOf(given)} answers; --timeout MS would end it`);
    const { text, json, exit = EXIT.ok } = await method.call(createClient(KeyValue, client), given, options);
    terminal.progress(null);
    await terminal.write(given.has('json') ? toJsonLine({ outcome: 'answered', ...json }) : text);
    return exit;
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    terminal.progress(null);
    const { code, mayHaveBeenExecuted } = error;
    const message = client?.counters.received === 0 ? `${error.message}${hintOf(given)}` : error.message;
    if (given.has('json')) {
      const retryAfterMs = error instanceof OverloadedError ? { retryAfterMs: error.retryAfterMs } : {};
      await terminal.write(toJsonLine({ outcome: code, message, mayHaveBeenExecuted, ...retryAfterMs }));
    } else terminal.warn(`coterie: ${message}`);
    return EXIT_OF[code];
  } finally {
    await client?.close();
  }
}

function isForEver({ semantics, timeoutMs }: CallOptions): boolean {
  return timeoutMs === undefined && (semantics === 'atLeastOnce' || semantics === 'exactlyOnce');
}

/** Where nothing came back at all. */
function hintOf(given: Arguments): string {
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

async function clientOptionsOf(given: Arguments, { retry }: protocol.Agreement): Promise<RpcClientOptions> {
  const server = serverOf(given)
    .split(',')
    .map((one) => parseHostPort(one.trim(), '--server'));
  const transport = given.oneOf('transport', ['udp', 'tcp']) ?? 'udp';
  const afterCrash = given.oneOf('after-crash', AFTER_CRASH) ?? AFTER_CRASH[0];
  // No more than the server's agreement says, which keeps what it remembers so long.
  const tries = given.number('tries', { min: 1, max: retry.tries }) ?? retry.tries;
  const keyFile = given.text('key');
  const key = keyFile === undefined ? {} : { key: await readSecret(keyFile, '--key') };
  return { server, transport, agreement: { retry: { ...retry, tries }, afterCrash }, ...key };
}

function optionsOf(given: Arguments): CallOptions {
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
