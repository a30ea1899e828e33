import { type Address, type Departure, encode } from '../../kernel/index.ts';
import {
  type ClientMessage,
  type ClientOptions,
  type ClientTimer,
  type Outcome,
  type Pending,
  RequestClient,
  type Semantics,
} from '../../protocols/request-reply/index.ts';
import type { ProgramCall, Report } from '../question.ts';
import { reportOf, valueIn } from './key-values.ts';

/** What a client is to do, and what is known of it. */
export interface Script {
  readonly calls: readonly ProgramCall[];
  readonly semantics: Semantics;
  /** Whether the caller may give up at any time. */
  readonly deadline: boolean;
  /** Whether the server is asked to filter copies. */
  readonly filtered: boolean;
  readonly acknowledges: boolean;
  readonly incarnations: boolean;
  /** What is observed: what GETs returned, or what every call reported. */
  readonly observes: 'values' | 'outcomes';
  /** So many calls may report something other than is known of them. */
  readonly deviationsMax: number;
}

/** Of a GET that found nothing. A value never looks like it: values are quoted. */
export const NO_KEY = 'no key';

/**
 * A client that calls one step of a program after the other, each when the one before has reported, and stops when one
 * reports what it is known not to have reported.
 */
export class ProgramClient extends RequestClient {
  progress: 'running' | 'over' | 'contradicted' = 'running';
  observed: string[] = [];
  deviations = 0;
  /** What a call reported, by its number, that no call may report any more. */
  contradicted: { readonly call: number; readonly report: Report } | null = null;
  readonly script: Script;

  constructor(options: ClientOptions, script: Script) {
    super(options);
    this.script = script;
  }

  override onStart(): void {
    super.onStart();
    this.callNext();
  }

  private callNext(): void {
    const { calls, semantics, deadline } = this.script;
    const next = calls[this.sequence];
    if (next === undefined) {
      this.progress = 'over';
      return;
    }
    const { operation } = next;
    const body = encode(operation);
    const call = this.sequence + 1;
    this.onMessage(this.self, {
      type: 'call',
      call,
      method: operation.type,
      body,
      semantics,
      metadata: {},
      timeoutMs: deadline ? 1 : null,
    });
  }

  protected override send(to: Address, message: ClientMessage, departure?: Departure): void {
    if (message.type !== 'request') return super.send(to, message, departure);
    const { filtered, incarnations } = this.script;
    // Only a server that goes by incarnations reads which life a request is for.
    super.send(to, { ...message, filtered, server: incarnations ? message.server : 0 }, departure);
  }

  protected override acknowledged(): number {
    return this.script.acknowledges ? this.sequence - this.pending.size : 0;
  }

  /** A deadline comes before any retry, or after any number of them. */
  protected override setTimer(timer: ClientTimer, minMs: number, maxMs?: number): void {
    if (timer.type === 'deadline') super.setTimer(timer, 0, Number.POSITIVE_INFINITY);
    else super.setTimer(timer, minMs, maxMs);
  }

  /** A patient client would go on; what its further copies could do, the network's duplicates can, or is not asked. */
  protected override setRetryTimer(sequence: number, pending: Pending): void {
    const isLast = pending.copies + 1 >= this.options.agreement.retry.tries;
    if (this.script.semantics !== 'atLeastOnce' || !isLast) super.setRetryTimer(sequence, pending);
  }

  protected override output(outcome: Outcome, departure?: Departure): void {
    super.output(outcome, departure);
    const call = this.script.calls[outcome.call - 1];
    if (call === undefined) return;
    const report = reportOf(outcome);
    if (!call.reported.includes(report)) this.deviations += 1;
    this.observe(call, report, valueIn(outcome));
    if (this.deviations > this.script.deviationsMax) this.contradict(outcome.call, report);
    else this.callNext();
  }

  private contradict(call: number, report: Report): void {
    this.progress = 'contradicted';
    this.contradicted = { call, report };
  }

  private observe({ operation }: ProgramCall, report: Report, value: string | null): void {
    if (this.script.observes === 'outcomes') this.observed.push(report);
    else if (operation.type === 'get') this.observed.push(seen(report, value));
  }
}

function seen(report: Report, value: string | null): string {
  if (report === 'noKey') return NO_KEY;
  return value === null ? report : JSON.stringify(value);
}
