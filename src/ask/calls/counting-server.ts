import { type Address, Process } from '../../kernel/index.ts';
import type { Execute, Request, Result, ServerMessage } from '../../protocols/request-reply/index.ts';
import { WAYS } from './key-value-server.ts';
import { operationIn, perform } from './key-values.ts';

interface Counted {
  readonly executions: number;
  readonly result: Result;
}

/** What is on disk: of the store and of the counts, as one. */
interface Kept {
  readonly values: ReadonlyMap<string, string>;
  readonly counted: ReadonlyMap<number, Counted>;
}

export interface CountingRules {
  /** Each call is executed so many times at most. */
  readonly executionsMax: number;
  readonly initially: Readonly<Record<string, string>>;
  readonly fails: boolean;
  readonly isCountOnDisk: boolean;
  readonly isStoreOnDisk: boolean;
}

/**
 * A server whose store itself counts how often it executed each call, as one with what it holds: it executes the first so
 * many copies, and answers later ones as the last of these. With two, that is at-most-twice; with one, and on disk, what
 * exactly-once needs, as a session of the product's replicated store does. For one client, in one life.
 */
export class CountingServer extends Process<ServerMessage, never, Kept, Execute> {
  values: Map<string, string> = new Map();
  /** By the call's number. */
  counted: Map<number, Counted> = new Map();
  /** Calls up to this number are over. */
  acknowledged = 0;
  isFirstLife = true;
  readonly rules: CountingRules;

  constructor(rules: CountingRules) {
    super();
    this.rules = rules;
  }

  override onRecord({ values, counted }: Kept): void {
    this.isFirstLife = false;
    this.values = new Map(values);
    this.counted = new Map(counted);
  }

  override onStart(): void {
    if (!this.isFirstLife) return;
    this.values = new Map(Object.entries(this.rules.initially));
    this.keep();
  }

  override onMessage(from: Address, message: ServerMessage): void {
    if (message.type !== 'request') return;
    const { id } = message;
    this.acknowledged = Math.max(this.acknowledged, message.acknowledged);
    if (id.sequence <= this.acknowledged) return;
    const known = this.counted.get(id.sequence);
    const isEnough = known !== undefined && known.executions >= this.rules.executionsMax;
    const result = isEnough ? known.result : this.execute(from, message, known?.executions ?? 0);
    this.send(from, { type: 'reply', id, server: 1, result, final: true, stampMs: 0 });
  }

  private execute(from: Address, request: Request, before: number): Result {
    const { type: _, ...call } = request;
    const way = this.rules.fails ? this.choose(WAYS) : 'do';
    let result: Result = { type: 'failed', message: 'failure' };
    if (way !== 'fail') {
      this.output({ type: 'execute', ticket: 0, from, ...call });
      const performed = perform(this.values, operationIn(request.body));
      if (way === 'do') result = performed;
    }
    this.counted.set(request.id.sequence, { executions: before + 1, result });
    this.keep();
    return result;
  }

  private keep(): void {
    const { isCountOnDisk, isStoreOnDisk } = this.rules;
    const values: Kept['values'] = isStoreOnDisk ? this.values : new Map();
    const counted: Kept['counted'] = isCountOnDisk ? this.counted : new Map();
    this.checkpoint([{ values, counted }]);
  }
}
