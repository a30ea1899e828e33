/**
 * Two deposits by request-reply, at most once, at a bank that may crash: the product's own client and server, and an
 * account whose deposits are on disk. Every order, loss and repetition of messages, with a crash at any moment; or many
 * crashes, drawn by seeds, in virtual time:
 *
 *     coterie check examples/request-reply/at-most-once.ts
 *     coterie sim examples/request-reply/at-most-once.ts
 *
 * It holds. Now put 'nothing' for AFTER_CRASH, and see a deposit that is made twice told step by step.
 *
 * In a project of your own, import from 'coterie/kernel', 'coterie/check' and 'coterie/protocols'.
 */
import type { Input, ProcessModelOptions } from '../../src/check/index.ts';
import {
  type Address,
  address,
  type NodeDefinition,
  nodeOf,
  Process,
  type Random,
  type Spec,
  type World,
} from '../../src/kernel/index.ts';
import { requestReply } from '../../src/protocols/index.ts';

/** What the bank does about calls that it executed before it crashed: 'incarnations', 'persisted', 'silence', 'nothing'. */
const AFTER_CRASH: requestReply.AfterCrash = 'incarnations';

const AGREEMENT: requestReply.Agreement = {
  ...requestReply.DEFAULT_AGREEMENT,
  afterCrash: AFTER_CRASH,
  retry: { ...requestReply.DEFAULT_AGREEMENT.retry, tries: 2 },
};
const CLIENT: Address = address('ann');
const BANK: Address = address('bank');
const ACCOUNT: Address = address('bank', 'account');

/** A deposit is on disk before it is answered. What is made twice is there twice. */
class Account extends Process<requestReply.Executed, never, string> {
  readonly deposits: Map<string, number> = new Map();

  override onRecord(deposit: string): void {
    this.deposits.set(deposit, (this.deposits.get(deposit) ?? 0) + 1);
  }

  override onMessage(from: Address, { ticket, result }: requestReply.Executed): void {
    if (result.type !== 'done') return;
    const deposit = new TextDecoder().decode(result.body);
    this.onRecord(deposit);
    this.persist(deposit);
    this.send(from, { type: 'executed', ticket, result });
  }
}

/** The product's server. It has the account execute its calls: each is told in the shape of its answer. */
class Bank extends requestReply.RequestServer {
  protected override execute({ ticket, body }: requestReply.Execute): requestReply.Result | null {
    this.send(ACCOUNT, { type: 'executed', ticket, result: { type: 'done', body } });
    return null;
  }
}

/** The product's client. It keeps what its calls came to, for an observer to see. */
class Client extends requestReply.RequestClient {
  readonly outcomes: Map<number, requestReply.Outcome> = new Map();

  protected override output(outcome: requestReply.Outcome): void {
    this.outcomes.set(outcome.call, outcome);
    super.output(outcome);
  }
}

export const nodes: Readonly<Record<string, NodeDefinition>> = {
  ann: () =>
    new Map([
      [
        '',
        new Client({
          client: nodeOf(CLIENT),
          servers: [BANK],
          agreement: AGREEMENT,
          isNameFresh: true,
          acknowledgeAfterMs: null,
        }),
      ],
    ]),
  bank: () => {
    const bank = new Bank({
      agreement: AGREEMENT,
      methods: { deposit: { idempotent: false, replyBytesMax: 100 } },
      filter: true,
      cacheBytesMax: 10_000,
      executingMax: 100,
    });
    return new Map<string, Bank | Account>([
      ['', bank],
      ['account', new Account()],
    ]);
  },
};

function deposit(call: number): Input {
  const body = new TextEncoder().encode(nameOf(call));
  const how = { method: 'deposit', semantics: 'atMostOnce', metadata: {}, timeoutMs: null } as const;
  const message: requestReply.Call = { type: 'call', call, body, ...how };
  return { to: CLIENT, message };
}

function nameOf(call: number): string {
  return `deposit ${call}`;
}

export const inputs: readonly Input[] = [deposit(1), deposit(2)];

/** In the simulator, which follows one long run at a time, many more. */
export function workload(random: Random, durationMs: number): readonly (Input & { readonly atMs: number })[] {
  return Array.from({ length: 30 }, (_, index) => ({ ...deposit(index + 3), atMs: random.between(0, durationMs) }));
}

/** What an observer knows of the calls; of none while the bank is down. */
function ledgerOf(world: World): requestReply.Ledger {
  const [client, account] = [world.process(CLIENT), world.process(ACCOUNT)];
  if (!(client instanceof Client && account instanceof Account)) return {};
  const calls = [...client.outcomes].map(([call, outcome]) => [nameOf(call), outcome] as const);
  const outcomes = new Map(calls);
  const names = new Set([...account.deposits.keys(), ...outcomes.keys()]);
  return Object.fromEntries(
    [...names].map((name) => {
      const executions = account.deposits.get(name) ?? 0;
      return [name, { semantics: 'atMostOnce', executions, outcome: outcomes.get(name) ?? null }];
    }),
  );
}

/** Whether both calls came to that; a client that gives up on every call executes none twice. */
function bothAre(type: requestReply.Outcome['type']): (world: World) => boolean {
  return (world) => inputs.every((_, index) => ledgerOf(world)[nameOf(index + 1)]?.outcome?.type === type);
}

export const spec: Spec = {
  invariants: {
    /** Never is a deposit made twice. */
    atMostOnce: (world) => requestReply.atMostOnce(ledgerOf(world)),
    /** Nor is a caller told what is not so. */
    truthfulOutcomes: (world) => requestReply.truthfulOutcomes(ledgerOf(world)),
  },
  goals: { answered: bothAre('answered'), unknown: bothAre('unknownOutcome') },
};

/** Time stands still in the checker: of 'silence' it shows that nothing is executed, and not for how long. */
export const check: Partial<ProcessModelOptions<null>> = {
  inputOrder: 'listed',
  /** Delivers what was sent any number of times, in any order: loses, doubles, delays and reorders. */
  network: 'set',
  budgets: { crashes: 1 },
  crashing: [nodeOf(BANK)],
};

/** In the simulator the bank is down now and then, and datagrams take up to as long as the agreement allows. */
export const scenario: unknown = {
  network: { latency: { minMs: 1, meanMs: 100, maxMs: AGREEMENT.propagationMsMax }, loss: 0.3, duplication: 0.1 },
  clocks: { driftPpm: 500 },
  faults: [{ type: 'crash', atMs: 2000, everyMs: 5000, forMs: 100, nodes: [nodeOf(BANK)] }],
};
