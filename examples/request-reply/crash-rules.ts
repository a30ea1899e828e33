/**
 * What each rule for a server that crashes costs and gives: the product's own client and server in virtual time, the
 * same calls, crashes and chances of loss for each rule. Every number is computed.
 *
 *     npm run -s example examples/request-reply/crash-rules.ts [-- --seeds 10]
 *
 * In a project of your own, import from 'coterie/kernel', 'coterie/protocols' and 'coterie/sim'.
 */
import { parseArgs } from 'node:util';
import { type Address, address, type NodeDefinition, nodeOf, Random } from '../../src/kernel/index.ts';
import { requestReply } from '../../src/protocols/index.ts';
import { Simulation } from '../../src/sim/index.ts';

const HELP = `npm run -s example examples/request-reply/crash-rules.ts [-- --seeds N]

Compares the rules for a server that crashes, in virtual time. In each of N seeds (default 10, at most 1000) a client calls
at most once, ten times a second for a minute; the network loses and doubles 5% each; the server crashes five times.

  executed twice  calls that were: what must not be
  unknown         calls of which the caller learns only that they were executed once or not at all
  not executed    calls of which the caller learns that they were not
  from memory     copies that the server answered by its cache: a second copy of a call gets the first answer
  from disk       the same, by what it had written down before it crashed
  first answer    median time from a restart until a call that was executed since is answered: the wait for the next
                  call, up to 100 ms, included
  records, syncs  on the server's disk, for each call
`;

const RULES: readonly requestReply.AfterCrash[] = ['nothing', 'persisted', 'silence', 'incarnations'];
const CLIENT: Address = address('client');
const SERVER: Address = address('server');
const DURATION_MS = 60_000;
const CALL_EVERY_MS = 100;
const CRASH_EVERY_MS = 12_000;
const DOWN_MS = 50;
/** How long the service takes over a call. */
const SERVICE_MS = 5;
const SEEDS_MAX = 1_000;

/** The product's server; it counts the answers that it gives again. */
class CountingServer extends requestReply.RequestServer {
  answered: Set<string> = new Set();
  onDisk: Set<string> = new Set();
  fromMemory = 0;
  fromDisk = 0;

  override onStart(): void {
    super.onStart();
    this.onDisk = new Set(this.cache.entries.keys());
  }

  protected override send(...[to, message, departure]: Parameters<requestReply.RequestServer['send']>): void {
    if (message.type === 'reply') this.countAnswer(`${message.id.client}\n${message.id.sequence}`);
    super.send(to, message, departure);
  }

  private countAnswer(call: string): void {
    if (this.onDisk.has(call)) this.fromDisk += 1;
    else if (this.answered.has(call)) this.fromMemory += 1;
    this.answered.add(call);
  }
}

interface Tally {
  calls: number;
  twice: number;
  answered: number;
  unknown: number;
  notExecuted: number;
  fromMemory: number;
  fromDisk: number;
  records: number;
  syncs: number;
  readonly firstAnswersMs: number[];
}

/** One seed: a client, a server, and a service outside of it, whose effects outlive every crash. */
class Minute {
  readonly #simulation: Simulation;
  readonly #tally: Tally;
  readonly #executions = new Map<number, number>();
  /** Calls that were executed since the server started again at that time; null when one of them is answered. */
  #restart: { readonly atMs: number; readonly executed: Set<number> } | null = null;

