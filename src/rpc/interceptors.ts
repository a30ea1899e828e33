import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';
import { type ClientInterceptor, isStop, type ServerInterceptor } from './call.ts';
import { CallError, RejectedError } from './errors.ts';
import { codeOf, resultOf } from './handler-result.ts';

/** What a server's execution hands on to the calls that it makes itself. */
interface Context {
  /** By `performance.now()`. */
  readonly deadlineMs: number;
  readonly trace: Trace | null;
}

interface Trace {
  readonly traceId: string;
  readonly spanId: string;
}

const context = new AsyncLocalStorage<Context>();
const NO_CONTEXT: Context = { deadlineMs: Number.POSITIVE_INFINITY, trace: null };

/**
 * Gives every call a deadline: its own, or else `defaultMs`, and never later than that of the execution which makes it:
 * a caller who has given up at the top ends the whole tree. Needs `serverDeadlines` at the servers between.
 */
export function clientDeadlines(defaultMs: number): ClientInterceptor {
  return (call, next) => {
    const { deadlineMs } = context.getStore() ?? NO_CONTEXT;
    const leftMs = Math.max(0, deadlineMs - performance.now());
    const timeoutMs = Math.min(call.options.timeoutMs ?? defaultMs, leftMs);
    return next({ ...call, options: { ...call.options, timeoutMs } });
  };
}

/** Makes what the caller still waits the deadline of the calls that the execution makes. */
export function serverDeadlines(): ServerInterceptor {
  return (call, next) => {
    const deadlineMs = performance.now() + call.patienceMs;
    return context.run({ ...(context.getStore() ?? NO_CONTEXT), deadlineMs }, () => next(call));
  };
}

/** One call, seen from one side. */
export interface Span {
  readonly side: 'client' | 'server';
  readonly method: string;
  readonly traceId: string;
  readonly spanId: string;
  /** Null for the first of a trace. */
  readonly parentId: string | null;
  readonly startMs: number;
  readonly durationMs: number;
  /** `ok`, or the code of the caller's error; of an execution that stopped as nobody waits any more, `deadline` or `cancelled`. */
  readonly outcome: string;
}

/** The field and the format of W3C Trace Context. */
const TRACE_PARENT = 'traceparent';

/** Tells what every call took, under the trace of the execution that makes it, or else a new one. */
export function clientTracing(onSpan: (span: Span) => void): ClientInterceptor {
  return async (call, next) => {
    const parent = context.getStore()?.trace ?? null;
    const span = childOf(parent);
    const metadata = { ...call.options.metadata, [TRACE_PARENT]: `00-${span.traceId}-${span.spanId}-01` };
    const sent = { ...call, options: { ...call.options, metadata } };
    const about = { side: 'client', method: call.method, ...span, parent, signal: null } as const;
    return measured(() => next(sent), about, onSpan);
  };
}

/** Tells what every execution took, under the trace of its caller. */
export function serverTracing(onSpan: (span: Span) => void): ServerInterceptor {
  return async (call, next) => {
    const parent = parse(call.metadata[TRACE_PARENT]);
    const trace = childOf(parent);
    const run = () => context.run({ ...(context.getStore() ?? NO_CONTEXT), trace }, () => next(call));
    const about = { side: 'server', method: call.method, ...trace, parent, signal: call.signal } as const;
    return measured(run, about, onSpan);
  };
}

function childOf(parent: Trace | null): Trace {
  return { traceId: parent?.traceId ?? randomBytes(16).toString('hex'), spanId: randomBytes(8).toString('hex') };
}

function parse(header: string | undefined): Trace | null {
  const [, traceId, spanId] = /^00-([0-9a-f]{32})-([0-9a-f]{16})-/.exec(header ?? '') ?? [];
  return traceId === undefined || spanId === undefined ? null : { traceId, spanId };
}

