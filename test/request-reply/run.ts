import { type Address, type AnyProcess, type NodeDefinition, nodeOf, Random } from '../../src/kernel/index.ts';
import {
  type Ledger,
  type LedgerInvariant,
  type Outcome,
  observe,
  requestReplySpec,
  type Semantics,
  type ServerOutput,
} from '../../src/protocols/request-reply/index.ts';
import { Simulation, type Statistics, swarm } from '../../src/sim/index.ts';
import { DurableService } from './durable-service.ts';
import { agreementOf, callMessage, nameOf, observeOutput, type SystemOptions, systemOf } from './system.ts';

export interface SimulatedCalls extends SystemOptions {
  /** The nodes that run; by default a server and its clients. */
  readonly system?: (options: SystemOptions, clients: readonly string[]) => Map<string, NodeDefinition>;
  /** Has executed them by the end, where what comes out of processes does not tell: a crash may swallow it. */
  readonly service?: Address;
  /** How long a datagram can take; by default as long as the agreement allows. */
  readonly networkMsMax?: number;
  readonly calls?: number;
  readonly semantics?: readonly Semantics[];
  /** Called with the server after every step in which it may have changed. */
  readonly onServer?: (server: AnyProcess) => void;
}

export interface RunOfCalls {
  readonly ledger: Ledger;
  readonly statistics: Statistics;
  readonly wrong: string | null;
}

const CLIENTS = ['c', 'd'];
const UNTIL_MS = 20_000;

/** Two clients call one server, or what other servers there are, for one seed, under every fault that the agreement allows for. */
export function runCalls(seed: number, options: SimulatedCalls): RunOfCalls {
  const { calls = 100, semantics = ['atMostOnce'], system = systemOf } = options;
  const agreement = agreementOf(options);
  const random = new Random(seed).fork('calls');
  const drawn = swarm(new Random(seed).fork('swarm'), {
    nodes: [...CLIENTS, ...(options.servers ?? ['server'])],
    faultsUntilMs: UNTIL_MS,
    driftPpm: agreement.driftMax * 1e6,
    longestMs: 4_000,
    fifo: false,
  });
  let ledger: Ledger = {};
  const simulation = new Simulation({
    seed,
    nodes: system(
      {
        ...options,
        serverOptions: { tellsUnderWay: true, ...options.serverOptions },
        clientOptions: { isNameFresh: false, ...options.clientOptions },
      },
      CLIENTS,
    ),
    ...drawn,
    network: {
      latency: {
        minMs: 0.1,
        meanMs: random.pick([1, 20, 200]) * (options.networkMsMax === undefined ? 1 : 3),
        maxMs: options.networkMsMax ?? agreement.propagationMsMax,
      },
      loss: random.pick([0, 0.05, 0.3]),
      duplication: random.pick([0.05, 0.3]),
      fifo: false,
    },
    // A degraded link is one that breaks the agreement: what it delays too long is as good as new.
    faults: drawn.faults.filter(({ type }) => type !== 'degrade'),
    onOutput: (output, { from }) => {
      ledger = observeOutput(ledger, from, output as Outcome | ServerOutput);
      if (options.onServer !== undefined) {
        const server = simulation.process('server' as Address);
        if (server !== undefined) options.onServer(server);
      }
    },
  });
  for (let call = 1; call <= calls; call += 1) {
    const client = random.pick(CLIENTS);
    const kind = random.pick(semantics);
    simulation.at(random.between(0, UNTIL_MS), () => {
      if (!simulation.isUp(client)) return;
      ledger = observe(ledger, nameOf(client, call), () => ({ semantics: kind }));
      simulation.deliver(nodeOf(client as Address), '', callMessage(client, call, kind));
    });
  }
  simulation.run({ untilMs: 3 * UNTIL_MS });
  const service = options.service === undefined ? undefined : simulation.process(options.service);
  if (service instanceof DurableService) {
    for (const name of Object.keys(ledger)) {
      ledger = observe(ledger, name, () => ({ executions: service.executions.get(name) ?? 0 }));
    }
  }
  return { ledger, statistics: simulation.statistics, wrong: firstWrong(ledger) };
}

function firstWrong(ledger: Ledger): string | null {
  for (const check of Object.values(requestReplySpec as Readonly<Record<string, LedgerInvariant>>)) {
    const wrong = check(ledger);
    if (wrong !== null) return wrong;
  }
  return null;
}
