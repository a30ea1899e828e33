import { type Address, address, encode, type NodeDefinition, nodeOf, Process } from '../../src/kernel/index.ts';
import {
  type Execute,
  type Executed,
  OPEN_SESSION,
  type Request,
  type RequestReplyMessage,
  RequestServer,
  type Result,
} from '../../src/protocols/request-reply/index.ts';
import { agreementOf, type SystemOptions, systemOf } from './system.ts';

type Applied =
  | { readonly type: 'opened'; readonly session: number }
  | { readonly type: 'executed'; readonly session: number; readonly sequence: number; readonly name: string };

/** Tells the server beside which ticket a request is of. */
const TICKET = 'ticket';

/** Stands for a replicated store: what it executed in which session outlives every crash of a server. */
export class DurableService extends Process<RequestReplyMessage | Executed, never, Applied, Execute> {
  sessions: Map<number, Set<number>> = new Map();
  /** How often each call was executed, for an observer: by its name, which is its body. */
  executions: Map<string, number> = new Map();
  readonly sessionsMax: number;

  /** @param sessionsMax  the last one is opened again and again: for one client, where the states have to be finite */
  constructor(sessionsMax: number) {
    super();
    this.sessionsMax = sessionsMax;
  }

  override onRecord(record: Applied): void {
    if (record.type === 'opened') this.sessions.set(record.session, new Set());
    else this.onExecuted(record.session, record.sequence, record.name);
  }

  override onMessage(from: Address, message: RequestReplyMessage | Executed): void {
    if (message.type !== 'request') return;
    const ticket = Number(message.metadata[TICKET]);
    this.send(from, { type: 'executed', ticket, result: this.apply(from, ticket, message) });
  }

  private apply(from: Address, ticket: number, request: Request): Result {
    const { method, session, id, body } = request;
    if (method === OPEN_SESSION) return { type: 'done', body: encode(this.open()) };
    const executed = this.sessions.get(session);
    if (executed === undefined) return { type: 'sessionExpired' };
    if (!this.isRepeated(executed, id.sequence)) {
      const name = new TextDecoder().decode(body);
      this.onExecuted(session, id.sequence, name);
      this.persist({ type: 'executed', session, sequence: id.sequence, name });
      this.output({ ...request, type: 'execute', ticket, from });
    }
    return { type: 'done', body };
  }

  private onExecuted(session: number, sequence: number, name: string): void {
    this.sessions.get(session)?.add(sequence);
    this.executions.set(name, (this.executions.get(name) ?? 0) + 1);
  }

  protected isRepeated(executed: ReadonlySet<number>, sequence: number): boolean {
    return executed.has(sequence);
  }

  private open(): number {
    if (this.sessions.size === this.sessionsMax) return this.sessionsMax;
    const session = this.sessions.size + 1;
    this.sessions.set(session, new Set());
    this.persist({ type: 'opened', session });
    return session;
  }
}

/** Has the service on its node execute its calls. */
export class FrontServer extends RequestServer {
  protected override execute({ ticket, id, session, acknowledged, method, body, patienceMs }: Execute): Result | null {
    const request = { type: 'request', id, server: this.life, filtered: false, session, acknowledged } as const;
    const service = address(nodeOf(this.self), 'service');
    this.send(service, {
      ...request,
      method,
      body,
      metadata: { [TICKET]: String(ticket) },
      patienceMs,
      afterCrash: 'nothing',
      spanMs: 0,
      stampMs: 0,
      sinceStampMs: 0,
    });
    return null;
  }
}

export interface DurableOptions extends SystemOptions {
  readonly serviceClass?: typeof DurableService;
  readonly sessionsMax?: number;
}

/** Clients, and a server with a durable service beside it. */
export function durableSystem(options: DurableOptions, clients?: readonly string[]): Map<string, NodeDefinition> {
  const { serviceClass: Service = DurableService, sessionsMax = Number.POSITIVE_INFINITY } = options;
  const nodes = systemOf(options, clients);
  const rules = { idempotent: false, replyBytesMax: 100 };
  nodes.set('server', () => {
    const server = new FrontServer({
      agreement: agreementOf(options),
      methods: { add: rules, [OPEN_SESSION]: { ...rules, idempotent: true } },
      filter: true,
      cacheBytesMax: 10_000,
      executingMax: 100,
      tellsUnderWay: false,
    });
    return new Map<string, RequestServer | DurableService>([
      ['', server],
      ['service', new Service(sessionsMax)],
    ]);
  });
  return nodes;
}