async function measured(
  run: () => Promise<Uint8Array>,
  about: Pick<Span, 'side' | 'method' | 'traceId' | 'spanId'> & {
    readonly parent: Trace | null;
    readonly signal: AbortSignal | null;
  },
  onSpan: (span: Span) => void,
): Promise<Uint8Array> {
  const { parent, signal, ...span } = about;
  const [startMs, began] = [Date.now(), performance.now()];
  const end = (outcome: string): void =>
    onSpan({ ...span, parentId: parent?.spanId ?? null, startMs, durationMs: performance.now() - began, outcome });
  try {
    const answer = await run();
    end('ok');
    return answer;
  } catch (error) {
    end(outcomeOf(error, signal));
    throw error;
  }
}

/**
 * Of an execution, the code of the error that its caller gets who asked once; but an orphan that stops when it is told
 * so has not failed: its outcome is `deadline` if its caller's time was up, else `cancelled`, as servers of gRPC count it.
 *
 * @param signal  that of an execution; null for a call
 */
function outcomeOf(error: unknown, signal: AbortSignal | null): string {
  if (signal === null) return error instanceof CallError ? error.code : 'serverError';
  if (!isStop(error, signal)) return codeOf(resultOf(error, signal));
  return signal.reason instanceof CallError ? signal.reason.code : 'cancelled';
}

export interface MethodMetrics {
  /** By outcome, as `Span` has it. */
  readonly outcomes: Readonly<Record<string, number>>;
  readonly totalMs: number;
  /** How many took up to each of `LATENCY_BOUNDS_MS`, and at the end how many took longer. */
  readonly latencies: readonly number[];
}

export const LATENCY_BOUNDS_MS: readonly number[] = [0.1, 0.3, 1, 3, 10, 30, 100, 300, 1_000, 3_000, 10_000];

/** Counts calls and executions by method and outcome, and how long they took. */
export class CallMetrics {
  readonly #methods = new Map<string, { outcomes: Record<string, number>; totalMs: number; latencies: number[] }>();

  readonly client: ClientInterceptor = (call, next) => this.#count(call.method, null, () => next(call));
  readonly server: ServerInterceptor = (call, next) => this.#count(call.method, call.signal, () => next(call));

  async #count(method: string, signal: AbortSignal | null, run: () => Promise<Uint8Array>): Promise<Uint8Array> {
    const began = performance.now();
    let outcome = 'ok';
    try {
      return await run();
    } catch (error) {
      outcome = outcomeOf(error, signal);
      throw error;
    } finally {
      this.#add(method, outcome, performance.now() - began);
    }
  }

  #add(method: string, outcome: string, ms: number): void {
    let metrics = this.#methods.get(method);
    if (metrics === undefined) {
      metrics = { outcomes: {}, totalMs: 0, latencies: new Array(LATENCY_BOUNDS_MS.length + 1).fill(0) };
      this.#methods.set(method, metrics);
    }
    const { outcomes, latencies } = metrics;
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    metrics.totalMs += ms;
    const bound = LATENCY_BOUNDS_MS.findIndex((boundMs) => ms <= boundMs);
    const bucket = bound === -1 ? LATENCY_BOUNDS_MS.length : bound;
    latencies[bucket] = (latencies[bucket] ?? 0) + 1;
  }

  methods(): ReadonlyMap<string, MethodMetrics> {
    return this.#methods;
  }
}

const AUTHORIZATION = 'authorization';

/** Names the caller by a token. It travels in the clear: a shared key authenticates datagrams, not this. */
export function clientToken(token: string): ClientInterceptor {
  return (call, next) => {
    const metadata = { ...call.options.metadata, [AUTHORIZATION]: `Bearer ${token}` };
    return next({ ...call, options: { ...call.options, metadata } });
  };
}

/** Executes only calls with a token that is accepted for the method. */
export function serverTokens(accepts: (token: string, method: string) => boolean): ServerInterceptor {
  return async (call, next) => {
    const [, token] = /^Bearer (.+)$/.exec(call.metadata[AUTHORIZATION] ?? '') ?? [];
    if (token === undefined) throw new RejectedError(`${call.method} wants a token: send one`);
    if (!accepts(token, call.method)) throw new RejectedError(`the token is not accepted for ${call.method}`);
    return next(call);
  };
}