  constructor(seed: number, afterCrash: requestReply.AfterCrash, tally: Tally) {
    this.#tally = tally;
    this.#simulation = new Simulation({
      seed,
      nodes: nodesOf({ ...requestReply.DEFAULT_AGREEMENT, afterCrash }),
      network: { latency: { minMs: 0.5, meanMs: 5, maxMs: 500 }, loss: 0.05, duplication: 0.05 },
      onOutput: (output) => this.#on(output as requestReply.Outcome | requestReply.ServerOutput),
    });
    const random = new Random(seed).fork('crashes');
    for (let atMs = CRASH_EVERY_MS / 2; atMs < DURATION_MS; atMs += CRASH_EVERY_MS) {
      this.#crash(atMs + random.between(0, CALL_EVERY_MS));
    }
    for (let call = 1; call * CALL_EVERY_MS < DURATION_MS; call += 1) {
      this.#simulation.at(call * CALL_EVERY_MS, () => this.#call(call));
    }
  }

  run(): void {
    this.#simulation.run({ untilMs: DURATION_MS + requestReply.patienceMs(requestReply.DEFAULT_AGREEMENT.retry) });
    this.#collect();
    const { records, syncs } = this.#simulation.statistics;
    this.#tally.records += records;
    this.#tally.syncs += syncs;
    for (const executions of this.#executions.values()) if (executions > 1) this.#tally.twice += 1;
  }

  #crash(atMs: number): void {
    this.#simulation.at(atMs, () => {
      this.#collect();
      this.#simulation.crash(nodeOf(SERVER));
    });
    this.#simulation.at(atMs + DOWN_MS, () => {
      this.#restart = { atMs: atMs + DOWN_MS, executed: new Set() };
      this.#simulation.restart(nodeOf(SERVER));
    });
  }

  /** Counts what this life of the server did. */
  #collect(): void {
    const server = this.#simulation.process(SERVER);
    if (!(server instanceof CountingServer)) return;
    this.#tally.fromMemory += server.fromMemory;
    this.#tally.fromDisk += server.fromDisk;
  }

  #call(call: number): void {
    this.#tally.calls += 1;
    const body = new Uint8Array([call >> 8, call]);
    const how = { method: 'count', semantics: 'atMostOnce', metadata: {}, timeoutMs: null } as const;
    const message: requestReply.Call = { type: 'call', call, body, ...how };
    this.#simulation.deliver(nodeOf(CLIENT), '', message);
  }

  #on(output: requestReply.Outcome | requestReply.ServerOutput): void {
    switch (output.type) {
      case 'execute':
        return this.#execute(output);
      case 'orphaned':
        return;
      case 'answered':
        return output.result.type === 'interrupted' ? this.#unknown() : this.#answered(output.call);
      case 'unknownOutcome':
        return this.#unknown();
      case 'refused':
      case 'unreachable':
        this.#tally.notExecuted += 1;
        return;
      default:
        return output satisfies never;
    }
  }

  #execute({ ticket, body }: requestReply.Execute): void {
    const call = ((body[0] ?? 0) << 8) | (body[1] ?? 0);
    this.#executions.set(call, (this.#executions.get(call) ?? 0) + 1);
    this.#restart?.executed.add(call);
    const life = this.#simulation.life(nodeOf(SERVER));
    const executed: requestReply.Executed = { type: 'executed', ticket, result: { type: 'done', body } };
    this.#simulation.after(SERVICE_MS, () => {
      if (this.#simulation.life(nodeOf(SERVER)) !== life) return; // whoever asked is gone
      this.#simulation.deliver(nodeOf(SERVER), '', executed, SERVER);
    });
  }

  #answered(call: number): void {
    this.#tally.answered += 1;
    if (this.#restart === null || !this.#restart.executed.has(call)) return;
    this.#tally.firstAnswersMs.push(this.#simulation.nowMs - this.#restart.atMs);
    this.#restart = null;
  }

  #unknown(): void {
    this.#tally.unknown += 1;
  }
}

function nodesOf(agreement: requestReply.Agreement): ReadonlyMap<string, NodeDefinition> {
  const client = {
    client: nodeOf(CLIENT),
    servers: [SERVER],
    agreement,
    isNameFresh: true,
    acknowledgeAfterMs: null,
  };
  const server = {
    agreement,
    methods: { count: { idempotent: false, replyBytesMax: 100 } },
    filter: true,
    cacheBytesMax: 1_000_000,
    executingMax: 1_000,
  };
  return new Map<string, NodeDefinition>([
    [nodeOf(CLIENT), () => new Map([['', new requestReply.RequestClient(client)]])],
    [nodeOf(SERVER), () => new Map([['', new CountingServer(server)]])],
  ]);
}

function compare(afterCrash: requestReply.AfterCrash, seeds: number): Tally {
  const counts = { calls: 0, twice: 0, answered: 0, unknown: 0, notExecuted: 0, fromMemory: 0, fromDisk: 0 };
  const tally: Tally = { ...counts, records: 0, syncs: 0, firstAnswersMs: [] };
  for (let seed = 1; seed <= seeds; seed += 1) new Minute(seed, afterCrash, tally).run();
  return tally;
}

const HEAD = [
  ['', 'calls', 'executed', 'answered', 'unknown', 'not', 'from', 'from', 'first', 'records', 'syncs'],
  ['after a crash', '', 'twice', '', '', 'executed', 'memory', 'disk', 'answer', 'a call', 'a call'],
];

function row(afterCrash: requestReply.AfterCrash, tally: Tally): string[] {
  const { calls, twice, answered, unknown, notExecuted, fromMemory, fromDisk, records, syncs } = tally;
  const counts = [calls, twice, answered, unknown, notExecuted, fromMemory, fromDisk];
  const onDisk = [records, syncs].map((count) => (count / calls).toFixed(2));
  return [
    afterCrash,
    ...counts.map((count) => count.toLocaleString('en')),
    told(median(tally.firstAnswersMs)),
    ...onDisk,
  ];
}

function median(values: readonly number[]): number | null {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? null;
}

function told(ms: number | null): string {
  return ms === null ? 'none' : `${Math.round(ms).toLocaleString('en')} ms`;
}

/** The first column is words, the others are numbers. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = HEAD[0]?.map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0))) ?? [];
  return rows
    .map((cells) =>
      cells
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join('  '),
    )
    .join('\n');
}

function seedsIn(given: readonly string[]): number | 'help' | null {
  try {
    const options = { seeds: { type: 'string', default: '10' }, help: { type: 'boolean', default: false } } as const;
    const { values } = parseArgs({ args: [...given], options });
    if (values.help) return 'help';
    const seeds = Number(values.seeds);
    return Number.isInteger(seeds) && seeds >= 1 && seeds <= SEEDS_MAX ? seeds : null;
  } catch {
    return null;
  }
}

const seeds = seedsIn(process.argv.slice(2));
if (seeds === 'help') console.log(HELP);
else if (seeds === null) {
  console.error(`one option: --seeds N, a whole number from 1 to ${SEEDS_MAX}; --help tells more`);
  process.exitCode = 2;
} else {
  const rows = RULES.map((rule) => row(rule, compare(rule, seeds)));
  console.log(table([...HEAD, ...rows]));
}
