import { type Address, decode, encode, type Storage } from '../../kernel/index.ts';
import {
  type Execute,
  RequestServer,
  type Result,
  type ServerMessage,
  type ServerOptions,
} from '../../protocols/request-reply/index.ts';
import { operationIn, perform } from './key-values.ts';

export interface StoreRules {
  readonly initially: Readonly<Record<string, string>>;
  /** Whether executions may be reported as failed. */
  readonly fails: boolean;
  /** Where the store outlives a crash; null if it does not, or if there is none. */
  readonly disk: Storage | null;
}

const FAILED: Result = { type: 'failed', message: 'failure' };

/** The product's server, with a store of keys and values behind it. */
export class KeyValueServer extends RequestServer {
  values: Map<string, string> = new Map();
  readonly rules: StoreRules;

  constructor(options: ServerOptions, rules: StoreRules) {
    super(options);
    this.rules = rules;
  }

  override onStart(): void {
    const { disk, initially } = this.rules;
    const saved = disk?.get('values');
    if (saved !== undefined) this.values = new Map(decode(saved) as [string, string][]);
    else if (disk !== null || this.life === 0) this.values = new Map(Object.entries(initially));
    super.onStart();
  }

  /** Time stands still where it is asked, so nothing expires, and a beat would change nothing. */
  protected override setTimer(): void {}

  /** Gives the next execution the lowest ticket that is free: otherwise there were no end of states. */
  override onMessage(from: Address, message: ServerMessage): void {
    super.onMessage(from, message);
    this.lastTicket = 0;
    while (this.executing.has(this.lastTicket + 1)) this.lastTicket += 1;
  }

  protected override execute(execute: Execute): Result | null {
    const operation = operationIn(execute.body);
    const way = this.rules.fails ? this.choose(WAYS) : 'do';
    if (way === 'fail') return FAILED;
    this.output(execute);
    const performed = perform(this.values, operation);
    const result = way === 'do' ? performed : FAILED;
    const isUnchanged = operation.type === 'get' || performed.type === 'rejected';
    if (isUnchanged || this.rules.disk === null) return result;
    this.rules.disk.set('values', encode([...this.values].sort()));
    this.flush({ type: 'executed', ticket: execute.ticket, result });
    return null;
  }
}

/** How an execution goes, where it may fail: whoever is told of a failure does not know which. */
export const WAYS = ['do', 'fail', 'doAndFail'] as const;
