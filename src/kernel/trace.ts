import type { Address, NodeId } from './address.ts';
import { fromJson, type Json, toJson } from './json.ts';
import type { Effect, Event } from './process.ts';

/**
 * A run's inputs and effects, in order: one format for the simulator's runs, the checker's counterexamples and what a
 * node in production recorded. Since processes are deterministic, the inputs alone repeat the run; the effects are
 * there so that `replayTrace` can tell whether it is still the same run, and a reader can follow it.
 *
 * A trace is text, JSON Lines: the header, then one line a step, values as `toJson` writes them. So it can be read,
 * searched, compared with diff, and cut off anywhere between lines: what is left is a trace too.
 */
export interface Trace {
  readonly header: TraceHeader;
  readonly steps: readonly TraceStep[];
}

export interface TraceHeader {
  readonly format: 'coterie-trace';
  readonly version: 1;
  readonly origin: 'sim' | 'check' | 'host';
  /** What ran: whoever replays the trace finds the definitions of its nodes by this name. */
  readonly subject: string;
  readonly seed?: number | string;
  /** Why the trace was kept, for example the invariant that its last step breaks. */
  readonly reason?: string;
  /** What else the origin needs to know to make the run again, as plain data. */
  readonly options?: unknown;
}

export type TraceStep = ProcessStep | NodeStep | TraceNote;

/** One event given to one process, and all that it did. */
export interface ProcessStep {
  /** When, in milliseconds of the run's own time. */
  readonly at: number;
  /** The node's own clock, which the process saw as `now`; left out if it is `at`. */
  readonly now?: number;
  readonly process: Address;
  readonly event: Event;
  /** What each call of `choose` drew. */
  readonly choices: readonly number[];
  /** In order; none if the step ended in an error. */
  readonly effects: readonly Effect[];
  /** The message of the error that the handler threw, if it did. */
  readonly error?: string;
}

/**
 * What happened to a node as a whole. A boot makes its processes; the `recover` and `start` events that they then get
 * are steps of their own. Flushes are told by storage, since what a pin shows depends on when they complete.
 */
export type NodeStep =
  | { readonly at: number; readonly node: NodeId; readonly type: 'boot' }
  | { readonly at: number; readonly node: NodeId; readonly type: 'crash' }
  | { readonly at: number; readonly node: NodeId; readonly type: 'beginFlush'; readonly storage: string }
  | { readonly at: number; readonly node: NodeId; readonly type: 'completeFlush'; readonly storage: string };

/** Anything worth reading that is no input of a process: a link cut, a message lost. A replay passes over it. */
export interface TraceNote {
  readonly at: number;
  readonly type: 'note';
  readonly text: string;
}

/** A text that is not a trace. `line` counts from 1. */
export class TraceError extends Error {
  override readonly name = 'TraceError';
  readonly code: 'badHeader' | 'badVersion' | 'badStep';
  readonly line: number;

  constructor(code: TraceError['code'], line: number, message: string, options?: ErrorOptions) {
    super(`line ${line} of the trace: ${message}`, options);
    this.code = code;
    this.line = line;
  }
}

export function formatTrace(trace: Trace): string {
  return [formatLine(trace.header), ...trace.steps.map(formatLine)].join('');
}

/** One line of a trace, with its newline; for those who write a trace while it grows. */
export function formatLine(line: TraceHeader | TraceStep): string {
  return `${JSON.stringify(toJson(line))}\n`;
}

/** Reads what `formatTrace` wrote. Throws `TraceError`. */
export function parseTrace(text: string): Trace {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  const header = parseHeader(parseLine(lines[0] ?? '', 1, 'badHeader'));
  const steps: TraceStep[] = [];
  for (let index = 1; index < lines.length; index += 1) {
    steps.push(parseStep(parseLine(lines[index] as string, index + 1, 'badStep'), index + 1));
  }
  return { header, steps };
}

type Fields = Readonly<Record<string, unknown>>;

function parseLine(line: string, number: number, code: 'badHeader' | 'badStep'): Fields {
  let value: unknown;
  try {
    value = fromJson(JSON.parse(line) as Json);
  } catch (cause) {
    throw new TraceError(code, number, `it is not JSON of a trace: ${(cause as Error).message}`, { cause });
  }
  if (!isFields(value)) throw new TraceError(code, number, `expected a JSON object, found ${line.slice(0, 40)}`);
  return value;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parseHeader(line: Fields): TraceHeader {
  const { format, version, origin, subject } = line;
  if (format !== 'coterie-trace') {
    throw new TraceError('badHeader', 1, `expected {"format":"coterie-trace",…}: this is not a trace`);
  }
  if (version !== 1) {
    const advice = 'expected 1: read it with the version of coterie that wrote it';
    throw new TraceError('badVersion', 1, `its format is of version ${String(version)}, ${advice}`);
  }
  if ((origin !== 'sim' && origin !== 'check' && origin !== 'host') || typeof subject !== 'string') {
    throw new TraceError('badHeader', 1, `expected "origin" to be sim, check or host, and a "subject"`);
  }
  return line as unknown as TraceHeader;
}

function parseStep(line: Fields, number: number): TraceStep {
  const missing = missingIn(line);
  if (missing !== null) throw new TraceError('badStep', number, missing);
  return line as unknown as TraceStep;
}

/** Says what a line lacks to be a step; null if nothing. */
function missingIn(line: Fields): string | null {
  const { at, type, node, storage, text } = line;
  if (typeof at !== 'number') return 'a step needs a number "at"';
  if ('process' in line) return missingInProcessStep(line);
  switch (type) {
    case 'note':
      return typeof text === 'string' ? null : 'a note needs a string "text"';
    case 'boot':
    case 'crash':
      return typeof node === 'string' ? null : `a ${type} needs a string "node"`;
    case 'beginFlush':
    case 'completeFlush':
      return typeof node === 'string' && typeof storage === 'string'
        ? null
        : `a ${type} needs strings "node" and "storage"`;
    default:
      return 'expected a "process", or a "type" of boot, crash, beginFlush, completeFlush or note';
  }
}

function missingInProcessStep({ process, event, choices, effects }: Fields): string | null {
  if (typeof process !== 'string') return '"process" is not an address';
  if (!isFields(event) || !isEventType(event)) return '"event" is not of type recover, start, message or timer';
  if (!Array.isArray(choices) || !choices.every(Number.isSafeInteger)) return '"choices" is not a list of numbers';
  if (!Array.isArray(effects) || !effects.every(isFields)) return '"effects" is not a list of effects';
  return null;
}

function isEventType({ type }: Fields): boolean {
  return type === 'recover' || type === 'start' || type === 'message' || type === 'timer';
}
