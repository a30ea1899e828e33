import { readFile, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import {
  type Call,
  HistoryError,
  historyPage,
  ISOLATION_MODELS,
  type IsolationModel,
  OBJECT_MODELS,
  objectHistory,
  plainOperations,
  readHistory,
  TRANSACTION_MODELS,
} from '../../check/index.ts';
import type { Arguments } from '../arguments.ts';
import { grouped } from '../check-report.ts';
import { type Command, EXIT, type ExitCode, UsageError } from '../command.ts';
import { toJsonLine } from '../json.ts';
import { nearest } from '../nearest.ts';
import { isFile, loadModel } from '../own-model.ts';
import type { Terminal } from '../terminal.ts';
import {
  CONSISTENCIES,
  type Consistency,
  judgeObject,
  judgeTransactions,
  type ShouldStop,
  type Verdict,
} from '../verdict.ts';

const MODELS = [...OBJECT_MODELS, ...TRANSACTION_MODELS] as const;
const SECONDS_DEFAULT = 60;
const SECONDS_MAX = 1_000_000;

export const verify: Command = {
  name: 'verify',
  summary: 'Check what clients of any system saw against a consistency model',
  arguments: ['FILE'],
  flags: {
    model: { value: 'NAME', help: 'of what; see below' },
    consistency: { value: 'LEVEL', help: 'of objects (default linearizable); see below' },
    isolation: { value: 'LEVEL', help: 'of transactions (default strict-serializable); see below' },
    html: { value: 'OUT.html', help: 'draw the history, with what is wrong marked' },
    seconds: { value: 'N', help: `give up after N seconds (default ${SECONDS_DEFAULT})` },
  },
  notes: `
FILE is a history as JSON lines or as Jepsen's EDN, or - for stdin. docs/histories.md tells of the formats, of what each
model and level means, and how to write a model.

Models of objects: ${OBJECT_MODELS.join(', ')}, or a file (./my-model.ts) of your own
Models of transactions: ${TRANSACTION_MODELS.join(', ')}
Consistency: ${wrapped(CONSISTENCIES)}
Isolation: ${wrapped(ISOLATION_MODELS)}

Exit codes: 0 holds, 1 violated, 2 wrong use, or a history that cannot be read, 3 cut short, or no telling. Example:

  $0 verify examples/histories/stale-read.edn --model register --html stale-read.html
`,
  async run(given, terminal) {
    const file = given.at(0);
    const name = given.text('model');
    if (name === undefined) throw new UsageError(`of what is the history? Say --model ${MODELS.join('|')}`);
    const seconds = secondsOf(given);
    const startedAt = performance.now();
    const judge = await judgeFor(name, given);
    const calls = await readCalls(file, terminal);
    warnIfNothingIsKnown(file, calls, terminal);
    const verdict = explained(file, () => judge(calls, stopAfter(seconds, terminal)));
    terminal.progress(null);
    if (given.has('html')) await draw(given.text('html') ?? '', file, verdict);
    const took = (performance.now() - startedAt) / 1000;
    await terminal.write(given.has('json') ? asJson(file, name, verdict, took) : asText(file, verdict, took, given));
    return EXIT_OF[verdict.verdict];
  },
};

function secondsOf(given: Arguments): number {
  const text = given.text('seconds');
  if (text === undefined) return SECONDS_DEFAULT;
  const seconds = Number(text);
  if (/^(\d+\.?\d*|\.\d+)$/.test(text) && seconds > 0 && seconds <= SECONDS_MAX) return seconds;
  throw new UsageError(`--seconds is a number above 0, of at most ${SECONDS_MAX}: got '${text}'`);
}

const EXIT_OF: Readonly<Record<Verdict['verdict'], ExitCode>> = {
  holds: EXIT.ok,
  violated: EXIT.violated,
  unknown: EXIT.cutShort,
};

type Judge = (calls: readonly Call[], shouldStop: ShouldStop) => Verdict;

/** How to check what was asked for; everything that can be wrong with that is told before the file is read. */
async function judgeFor(name: string, given: Arguments): Promise<Judge> {
  const transactions = TRANSACTION_MODELS.find((model) => model === name);
  if (transactions !== undefined) {
    if (given.has('consistency'))
      throw new UsageError(`${name} is of transactions: use --isolation, not --consistency`);
    const isolation = isolationOf(given);
    return (calls, shouldStop) => judgeTransactions(calls, { model: transactions, isolation, shouldStop });
  }
  if (given.has('isolation'))
    throw new UsageError(`${name} is of single operations: use --consistency, not --isolation`);
  const consistency: Consistency = given.oneOf('consistency', CONSISTENCIES) ?? 'linearizable';
  if (isFile(name)) {
    const model = await loadModel(name);
    return (calls, shouldStop) => judgeObject({ model, operations: plainOperations(calls) }, consistency, shouldStop);
  }
  const object = OBJECT_MODELS.find((model) => model === name);
  if (object === undefined) throw unknownModel(name);
  return (calls, shouldStop) => judgeObject(objectHistory(calls, object), consistency, shouldStop);
}

/** `snapshot` is short for `snapshot-isolation`. */
function isolationOf(given: Arguments): IsolationModel {
  if (given.text('isolation')?.endsWith('snapshot') === true) {
    const whole = `${given.text('isolation')}-isolation`;
    const model = ISOLATION_MODELS.find((each) => each === whole);
    if (model !== undefined) return model;
  }
  return given.oneOf('isolation', ISOLATION_MODELS) ?? 'strict-serializable';
}

function unknownModel(name: string): UsageError {
  const close = nearest(name, MODELS);
  const hint = close === null ? `expected ${MODELS.join(', ')}, or a file` : `did you mean '${close}'?`;
  return new UsageError(`unknown model '${name}': ${hint}`);
}

async function readCalls(file: string, terminal: Terminal): Promise<Call[]> {
  let text: string;
  try {
    text = file === '-' ? await terminal.input() : await readFile(file, 'utf8');
  } catch (error) {
    throw new UsageError(`cannot read the history: ${error instanceof Error ? error.message : error}`);
  }
  return explained(file, () => readHistory(text));
}

/** What nobody knows the outcome of can be in any order, or not have been at all: of that alone, anything holds. */
function warnIfNothingIsKnown(file: string, calls: readonly Call[], terminal: Terminal): void {
  if (calls.some(({ outcome }) => outcome === 'ok')) return;
  const what = `no operation of ${file} is known to have happened, so there is nothing that could be wrong`;
  terminal.warn(`coterie: warning: ${what}: are its ends missing (ok, or completeAt)?`);
}

/** What is wrong with a history is told with the name of its file. */
function explained<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof HistoryError) throw new UsageError(`${file}: ${error.message}`, { cause: error });
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${file} cannot be checked: ${why}`, { cause: error });
  }
}

const PROGRESS_EVERY_MS = 100;

function stopAfter(seconds: number, terminal: Terminal): ShouldStop {
  const startedAt = performance.now();
  let shownAt = startedAt;
  return (progress) => {
    const now = performance.now();
    if (now - shownAt >= PROGRESS_EVERY_MS) {
      shownAt = now;
      const placed =
        progress === undefined
          ? ''
          : `, ${grouped(progress.placed)} of ${grouped(progress.operations)} operations in an order`;
      terminal.progress(`checking: ${((now - startedAt) / 1000).toFixed(1)} s of ${seconds}${placed}`);
    }
    return now - startedAt > seconds * 1000;
  };
}

async function draw(out: string, file: string, { verdict, text, bars }: Verdict): Promise<void> {
  try {
    await writeFile(out, historyPage({ title: basename(file), verdict, text, bars }));
  } catch (error) {
    throw new UsageError(`cannot write the page: ${error instanceof Error ? error.message : error}`);
  }
}

function asText(file: string, { verdict, text, bars }: Verdict, seconds: number, given: Arguments): string {
  const clients = new Set(bars.map(({ client }) => client)).size;
  const counts = `${grouped(bars.length)} operations of ${clients} clients, in ${seconds.toFixed(1)} s`;
  const out = given.text('html');
  const hint = verdict === 'holds' ? '' : '(--html OUT.html draws it)\n';
  return `${file}: ${verdict}. ${counts}\n${text}\n${out === undefined ? hint : `drawn in ${out}\n`}`;
}

function asJson(file: string, model: string, { verdict, text, details, bars }: Verdict, seconds: number): string {
  return toJsonLine({ history: file, model, verdict, operations: bars.length, seconds, ...details, text });
}

function wrapped(names: readonly string[]): string {
  const lines: string[] = [''];
  for (const name of names) {
    const line = lines.at(-1) ?? '';
    if (line.length + name.length > 100) lines.push(`  ${name}`);
    else lines[lines.length - 1] = line === '' ? name : `${line}, ${name}`;
  }
  return lines.join(',\n');
}
