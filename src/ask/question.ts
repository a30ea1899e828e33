import type { GeneralsQuestion } from './generals/question.ts';

/** What a person asks of the machine. */
export type Question = CallsQuestion | GeneralsQuestion;

export const SEMANTICS = ['maybe', 'atLeastOnce', 'atMostOnce', 'atMostTwice', 'exactlyOnce'] as const;

/** What a client and its server do about lost and doubled messages, between them. */
export type SemanticsName = (typeof SEMANTICS)[number];

export const REPORTS = ['success', 'noKey', 'timeout', 'failure'] as const;

/** What a call told its caller. */
export type Report = (typeof REPORTS)[number];

export type Operation =
  | { readonly type: 'put'; readonly key: string; readonly value: string }
  | { readonly type: 'get'; readonly key: string }
  | { readonly type: 'remove'; readonly key: string }
  /** A key that is not there counts as 0. */
  | { readonly type: 'increment'; readonly key: string };

/** One step of a program: it begins when the one before has reported. */
export interface ProgramCall {
  readonly operation: Operation;
  /** What it is known to have reported: one of these. */
  readonly reported: readonly Report[];
}

export interface ServerRules {
  /** Where it remembers which calls it executed, and what it answered. */
  readonly cache: 'none' | 'memory' | 'disk';
  /** Where it keeps the keys and their values. */
  readonly store: 'memory' | 'disk';
  /** At most so many, each between two requests and followed by a restart at any time later, or never. */
  readonly crashes: number;
  /** Whether requests are meant for one life of the server, and others refuse them. */
  readonly incarnations: boolean;
  /** Whether it may report a failure, of what it did or did not do. */
  readonly fails: boolean;
  /** Whether a copy of a GET is answered as the first one was, or with what holds now. */
  readonly gets: 'cached' | 'current';
}

export interface NetworkRules {
  /** Any: messages take as long as they like, and overtake one another. Fifo: they do not overtake. */
  readonly order: 'any' | 'fifo';
  readonly loses: boolean;
  readonly duplicates: boolean;
  /** The service gets no call more often than this. */
  readonly deliveriesMax: number | null;
}

/** Which values can the reads of a program return, or which outcomes can its calls report? */
export interface CallsQuestion {
  readonly type: 'calls';
  readonly title: string;
  readonly asks: 'values' | 'outcomes';
  readonly semantics: SemanticsName;
  /** Copies after the first. */
  readonly retries: number;
  /** Whether a caller that would wait for ever gives up at some time, and takes it for a timeout. */
  readonly deadline: boolean;
  /** Whether each request says which calls are over, so that the server takes no copy of those any more. */
  readonly acknowledges: boolean;
  /** What the store holds at first. */
  readonly initially: Readonly<Record<string, string>>;
  readonly program: readonly ProgramCall[];
  readonly server: ServerRules;
  readonly network: NetworkRules;
}

/** What decides which copies of a call a server executes. */
export interface FilterRules {
  readonly semantics: SemanticsName;
  readonly server: Pick<ServerRules, 'cache'>;
}

/** A key or a value as people write it: in quotes only where it could be taken for something else. */
export function tellText(text: string): string {
  const isPlain = /^[\p{L}\p{N}_.:/@+-]+$/u.test(text) && !['success', 'timeout', 'failure', 'nothing'].includes(text);
  return isPlain ? text : JSON.stringify(text);
}

/** A call as people write it. */
export function tellOperation(operation: Operation): string {
  switch (operation.type) {
    case 'put':
      return `PUT(${tellText(operation.key)}, ${tellText(operation.value)})`;
    case 'get':
      return `GET(${tellText(operation.key)})`;
    case 'remove':
      return `REMOVE(${tellText(operation.key)})`;
    case 'increment':
      return `INCREMENT(${tellText(operation.key)})`;
    default:
      return operation satisfies never;
  }
}

/** A call of a program, by its number from 1: told apart from others that look the same. */
export function tellCall({ program }: Pick<CallsQuestion, 'program'>, call: number): string {
  const operation = program[call - 1]?.operation;
  if (operation === undefined) return `call ${call}`;
  const name = tellOperation(operation);
  const isSame = (other: ProgramCall): boolean => tellOperation(other.operation) === name;
  return program.filter(isSame).length > 1 ? `${name} number ${program.slice(0, call).filter(isSame).length}` : name;
}

export function tellReport(report: Report): string {
  return report === 'noKey' ? 'no key' : report;
}

/** Whether the client goes on until it gets an answer. */
export function isPatient({ semantics }: Pick<CallsQuestion, 'semantics'>): boolean {
  return semantics === 'atLeastOnce' || semantics === 'exactlyOnce';
}

/** Whether a call can report that nobody knows what became of it. */
export function mayTimeOut({ semantics, deadline }: Pick<CallsQuestion, 'semantics' | 'deadline'>): boolean {
  return deadline || !isPatient({ semantics });
}

/** Whether the server executes whatever arrives, as if it had never seen it. */
export function executesEveryCopy({ semantics, server }: FilterRules): boolean {
  return server.cache === 'none' && semantics !== 'atMostTwice';
}

/** Whether the store itself counts how often it executed each call. */
export function countsExecutions({ semantics, server }: FilterRules): boolean {
  return semantics === 'atMostTwice' || (semantics === 'exactlyOnce' && server.cache !== 'none');
}
