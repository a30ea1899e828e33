import type { Input, Seen } from '../../src/check/index.ts';
import { type Address, type AnyProcess, address, type NodeDefinition, nodeOf } from '../../src/kernel/index.ts';
import {
  type Agreement,
  type Call,
  type ClientOptions,
  DEFAULT_AGREEMENT,
  type Execute,
  type Ledger,
  type LedgerInvariant,
  type MethodRules,
  type Outcome,
  observe,
  RequestClient,
  RequestServer,
  type Result,
  type Semantics,
  type ServerOptions,
  type ServerOutput,
} from '../../src/protocols/request-reply/index.ts';

export const SERVER: Address = address('server');

/** Executes at once, and says so; a body is the name of its call. */
export class PromptServer extends RequestServer {
  protected override execute(execute: Execute): Result | null {
    this.output(execute);
    return { type: 'done', body: execute.body };
  }
}

/** Executes, and knows only in another step that it did. */
export class SlowServer extends RequestServer {
  protected override execute(execute: Execute): Result | null {
    this.output(execute);
    const { ticket, body } = execute;
    this.send(this.self, { type: 'executed', ticket, result: { type: 'done', body } });
    return null;
  }
}

export interface SystemOptions {
  readonly agreement?: Partial<Agreement>;
  readonly tries?: number;
  readonly server?: typeof RequestServer;
  readonly client?: typeof RequestClient;
  readonly serverOptions?: Partial<Omit<ServerOptions, 'agreement'>>;
  readonly clientOptions?: Partial<ClientOptions>;
  readonly methods?: Readonly<Record<string, MethodRules>>;
  /** Their names. By default one. */
  readonly servers?: readonly string[];
}

export const METHODS: Readonly<Record<string, MethodRules>> = {
  add: { idempotent: false, replyBytesMax: 100 },
  read: { idempotent: true, replyBytesMax: 100 },
};

export function agreementOf({ agreement = {}, tries }: SystemOptions): Agreement {
  const retry = { ...DEFAULT_AGREEMENT.retry, ...agreement.retry };
  return { ...DEFAULT_AGREEMENT, ...agreement, retry: { ...retry, tries: tries ?? retry.tries } };
}

export function one(make: () => AnyProcess): NodeDefinition {
  return () => new Map([['', make()]]);
}

/** The servers, and a client on each of the nodes named. */
export function systemOf(options: SystemOptions, clients: readonly string[] = ['c']): Map<string, NodeDefinition> {
  const agreement = agreementOf(options);
  const { server = PromptServer, client = RequestClient, servers = [nodeOf(SERVER)] } = options;
  const nodes = new Map<string, NodeDefinition>();
  for (const name of clients) {
    nodes.set(
      name,
      one(
        () =>
          new client({
            client: name,
            servers: servers.map((name) => address(name)),
            agreement,
            isNameFresh: true,
            acknowledgeAfterMs: null,
            ...options.clientOptions,
          }),
      ),
    );
  }
  const makeServer = (): RequestServer =>
    new server({
      agreement,
      methods: options.methods ?? METHODS,
      filter: true,
      cacheBytesMax: 10_000,
      executingMax: 100,
      tellsUnderWay: servers.length > 1,
      ...options.serverOptions,
    });
  for (const name of servers) nodes.set(name, one(makeServer));
  return nodes;
}

/** What a call is known by to whoever observes: who called, and the caller's number for it. */
export function nameOf(client: string, call: number): string {
  return `${client}${call}`;
}

export function callMessage(client: string, call: number, semantics: Semantics, method = 'add'): Call {
  const body = new TextEncoder().encode(nameOf(client, call));
  return { type: 'call', call, method, body, semantics, metadata: {}, timeoutMs: null };
}

export function inputOf(client: string, call: number, semantics: Semantics, method = 'add'): Input {
  return { to: address(client), message: callMessage(client, call, semantics, method) };
}

/** Folds what comes out of the processes into a ledger. */
export function observeOutput(ledger: Ledger, at: Address, output: Outcome | ServerOutput): Ledger {
  switch (output.type) {
    case 'execute':
      return observe(ledger, new TextDecoder().decode(output.body), ({ executions }) => ({
        executions: Math.min(3, executions + 1),
      }));
    case 'orphaned':
      return ledger;
    default:
      return observe(ledger, nameOf(nodeOf(at), output.call), () => ({ outcome: output }));
  }
}

export function nextLedger(ledger: Ledger, seen: Seen): Ledger {
  switch (seen.type) {
    case 'input': {
      const call = seen.message as Call;
      return observe(ledger, nameOf(nodeOf(seen.to), call.call), () => ({ semantics: call.semantics }));
    }
    case 'output':
      return observeOutput(ledger, seen.at, seen.output as Outcome | ServerOutput);
    case 'departed':
      return ledger;
    default:
      return seen satisfies never;
  }
}

/** Invariants of a ledger as invariants of the worlds whose history it is. */
export function ofHistory(
  invariants: Readonly<Record<string, LedgerInvariant>>,
): Record<string, (world: { readonly history: Ledger }) => string | null> {
  return Object.fromEntries(
    Object.entries(invariants).map(([name, invariant]) => [name, ({ history }) => invariant(history)]),
  );
}
